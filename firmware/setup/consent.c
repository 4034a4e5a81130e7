/* SPDX-License-Identifier: ISC */
/*
 * Codes, attempts and timeouts. Every function first lets time pass, so nothing depends on how
 * punctually consent_poll is called.
 */
#include "setup/consent.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sbuf.h"
#include "config.h"
#include "crypto/random.h"
#include "hal/board.h"
#include "setup/setup.h"
#include "store/record.h"
#include "store/store.h"

enum { VERSION = 1, RECORD_CAP = 16 };
enum { CODE_DIGITS = 6, CODE_COUNT = 1000000, ATTEMPTS = 3 };
/* AMT's defaults and limits of OptInCodeTimeout and OptInDisplayTimeout. */
enum { CODE_S = 120, CODE_S_MIN = 60, CODE_S_MAX = 900 };
enum { DISPLAY_S = 300, DISPLAY_S_MIN = 10, DISPLAY_S_MAX = 4095 };

static const char record_name[] = "consent";
static const uint64_t never = UINT64_MAX;
static const uint64_t second_us = 1000000;

static struct consent_settings settings;
static enum consent_state state;
static uint32_t code;
static uint64_t until_us;  /* DISPLAYED, RECEIVED: when they end */
static uint64_t hidden_us; /* DISPLAYED: when the user does not see the code any more */
static unsigned wrong;     /* codes, since the last right one or the last quiet time */
static uint64_t wrong_us;  /* until when they count */
static unsigned sessions;

static void enter(enum consent_state next)
{
    static const char *const names[] = {"not started", "requested", "displayed",
                                        "received", "in session"};

    if (state != next) {
        log_info("consent", "%s -> %s", names[state], names[next]);
    }
    if (next != CONSENT_DISPLAYED) {
        bytes_wipe(&code, sizeof(code));
    }
    state = next;
}

static void pass_time(uint64_t now_us)
{
    if ((state == CONSENT_DISPLAYED || state == CONSENT_RECEIVED) && now_us >= until_us) {
        enter(CONSENT_NOT_STARTED);
    }
    if (wrong > 0 && now_us >= wrong_us) {
        wrong = 0;
    }
}

static uint64_t code_us(void)
{
    return settings.code_s * second_us;
}

static void set_default(void)
{
    settings = (struct consent_settings){
        .policy = CONSENT_NONE, .code_s = CODE_S, .display_s = DISPLAY_S};
}

static bool is_valid(const struct consent_settings *s)
{
    return (s->policy == CONSENT_NONE || s->policy == CONSENT_KVM ||
            s->policy == CONSENT_ALL) &&
           s->code_s >= CODE_S_MIN && s->code_s <= CODE_S_MAX &&
           s->display_s >= DISPLAY_S_MIN && s->display_s <= DISPLAY_S_MAX;
}

static int save(const struct consent_settings *s)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u32(&w, (uint32_t)s->policy);
    record_put_u32(&w, s->code_s);
    record_put_u16(&w, s->display_s);
    return store_write(record_name, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

void consent_start(void)
{
    uint8_t bytes[RECORD_CAP];
    uint16_t version;
    struct record_reader r;
    struct consent_settings read;
    int len = store_read(record_name, &version, bytes, sizeof(bytes));

    state = CONSENT_NOT_STARTED;
    wrong = 0;
    sessions = 0;
    set_default();
    if (len < 0) {
        return;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    read.policy = (enum consent_policy)record_get_u32(&r, CONSENT_ALL);
    read.code_s = record_get_u32(&r, CODE_S);
    read.display_s = record_get_u16(&r, DISPLAY_S);
    if (record_is_sound(&r) && is_valid(&read)) {
        settings = read;
    } else { /* whoever wrote that did not mean less consent than there can be */
        log_error("consent", "its record cannot be read: all needs consent");
        settings.policy = CONSENT_ALL;
    }
}

struct consent_settings consent_settings(void)
{
    struct consent_settings s = settings;

    if (setup_mode() == SETUP_MODE_CLIENT) {
        s.policy = CONSENT_ALL;
    }
    return s;
}

int consent_check_settings(const struct consent_settings *wanted)
{
    if (!is_valid(wanted)) {
        return ERR_INVALID;
    }
    return setup_mode() == SETUP_MODE_CLIENT && wanted->policy != CONSENT_ALL ? ERR_DENIED
                                                                              : 0;
}

int consent_set_settings(const struct consent_settings *wanted)
{
    struct consent_settings s = *wanted;
    int result = consent_check_settings(wanted);

    if (setup_mode() == SETUP_MODE_CLIENT) {
        s.policy = settings.policy; /* what counts again in admin control mode */
    }
    if (result == 0) {
        result = save(&s);
    }
    if (result == 0) {
        settings = s;
    }
    return result;
}

int consent_reset(void)
{
    set_default();
    enter(CONSENT_NOT_STARTED);
    sessions = 0;
    return store_remove(record_name) < 0 ? ERR_IO : 0;
}

bool consent_is_missing(enum consent_for what)
{
    enum consent_policy policy = consent_settings().policy;
    bool is_needed = policy == CONSENT_ALL ||
                     (policy == CONSENT_KVM && what == CONSENT_FOR_KVM);

    return is_needed && consent_state() != CONSENT_RECEIVED &&
           consent_state() != CONSENT_IN_SESSION;
}

enum consent_state consent_state(void)
{
    pass_time(board_now_us());
    return state;
}

const char *consent_code(void)
{
    static char text[CODE_DIGITS + 1];
    struct sbuf out;

    if (consent_state() != CONSENT_DISPLAYED || board_now_us() >= hidden_us) {
        bytes_wipe(text, sizeof(text));
        return NULL;
    }
    sbuf_init(&out, text, sizeof(text));
    sbuf_printf(&out, "%06u", (unsigned)code);
    return sbuf_terminate(&out) == 0 ? text : NULL;
}

/* Uniform: numbers above the last whole multiple are drawn again. */
static int draw_code(uint32_t *drawn)
{
    const uint32_t limit = UINT32_MAX - UINT32_MAX % CODE_COUNT;
    uint32_t number;

    do {
        if (random_fill(&number, sizeof(number)) < 0) {
            return ERR_IO;
        }
    } while (number >= limit);
    *drawn = number % CODE_COUNT;
    bytes_wipe(&number, sizeof(number));
    return 0;
}

int consent_request(void)
{
    uint64_t now_us = board_now_us();

    if (consent_settings().policy == CONSENT_NONE || setup_state() != SETUP_POST) {
        return ERR_INVALID;
    }
    if (consent_state() != CONSENT_NOT_STARTED) {
        return ERR_BUSY;
    }
    if (wrong >= ATTEMPTS) {
        return ERR_DENIED;
    }
    if (draw_code(&code) < 0) {
        return ERR_IO;
    }
    until_us = now_us + code_us();
    hidden_us = now_us + settings.display_s * second_us;
    enter(CONSENT_DISPLAYED);
    return 0;
}

int consent_answer(uint32_t answer)
{
    uint64_t now_us = board_now_us();

    if (consent_state() != CONSENT_DISPLAYED) {
        return ERR_INVALID;
    }
    if (bytes_equal_secret(&answer, &code, sizeof(code))) {
        wrong = 0;
        until_us = now_us + code_us();
        enter(CONSENT_RECEIVED);
        return 0;
    }
    wrong++;
    wrong_us = now_us + (uint64_t)CONFIG_CONSENT_BLOCK_MS * 1000;
    log_warn("consent", "wrong code, %u of %u", wrong, (unsigned)ATTEMPTS);
    if (wrong < ATTEMPTS) {
        return ERR_DENIED;
    }
    enter(CONSENT_NOT_STARTED);
    return ERR_CLOSED;
}

int consent_cancel(void)
{
    if (consent_state() == CONSENT_NOT_STARTED || state == CONSENT_IN_SESSION) {
        return ERR_INVALID;
    }
    enter(CONSENT_NOT_STARTED);
    return 0;
}

void consent_open(void)
{
    if (consent_state() == CONSENT_RECEIVED || state == CONSENT_IN_SESSION) {
        sessions++;
        enter(CONSENT_IN_SESSION);
    }
}

void consent_close(void)
{
    if (state == CONSENT_IN_SESSION && --sessions == 0) {
        until_us = board_now_us() + code_us();
        enter(CONSENT_RECEIVED);
    }
}

uint64_t consent_poll(uint64_t now_us)
{
    uint64_t due_us = never;

    pass_time(now_us);
    if (state == CONSENT_DISPLAYED || state == CONSENT_RECEIVED) {
        due_us = until_us;
    }
    if (state == CONSENT_DISPLAYED && now_us < hidden_us) {
        due_us = util_earlier(due_us, hidden_us);
    }
    return due_us;
}
