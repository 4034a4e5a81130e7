/* SPDX-License-Identifier: ISC */
/*
 * CVE-2017-5689 (INTEL-SA-00075): the response that firmware compared only as far as it went. One
 * test for each form of it. After each, the right response still passes.
 */
#include "unit.h"

#include <ctype.h>
#include <stdio.h>

#include "account/account_lock.h"
#include "base/err.h"
#include "digest_world.h"

static char good[33];

static int set_up(void **state)
{
    int result = digest_world_set_up(state);

    fake_client_response(&digest_world.client, good);
    return result;
}

static int tear_down(void **state)
{
    (void)state;
    return digest_world_login();
}

/* `format` has one %s for the response. */
static void assert_refused(const char *format, const char *response)
{
    char directive[256];

    snprintf(directive, sizeof(directive), format, response);
    assert_int_equal(digest_world_check(digest_world_with(directive)), ERR_DENIED);
    account_lock_start(); /* refused for what it is, not as locked out */
}

static void cve_2017_5689_empty_response(void **state)
{
    (void)state;
    assert_refused("response=\"%s\"", "");
    assert_refused("response=%s", "");
}

static void cve_2017_5689_one_character(void **state)
{
    char first[2] = {good[0], '\0'};

    (void)state;
    assert_refused("response=\"%s\"", first);
    for (int c = 1; c < 128; c++) { /* whatever it is */
        char any[2] = {(char)c, '\0'};

        if (c != '"' && c != '\\') {
            assert_refused("response=\"%s\"", any);
        }
    }
}

static void cve_2017_5689_every_length_below_32(void **state)
{
    char part[33];

    (void)state;
    for (int len = 0; len < 32; len++) {
        snprintf(part, sizeof(part), "%.*s", len, good);
        assert_refused("response=\"%s\"", part);
    }
}

static void cve_2017_5689_33_characters(void **state)
{
    (void)state;
    assert_refused("response=\"%s0\"", good);
    assert_refused("response=\"0%s\"", good);
    assert_refused("response=\"%s \"", good);
}

static void cve_2017_5689_upper_case(void **state)
{
    char upper[33];

    (void)state;
    for (size_t i = 0; i < sizeof(upper); i++) {
        upper[i] = (char)toupper(good[i]);
    }
    assert_string_not_equal(upper, good);
    assert_refused("response=\"%s\"", upper);
}

static void cve_2017_5689_missing_response(void **state)
{
    (void)state;
    assert_refused("%s", "");
}

static void cve_2017_5689_duplicated_response(void **state)
{
    char twice[80];

    (void)state;
    snprintf(twice, sizeof(twice), "%s\", response=\"%s", good, good);
    assert_refused("response=\"%s\"", twice);
    assert_refused("response=\"\", response=\"%s\"", good);
    assert_refused("response=\"%s\", response=\"\"", good);
    assert_refused("response=\"%s\", Response=\"\"", good);
}

static void cve_2017_5689_response_of_another_nonce(void **state)
{
    (void)state;
    digest_world_new_nonce();
    assert_refused("response=\"%s\"", good);
}

static void cve_2017_5689_each_character_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < 32; i++) {
        char wrong[33];

        memcpy(wrong, good, sizeof(wrong));
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_refused("response=\"%s\"", wrong);
    }
}

static void cve_2017_5689_nul_in_the_response(void **state)
{
    static char header[4096];
    struct span span;
    size_t len;

    (void)state;
    snprintf(header, sizeof(header), "%s",
             digest_world_with("response=\"0000000000000000000000000000000\""));
    len = strlen(header);
    header[len - 32] = '\0'; /* in place of the first digit */
    span = span_of(header, len);
    assert_int_equal(span.len, len);
    assert_int_equal(digest_world_check(header), ERR_DENIED);
}

/* The public scanner's probe: uri without slash, nc=1, empty response. */
static void cve_2017_5689_scanner_probe(void **state)
{
    char header[512];

    (void)state;
    snprintf(header, sizeof(header),
             "Digest username=\"admin\", realm=\"%s\", nonce=\"%s\", uri=\"index.htm\","
             "cnonce=\"qwertyuiop\", nc=1, qop=\"auth\", response=\"\"",
             digest_world.client.realm, digest_world.nonce);
    assert_int_equal(digest_world_check_target(header, "/index.htm"), ERR_DENIED);
}

int main(void)
{
#define CHECKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CHECKED(cve_2017_5689_empty_response),
        CHECKED(cve_2017_5689_one_character),
        CHECKED(cve_2017_5689_every_length_below_32),
        CHECKED(cve_2017_5689_33_characters),
        CHECKED(cve_2017_5689_upper_case),
        CHECKED(cve_2017_5689_missing_response),
        CHECKED(cve_2017_5689_duplicated_response),
        CHECKED(cve_2017_5689_each_character_counts),
        CHECKED(cve_2017_5689_nul_in_the_response),
        CHECKED(cve_2017_5689_scanner_probe),
        cmocka_unit_test_setup(cve_2017_5689_response_of_another_nonce, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
