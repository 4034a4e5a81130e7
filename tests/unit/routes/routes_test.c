/* SPDX-License-Identifier: ISC */
/*
 * routes.c: whole requests over HTTP, WS-Management and the real providers; what each
 * costs under the latency model and what faults, given as text, make of it. The host is a
 * double. /
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "fault/fault.h"
#include "host/host_model.h"
#include "host/host_request.h"
#include "setup/setup.h"
#include "http/fake_board.h"
#include "http/http_world.h"
#include "latency/latency.h"
#include "routes.h"
#include "wsman/wsman.h"
#include "xml/xml_doc.h"

#define CIM       "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define AMT       "http://intel.com/wbem/wscim/1/amt-schema/1/"
#define TRANSFER  "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
#define ENUM      "http://schemas.xmlsoap.org/ws/2004/09/enumeration/"
#define SOFTWARE  CIM "CIM_SoftwareIdentity"
#define REDIRECT  AMT "AMT_RedirectionService"
#define POWER     CIM "CIM_PowerManagementService"
#define ASSOCIATE CIM "CIM_AssociatedPowerManagementService"
#define IDENTIFY \
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:i=\"" \
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"><s:Header/>" \
    "<s:Body><i:Identify/></s:Body></s:Envelope>"
#define POWER_INPUT \
    "<r:RequestPowerStateChange_INPUT xmlns:r=\"" POWER "\"><r:PowerState>8" \
    "</r:PowerState><r:ManagedElement><a:Address>x</a:Address><a:ReferenceParameters>" \
    "<w:ResourceURI>" CIM "CIM_ComputerSystem</w:ResourceURI><w:SelectorSet>" \
    "<w:Selector Name=\"Name\">ManagedSystem</w:Selector></w:SelectorSet>" \
    "</a:ReferenceParameters></r:ManagedElement></r:RequestPowerStateChange_INPUT>"

static struct fake_conn c;
static struct fake_conn other;

/* ---- the host ---- */

static vamt_HostSnapshot snapshot;
static host_done_fn *waiting;
static void *waiting_context;
static unsigned host_requests;

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
    return action == vamt_PowerAction_POWER_ACTION_OFF;
}

bool host_model_can_boot(vamt_BootDevice device)
{
    return device == vamt_BootDevice_BOOT_DEVICE_DEFAULT;
}

int host_request_power(vamt_PowerAction action, vamt_BootDevice boot, host_done_fn *done,
                       void *context)
{
    (void)action;
    (void)boot;
    host_requests++;
    waiting = done;
    waiting_context = context;
    return 0;
}

static void host_answers(void)
{
    assert_non_null(waiting);
    waiting(waiting_context, vamt_Status_STATUS_OK);
    waiting = NULL;
}

/* ---- the profile: every operation has a time of its own ---- */

static const uint32_t times_ms[LATENCY_OP_COUNT] = {
    [LATENCY_OP_DIGEST] = 101,    [LATENCY_OP_IDENTIFY] = 102,
    [LATENCY_OP_GET] = 103,       [LATENCY_OP_PUT] = 104,
    [LATENCY_OP_ENUMERATE] = 105, [LATENCY_OP_ASSOCIATION] = 106,
    [LATENCY_OP_PULL] = 107,      [LATENCY_OP_PULL_ITEM] = 1000,
    [LATENCY_OP_METHOD] = 108,    [LATENCY_OP_POWER] = 109,
};

static void be_slow(void)
{
    struct latency_profile profile;

    latency_profile_init(&profile);
    for (unsigned op = 0; op < LATENCY_OP_COUNT; op++) {
        for (unsigned i = 0; i < LATENCY_SPREAD_POINTS; i++) {
            profile.op[LATENCY_STATE_M0][op].us[i] = times_ms[op] * 1000;
        }
    }
    latency_use(&profile);
}

static int set_up(void **state)
{
    (void)state;
    http_world_start();
    assert_int_equal(setup_start(), 0);
    http_route_set(routes, routes_count);
    xml_doc_init(1);
    wsman_init();
    routes_init();
    memset(&snapshot, 0, sizeof(snapshot));
    snapshot.power = vamt_PowerState_POWER_STATE_ON;
    snapshot.hypervisor_available = true;
    host_requests = 0;
    waiting = NULL;
    assert_int_equal(fake_conn_open(&c), 0);
    assert_int_equal(fake_conn_open(&other), 0);
    return 0;
}

/* After every test all pools are empty. */
static int tear_down(void **state)
{
    (void)state;
    fake_conn_drop(&c);
    fake_conn_drop(&other);
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        if (p->in_use != 0) {
            print_error("pool %s: %zu in use\n", p->name, p->in_use);
            return -1;
        }
    }
    return 0;
}

static void use_fault(const char *text)
{
    struct fault_rule_error error;
    unsigned line;

    if (fault_use(span_str(text), &line, &error) != 0) {
        fail_msg("%s", error.text);
    }
}

/* ---- requests ---- */

static const char *envelope(const char *action, const char *uri, const char *body)
{
    static char text[8192];

    snprintf(text, sizeof(text),
             "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
             " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
             " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
             " xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\">"
             "<s:Header><a:Action>%s</a:Action><a:To>/wsman</a:To><w:ResourceURI>%s"
             "</w:ResourceURI><a:MessageID>17</a:MessageID></s:Header>"
             "<s:Body>%s</s:Body></s:Envelope>",
             action, uri, body);
    return text;
}

/* On a connection of its own: many faults close it. */
static void send(const char *document)
{
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c, http_world_request("POST", "/wsman", "", document));
}

static void ask(const char *action, const char *uri, const char *body)
{
    send(envelope(action, uri, body));
}

static void get(const char *class_name)
{
    char uri[128];

    snprintf(uri, sizeof(uri), CIM "%s", class_name);
    ask(TRANSFER "Get", uri, "");
}

static void assert_reply_has(const char *text)
{
    if (strstr(fake_conn_text(&c), text) == NULL) {
        fail_msg("no %s in %s", text, fake_conn_text(&c));
    }
}

/* The reply comes exactly when this operation is over. */
static void assert_costs(enum latency_op op, unsigned items)
{
    uint64_t ms = times_ms[op] + items * times_ms[LATENCY_OP_PULL_ITEM];

    assert_int_equal(c.out_len, 0);
    fake_conn_wait(&c, ms - 1);
    assert_int_equal(c.out_len, 0);
    fake_conn_wait(&c, 1);
    assert_int_not_equal(c.out_len, 0);
}

/* ---- what requests cost ---- */

static void test_operations(void **state)
{
    (void)state;
    be_slow();
    get("CIM_PowerManagementService");
    assert_costs(LATENCY_OP_GET, 0);
    assert_reply_has("200 OK");
    get("CIM_Nonsense"); /* is looked for as long */
    assert_costs(LATENCY_OP_GET, 0);
    assert_reply_has("DestinationUnreachable");
    ask(TRANSFER "Put", REDIRECT, "");
    assert_costs(LATENCY_OP_PUT, 0);
    ask(TRANSFER "Delete", SOFTWARE, "");
    assert_costs(LATENCY_OP_PUT, 0);
    ask(ENUM "Enumerate", ASSOCIATE, "<n:Enumerate/>");
    assert_costs(LATENCY_OP_ASSOCIATION, 0);
    ask(REDIRECT "/RequestStateChange", REDIRECT, "");
    assert_costs(LATENCY_OP_METHOD, 0);
    ask(ENUM "Release", SOFTWARE, "<n:Release/>");
    assert_costs(LATENCY_OP_PULL, 0);
    send("nonsense");
    assert_costs(LATENCY_OP_GET, 0);
    assert_reply_has("SchemaValidationError");
    send(IDENTIFY);
    assert_costs(LATENCY_OP_IDENTIFY, 0);
}

static void test_pages_and_strangers(void **state)
{
    (void)state;
    be_slow();
    fake_conn_push_text(&c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_costs(LATENCY_OP_DIGEST, 0);
    fake_conn_drop(&c);
    assert_int_equal(fake_conn_open(&c), 0);
    fake_conn_push_text(&c,
                        http_world_request("POST", "/wsman-anon/identify", "", IDENTIFY));
    assert_costs(LATENCY_OP_IDENTIFY, 0);
    assert_reply_has("200 OK");
}

static void test_enumeration(void **state)
{
    char context[64] = "";
    char pull[256];
    const char *at;
    unsigned items = 0;

    (void)state;
    ask(ENUM "Enumerate", SOFTWARE, "<n:Enumerate/>");
    at = strstr(fake_conn_text(&c), "<g:EnumerationContext>");
    assert_non_null(at);
    memcpy(context, at + strlen("<g:EnumerationContext>"), 36);
    be_slow();
    snprintf(pull, sizeof(pull),
             "<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>"
             "<n:MaxElements>3</n:MaxElements></n:Pull>",
             context);
    ask(ENUM "Pull", SOFTWARE, pull);
    assert_costs(LATENCY_OP_PULL, 3);
    for (at = fake_conn_text(&c); (at = strstr(at, "<h:CIM_Soft")) != NULL; at++) {
        items++;
    }
    assert_int_equal(items, 3);
    ask(ENUM "Enumerate", SOFTWARE, "<n:Enumerate/>");
    assert_costs(LATENCY_OP_ENUMERATE, 0);
}

static void test_power_is_faster_than_its_time(void **state)
{
    (void)state;
    be_slow();
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_int_equal(host_requests, 1);
    fake_conn_wait(&c, 50);
    host_answers();
    assert_int_equal(c.out_len, 0);
    fake_conn_wait(&c, times_ms[LATENCY_OP_POWER] - 51);
    assert_int_equal(c.out_len, 0);
    fake_conn_wait(&c, 1);
    assert_reply_has("<g:ReturnValue>0</g:ReturnValue>");
    assert_int_equal(latency_count().late, 0);
}

static void test_power_is_slower_than_its_time(void **state)
{
    (void)state;
    be_slow();
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    fake_conn_push_text(&other, http_world_request("POST", "/wsman", "",
                                                   envelope(TRANSFER "Get", POWER, "")));
    fake_conn_wait(&c, 5000);
    assert_int_equal(c.out_len, 0);
    fake_conn_wait(&other, 0); /* is not kept waiting by the host */
    assert_int_not_equal(other.out_len, 0);
    host_answers();
    assert_reply_has("<g:ReturnValue>0</g:ReturnValue>");
    assert_int_equal(latency_count().replies, 2);
}

static void test_client_goes_during_power(void **state)
{
    (void)state;
    be_slow();
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    fake_conn_drop(&c);
    host_answers(); /* to nobody */
    assert_int_equal(fake_conn_open(&c), 0);
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    host_answers();
    fake_conn_drop(&c); /* before its time */
}

/* ---- faults ---- */

static void assert_sound(void)
{
    use_fault("");
    get("CIM_PowerManagementService");
    assert_reply_has("HTTP/1.1 200 OK");
    assert_reply_has(
        "</g:CIM_PowerManagementService></a:Body></a:Envelope>\r\n0\r\n\r\n");
    assert_false(c.is_closing);
}

static void test_status(void **state)
{
    (void)state;
    use_fault("status number=36 class=CIM_PowerManagementService");
    get("CIM_PowerManagementService");
    assert_reply_has("HTTP/1.1 500 ");
    assert_reply_has("<a:Detail>AMT-STATUS 36</a:Detail>");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_reply_has("HTTP/1.1 200 ");
    assert_reply_has("<g:ReturnValue>36</g:ReturnValue>");
    assert_int_equal(host_requests, 0);
    ask(TRANSFER "Get", REDIRECT, "");
    assert_reply_has("HTTP/1.1 200 ");
    assert_sound();
}

static void test_soap(void **state)
{
    (void)state;
    use_fault("soap fault=QuotaLimit op=power,get count=2");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_reply_has("HTTP/1.1 400 ");
    assert_reply_has("e:QuotaLimit");
    assert_int_equal(host_requests, 0);
    get("CIM_PowerManagementService");
    assert_reply_has("e:QuotaLimit");
    get("CIM_PowerManagementService"); /* over */
    assert_reply_has("HTTP/1.1 200 ");
    assert_sound();
}

static void test_every_soap_fault(void **state)
{
    const char *name;

    (void)state;
    for (size_t i = 0; (name = fault_rule_soap_name(i)) != NULL; i++) {
        char line[96];

        snprintf(line, sizeof(line), "soap fault=%s", name);
        use_fault(line);
        get("CIM_PowerManagementService");
        snprintf(line, sizeof(line), ":%s</a:Value>", name);
        assert_reply_has(line);
    }
    assert_sound();
}

static void test_http(void **state)
{
    (void)state;
    use_fault("http number=503 op=power");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_reply_has("HTTP/1.1 503 Service Unavailable\r\n");
    assert_reply_has("</html>");
    assert_int_equal(host_requests, 0);
    get("CIM_PowerManagementService");
    assert_reply_has("HTTP/1.1 200 ");
    use_fault("http number=502 class=CIM_Nonsense"); /* whether we know it or not */
    get("CIM_Nonsense");
    assert_reply_has("HTTP/1.1 502 ");
    assert_sound();
}

/* The request is carried out: only its reply is lost. */
static void test_close(void **state)
{
    (void)state;
    use_fault("close after=60 op=power");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_int_equal(host_requests, 1);
    use_fault("");
    host_answers();
    assert_int_equal(c.out_len, 60);
    assert_true(c.is_closing);
    assert_sound();
}

static void test_hang(void **state)
{
    (void)state;
    use_fault("hang op=power");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_int_equal(host_requests, 0);
    fake_conn_wait(&c, 24 * 3600 * 1000);
    assert_int_equal(c.out_len, 0);
    assert_false(c.is_closing);
    http_world_login();
    assert_sound();
}

/* Faults take as long as what they stand for. */
static void test_faults_cost_time(void **state)
{
    (void)state;
    be_slow();
    use_fault("soap");
    get("CIM_PowerManagementService");
    assert_costs(LATENCY_OP_GET, 0);
    use_fault("http");
    ask(POWER "/RequestPowerStateChange", POWER, POWER_INPUT);
    assert_costs(LATENCY_OP_POWER, 0);
    assert_reply_has("HTTP/1.1 503 ");
}

#define checked(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        checked(test_operations),
        checked(test_pages_and_strangers),
        checked(test_enumeration),
        checked(test_power_is_faster_than_its_time),
        checked(test_power_is_slower_than_its_time),
        checked(test_client_goes_during_power),
        checked(test_status),
        checked(test_soap),
        checked(test_every_soap_fault),
        checked(test_http),
        checked(test_close),
        checked(test_hang),
        checked(test_faults_cost_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
