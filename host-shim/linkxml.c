/* SPDX-License-Identifier: ISC */
/* See linkxml.h. */
#include "linkxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "compxml.h"
#include "xmlutil.h"

int linkxml_read(const char *text, struct linkxml *out)
{
    xmlDocPtr doc = xmlutil_parse(text, strlen(text));
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;

    memset(out, 0, sizeof *out);
    xmlutil_attr(root, "companion", out->companion, sizeof out->companion);
    xmlutil_attr(root, "host", out->host, sizeof out->host);
    xmlutil_attr(root, "network", out->network, sizeof out->network);
    xmlutil_attr(root, "address", out->address, sizeof out->address);
    xmlutil_attr(root, "image", out->image, sizeof out->image);
    xmlFreeDoc(doc);
    return out->companion[0] != '\0' || out->host[0] != '\0' ? 0 : ERR_INVALID;
}

static char *element(const char *const (*attributes)[2], size_t count)
{
    xmlDocPtr doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNodePtr node = xmlNewNode(NULL, (const xmlChar *)"link");
    xmlBufferPtr buffer = xmlBufferCreate();
    char *text = NULL;

    xmlDocSetRootElement(doc, node);
    for (size_t i = 0; i < count; i++) {
        xmlNewProp(node, (const xmlChar *)attributes[i][0],
                   (const xmlChar *)attributes[i][1]);
    }
    if (buffer != NULL && xmlNodeDump(buffer, doc, node, 0, 0) > 0) {
        text = strdup((const char *)xmlBufferContent(buffer));
    }
    xmlBufferFree(buffer);
    xmlFreeDoc(doc);
    return text;
}

char *linkxml_host(const char *companion_uuid)
{
    const char *const attributes[][2] = {{"companion", companion_uuid}};

    return element(attributes, 1);
}

char *linkxml_companion(const struct linkxml *link)
{
    const char *const attributes[][2] = {
        {"host", link->host},
        {"network", link->network},
        {"address", link->address},
        {"image", link->image},
    };

    return element(attributes, UTIL_COUNT(attributes));
}

bool linkxml_socket(const char *live_xml, char *path, size_t cap)
{
    xmlDocPtr doc = xmlutil_parse(live_xml, strlen(live_xml));
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    xmlNodePtr channel = xmlutil_path(root, "devices/channel");
    bool is_found = false;

    path[0] = '\0';
    for (; channel != NULL && !is_found; channel = xmlutil_next(channel)) {
        char full[1024];

        if (xmlutil_attr_is(xmlutil_child(channel, "target"), "name", COMPXML_CHANNEL) &&
            xmlutil_attr(xmlutil_child(channel, "source"), "path", full, sizeof full) &&
            strlen(full) < cap) {
            xmlutil_copy(path, cap, full);
            is_found = true;
        }
    }
    xmlFreeDoc(doc);
    return is_found;
}
