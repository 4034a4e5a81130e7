/* SPDX-License-Identifier: ISC */
/* See xmlutil.h. */
#include "xmlutil.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

xmlDocPtr xmlutil_parse(const char *text, size_t len)
{
    if (len > INT_MAX) {
        return NULL;
    }
    return xmlReadMemory(text, (int)len, "domain.xml", NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static xmlNodePtr first_named(xmlNodePtr node, const char *name, size_t len)
{
    while (node != NULL &&
           (node->type != XML_ELEMENT_NODE || strlen((const char *)node->name) != len ||
            memcmp(node->name, name, len) != 0)) {
        node = node->next;
    }
    return node;
}

xmlNodePtr xmlutil_child(xmlNodePtr node, const char *name)
{
    return node == NULL ? NULL : first_named(node->children, name, strlen(name));
}

xmlNodePtr xmlutil_next(xmlNodePtr node)
{
    const char *name = (const char *)node->name;

    return first_named(node->next, name, strlen(name));
}

xmlNodePtr xmlutil_path(xmlNodePtr node, const char *path)
{
    while (node != NULL && *path != '\0') {
        size_t len = strcspn(path, "/");

        node = first_named(node->children, path, len);
        path += len;
        path += *path == '/';
    }
    return node;
}

void xmlutil_copy(char *dst, size_t cap, const char *src)
{
    size_t len = util_min(strlen(src), cap - 1);

    if (src[len] != '\0') {
        while (len > 0 && ((unsigned char)src[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(dst, src, len);
    dst[len] = '\0';
}

static bool copy_and_free(xmlChar *value, char *dst, size_t cap)
{
    dst[0] = '\0';
    if (value == NULL) {
        return false;
    }
    xmlutil_copy(dst, cap, (const char *)value);
    xmlFree(value);
    return true;
}

bool xmlutil_attr(xmlNodePtr node, const char *name, char *dst, size_t cap)
{
    return copy_and_free(node == NULL ? NULL : xmlGetProp(node, (const xmlChar *)name),
                         dst, cap);
}

bool xmlutil_text(xmlNodePtr node, char *dst, size_t cap)
{
    return copy_and_free(node == NULL ? NULL : xmlNodeGetContent(node), dst, cap);
}

bool xmlutil_attr_is(xmlNodePtr node, const char *name, const char *value)
{
    char text[64];

    return xmlutil_attr(node, name, text, sizeof text) && strcmp(text, value) == 0;
}

uint64_t xmlutil_attr_uint(xmlNodePtr node, const char *name, uint64_t otherwise)
{
    char text[32];
    char *end;
    unsigned long long value;

    if (!xmlutil_attr(node, name, text, sizeof text) || text[0] < '0' || text[0] > '9') {
        return otherwise;
    }
    value = strtoull(text, &end, 10);
    return *end == '\0' ? value : otherwise;
}
