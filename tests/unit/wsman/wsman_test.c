/* SPDX-License-Identifier: ISC */
/*
 * wsman/: envelopes, operations and faults against the reference's wire facts, over the real
 * CIM core and providers. No host shim is connected: the host's state is unknown.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/pool.h"
#include "config.h"
#include "tests/unit/wsman/asker.h"

#define SOFTWARE ASKER_CIM "CIM_SoftwareIdentity"
#define AMT_SELECTOR \
    "<w:SelectorSet><w:Selector Name=\"InstanceID\">AMT</w:Selector></w:SelectorSet>"

static int reset(void **state)
{
    (void)state;
    asker_reset();
    return 0;
}

static int check_pools(void **state)
{
    (void)state;
    for (struct pool *p = pool_first(); p != NULL; p = p->next) {
        if (p->in_use != 0) {
            print_error("pool %s: %zu in use\n", p->name, p->in_use);
            return -1;
        }
    }
    return 0;
}

static void test_get_has_the_form_of_amt(void **state)
{
    static const char head[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:Envelope"
        " xmlns:a=\"http://www.w3.org/2003/05/soap-envelope\""
        " xmlns:b=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
        " xmlns:c=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
        " xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/02/trust\""
        " xmlns:e=\"http://docs.oasis-open.org/wss/2004/01/"
        "oasis-200401-wss-wssecurity-secext-1.0.xsd\""
        " xmlns:f=\"http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd\""
        " xmlns:g=\"" SOFTWARE "\"";
    static const char middle[] =
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><a:Header>"
        "<b:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</b:To>"
        "<b:RelatesTo>17</b:RelatesTo><b:Action a:mustUnderstand=\"true\">"
        "http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse</b:Action>"
        "<b:MessageID>uuid:00000000-8086-8086-8086-";

    (void)state;
    assert_int_equal(asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, ""), 200);
    assert_memory_equal(asker.reply, head, sizeof(head) - 1);
    assert_reply_has(middle);
    assert_reply_has("</b:MessageID><c:ResourceURI>" SOFTWARE
                     "</c:ResourceURI></a:Header>"
                     "<a:Body><g:CIM_SoftwareIdentity>");
    assert_reply_has("<g:InstanceID>AMT</g:InstanceID>");
    assert_reply_has("</g:CIM_SoftwareIdentity></a:Body></a:Envelope>");
    assert_int_equal(asker_count(">\n"), 0);
    assert_int_equal(asker_count("/>"), 0);
}

static void test_message_ids_count_up(void **state)
{
    char first[13];
    char second[13];
    static const char tag[] = "uuid:00000000-8086-8086-8086-";

    (void)state;
    asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, "");
    memcpy(first, strstr(asker.reply, tag) + sizeof(tag) - 1, 12);
    asker_ask(ASKER_GET, ASKER_CIM "CIM_Nonsense", "", "");
    memcpy(second, strstr(asker.reply, tag) + sizeof(tag) - 1, 12);
    first[12] = second[12] = '\0';
    assert_int_equal(strtoul(second, NULL, 16), strtoul(first, NULL, 16) + 1);
}

static void test_unknown_things_get_the_right_fault(void **state)
{
    (void)state;
    asker_ask(ASKER_GET, ASKER_CIM "CIM_Nonsense", "", "");
    assert_fault("a:Sender", "b:DestinationUnreachable", 400);
    assert_reply_has(
        "<a:Text xml:lang=\"en-US\">No route can be determined to reach the "
        "destination role defined by the WSAddressing To.</a:Text></a:Reason>"
        "<a:Detail></a:Detail></a:Fault>");
    assert_reply_has("<b:Action a:mustUnderstand=\"true\">"
                     "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault</b:Action>");
    assert_int_equal(asker_count("ResourceURI"), 0);
    asker_ask(ASKER_GET, "", "", "");
    assert_fault("a:Sender", "b:DestinationUnreachable", 400);
    asker_ask(ASKER_GET, "http://example.com/CIM_SoftwareIdentity", "", "");
    assert_fault("a:Sender", "b:DestinationUnreachable", 400);
    asker_ask(
        ASKER_GET, SOFTWARE,
        "<w:SelectorSet><w:Selector Name=\"InstanceID\">No</w:Selector></w:SelectorSet>",
        "");
    assert_fault("a:Sender", "b:DestinationUnreachable", 400);
    asker_ask(SOFTWARE "/Nonsense", SOFTWARE, "", "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
    asker_ask("http://example.com/action", SOFTWARE, "", "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
    asker_ask(ASKER_CIM "CIM_BootService/X", SOFTWARE, "", "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
    asker_ask("", SOFTWARE, "", "");
    assert_fault("a:Sender", "b:MessageInformationHeaderRequired", 400);
}

static void test_malformed_documents(void **state)
{
    static const char *const bad[] = {
        "",
        "hello",
        "<a/>",
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>",
        "<s:Envelope "
        "xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body/></s:Envelope>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        asker_send(bad[i]);
        assert_fault("a:Sender", "e:SchemaValidationError", 400);
    }
}

static void test_repeated_headers_and_selectors(void **state)
{
    (void)state;
    asker_ask(ASKER_GET, SOFTWARE, "<a:Action>" ASKER_GET "</a:Action>", "");
    assert_fault("a:Sender", "b:InvalidMessageInformationHeader", 400);
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:SelectorSet><w:Selector Name=\"InstanceID\">AMT</w:Selector>"
              "<w:Selector Name=\"InstanceID\">AMT</w:Selector></w:SelectorSet>",
              "");
    assert_fault("a:Sender", "e:InvalidSelectors", 400);
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:SelectorSet><w:Selector>AMT</w:Selector></w:SelectorSet>", "");
    assert_fault("a:Sender", "e:InvalidSelectors", 400);
}

static void test_mandatory_headers_and_envelope_size(void **state)
{
    (void)state;
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:OptionSet s:mustUnderstand=\"true\"/>" AMT_SELECTOR, "");
    assert_int_equal(asker.status, 400);
    assert_reply_has("<a:Value>a:MustUnderstand</a:Value></a:Code>");
    asker_ask(ASKER_GET, SOFTWARE, "<w:OptionSet/>" AMT_SELECTOR, "");
    assert_int_equal(asker.status, 200);
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:MaxEnvelopeSize>49999</w:MaxEnvelopeSize>" AMT_SELECTOR, "");
    assert_fault("a:Sender", "e:EncodingLimit", 400);
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:MaxEnvelopeSize>51200</w:MaxEnvelopeSize>" AMT_SELECTOR, "");
    assert_int_equal(asker.status, 200);
}

/* pywsman clients qualify the Name attribute. */
static void test_qualified_selector_name(void **state)
{
    (void)state;
    asker_ask(ASKER_GET, SOFTWARE,
              "<w:SelectorSet><w:Selector w:Name=\"InstanceID\">AMT</w:Selector>"
              "</w:SelectorSet>",
              "");
    assert_int_equal(asker.status, 200);
}

static void test_identify(void **state)
{
    static const char document[] =
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:i='http://"
        "schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'><s:Header/><s:Body>"
        "<i:Identify/></s:Body></s:Envelope>";

    (void)state;
    for (int i = 0; i < 2; i++) {
        asker.is_anonymous = i == 1;
        assert_int_equal(asker_send(document), 200);
        assert_reply_has(
            "<a:Header></a:Header><a:Body><b:IdentifyResponse>"
            "<b:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
            "</b:ProtocolVersion><b:ProductVendor>Intel(r)</b:ProductVendor>"
            "<b:ProductVersion>AMT 11.");
    }
    asker_ask(ASKER_GET, SOFTWARE, AMT_SELECTOR, "");
    assert_fault("a:Sender", "e:AccessDenied", 400);
    asker_enumerate(SOFTWARE, "");
    assert_fault("a:Sender", "e:AccessDenied", 400);
}

static void test_enumerate_and_pull_one_page(void **state)
{
    (void)state;
    assert_int_equal(asker_enumerate(SOFTWARE, "<w:OptimizeEnumeration/>"
                                               "<w:MaxElements>5</w:MaxElements>"),
                     200);
    assert_int_equal(asker_count("<g:Items>"), 0);
    assert_int_equal(strlen(asker_context), 36);
    assert_string_equal(asker_context + 8, "-0000-0000-0000-000000000000");
    assert_int_equal(asker_pull(SOFTWARE, "<n:MaxElements>999</n:MaxElements>"
                                          "<n:MaxCharacters>99999</n:MaxCharacters>"),
                     200);
    assert_int_equal(asker_count("<h:CIM_SoftwareIdentity>"), 11);
    assert_reply_has("<g:PullResponse><g:Items><h:CIM_SoftwareIdentity>");
    assert_reply_has("</g:Items><g:EndOfSequence></g:EndOfSequence></g:PullResponse>");
    assert_int_equal(asker_count("EnumerationContext"), 0);
    asker_pull(SOFTWARE, "");
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
}

/* The context stays the same and the server keeps the cursor; every page but the last
 * carries it. All items come exactly once, whatever MaxElements is. */
static void test_max_elements_splits_pages(void **state)
{
    for (unsigned max = 1; max <= 12; max++) {
        char options[64];
        unsigned items = 0;
        unsigned pulls = 0;

        snprintf(options, sizeof(options), "<n:MaxElements>%u</n:MaxElements>", max);
        (void)state;
        asker_enumerate(SOFTWARE, "");
        do {
            assert_int_equal(asker_pull(SOFTWARE, options), 200);
            assert_true(asker_count("<h:CIM_SoftwareIdentity>") <= max);
            items += asker_count("<h:CIM_SoftwareIdentity>");
            pulls++;
            assert_int_equal(asker_count("<g:EnumerationContext>") +
                                 asker_count("<g:EndOfSequence>"),
                             1);
        } while (asker_count("<g:EndOfSequence>") == 0);
        assert_int_equal(items, 11);
        assert_int_equal(pulls, (11 + max - 1) / max);
    }
}

static void test_superclass_comes_page_by_page(void **state)
{
    char first[64];
    unsigned pages = 0;

    (void)state;
    asker_enumerate(ASKER_CIM "CIM_Service", "");
    strcpy(first, asker_context);
    do {
        assert_true(++pages < 20);
        assert_int_equal(asker_pull(ASKER_CIM "CIM_Service", ""), 200);
        assert_reply_has("<c:ResourceURI>" ASKER_CIM
                         "CIM_Service</c:ResourceURI></a:Header>");
    } while (asker_count(first) == 1);
    assert_true(pages >= 3);
    assert_reply_has("<g:EndOfSequence></g:EndOfSequence>");
}

static void test_single_populated_subclass_is_one_page(void **state)
{
    (void)state;
    asker_enumerate(ASKER_CIM "CIM_ServiceAvailableToElement", "");
    assert_int_equal(asker_pull(ASKER_CIM "CIM_ServiceAvailableToElement", ""), 200);
    assert_int_equal(asker_count("<h:CIM_AssociatedPowerManagementService>"), 1);
    assert_reply_has("<g:EndOfSequence></g:EndOfSequence>");
}

static void test_enumeration_modes(void **state)
{
    (void)state;
    asker_enumerate(SOFTWARE, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>");
    assert_int_equal(asker_pull(SOFTWARE, ""), 200);
    assert_int_equal(asker_count("<b:EndpointReference><b:Address>"), 11);
    assert_int_equal(asker_count("<h:"), 0);
    assert_reply_has("<c:Selector Name=\"InstanceID\">AMT</c:Selector>");
    asker_enumerate(SOFTWARE, "<w:EnumerationMode>EnumerateObjectAndEPR"
                              "</w:EnumerationMode>");
    assert_int_equal(asker_pull(SOFTWARE, ""), 200);
    assert_int_equal(asker_count("<c:Item><h:CIM_SoftwareIdentity>"), 11);
    assert_int_equal(asker_count("</b:EndpointReference></c:Item>"), 11);
    asker_enumerate(SOFTWARE, "<w:EnumerationMode>Nonsense</w:EnumerationMode>");
    assert_fault("a:Sender", "e:UnsupportedFeature", 400);
    asker_enumerate(SOFTWARE, "<w:Filter Dialect=\"x\">y</w:Filter>");
    assert_fault("a:Sender", "e:FilterDialectRequestedUnavailable", 400);
}

static void test_release_and_expiry(void **state)
{
    char body[256];

    (void)state;
    asker_enumerate(SOFTWARE, "");
    snprintf(body, sizeof(body),
             "<n:Release><n:EnumerationContext>%s"
             "</n:EnumerationContext></n:Release>",
             asker_context);
    assert_int_equal(asker_ask(ASKER_RELEASE, SOFTWARE, "", body), 200);
    assert_reply_has("enumeration/ReleaseResponse</b:Action>");
    assert_reply_has("<a:Body></a:Body>");
    asker_pull(SOFTWARE, "");
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
    asker_ask(ASKER_RELEASE, SOFTWARE, "", body);
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
    asker_enumerate(SOFTWARE, "");
    asker.now_us += CONFIG_WSMAN_CONTEXT_MS * 1000ull;
    asker_pull(SOFTWARE, "");
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
}

static void test_context_of_another_class(void **state)
{
    (void)state;
    asker_enumerate(SOFTWARE, "");
    asker_pull(ASKER_CIM "CIM_BootService", "");
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
}

/* Abandoned enumerations never block new ones. */
static void test_oldest_enumeration_goes(void **state)
{
    char oldest[64];

    (void)state;
    asker_enumerate(SOFTWARE, "");
    strcpy(oldest, asker_context);
    for (int i = 0; i < CONFIG_WSMAN_CONTEXTS; i++) {
        asker.now_us++;
        assert_int_equal(asker_enumerate(SOFTWARE, ""), 200);
    }
    assert_int_equal(asker_pull(SOFTWARE, ""), 200);
    strcpy(asker_context, oldest);
    asker_pull(SOFTWARE, "");
    assert_fault("a:Receiver", "c:InvalidEnumerationContext", 400);
}

static void test_reply_beyond_the_buffer(void **state)
{
    (void)state;
    asker.reply_cap = 2200; /* room for the envelope and a few instances */
    asker_enumerate(SOFTWARE, "");
    assert_int_equal(asker_pull(SOFTWARE, ""), 200);
    assert_true(asker_count("<h:CIM_SoftwareIdentity>") >= 1);
    assert_true(asker_count("<h:CIM_SoftwareIdentity>") < 11);
    assert_int_equal(asker_count("<g:EnumerationContext>"), 1);
    asker.reply_cap = 1500; /* room for a fault only */
    asker_enumerate(ASKER_CIM "CIM_AssociatedPowerManagementService", "");
    asker_pull(ASKER_CIM "CIM_AssociatedPowerManagementService", "");
    assert_fault("a:Sender", "e:EncodingLimit", 400);
}

static void test_empty_reference_is_a_schema_error(void **state)
{
    static const char action[] = ASKER_CIM "CIM_BootConfigSetting/ChangeBootOrder";

    (void)state;
    asker_ask(action, ASKER_CIM "CIM_BootConfigSetting", "",
              "<r:ChangeBootOrder_INPUT xmlns:r=\"x\"></r:ChangeBootOrder_INPUT>");
    assert_int_equal(asker.status, 200);
    assert_reply_has("<a:Body><g:ChangeBootOrder_OUTPUT><g:ReturnValue>0</g:ReturnValue>"
                     "</g:ChangeBootOrder_OUTPUT></a:Body>");
    assert_int_equal(asker_count("wscim/1/common"), 0);
    asker_ask(action, ASKER_CIM "CIM_BootConfigSetting", "",
              "<r:ChangeBootOrder_INPUT xmlns:r=\"x\"><r:Source></r:Source>"
              "</r:ChangeBootOrder_INPUT>");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
    asker_ask(action, ASKER_CIM "CIM_BootConfigSetting", "",
              "<r:ChangeBootOrder_INPUT xmlns:r=\"x\"><r:Nonsense>1</r:Nonsense>"
              "</r:ChangeBootOrder_INPUT>");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
    asker_ask(action, ASKER_CIM "CIM_BootConfigSetting", "",
              "<r:Other_INPUT xmlns:r=\"x\"></r:Other_INPUT>");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
}

static void test_boot_source_by_reference(void **state)
{
    (void)state;
    asker_ask(ASKER_CIM "CIM_BootConfigSetting/ChangeBootOrder",
              ASKER_CIM "CIM_BootConfigSetting",
              "<w:SelectorSet><w:Selector Name=\"InstanceID\">Intel(r) AMT: Boot "
              "Configuration 0</w:Selector></w:SelectorSet>",
              "<r:ChangeBootOrder_INPUT xmlns:r=\"x\"><r:Source>"
              "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing</a:Address>"
              "<a:ReferenceParameters><w:ResourceURI>" ASKER_CIM "CIM_BootSourceSetting"
              "</w:ResourceURI><w:SelectorSet><w:Selector w:Name=\"InstanceID\">Intel(r) "
              "AMT: Force PXE Boot</w:Selector></w:SelectorSet></a:ReferenceParameters>"
              "</r:Source></r:ChangeBootOrder_INPUT>");
    assert_int_equal(asker.status, 200);
    assert_reply_has("<g:ReturnValue>0</g:ReturnValue>");
}

static void test_other_operations(void **state)
{
    (void)state;
    asker_ask("http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete", SOFTWARE, "", "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
    asker_ask("http://schemas.xmlsoap.org/ws/2004/08/eventing/Subscribe", SOFTWARE, "",
              "");
    assert_fault("a:Sender", "b:ActionNotSupported", 400);
    asker_ask(ASKER_PUT, SOFTWARE, AMT_SELECTOR, "");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
    asker_ask(ASKER_ENUMERATE, SOFTWARE, "", "");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
    asker_ask(ASKER_PULL, SOFTWARE, "", "");
    assert_fault("a:Sender", "e:SchemaValidationError", 400);
}

#define checked(test) cmocka_unit_test_setup_teardown(test, reset, check_pools)

int main(void)
{
    const struct CMUnitTest tests[] = {
        checked(test_get_has_the_form_of_amt),
        checked(test_message_ids_count_up),
        checked(test_unknown_things_get_the_right_fault),
        checked(test_malformed_documents),
        checked(test_repeated_headers_and_selectors),
        checked(test_mandatory_headers_and_envelope_size),
        checked(test_qualified_selector_name),
        checked(test_identify),
        checked(test_enumerate_and_pull_one_page),
        checked(test_max_elements_splits_pages),
        checked(test_superclass_comes_page_by_page),
        checked(test_single_populated_subclass_is_one_page),
        checked(test_enumeration_modes),
        checked(test_release_and_expiry),
        checked(test_context_of_another_class),
        checked(test_oldest_enumeration_goes),
        checked(test_reply_beyond_the_buffer),
        checked(test_empty_reference_is_a_schema_error),
        checked(test_boot_source_by_reference),
        checked(test_other_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
