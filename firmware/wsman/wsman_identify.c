/* SPDX-License-Identifier: ISC */
/* wsmid:Identify: children and order as AMT sends them (wire-facts.md, section 2). */
#include "wsman/wsman_identify.h"

#include "settings/identity.h"
#include "wsman/wsman_names.h"
#include "xml/xml_writer.h"

/* DSP0226, annex on security profiles. */
#define PROFILE_DIGEST "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/digest"

void wsman_identify_write(struct sbuf *out)
{
    sbuf_put_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:Envelope"
                      " xmlns:a=\"" WSMAN_NS_SOAP "\""
                      " xmlns:b=\"" WSMAN_NS_IDENTITY "\""
                      " xmlns:c=\"" WSMAN_NS_DASH "\"><a:Header></a:Header><a:Body>");
    xml_write_start(out, 'b', "IdentifyResponse");
    xml_write_element(out, 'b', "ProtocolVersion", span_str(WSMAN_NS_WSMAN));
    xml_write_element(out, 'b', "ProductVendor", span_str("Intel(r)"));
    xml_write_start(out, 'b', "ProductVersion");
    sbuf_put_str(out, "AMT ");
    xml_write_text(out, span_str(identity_version()));
    xml_write_end(out, 'b', "ProductVersion");
    xml_write_element(out, 'c', "DASHVersion", span_str("1.0.0"));
    xml_write_start(out, 'b', "SecurityProfiles");
    xml_write_element(out, 'b', "SecurityProfileName", span_str(PROFILE_DIGEST));
    xml_write_end(out, 'b', "SecurityProfiles");
    xml_write_end(out, 'b', "IdentifyResponse");
    sbuf_put_str(out, "</a:Body></a:Envelope>");
}
