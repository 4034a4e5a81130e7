/* SPDX-License-Identifier: ISC */
/* Lock-out of addresses and names, and the log of refused logins. */
#include "account/account_lock.h"

#include <string.h>

#include "audit/audit.h"
#include "audit/audit_event.h"
#include "base/log.h"
#include "base/sbuf.h"

enum {
    /* the administrator, the users and $$OsAdmin */
    NAME_COUNT = CONFIG_ACCOUNT_USERS + 2,
    LOG_EACH_US = 1000000,
    LOG_NAME_CAP = 32,
    PEER_TEXT_CAP = 48,
    US_PER_MS = 1000
};
#define FORGET_US   ((uint64_t)CONFIG_LOCK_FORGET_MS * US_PER_MS)
#define OTHER_NAMES ((uint32_t)1 << NAME_COUNT) /* bit of `names`: no account */

/* How often refused, and until when to wait. */
struct count {
    uint32_t failures;
    uint64_t last_us; /* time of the last that counted */
    uint64_t until_us;
};

struct address {
    bool in_use;
    uint8_t peer[ACCOUNT_PEER_LEN];
    struct count count;
    uint32_t names; /* bit per place in `names`: what it was refused for */
};

struct name {
    char text[CONFIG_ACCOUNT_NAME_CAP]; /* "": free */
    struct count count;
};

/* Who logged in from where. */
struct known {
    bool in_use;
    char text[CONFIG_ACCOUNT_NAME_CAP];
    uint8_t peer[ACCOUNT_PEER_LEN];
    uint64_t order; /* of the last login; the lowest one makes room */
};

static struct address addresses[CONFIG_LOCK_COUNT];
static struct name names[NAME_COUNT];
static struct known known[CONFIG_LOCK_KNOWN];
static uint64_t logins;
static uint64_t logged_us;
static unsigned unlogged;
static bool has_logged;

_Static_assert(NAME_COUNT < 32, "the names that an address was refused for are 32 bits");

void account_lock_start(void)
{
    memset(addresses, 0, sizeof(addresses));
    memset(names, 0, sizeof(names));
    memset(known, 0, sizeof(known));
    logins = 0;
    has_logged = false;
    unlogged = 0;
}

/* ---- counting ---- */

static bool is_locked(const struct count *count, uint64_t now_us)
{
    return count->until_us > now_us;
}

static bool is_forgotten(const struct count *count, uint64_t now_us)
{
    return now_us - count->last_us > FORGET_US;
}

/* One more. True: from now on there is a wait. */
static bool add_failure(struct count *count, uint64_t now_us)
{
    uint64_t wait_ms = CONFIG_LOCK_FIRST_MS;

    count->failures = is_forgotten(count, now_us) ? 1 : count->failures + 1;
    count->last_us = now_us;
    if (count->failures <= CONFIG_LOCK_FREE) {
        return false;
    }
    for (uint32_t i = CONFIG_LOCK_FREE + 1;
         i < count->failures && wait_ms < CONFIG_LOCK_MOST_MS; i++) {
        wait_ms *= 2;
    }
    if (wait_ms >= CONFIG_LOCK_MOST_MS) {
        wait_ms = CONFIG_LOCK_MOST_MS;
        count->failures--; /* it can not grow any more */
    }
    count->until_us = now_us + wait_ms * US_PER_MS;
    return true;
}

/* ---- tables ---- */

static struct address *find_address(const uint8_t *peer)
{
    for (size_t i = 0; i < UTIL_COUNT(addresses); i++) {
        if (addresses[i].in_use &&
            memcmp(addresses[i].peer, peer, ACCOUNT_PEER_LEN) == 0) {
            return &addresses[i];
        }
    }
    return NULL;
}

/* Is `a` less of a loss than `b`? First what is forgotten; then those that do not wait, with the fewest failures and
 * the oldest of them; then the wait that ends first. */
static bool is_lesser(const struct count *a, const struct count *b, uint64_t now_us)
{
    if (is_forgotten(a, now_us) != is_forgotten(b, now_us)) {
        return is_forgotten(a, now_us);
    }
    if (is_locked(a, now_us) != is_locked(b, now_us)) {
        return !is_locked(a, now_us);
    }
    if (is_locked(a, now_us)) {
        return a->until_us < b->until_us;
    }
    return a->failures != b->failures ? a->failures < b->failures
                                      : a->last_us < b->last_us;
}

static struct address *take_address(const uint8_t *peer, uint64_t now_us)
{
    struct address *place = find_address(peer);

    if (place != NULL) {
        return place;
    }
    place = &addresses[0];
    for (size_t i = 0; i < UTIL_COUNT(addresses); i++) {
        struct address *a = &addresses[i];

        if (!a->in_use) {
            place = a;
            break;
        }
        if (is_lesser(&a->count, &place->count, now_us)) {
            place = a;
        }
    }
    *place = (struct address){.in_use = true};
    memcpy(place->peer, peer, ACCOUNT_PEER_LEN);
    return place;
}

static int find_name(struct span text)
{
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        if (text.len > 0 && span_equal_str(text, names[i].text)) {
            return (int)i;
        }
    }
    return -1;
}

/* The place of an account's name: one of its own, for there are as many as accounts. -1: there
 * is no such account. */
static int take_name(struct span text)
{
    int at = find_name(text);

    if (at >= 0 || account_find(text) == NULL) {
        return at;
    }
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        if (names[i].text[0] == '\0' || account_find(span_str(names[i].text)) == NULL) {
            names[i] = (struct name){0};
            (void)span_copy_str(text, names[i].text, sizeof(names[i].text));
            for (size_t j = 0; j < UTIL_COUNT(addresses); j++) {
                addresses[j].names &= ~((uint32_t)1 << i); /* those of its predecessor */
            }
            return (int)i;
        }
    }
    return -1;
}

static struct known *find_known(struct span text, const uint8_t *peer)
{
    for (size_t i = 0; i < UTIL_COUNT(known); i++) {
        if (known[i].in_use && span_equal_str(text, known[i].text) &&
            memcmp(known[i].peer, peer, ACCOUNT_PEER_LEN) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

static void remember(struct span text, const uint8_t *peer)
{
    struct known *place = find_known(text, peer);

    if (place == NULL) {
        place = &known[0];
        for (size_t i = 0; i < UTIL_COUNT(known); i++) {
            if (!known[i].in_use || known[i].order < place->order) {
                place = &known[i];
            }
            if (!place->in_use) {
                break;
            }
        }
        *place = (struct known){.in_use = true};
        (void)span_copy_str(text, place->text, sizeof(place->text));
        memcpy(place->peer, peer, ACCOUNT_PEER_LEN);
    }
    place->order = ++logins;
}

/* ---- log ---- */

static void put_peer(char text[PEER_TEXT_CAP], const uint8_t *peer)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct sbuf out;

    sbuf_init(&out, text, PEER_TEXT_CAP);
    if (memcmp(peer, mapped, sizeof(mapped)) == 0) {
        sbuf_printf(&out, "%u.%u.%u.%u", peer[12], peer[13], peer[14], peer[15]);
    } else {
        for (size_t i = 0; i < ACCOUNT_PEER_LEN; i += 2) {
            sbuf_put_str(&out, i > 0 ? ":" : "");
            sbuf_put_hex(&out, (uint64_t)peer[i] << 8 | peer[i + 1], 1, false);
        }
    }
    (void)sbuf_terminate(&out);
}

void account_lock_note(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                       uint64_t now_us)
{
    char text[PEER_TEXT_CAP];

    if (has_logged && now_us - logged_us < LOG_EACH_US) {
        unlogged++;
        return;
    }
    put_peer(text, peer);
    name = span_slice(name, 0, LOG_NAME_CAP);
    log_warn("account", "login refused: user \"%.*s\" from %s (%u more before)",
             (int)name.len, name.len > 0 ? (const char *)name.ptr : "", text, unlogged);
    has_logged = true;
    unlogged = 0;
    logged_us = now_us;
}

static unsigned wait_s(const struct count *count, uint64_t now_us)
{
    uint64_t left_us = is_locked(count, now_us) ? count->until_us - now_us : 0;

    return (unsigned)((left_us + 999999) / 1000000);
}

/* Only a wait of an address is audited: a few records for each, however often it tries. */
static void log_address(const struct address *address, struct span name, uint64_t now_us)
{
    static const uint8_t amt[1] = {0};
    char text[PEER_TEXT_CAP];
    char user[CONFIG_ACCOUNT_NAME_CAP];
    struct audit_who who = {.user = "", .peer = address->peer};

    put_peer(text, address->peer);
    log_warn("account", "%s must wait %u s after %u refused logins", text,
             wait_s(&address->count, now_us), (unsigned)address->count.failures);
    if (span_copy_str(name, user, sizeof(user)) == 0 && account_name_is_valid(name)) {
        who.user = user;
    }
    audit_tell(AUDIT_EVENT(AUDIT_ACL_INVALID_CREDENTIALS), &who,
               span_of(amt, sizeof(amt)));
}

/* ---- what the login asks ---- */

bool account_lock_is_on(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                        uint64_t now_us)
{
    const struct address *address = find_address(peer);
    int at = find_name(name);

    if (address != NULL && is_locked(&address->count, now_us)) {
        return true;
    }
    return at >= 0 && is_locked(&names[at].count, now_us) &&
           find_known(name, peer) == NULL;
}

uint32_t account_lock_wait_s(const uint8_t peer[ACCOUNT_PEER_LEN], uint64_t now_us)
{
    const struct address *address = find_address(peer);

    return address != NULL ? wait_s(&address->count, now_us) : 0;
}

void account_lock_failure(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                          uint64_t now_us)
{
    struct address *address;
    uint32_t bit;
    bool is_first;
    int at;

    account_lock_note(name, peer, now_us);
    if (account_lock_is_on(name, peer, now_us)) {
        return;
    }
    address = take_address(peer, now_us);
    at = take_name(name);
    bit = at >= 0 ? (uint32_t)1 << at : OTHER_NAMES;
    if (is_forgotten(&address->count, now_us)) {
        address->names = 0;
    }
    is_first = (address->names & bit) == 0;
    address->names |= bit;
    if (add_failure(&address->count, now_us)) {
        log_address(address, name, now_us);
    }
    if (at >= 0 && find_known(name, peer) == NULL &&
        (is_first || names[at].count.failures >= CONFIG_LOCK_FREE) &&
        add_failure(&names[at].count, now_us)) {
        log_warn("account", "user %s is locked for new addresses for %u s",
                 names[at].text, wait_s(&names[at].count, now_us));
    }
}

void account_lock_success(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN])
{
    struct address *address = find_address(peer);
    int at = find_name(name);
    uint32_t bit = at >= 0 ? (uint32_t)1 << at : 0;

    remember(name, peer);
    if (address != NULL && (address->names & ~bit) == 0) {
        address->in_use = false;
    }
}

uint32_t account_lock_count(uint64_t now_us)
{
    uint32_t count = 0;

    for (size_t i = 0; i < UTIL_COUNT(addresses); i++) {
        count += addresses[i].in_use && is_locked(&addresses[i].count, now_us) ? 1 : 0;
    }
    for (size_t i = 0; i < UTIL_COUNT(names); i++) {
        count += is_locked(&names[i].count, now_us) ? 1 : 0;
    }
    return count;
}
