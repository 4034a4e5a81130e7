/* SPDX-License-Identifier: ISC */
/* Profiles as text: what each setting does, every way to get it wrong, and back to text. */
#include "latency/latency_profile.h"

#include "base/err.h"
#include "config.h"
#include "latency/latency_key.h"
#include "unit.h"

#include <stdio.h>

static struct latency_profile profile;
static struct latency_profile_error error;

static int parse(const char *text)
{
    memset(&error, 0, sizeof(error));
    return latency_profile_parse(span_str(text), &profile, &error);
}

static void assert_refused(const char *text, unsigned line, const char *message)
{
    strcpy(profile.name, "untouched");
    assert_int_equal(parse(text), ERR_INVALID);
    assert_string_equal(profile.name, "untouched");
    if (error.line != line || strstr(error.text, message) == NULL) {
        fail_msg("'%s' gives line %u: %s", text, error.line, error.text);
    }
    assert_true(strlen(error.text) < sizeof(error.text));
}

static void test_operations(void **state)
{
    char name[40];

    (void)state;
    for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
        const char *text = latency_op_name((enum latency_op)op);

        assert_int_equal(latency_op_find(span_str(text)), op);
        snprintf(name, sizeof(name), "%sx", text);
        assert_int_equal(latency_op_find(span_str(name)), ERR_NOT_FOUND);
    }
    assert_int_equal(latency_op_find(span_str("")), ERR_NOT_FOUND);
    assert_int_equal(latency_op_find(span_str("GET")), ERR_NOT_FOUND);
}

static void test_nothing_is_native(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# only words\n", "profile = native",
                                        "\r\n profile\t=native # words\r\n"};

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(texts); i++) {
        memset(&profile, 0xff, sizeof(profile));
        assert_int_equal(parse(texts[i]), 0);
        assert_string_equal(profile.name, "native");
        assert_false(profile.is_calibrated);
        assert_int_equal(profile.seed, 0);
        assert_int_equal(profile.idle_min, 65535);
        assert_int_equal(profile.minute_us, 60000000);
        assert_int_equal(profile.extra_us, 90000000);
        assert_true(profile.answers_arp && profile.answers_ping);
        assert_int_equal(profile.wake_hold, CONFIG_NET_HOLD_COUNT);
        assert_int_equal(profile.bounce_down.us[4], 0);
        assert_false(profile.bounce_drops);
        for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
            assert_int_equal(profile.op[LATENCY_STATE_M0][op].us[4], 0);
            assert_int_equal(profile.op[LATENCY_STATE_M3][op].us[4], 0);
        }
    }
}

static const char every[] = "# all there is\n"
                            "profile = slow-1.0\n"
                            "calibrated = yes\n"
                            "seed = 18446744073709551615\n"
                            "m0.get = 66 68 70 72 76 ms   # five\n"
                            "m3.power = 1.7s\n"
                            "m3.pull-item=1 2 3 4 5us\n"
                            "sleep.idle = 7\n"
                            "sleep.minute = 1 s\n"
                            "sleep.extra = 2.5 s\n"
                            "sleep.arp = off\n"
                            "sleep.ping = off\n"
                            "wake.time = 1 1 1 1 2 s\n"
                            "wake.hold = 3\n"
                            "wake.announce = 0\n"
                            "bounce.after = 100 ms\n"
                            "bounce.down = 3 s\n"
                            "bounce.connections = drop\n"
                            "reset.down = 1 min\n";

static void test_every_setting(void **state)
{
    (void)state;
    assert_int_equal(parse(every), 0);
    assert_string_equal(profile.name, "slow-1.0");
    assert_true(profile.is_calibrated);
    assert_int_equal(profile.seed, UINT64_MAX);
    assert_int_equal(profile.op[LATENCY_STATE_M0][LATENCY_OP_GET].us[0], 66000);
    assert_int_equal(profile.op[LATENCY_STATE_M0][LATENCY_OP_GET].us[4], 76000);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_GET].us[4], 0);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_POWER].us[0], 1700000);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_POWER].us[4], 1700000);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_PULL_ITEM].us[2], 3);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_PULL].us[2], 0);
    assert_int_equal(profile.idle_min, 7);
    assert_int_equal(profile.minute_us, 1000000);
    assert_int_equal(profile.extra_us, 2500000);
    assert_false(profile.answers_arp);
    assert_false(profile.answers_ping);
    assert_int_equal(profile.wake.us[3], 1000000);
    assert_int_equal(profile.wake.us[4], 2000000);
    assert_int_equal(profile.wake_hold, 3);
    assert_int_equal(profile.wake_announce, 0);
    assert_int_equal(profile.bounce_after.us[0], 100000);
    assert_int_equal(profile.bounce_down.us[4], 3000000);
    assert_true(profile.bounce_drops);
    assert_int_equal(profile.reset_down.us[2], 60000000);
}

static void test_set(void **state)
{
    (void)state;
    assert_int_equal(parse("profile = a\ncalibrated = yes\nm0.get = 1 ms\n"
                           "set m0.get = 80ms\nset\tm0.get=90 ms\nset m3.put = 5 s"),
                     0);
    assert_int_equal(profile.op[LATENCY_STATE_M0][LATENCY_OP_GET].us[0], 90000);
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_PUT].us[0], 5000000);
    assert_false(profile.is_calibrated);

    /* What is no time of the device leaves it calibrated. */
    assert_int_equal(
        parse("profile = a\ncalibrated = yes\nset seed = 5\nset profile = b\n"
              "set sleep.arp = off"),
        0);
    assert_true(profile.is_calibrated);
    assert_string_equal(profile.name, "b");
    assert_int_equal(profile.seed, 5);

    assert_refused("set profile = a\n", 1, "first setting is profile");
    assert_refused("profile = a\nset m0.get = 1 ms\nm0.get = 2 ms\n", 3, "given twice");
    assert_refused("profile = a\nset m0.gett = 1 ms\n", 2, "operations are digest");
    assert_refused("profile = a\nsetm0.get = 1 ms\n", 2, "is not a setting");
    assert_refused("profile = a\nset m0.get 1 ms\n", 2, "no '='");
}

static void test_refused(void **state)
{
    static const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"profile = b", "profile is given twice"},
        {"m0.gett = 1 ms",
         "'m0.gett' is not a setting; operations are digest, identify, get"},
        {"m3. = 1 ms", "operations are"},
        {"m1.get = 1 ms", "'m1.get' is not a setting, see PROFILE.md"},
        {"M0.GET = 1 ms", "is not a setting"},
        {"get = 1 ms", "is not a setting"},
        {"= 1 ms", "'' is not a setting"},
        {"m0.get", "no '=' here"},
        {"m0.get =", "m0.get ends in a unit"},
        {"m0.get = 80", "m0.get ends in a unit"},
        {"m0.get = 1 2 ms", "m0.get takes one time or five"},
        {"m0.get = 1 2 3 4 ms", "m0.get takes one time or five"},
        {"m0.get = 1 2 3 4 5 6 ms", "m0.get has too many numbers"},
        {"m0.get = 1 2 3 5 4 ms", "m0.get: its five times must not fall"},
        {"m0.get = 2 1 3 4 5 ms", "m0.get: its five times must not fall"},
        {"m0.get = 10.1 min", "m0.get is longer than 10 min"},
        {"wake.time = 1 x", "wake.time ends in a unit"},
        {"calibrated = true", "calibrated takes yes or no"},
        {"calibrated = Yes", "calibrated takes yes or no"},
        {"seed = -1", "seed takes a number"},
        {"seed = 18446744073709551616", "seed takes a number"},
        {"seed =", "seed takes a number"},
        {"sleep.idle = 0", "sleep.idle takes never, or minutes: 1 to 65535"},
        {"sleep.idle = 65536", "sleep.idle takes never"},
        {"sleep.idle = 1 min", "sleep.idle takes never"},
        {"sleep.minute = 999 us", "sleep.minute takes at least 1000 us"},
        {"sleep.minute = 1 2 3 4 5 s", "sleep.minute has too many numbers"},
        {"sleep.extra = 90", "sleep.extra ends in a unit"},
        {"sleep.extra = 11 min", "sleep.extra is longer"},
        {"sleep.arp = yes", "sleep.arp takes on or off"},
        {"sleep.ping =", "sleep.ping takes on or off"},
        {"wake.hold = 17", "wake.hold takes 0 to 16"},
        {"wake.announce = 11", "wake.announce takes 0 to 10"},
        {"bounce.connections = lose", "bounce.connections takes drop or keep"},
        {"\x1b[2J = 1", "'?[2J' is not a setting"},
        {"m0.\xc3\xa4 = 1 ms", "'m0.\?\?' is not a setting"},
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < UTIL_COUNT(cases); i++) {
        snprintf(text, sizeof(text), "\nprofile = a\n# words\n%s\nsleep.idle = 1\n",
                 cases[i].line);
        assert_refused(text, 4, cases[i].message);
    }
}

static void test_refused_names(void **state)
{
    (void)state;
    assert_refused("calibrated = no\nprofile = a\n", 1, "first setting is profile");
    assert_refused("profile =\n", 1, "takes a name");
    assert_refused("profile = a b\n", 1, "takes a name");
    assert_refused("profile = \xc3\xa4\n", 1, "takes a name");
    assert_refused("profile = 12345678901234567890123456789012\n", 1,
                   "of up to 31 letters");
    assert_int_equal(parse("profile = 1234567890123456789012345678901\n"), 0);
}

static void test_refused_whole(void **state)
{
    static char text[CONFIG_TUNING_CAP + 1];
    static const char nul[] = "profile = a\nseed = 1\0\n";
    static const char in_comment[] = "profile = a\n# \0\n";

    (void)state;
    assert_int_equal(
        latency_profile_parse(span_of(nul, sizeof(nul) - 1), &profile, &error),
        ERR_INVALID);
    assert_int_equal(error.line, 2);
    assert_non_null(strstr(error.text, "NUL"));
    assert_int_equal(latency_profile_parse(span_of(in_comment, sizeof(in_comment) - 1),
                                           &profile, &error),
                     ERR_INVALID);

    memset(text, '#', CONFIG_TUNING_CAP);
    assert_refused(text, 0, "longer than 4095 bytes");
    text[CONFIG_TUNING_CAP - 1] = '\0';
    assert_int_equal(parse(text), 0);

    /* A very long line and key do not spoil the message. */
    memset(text, 'k', CONFIG_TUNING_CAP - 1);
    memcpy(text, "profile=a\n", 10);
    text[CONFIG_TUNING_CAP - 2] = '=';
    assert_refused(text, 2, "kkkkkkkk' is not a setting");
}

static void write(char *text, size_t cap)
{
    struct sbuf out;

    sbuf_init(&out, text, cap);
    latency_profile_write(&profile, &out);
    assert_false(out.overflow);
    assert_int_equal(sbuf_terminate(&out), 0);
}

static void test_write(void **state)
{
    char text[CONFIG_TUNING_CAP];

    (void)state;
    latency_profile_init(&profile);
    write(text, sizeof(text));
    assert_string_equal(text, "profile = native\n");
    assert_int_equal(parse(every), 0);
    write(text, sizeof(text));
    assert_string_equal(text, "profile = slow-1.0\n"
                              "calibrated = yes\n"
                              "seed = 18446744073709551615\n"
                              "m0.get = 66 68 70 72 76 ms\n"
                              "m3.pull-item = 1 2 3 4 5 us\n"
                              "m3.power = 1.7 s\n"
                              "sleep.idle = 7\n"
                              "sleep.minute = 1 s\n"
                              "sleep.extra = 2.5 s\n"
                              "sleep.arp = off\n"
                              "sleep.ping = off\n"
                              "wake.time = 1 1 1 1 2 s\n"
                              "wake.hold = 3\n"
                              "wake.announce = 0\n"
                              "bounce.after = 100 ms\n"
                              "bounce.down = 3 s\n"
                              "bounce.connections = drop\n"
                              "reset.down = 60 s\n");
    assert_int_equal(parse("profile = a\nm0.get = 0 0 0 0 1 us"), 0);
    write(text, sizeof(text));
    assert_string_equal(text, "profile = a\nm0.get = 0 0 0 0 1 us\n");
}

/* Each setting alone, at the end of its range, comes back; all together they fit. */
static void test_write_back(void **state)
{
    static const struct latency_spread worst = {
        {599999995, 599999996, 599999997, 599999998, 599999999}};
    char first[CONFIG_TUNING_CAP];
    char second[CONFIG_TUNING_CAP];

    (void)state;
    latency_profile_init(&profile);
    memset(profile.name, 'n', sizeof(profile.name) - 1);
    profile.seed = UINT64_MAX;
    profile.is_calibrated = true;
    for (size_t i = 0; i < LATENCY_KEY_COUNT; i++) {
        struct latency_key key = latency_key_get(i);

        if (key.kind == LATENCY_KIND_SPREAD) {
            memcpy(latency_key_field(&key, &profile), &worst, sizeof(worst));
        }
        write(first, sizeof(first));
        assert_int_equal(parse(first), 0);
        write(second, sizeof(second));
        assert_string_equal(first, second);
    }
    assert_int_equal(profile.op[LATENCY_STATE_M3][LATENCY_OP_POWER].us[4], 599999999);
    assert_int_equal(profile.reset_down.us[0], 599999995);
    assert_true(strlen(first) > 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),    cmocka_unit_test(test_nothing_is_native),
        cmocka_unit_test(test_every_setting), cmocka_unit_test(test_set),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_refused_whole), cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
