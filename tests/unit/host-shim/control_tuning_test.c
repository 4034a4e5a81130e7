/* SPDX-License-Identifier: ISC */
/* vamtctl latency and fault as the daemon answers them, with a companion that is only said
 * to be there. */
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>

#include "control_priv.h"

static struct companion c;
static struct control_client client;
static const char *kept[TUNEFILE_COUNT];
static enum companion_tune verdict;
static vamt_TuningKind sent_kind;
static char sent[CONFIG_TUNING_CAP];
static unsigned sent_count;
static companion_tuned_fn *sent_done;
static char said[8192];
static int end_code; /* -1: no end yet */
static char end_text[512];

void control_say(struct control_client *to, const char *format, ...)
{
    size_t len = strlen(said);
    va_list args;

    assert_ptr_equal(to, &client);
    va_start(args, format);
    len += (size_t)vsnprintf(said + len, sizeof said - len, format, args);
    va_end(args);
    snprintf(said + len, sizeof said - len, "\n");
}

void control_end(struct control_client *to, enum attach_code code, const char *format,
                 ...)
{
    va_list args;

    assert_ptr_equal(to, &client);
    assert_int_equal(end_code, -1);
    end_code = (int)code;
    va_start(args, format);
    vsnprintf(end_text, sizeof end_text, format, args);
    va_end(args);
}

struct control_client *control_client_find(uint64_t id)
{
    return id == client.id ? &client : NULL;
}

struct companion *control_cmd_find(struct control_client *to, const struct request *r)
{
    assert_ptr_equal(to, &client);
    return strcmp(request_get(r, "domain"), "web1") == 0 ? &c : NULL;
}

const char *companion_tuned(const struct companion *of, enum tunefile_kind kind)
{
    assert_ptr_equal(of, &c);
    return kept[kind];
}

enum companion_tune companion_tune(struct companion *of, vamt_TuningKind kind,
                                   const char *text, companion_tuned_fn *done,
                                   uint64_t ticket)
{
    assert_ptr_equal(of, &c);
    assert_int_equal(ticket, client.id);
    sent_count++;
    sent_kind = kind;
    sent_done = done;
    snprintf(sent, sizeof sent, "%s", text);
    return verdict;
}

static int setup(void **state)
{
    (void)state;
    memset(&c, 0, sizeof c);
    memset(&client, 0, sizeof client);
    c.about.is_active = true;
    c.is_ready = true;
    strcpy(c.about.host_name, "web1");
    strcpy(c.status.latency, "native");
    strcpy(c.status.engine, "M0");
    client.id = 9;
    kept[TUNEFILE_LATENCY] = NULL;
    kept[TUNEFILE_FAULTS] = NULL;
    verdict = COMPANION_TUNE_SENT;
    sent_count = 0;
    return 0;
}

static void ask(const char *line)
{
    static struct request r;

    said[0] = '\0';
    end_text[0] = '\0';
    end_code = -1;
    assert_int_equal(request_parse(span_str(line), &r), 0);
    if (strcmp(r.command, "latency") == 0) {
        control_tuning_latency(&client, &r);
    } else {
        control_tuning_fault(&client, &r);
    }
}

static void assert_refused(const char *line, enum attach_code code, const char *text)
{
    unsigned before = sent_count;

    ask(line);
    assert_int_equal(end_code, code);
    assert_string_equal(said, "");
    if (strncmp(end_text, text, strlen(text)) != 0) {
        fail_msg("%s: '%s'", line, end_text);
    }
    assert_int_equal(sent_count, before);
}

static void assert_sent(const char *line, vamt_TuningKind kind, const char *text,
                        const char *news)
{
    ask(line);
    assert_int_equal(end_code, -1);
    assert_int_equal(sent_kind, kind);
    assert_string_equal(sent, text);
    sent_done(client.id + 1, true, ""); /* a client that has gone */
    assert_int_equal(end_code, -1);
    sent_done(client.id, true, "");
    assert_string_equal(said, news);
    assert_int_equal(end_code, ATTACH_OK);
}

#define LATENCY vamt_TuningKind_TUNING_KIND_LATENCY
#define FAULTS  vamt_TuningKind_TUNING_KIND_FAULTS
#define RESET   vamt_TuningKind_TUNING_KIND_RESET

static void test_latency(void **state)
{
    char line[2 * CONFIG_TUNING_CAP] = "latency domain=web1 text=";

    (void)state;
    assert_sent("latency domain=web1 text=profile%3dslow%0aseed%3d7%0a", LATENCY,
                "profile=slow\nseed=7\n", "latency: slow, seed 7\n");
    assert_sent("latency domain=web1 text=", LATENCY, "", "latency: native, seed 0\n");
    assert_refused("latency domain=web1 text=profile%3dx%0aseed%3dy%0a", ATTACH_USAGE,
                   "line 2: seed takes ");
    memset(line + strlen(line), '#', CONFIG_TUNING_CAP);
    assert_refused(line, ATTACH_USAGE, "the profile is longer than 4095 bytes");
    ask("latency domain=web2 text=");
    assert_int_equal(end_code, -1); /* its answer is control_cmd_find's */
}

static void test_failed(void **state)
{
    (void)state;
    ask("latency domain=web1 text=");
    sent_done(client.id, false, "the firmware refuses it: line 1: no");
    assert_string_equal(said, "");
    assert_int_equal(end_code, ATTACH_FAILED);
    assert_string_equal(end_text, "the firmware refuses it: line 1: no");
    verdict = COMPANION_TUNE_BUSY;
    ask("fault domain=web1 do=clear");
    assert_int_equal(end_code, ATTACH_FAILED);
    assert_non_null(strstr(end_text, "another command is under way"));
    verdict = COMPANION_TUNE_FAILED;
    ask("fault domain=web1 do=clear");
    assert_int_equal(end_code, ATTACH_FAILED);
    assert_non_null(strstr(end_text, "cannot be kept"));
}

static void test_not_there(void **state)
{
    (void)state;
    c.is_ready = false;
    verdict = COMPANION_TUNE_KEPT;
    ask("fault domain=web1 do=clear");
    assert_int_equal(end_code, ATTACH_OK);
    assert_string_equal(
        said,
        "faults: 0\nthe firmware is silent: it takes effect as soon as it speaks\n");
    c.about.is_active = false;
    ask("fault domain=web1 do=clear");
    assert_string_equal(
        said, "faults: 0\nthe firmware is off: it takes effect when it starts\n");
    verdict = COMPANION_TUNE_SILENT;
    ask("fault domain=web1 do=reset");
    assert_int_equal(end_code, ATTACH_SILENT);
    assert_string_equal(end_text, "the firmware is off");
}

static void test_show_latency(void **state)
{
    (void)state;
    ask("latency domain=web1");
    assert_string_equal(said, "profile:    native\nseed:       0\nengine:     M0\n"
                              "late:       0 replies\n");
    strcpy(c.status.latency, "amt7"); /* of its seed: not known here */
    ask("latency domain=web1");
    assert_string_equal(said, "profile:    amt7 (from the companion's seed)\n"
                              "engine:     M0\nlate:       0 replies\n");
    kept[TUNEFILE_LATENCY] = "profile = amt7\ncalibrated = yes\nseed = 3\n";
    c.status.late_replies = 2;
    ask("latency domain=web1");
    assert_string_equal(said, "profile:    amt7 (calibrated)\nseed:       3\n"
                              "engine:     M0\nlate:       2 replies\n\n"
                              "profile = amt7\ncalibrated = yes\nseed = 3\n");
    assert_int_equal(end_code, ATTACH_OK);
    c.is_ready = false;
    ask("latency domain=web1");
    assert_non_null(strstr(said, "seed:       3\nfirmware:   silent\n\nprofile"));
    kept[TUNEFILE_LATENCY] = "of another version\n";
    ask("latency domain=web1");
    assert_non_null(strstr(said, "\nof another version\n"));
}

static void test_faults(void **state)
{
    (void)state;
    ask("fault domain=web1");
    assert_string_equal(said, "no faults\n");
    assert_sent("fault domain=web1 do=add rule=drop%20share%3d5.0%25", FAULTS,
                "drop share=5%\n", "faults: 1\n");
    kept[TUNEFILE_FAULTS] = "drop share=5%\nhang\nhttp number=503\n";
    c.status.faults = 3;
    ask("fault domain=web1");
    assert_string_equal(said, " 1  drop share=5%\n 2  hang\n 3  http number=503\n");
    assert_sent("fault domain=web1 do=add rule=asleep", FAULTS,
                "drop share=5%\nhang\nhttp number=503\nasleep\n", "faults: 4\n");
    assert_sent("fault domain=web1 do=clear number=1", FAULTS, "hang\nhttp number=503\n",
                "faults: 2\n");
    assert_sent("fault domain=web1 do=clear number=2", FAULTS,
                "drop share=5%\nhttp number=503\n", "faults: 2\n");
    assert_sent("fault domain=web1 do=clear number=3", FAULTS, "drop share=5%\nhang\n",
                "faults: 2\n");
    assert_sent("fault domain=web1 do=clear", FAULTS, "", "faults: 0\n");
    assert_sent("fault domain=web1 do=reset", RESET, "", "the firmware resets\n");
    kept[TUNEFILE_FAULTS] = NULL;
    ask("fault domain=web1");
    assert_string_equal(said, "3 in force, from the companion's seed\n");
}

static void test_bad_faults(void **state)
{
    static char many[CONFIG_TUNING_CAP] = "";

    (void)state;
    kept[TUNEFILE_FAULTS] = "drop\nhang\n";
    assert_refused("fault domain=web1 do=add", ATTACH_USAGE, "a rule is missing");
    assert_refused("fault domain=web1 do=add rule=explode", ATTACH_USAGE,
                   "'explode' is no kind of fault");
    assert_refused("fault domain=web1 do=add rule=drop%0ahang", ATTACH_USAGE,
                   "a rule is one line");
    assert_refused("fault domain=web1 do=clear number=0", ATTACH_NOT_FOUND,
                   "no rule has");
    assert_refused("fault domain=web1 do=clear number=3", ATTACH_NOT_FOUND,
                   "no rule has");
    assert_refused("fault domain=web1 do=clear number=x", ATTACH_NOT_FOUND,
                   "no rule has");
    assert_refused("fault domain=web1 do=explode", ATTACH_USAGE,
                   "unknown: fault explode");
    for (int i = 0; i < CONFIG_FAULT_RULES; i++) {
        strcat(many, "hang\n");
    }
    kept[TUNEFILE_FAULTS] = many;
    assert_refused("fault domain=web1 do=add rule=drop", ATTACH_FAILED,
                   "there are 16 rules already");
    memset(many, 'x', sizeof many - 8); /* and no room in bytes */
    strcpy(many + sizeof many - 8, "\n");
    assert_refused("fault domain=web1 do=add rule=hang%20class%3dCIM_Chassis",
                   ATTACH_FAILED, "there are 1 rules already");
}

static void test_status(void **state)
{
    (void)state;
    said[0] = '\0';
    control_tuning_status(&client, &c);
    assert_string_equal(said, "engine:     M0\nlatency:    native\n");
    kept[TUNEFILE_LATENCY] = "profile = amt7\nseed = 3\n";
    kept[TUNEFILE_FAULTS] = "hang\n";
    strcpy(c.status.latency, "amt7");
    strcpy(c.status.engine, "Moff");
    c.status.late_replies = 2;
    c.status.faults = 1;
    said[0] = '\0';
    control_tuning_status(&client, &c);
    assert_string_equal(said,
                        "engine:     Moff\nlatency:    amt7, seed 3, 2 replies late\n"
                        "faults:     1 (see: vamtctl fault)\n");
    c.is_ready = false;
    said[0] = '\0';
    control_tuning_status(&client, &c);
    assert_string_equal(said, "latency:    amt7, seed 3\n"
                              "faults:     1 (see: vamtctl fault)\n");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_latency),      TEST(test_failed), TEST(test_not_there),
        TEST(test_show_latency), TEST(test_faults), TEST(test_bad_faults),
        TEST(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
