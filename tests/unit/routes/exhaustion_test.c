/* SPDX-License-Identifier: ISC */
/*
 * Whole requests while the 1st, 2nd, 3rd ... object of a pool, or allocation of the XML
 * parser, is refused, until nothing is refused any more. Each is answered (or its
 * connection is not taken), nothing stays behind, and the next request is served.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "base/pool.h"
#include "host/host_model.h"
#include "host/host_request.h"
#include "http/fake_board.h"
#include "http/http_world.h"
#include "routes.h"
#include "setup/setup.h"
#include "wsman/wsman.h"
#include "xml/xml_doc.h"
#include "xml/xml_heap.h"

#define CIM      "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define AMT      "http://intel.com/wbem/wscim/1/amt-schema/1/"
#define TRANSFER "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
#define ENUM     "http://schemas.xmlsoap.org/ws/2004/09/enumeration/"
#define POWER    CIM "CIM_PowerManagementService"
#define REDIRECT AMT "AMT_RedirectionService"

enum { FIRST_MANY = 400 };

static struct fake_conn c;
static vamt_HostSnapshot snapshot;
static host_done_fn *waiting;
static void *waiting_context;
/* While requests are held: more of them. */
static bool is_holding;
static void *held[CONFIG_HOST_REQUESTS];
static size_t held_count;
static struct fake_conn crowd[CONFIG_WSMAN_OPERATIONS + 1];

const vamt_HostSnapshot *host_model(void)
{
    return &snapshot;
}

bool host_model_is_live(void)
{
    return true;
}

bool host_model_can(vamt_PowerAction action)
{
    (void)action;
    return true;
}

bool host_model_can_boot(vamt_BootDevice device)
{
    (void)device;
    return true;
}

int host_request_power(vamt_PowerAction action, vamt_BootDevice boot, host_done_fn *done,
                       void *context)
{
    (void)action;
    (void)boot;
    if (is_holding) {
        assert_true(held_count < CONFIG_HOST_REQUESTS);
        held[held_count++] = context;
    }
    waiting = done;
    waiting_context = context;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    http_world_start();
    http_route_set(routes, routes_count);
    xml_doc_init(1);
    wsman_init();
    routes_init();
    assert_int_equal(audit_start(), 0);
    assert_int_equal(setup_start(), 0);
    memset(&snapshot, 0, sizeof(snapshot));
    snapshot.power = vamt_PowerState_POWER_STATE_ON;
    snapshot.hypervisor_available = true;
    waiting = NULL;
    is_holding = false;
    held_count = 0;
    http_world_login();
    return 0;
}

static void assert_pools_are_empty(void)
{
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        if (p->in_use != 0) {
            fail_msg("pool %s: %zu in use", p->name, p->in_use);
        }
    }
}

struct sample {
    const char *name;
    const char *action;
    const char *uri;
    const char *body;
};

static const struct sample samples[] = {
    {"Get", TRANSFER "Get", CIM "CIM_BootConfigSetting", ""},
    {"Put", TRANSFER "Put", REDIRECT,
     "<r:AMT_RedirectionService xmlns:r=\"" REDIRECT "\"><r:ListenerEnabled>true"
     "</r:ListenerEnabled></r:AMT_RedirectionService>"},
    {"Enumerate", ENUM "Enumerate", CIM "CIM_SoftwareIdentity", "<n:Enumerate/>"},
    {"ReadRecords", AMT "AMT_AuditLog/ReadRecords", AMT "AMT_AuditLog",
     "<r:ReadRecords_INPUT xmlns:r=\"" AMT "AMT_AuditLog\"><r:StartIndex>1</r:StartIndex>"
     "</r:ReadRecords_INPUT>"},
    {"power", POWER "/RequestPowerStateChange", POWER,
     "<r:RequestPowerStateChange_INPUT xmlns:r=\"" POWER "\"><r:PowerState>8"
     "</r:PowerState><r:ManagedElement><a:Address>x</a:Address><a:ReferenceParameters>"
     "<w:ResourceURI>" CIM "CIM_ComputerSystem</w:ResourceURI><w:SelectorSet>"
     "<w:Selector Name=\"Name\">ManagedSystem</w:Selector></w:SelectorSet>"
     "</a:ReferenceParameters></r:ManagedElement></r:RequestPowerStateChange_INPUT>"},
};

/* The whole request; the text lasts until the next call. */
static const char *write_request(const struct sample *sample, const char *selectors)
{
    static char text[8192];

    snprintf(text, sizeof(text),
             "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
             " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
             " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
             " xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\">"
             "<s:Header><a:Action>%s</a:Action><a:To>/wsman</a:To><w:ResourceURI>%s"
             "</w:ResourceURI><a:MessageID>17</a:MessageID>%s</s:Header>"
             "<s:Body>%s</s:Body></s:Envelope>",
             sample->action, sample->uri, selectors, sample->body);
    return http_world_request("POST", "/wsman", "", text);
}

/* Send it on a connection of its own. Returns the HTTP status; 0: the connection was
 * not taken. */
static unsigned ask(const struct sample *sample)
{
    const char *reply;
    unsigned status;

    if (fake_conn_open(&c) < 0) {
        return 0;
    }
    fake_conn_push_text(&c, write_request(sample, ""));
    if (waiting != NULL) {
        host_done_fn *done = waiting;

        waiting = NULL;
        done(waiting_context, vamt_Status_STATUS_OK);
    }
    reply = fake_conn_text(&c);
    if (sscanf(reply, "HTTP/1.1 %u ", &status) != 1) {
        fail_msg("%s: no answer, but \"%s\"", sample->name, reply);
    }
    fake_conn_drop(&c);
    assert_pools_are_empty();
    return status;
}

/* Only what says "busy" or "my fault" will do, and never an empty success. */
static bool is_refusal(unsigned status)
{
    return status == 0 || status == 400 || status == 413 || status == 500 ||
           status == 503;
}

static void test_pools_are_exhausted_one_after_the_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        unsigned refused = 0;

        for (size_t n = 1;; n++) {
            unsigned status;

            assert_true(n < FIRST_MANY);
            (void)pool_fail_at(n);
            status = ask(&samples[i]);
            if (pool_fail_at(0) != 0) {
                assert_int_equal(status, 200); /* nothing was refused */
                break;
            }
            assert_true(is_refusal(status));
            refused++;
            assert_int_equal(ask(&samples[i]), 200);
        }
        print_message("%s: %u objects\n", samples[i].name, refused);
        assert_true(refused >= 3); /* session, exchange, call at least */
    }
}

static void test_xml_runs_out_of_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        unsigned status = 0;
        size_t n;

        for (n = 1; status != 200; n++) {
            assert_true(n < FIRST_MANY);
            xml_heap_fail_at(n);
            status = ask(&samples[i]);
            xml_heap_fail_at(0);
            if (status != 200 && !is_refusal(status)) {
                fail_msg("%s, allocation %zu: HTTP %u", samples[i].name, n, status);
            }
            assert_int_equal(ask(&samples[i]), 200);
        }
        print_message("%s: %zu allocations\n", samples[i].name, n - 2);
        assert_true(n > 5);
    }
}

/* As many calls as can wait for the host, and one more. */
static void test_calls_that_wait(void **state)
{
    const struct sample *power = &samples[sizeof(samples) / sizeof(samples[0]) - 1];
    struct fake_conn *last = &crowd[CONFIG_WSMAN_OPERATIONS];

    (void)state;
    is_holding = true;
    for (size_t i = 0; i <= CONFIG_WSMAN_OPERATIONS; i++) {
        assert_int_equal(fake_conn_open(&crowd[i]), 0);
        fake_conn_push_text(&crowd[i], write_request(power, ""));
        assert_int_equal(crowd[i].out_len > 0, i == CONFIG_WSMAN_OPERATIONS);
    }
    assert_non_null(strstr(fake_conn_text(last), "HTTP/1.1 400 "));
    assert_non_null(strstr(fake_conn_text(last), "QuotaLimit"));
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c,
                        write_request(&samples[0], "")); /* need not wait, and does not */
    assert_non_null(strstr(fake_conn_text(&c), "HTTP/1.1 200 "));
    fake_conn_drop(&c);
    for (size_t i = 0; i < held_count; i++) {
        waiting(held[i], vamt_Status_STATUS_OK);
        assert_non_null(strstr(fake_conn_text(&crowd[i]), "ReturnValue>0<"));
    }
    is_holding = false;
    waiting = NULL;
    for (size_t i = 0; i <= CONFIG_WSMAN_OPERATIONS; i++) {
        fake_conn_drop(&crowd[i]);
    }
    assert_pools_are_empty();
    assert_int_equal(ask(power), 200);
}

static void test_more_selectors_than_there_is_room(void **state)
{
    char text[4096] = "<w:SelectorSet>";

    (void)state;
    for (unsigned i = 0; i <= CONFIG_CIM_SELECTORS; i++) {
        char one[64];

        snprintf(one, sizeof(one), "<w:Selector Name=\"K%u\">v</w:Selector>", i);
        strcat(text, one);
    }
    strcat(text, "</w:SelectorSet>");
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c, write_request(&samples[0], text));
    assert_non_null(strstr(fake_conn_text(&c), "HTTP/1.1 400 "));
    assert_non_null(strstr(fake_conn_text(&c), "InvalidSelectors"));
    fake_conn_drop(&c);
    assert_int_equal(ask(&samples[0]), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_pools_are_exhausted_one_after_the_other, set_up),
        cmocka_unit_test_setup(test_xml_runs_out_of_memory, set_up),
        cmocka_unit_test_setup(test_calls_that_wait, set_up),
        cmocka_unit_test_setup(test_more_selectors_than_there_is_room, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
