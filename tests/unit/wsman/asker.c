/* SPDX-License-Identifier: ISC */
/* Puts requests to wsman_handle and holds the reply. */
#include "tests/unit/wsman/asker.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/http/fake_board.h"
#include "settings/identity.h"
#include "xml/xml_doc.h"

struct asker asker;
char asker_context[64];

static void on_done(void *context, unsigned status)
{
    (void)context;
    asker.done_status = status;
    asker.operation = NULL;
    asker.reply[asker.out.len] = '\0';
}

void asker_reset(void)
{
    memset(&asker, 0, sizeof(asker));
    fake_board_reset();
    identity_start();
    xml_doc_init(1);
    wsman_init();
    asker.caller = (struct cim_caller){.user = "admin", .realms = UINT64_MAX};
    asker.reply_cap = sizeof(asker.reply) - 1;
}

unsigned asker_send(const char *document)
{
    struct wsman_input input = {
        .document = span_str(document),
        .caller = asker.is_anonymous ? NULL : &asker.caller,
        .now_us = asker.now_us,
        .done = on_done,
        .inspect = asker.inspect,
        .context = asker.context,
        .pulled = &asker.pulled,
    };

    sbuf_init(&asker.out, asker.reply, asker.reply_cap);
    asker.done_status = 0;
    asker.status = wsman_handle(&input, &asker.out, &asker.operation);
    asker.reply[asker.out.len] = '\0';
    return asker.status;
}

unsigned asker_ask(const char *action, const char *uri, const char *selectors,
                   const char *body)
{
    static char document[32768];

    snprintf(
        document, sizeof(document),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
        " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
        " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
        " xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\">"
        "<s:Header><a:Action>%s</a:Action><a:To>/wsman</a:To>"
        "<w:ResourceURI>%s</w:ResourceURI><a:MessageID>17</a:MessageID>"
        "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/"
        "anonymous</a:Address></a:ReplyTo><w:OperationTimeout>PT60S"
        "</w:OperationTimeout>%s</s:Header><s:Body>%s</s:Body></s:Envelope>",
        action, uri, selectors, body);
    return asker_send(document);
}

unsigned asker_enumerate(const char *uri, const char *options)
{
    static const char tag[] = "<g:EnumerationContext>";
    char body[512];
    const char *at;

    snprintf(body, sizeof(body), "<n:Enumerate>%s</n:Enumerate>", options);
    asker_ask(ASKER_ENUMERATE, uri, "", body);
    at = strstr(asker.reply, tag);
    asker_context[0] = '\0';
    if (at != NULL) {
        memcpy(asker_context, at + sizeof(tag) - 1, 36);
        asker_context[36] = '\0';
    }
    return asker.status;
}

unsigned asker_pull(const char *uri, const char *options)
{
    char body[512];

    snprintf(body, sizeof(body),
             "<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>%s</n:Pull>",
             asker_context, options);
    return asker_ask(ASKER_PULL, uri, "", body);
}

unsigned asker_count(const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(asker.reply, text); at != NULL;
         at = strstr(at + 1, text)) {
        count++;
    }
    return count;
}
