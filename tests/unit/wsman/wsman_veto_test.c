/* SPDX-License-Identifier: ISC */
/*
 * wsman/: what an inspector of requests is shown, and what its vetoes lead to; the number
 * of instances that a Pull reports; faults by name. /
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "cim/schema.h"
#include "fault/fault_rule.h"
#include "tests/unit/wsman/asker.h"

#define SOFTWARE ASKER_CIM "CIM_SoftwareIdentity"
#define AMT_SELECTOR \
    "<w:SelectorSet><w:Selector Name=\"InstanceID\">AMT</w:Selector></w:SelectorSet>"
#define REDIRECTION ASKER_AMT "AMT_RedirectionService"
#define REQUEST_STATE(state) \
    "<r:RequestStateChange_INPUT xmlns:r=\"" REDIRECTION "\"><r:RequestedState>" state \
    "</r:RequestedState></r:RequestStateChange_INPUT>"

static struct wsman_veto veto; /* to give */
static struct wsman_view seen;
static char seen_class[64];
static char seen_method[64];
static unsigned views;

static void inspect(void *context, const struct wsman_view *view,
                    struct wsman_veto *given)
{
    assert_ptr_equal(context, &views);
    assert_int_equal(given->kind, WSMAN_VETO_NONE);
    views++;
    seen = *view;
    assert_true(span_copy_str(view->class_name, seen_class, sizeof(seen_class)) >= 0);
    assert_true(span_copy_str(view->method, seen_method, sizeof(seen_method)) >= 0);
    *given = veto;
}

static int reset(void **state)
{
    (void)state;
    asker_reset();
    asker.inspect = inspect;
    asker.context = &views;
    veto = (struct wsman_veto){.kind = WSMAN_VETO_NONE};
    memset(&seen, 0, sizeof(seen));
    views = 0;
    return 0;
}

static int check_pools(void **state)
{
    (void)state;
    for (struct pool *p = pool_first(); p != NULL; p = p->next) {
        assert_int_equal(p->in_use, 0);
    }
    return 0;
}

static void assert_seen(enum wsman_action action, const struct cim_class *class,
                        const char *class_name, const char *method)
{
    assert_int_equal(views, 1);
    assert_int_equal(seen.action, action);
    assert_ptr_equal(seen.class, class);
    assert_string_equal(seen_class, class_name);
    assert_string_equal(seen_method, method);
    views = 0;
}

static void test_what_is_shown(void **state)
{
    (void)state;
    assert_int_equal(asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, ""), 200);
    assert_seen(WSMAN_ACTION_GET, &CIM_SoftwareIdentity_class, "CIM_SoftwareIdentity",
                "");
    asker_ask(ASKER_GET, ASKER_CIM "CIM_Nonsense", "", "");
    assert_seen(WSMAN_ACTION_GET, NULL, "CIM_Nonsense", "");
    asker_ask(ASKER_PUT, SOFTWARE, AMT_SELECTOR, "");
    assert_seen(WSMAN_ACTION_PUT, &CIM_SoftwareIdentity_class, "CIM_SoftwareIdentity",
                "");
    asker_enumerate(SOFTWARE, "");
    assert_seen(WSMAN_ACTION_ENUMERATE, &CIM_SoftwareIdentity_class,
                "CIM_SoftwareIdentity", "");
    asker_pull(SOFTWARE, "");
    assert_seen(WSMAN_ACTION_PULL, &CIM_SoftwareIdentity_class, "CIM_SoftwareIdentity",
                "");
    asker_ask(REDIRECTION "/RequestStateChange", REDIRECTION, "", REQUEST_STATE("32771"));
    assert_seen(WSMAN_ACTION_INVOKE, &AMT_RedirectionService_class,
                "AMT_RedirectionService", "RequestStateChange");
    asker_send("<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
               " xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/"
               "wsmanidentity.xsd\"><s:Header/><s:Body><i:Identify/></s:Body>"
               "</s:Envelope>");
    assert_int_equal(asker.status, 200);
    assert_seen(WSMAN_ACTION_IDENTIFY, NULL, "", "");
    asker_send("nonsense");
    asker_ask("", SOFTWARE, "", "");
    assert_int_equal(views, 0); /* not understood */
}

static void test_skipped(void **state)
{
    (void)state;
    veto.kind = WSMAN_VETO_SKIP;
    assert_int_equal(asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, ""), 503);
    assert_int_equal(asker.out.len, 0);
    assert_null(asker.operation);
}

static void test_fault(void **state)
{
    (void)state;
    veto = (struct wsman_veto){.kind = WSMAN_VETO_FAULT, .fault = WSMAN_FAULT_DENIED};
    asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, "");
    assert_fault("a:Sender", "e:AccessDenied", 400);
    assert_reply_has("<b:RelatesTo>17</b:RelatesTo>");
    veto.fault = WSMAN_FAULT_INTERNAL;
    asker_ask(REDIRECTION "/RequestStateChange", REDIRECTION, "", REQUEST_STATE("32771"));
    assert_fault("a:Receiver", "e:InternalError", 500);
    assert_reply_has("<a:Detail></a:Detail>");
    veto.kind = WSMAN_VETO_NONE;
    assert_int_equal(asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, ""), 200);
}

static void check_status_fault(const char *action, const char *body)
{
    asker_ask(action, SOFTWARE, AMT_SELECTOR, body);
    assert_fault("a:Receiver", "e:InternalError", 500);
    assert_reply_has("<a:Detail>AMT-STATUS 36</a:Detail>");
}

static void test_status(void **state)
{
    (void)state;
    veto = (struct wsman_veto){.kind = WSMAN_VETO_STATUS, .number = 36};
    check_status_fault(ASKER_GET, "");
    check_status_fault(ASKER_PUT, "");
    check_status_fault(ASKER_ENUMERATE, "<n:Enumerate/>");
    check_status_fault(ASKER_PULL, "<n:Pull/>");
}

static void test_status_of_a_method(void **state)
{
    (void)state;
    veto = (struct wsman_veto){.kind = WSMAN_VETO_STATUS, .number = 2058};
    asker_ask(REDIRECTION "/RequestStateChange", REDIRECTION, "", REQUEST_STATE("32768"));
    assert_int_equal(asker.status, 200);
    assert_reply_has("<g:RequestStateChange_OUTPUT><g:ReturnValue>2058</g:ReturnValue>"
                     "</g:RequestStateChange_OUTPUT>");
    /* the provider was not called */
    veto.kind = WSMAN_VETO_NONE;
    asker_ask(ASKER_GET, REDIRECTION, "", "");
    assert_int_equal(asker_count("<g:EnabledState>32768</g:EnabledState>"), 0);
    asker_ask(REDIRECTION "/RequestStateChange", REDIRECTION, "", REQUEST_STATE("32768"));
    asker_ask(ASKER_GET, REDIRECTION, "", "");
    assert_reply_has("<g:EnabledState>32768</g:EnabledState>");
    /* a method that does not exist does not return anything */
    veto.kind = WSMAN_VETO_STATUS;
    asker_ask(REDIRECTION "/Nonsense", REDIRECTION, "", "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
}

static void test_instances_of_a_pull(void **state)
{
    (void)state;
    asker.pulled = 99;
    asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, "");
    assert_int_equal(asker.pulled, 0);
    asker_enumerate(SOFTWARE, "");
    assert_int_equal(asker.pulled, 0);
    asker_pull(SOFTWARE, "<n:MaxElements>2</n:MaxElements>");
    assert_int_equal(asker.status, 200);
    assert_int_equal(asker.pulled, 2);
    assert_int_equal(asker_count("</h:CIM_SoftwareIdentity>"), 2);
    asker_pull(SOFTWARE, "");
    assert_true(asker.pulled > 2);
    assert_int_equal(asker.pulled, asker_count("</h:CIM_SoftwareIdentity>"));
    asker_pull(SOFTWARE, ""); /* the enumeration is over */
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
    assert_int_equal(asker.pulled, 0);
}

/* Rules take the names of all our faults and no others. */
static void test_fault_names(void **state)
{
    const char *name;

    (void)state;
    for (size_t i = 0; (name = fault_rule_soap_name(i)) != NULL; i++) {
        enum wsman_fault fault = wsman_fault_find(span_str(name));

        assert_int_not_equal(fault, WSMAN_FAULT_NONE);
        assert_string_equal(wsman_fault_name(fault), name);
    }
    for (int i = WSMAN_FAULT_NONE + 1; i <= WSMAN_FAULT_INTERNAL; i++) {
        bool is_known = false;

        for (size_t j = 0; (name = fault_rule_soap_name(j)) != NULL; j++) {
            is_known |= strcmp(name, wsman_fault_name((enum wsman_fault)i)) == 0;
        }
        assert_true(is_known);
    }
    assert_int_equal(wsman_fault_find(span_str("accessdenied")), WSMAN_FAULT_DENIED);
    assert_int_equal(wsman_fault_find(span_str("EncodingLimit")),
                     WSMAN_FAULT_ENCODING_LIMIT);
    assert_int_equal(wsman_fault_find(span_str("e:AccessDenied")), WSMAN_FAULT_NONE);
    assert_int_equal(wsman_fault_find(span_str("")), WSMAN_FAULT_NONE);
}

#define checked(test) cmocka_unit_test_setup_teardown(test, reset, check_pools)

int main(void)
{
    const struct CMUnitTest tests[] = {
        checked(test_what_is_shown),
        checked(test_skipped),
        checked(test_fault),
        checked(test_status),
        checked(test_status_of_a_method),
        checked(test_instances_of_a_pull),
        checked(test_fault_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
