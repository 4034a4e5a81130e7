/* SPDX-License-Identifier: ISC */
/* Reply envelopes in AMT's form. */
#include "wsman/wsman_reply.h"

#include "wsman/wsman_names.h"
#include "xml/xml_writer.h"

static uint64_t message_number;

static void put_addressing(struct sbuf *out, const struct wsman_reply_head *head)
{
    xml_write_element(out, 'b', "To", span_str(WSMAN_ANONYMOUS));
    xml_write_element(out, 'b', "RelatesTo", head->relates_to);
    xml_write_start_with(out, 'b', "Action", "a:mustUnderstand", span_str("true"));
    xml_write_text(out, head->action);
    xml_write_text(out, span_str(head->action_end));
    xml_write_end(out, 'b', "Action");
    xml_write_start(out, 'b', "MessageID");
    sbuf_put_str(out, "uuid:00000000-8086-8086-8086-");
    sbuf_put_hex(out, message_number++, 12, true);
    xml_write_end(out, 'b', "MessageID");
    if (head->resource_uri.len > 0) {
        xml_write_element(out, 'c', "ResourceURI", head->resource_uri);
    }
}

void wsman_reply_put_addressing(struct sbuf *out, struct span relates_to,
                                struct span action, struct span resource_uri)
{
    struct wsman_reply_head head = {
        .relates_to = relates_to, .action = action, .resource_uri = resource_uri};

    put_addressing(out, &head);
}

struct wsman_reply_ns wsman_reply_class_ns(const struct cim_class *class)
{
    return (struct wsman_reply_ns){cim_schema_uri_prefix(class), class->name};
}

void wsman_reply_start(struct sbuf *out, const struct wsman_reply_head *head)
{
    sbuf_put_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:Envelope"
                      " xmlns:a=\"" WSMAN_NS_SOAP "\""
                      " xmlns:b=\"" WSMAN_NS_ADDRESSING "\""
                      " xmlns:c=\"" WSMAN_NS_WSMAN "\""
                      " xmlns:d=\"" WSMAN_NS_TRUST "\""
                      " xmlns:e=\"" WSMAN_NS_SECEXT "\""
                      " xmlns:f=\"" WSMAN_NS_CIMBINDING "\"");
    for (unsigned i = 0; i < head->ns_count; i++) {
        sbuf_printf(out, " xmlns:%c=\"%s%s\"", 'g' + (int)i, head->ns[i].prefix_uri,
                    head->ns[i].name);
    }
    sbuf_put_str(out, " xmlns:xsi=\"" WSMAN_NS_XSI "\"><a:Header>");
    put_addressing(out, head);
    sbuf_put_str(out, "</a:Header><a:Body>");
}

void wsman_reply_end(struct sbuf *out)
{
    sbuf_put_str(out, "</a:Body></a:Envelope>");
}
