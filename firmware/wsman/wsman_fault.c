/* SPDX-License-Identifier: ISC */
/*
 * Fault envelopes. Their prefixes are declared in another order than in replies. Only our
 * own failures are HTTP 500; all else is 400, whatever its subcode: consoles tolerate no
 * other status (connect-sequences 1.1, wire-facts.md section 7).
 */
#include "wsman/wsman_fault.h"

#include <stdbool.h>

#include "base/panic.h"
#include "base/util.h"
#include "cim/cim.h"
#include "wsman/wsman_names.h"
#include "wsman/wsman_reply.h"
#include "xml/xml_writer.h"

struct fault_text {
    bool is_ours; /* a:Receiver */
    const char *subcode;
    const char *reason;
    const char *detail; /* wsman:FaultDetail, or NULL */
};

static const struct fault_text faults[] = {
    [WSMAN_FAULT_DESTINATION_UNREACHABLE] =
        {false, "b:DestinationUnreachable",
         "No route can be determined to reach the destination role defined by the "
         "WSAddressing To.",
         NULL},
    [WSMAN_FAULT_ACTION_NOT_SUPPORTED] = {false, "b:ActionNotSupported",
                                          "The action is not supported by the service.",
                                          NULL},
    [WSMAN_FAULT_HEADER_REQUIRED] = {false, "b:MessageInformationHeaderRequired",
                                     "A required header is missing.", NULL},
    [WSMAN_FAULT_HEADER_INVALID] = {false, "b:InvalidMessageInformationHeader",
                                    "A header is not valid.", NULL},
    [WSMAN_FAULT_MUST_UNDERSTAND] = {false, "a:MustUnderstand",
                                     "A mandatory header is not understood.", NULL},
    [WSMAN_FAULT_SCHEMA] = {false, "e:SchemaValidationError",
                            "The supplied SOAP violates the corresponding XML schema "
                            "definition.",
                            NULL},
    [WSMAN_FAULT_REPRESENTATION] = {false, "d:InvalidRepresentation",
                                    "The XML content is not valid.",
                                    WSMAN_DETAIL "MissingValues"},
    [WSMAN_FAULT_SELECTORS] = {false, "e:InvalidSelectors",
                               "The selectors do not fit the resource.",
                               WSMAN_DETAIL "UnexpectedSelectors"},
    [WSMAN_FAULT_ALREADY_EXISTS] = {false, "e:AlreadyExists",
                                    "The sender attempted to create a resource which "
                                    "already exists.",
                                    NULL},
    [WSMAN_FAULT_QUOTA] = {false, "e:QuotaLimit",
                           "The service is busy servicing other requests.", NULL},
    [WSMAN_FAULT_DENIED] = {false, "e:AccessDenied",
                            "The sender was not authorized to access the resource.",
                            NULL},
    [WSMAN_FAULT_UNSUPPORTED] = {false, "e:UnsupportedFeature",
                                 "The feature is not supported.", NULL},
    [WSMAN_FAULT_ENCODING_LIMIT] = {false, "e:EncodingLimit",
                                    "The reply exceeds the largest envelope.",
                                    WSMAN_DETAIL "ServiceEnvelopeLimit"},
    [WSMAN_FAULT_ENVELOPE_SIZE] = {false, "e:EncodingLimit",
                                   "The requested envelope size is too small.",
                                   WSMAN_DETAIL "MinimumEnvelopeLimit"},
    [WSMAN_FAULT_CONTEXT] = {true, "c:InvalidEnumerationContext",
                             "The enumeration context is not valid.", NULL},
    [WSMAN_FAULT_FILTER] = {false, "e:FilterDialectRequestedUnavailable",
                            "The filter dialect is not supported.", NULL},
    [WSMAN_FAULT_INTERNAL] =
        {true, "e:InternalError",
         "The service cannot comply with the request due to internal "
         "processing errors.",
         NULL},
};

enum wsman_fault wsman_fault_from_cim(int result)
{
    switch (result) {
    case CIM_ERR_NOT_FOUND:
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    case CIM_ERR_SELECTORS:
        return WSMAN_FAULT_SELECTORS;
    case CIM_ERR_NO_METHOD:
    case CIM_ERR_UNSUPPORTED:
        return WSMAN_FAULT_ACTION_NOT_SUPPORTED;
    case CIM_ERR_SCHEMA:
        return WSMAN_FAULT_SCHEMA;
    case CIM_ERR_REPRESENTATION:
        return WSMAN_FAULT_REPRESENTATION;
    case CIM_ERR_DENIED:
        return WSMAN_FAULT_DENIED;
    case CIM_ERR_QUOTA:
        return WSMAN_FAULT_QUOTA;
    case CIM_ERR_EXISTS:
        return WSMAN_FAULT_ALREADY_EXISTS;
    default:
        return WSMAN_FAULT_INTERNAL;
    }
}

/* The namespace that decides the wsa:Action of a fault. */
static const char *fault_action(const char *subcode)
{
    return subcode[0] == 'e' || subcode[0] == 'd'
               ? "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
               : WSMAN_NS_ADDRESSING "/fault";
}

static void put_header(struct sbuf *out, const struct fault_text *text,
                       struct span relates_to)
{
    sbuf_put_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:Envelope"
                      " xmlns:g=\"" WSMAN_NS_CIMBINDING "\""
                      " xmlns:f=\"" WSMAN_NS_EVENTING "\""
                      " xmlns:e=\"" WSMAN_NS_WSMAN "\""
                      " xmlns:d=\"" WSMAN_NS_TRANSFER "\""
                      " xmlns:c=\"" WSMAN_NS_ENUMERATION "\""
                      " xmlns:b=\"" WSMAN_NS_ADDRESSING "\""
                      " xmlns:a=\"" WSMAN_NS_SOAP "\""
                      " xmlns:h=\"" WSMAN_NS_TRUST "\""
                      " xmlns:i=\"" WSMAN_NS_SECEXT "\""
                      " xmlns:xsi=\"" WSMAN_NS_XSI "\"><a:Header>");
    wsman_reply_put_addressing(out, relates_to, span_str(fault_action(text->subcode)),
                               span_of("", 0));
    xml_write_end(out, 'a', "Header");
}

static void put_code(struct sbuf *out, const struct fault_text *text)
{
    bool is_soap_code = text->subcode[0] == 'a';

    xml_write_start(out, 'a', "Code");
    xml_write_element(out, 'a', "Value",
                      span_str(is_soap_code    ? text->subcode
                               : text->is_ours ? "a:Receiver"
                                               : "a:Sender"));
    if (!is_soap_code) {
        xml_write_start(out, 'a', "Subcode");
        xml_write_element(out, 'a', "Value", span_str(text->subcode));
        xml_write_end(out, 'a', "Subcode");
    }
    xml_write_end(out, 'a', "Code");
}

static const struct fault_text *text_of(enum wsman_fault fault)
{
    const struct fault_text *text = &faults[fault];

    panic_unless(fault < UTIL_COUNT(faults) && text->subcode != NULL);
    return text;
}

/* All but what stands in the detail. */
static void put_start(struct sbuf *out, const struct fault_text *text,
                      struct span relates_to)
{
    sbuf_reset(out);
    put_header(out, text, relates_to);
    xml_write_start(out, 'a', "Body");
    xml_write_start(out, 'a', "Fault");
    put_code(out, text);
    xml_write_start(out, 'a', "Reason");
    xml_write_start_with(out, 'a', "Text", "xml:lang", span_str("en-US"));
    xml_write_text(out, span_str(text->reason));
    xml_write_end(out, 'a', "Text");
    xml_write_end(out, 'a', "Reason");
    xml_write_start(out, 'a', "Detail");
}

static unsigned put_end(struct sbuf *out, enum wsman_fault fault)
{
    xml_write_end(out, 'a', "Detail");
    xml_write_end(out, 'a', "Fault");
    xml_write_end(out, 'a', "Body");
    xml_write_end(out, 'a', "Envelope");
    return fault == WSMAN_FAULT_INTERNAL ? 500 : 400;
}

unsigned wsman_fault_write(struct sbuf *out, enum wsman_fault fault,
                           struct span relates_to)
{
    const struct fault_text *text = text_of(fault);

    put_start(out, text, relates_to);
    if (text->detail != NULL) {
        xml_write_element(out, 'e', "FaultDetail", span_str(text->detail));
    }
    return put_end(out, fault);
}

unsigned wsman_fault_write_status(struct sbuf *out, uint32_t number,
                                  struct span relates_to)
{
    put_start(out, text_of(WSMAN_FAULT_INTERNAL), relates_to);
    sbuf_put_str(out, "AMT-STATUS ");
    sbuf_put_uint(out, number);
    return put_end(out, WSMAN_FAULT_INTERNAL);
}

/* After the one-letter prefix and its colon. */
const char *wsman_fault_name(enum wsman_fault fault)
{
    return text_of(fault)->subcode + 2;
}

enum wsman_fault wsman_fault_find(struct span subcode)
{
    for (size_t i = WSMAN_FAULT_NONE + 1; i < UTIL_COUNT(faults); i++) {
        if (span_equal_nocase(subcode, wsman_fault_name((enum wsman_fault)i))) {
            return (enum wsman_fault)i;
        }
    }
    return WSMAN_FAULT_NONE;
}
