/* SPDX-License-Identifier: ISC */
/*
 * Builds the tree from expat's events. Elements, attributes and text come from three fixed
 * arrays that are emptied before each document.
 */
#include "xml/xml_doc.h"

#include <expat.h>
#include <string.h>

#include "base/err.h"
#include "config.h"
#include "xml/xml_heap.h"

/* Joins a namespace name and a local name; cannot occur in either. */
static const XML_Char ns_separator = '\n';

enum {
    /* Names of namespaces repeat in every element; they are stored once each. */
    NAMESPACES = 32,
    ATTRIBUTES = CONFIG_XML_NODES / 2,
    TEXT_CAP = CONFIG_HTTP_BODY_CAP + CONFIG_HTTP_BODY_CAP / 2
};

static struct {
    XML_Parser parser;
    struct xml_node nodes[CONFIG_XML_NODES];
    size_t node_count;
    struct xml_attribute attributes[ATTRIBUTES];
    size_t attribute_count;
    struct span namespaces[NAMESPACES];
    size_t namespace_count;
    uint8_t text[TEXT_CAP];
    size_t text_len;
    struct xml_node *open; /* the element being filled */
    size_t depth;
    int error;
    unsigned long salt;
} doc;

void xml_doc_init(uint64_t salt)
{
    doc.salt = (unsigned long)salt | 1;
}

static void fail(int error)
{
    if (doc.error == 0) {
        doc.error = error;
    }
    XML_StopParser(doc.parser, XML_FALSE);
}

static bool store(struct span bytes, struct span *stored)
{
    if (bytes.len > sizeof(doc.text) - doc.text_len) {
        fail(ERR_TOO_BIG);
        return false;
    }
    *stored = span_of(doc.text + doc.text_len, bytes.len);
    if (bytes.len > 0) {
        memcpy(doc.text + doc.text_len, bytes.ptr, bytes.len);
    }
    doc.text_len += bytes.len;
    return true;
}

static bool store_namespace(struct span name, struct span *stored)
{
    for (size_t i = 0; i < doc.namespace_count; i++) {
        if (span_equal(doc.namespaces[i], name)) {
            *stored = doc.namespaces[i];
            return true;
        }
    }
    if (!store(name, stored)) {
        return false;
    }
    if (doc.namespace_count < NAMESPACES) {
        doc.namespaces[doc.namespace_count++] = *stored;
    }
    return true;
}

static bool store_name(const char *joined, struct span *ns, struct span *name)
{
    struct span all = span_str(joined);
    size_t cut = span_find(all, (uint8_t)ns_separator);

    *ns = span_of(doc.text, 0);
    if (cut < all.len) {
        if (!store_namespace(span_slice(all, 0, cut), ns)) {
            return false;
        }
        all = span_slice(all, cut + 1, all.len);
    }
    return store(all, name);
}

static bool store_attributes(struct xml_node *node, const XML_Char **list)
{
    node->attributes = doc.attributes + doc.attribute_count;
    for (; list[0] != NULL; list += 2) {
        struct xml_attribute *attribute;

        if (node->attribute_count == CONFIG_XML_ATTRIBUTES ||
            doc.attribute_count == ATTRIBUTES) {
            fail(ERR_TOO_BIG);
            return false;
        }
        attribute = &doc.attributes[doc.attribute_count++];
        node->attribute_count++;
        if (!store_name(list[0], &attribute->ns, &attribute->name) ||
            !store(span_str(list[1]), &attribute->value)) {
            return false;
        }
    }
    return true;
}

/* Text before a child element is white space between elements: forget it. */
static void drop_text(struct xml_node *node)
{
    doc.text_len -= node->text.len;
    node->text = span_of(doc.text, 0);
}

static void append_child(struct xml_node *parent, struct xml_node *node)
{
    if (parent->child == NULL) {
        drop_text(parent);
        parent->child = node;
    } else {
        parent->last_child->next = node;
    }
    parent->last_child = node;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_node *node;

    (void)context;
    if (doc.error != 0) {
        return;
    }
    if (doc.node_count == CONFIG_XML_NODES || doc.depth == CONFIG_XML_DEPTH) {
        fail(ERR_TOO_BIG);
        return;
    }
    node = &doc.nodes[doc.node_count++];
    *node = (struct xml_node){.parent = doc.open, .text = span_of(doc.text, 0)};
    if (doc.open != NULL) {
        append_child(doc.open, node);
    }
    if (store_name(name, &node->ns, &node->name) && store_attributes(node, attributes)) {
        doc.open = node;
        doc.depth++;
    }
}

static void on_end(void *context, const XML_Char *name)
{
    (void)context;
    (void)name;
    if (doc.error == 0 && doc.open != NULL) {
        doc.open = doc.open->parent;
        doc.depth--;
    }
}

static void on_text(void *context, const XML_Char *bytes, int len)
{
    struct span part;

    (void)context;
    if (doc.error != 0 || doc.open == NULL || doc.open->child != NULL) {
        return;
    }
    if (!store(span_of(bytes, (size_t)len), &part)) {
        return;
    }
    if (doc.open->text.len == 0) {
        doc.open->text = part;
    } else {
        doc.open->text.len += part.len; /* nothing was stored in between */
    }
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal)
{
    (void)context;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal;
    fail(ERR_INVALID);
}

static void clear(void)
{
    doc.node_count = 0;
    doc.attribute_count = 0;
    doc.namespace_count = 0;
    doc.text_len = 0;
    doc.open = NULL;
    doc.depth = 0;
    doc.error = 0;
    xml_heap_reset();
}

int xml_doc_parse(struct span document, const struct xml_node **root)
{
    static const XML_Memory_Handling_Suite memory = {xml_heap_alloc, xml_heap_resize,
                                                     xml_heap_free};
    enum XML_Status status;

    clear();
    if (document.len > CONFIG_HTTP_BODY_CAP) {
        return ERR_TOO_BIG;
    }
    doc.parser = XML_ParserCreate_MM(NULL, &memory, &ns_separator);
    if (doc.parser == NULL) {
        return ERR_TOO_BIG;
    }
    XML_SetHashSalt(doc.parser, doc.salt);
    XML_SetElementHandler(doc.parser, on_start, on_end);
    XML_SetCharacterDataHandler(doc.parser, on_text);
    XML_SetStartDoctypeDeclHandler(doc.parser, on_doctype);
    status = XML_Parse(doc.parser, (const char *)document.ptr, (int)document.len,
                       XML_TRUE);
    if (status != XML_STATUS_OK && doc.error == 0) {
        doc.error = xml_heap_has_failed() ? ERR_TOO_BIG : ERR_INVALID;
    }
    XML_ParserFree(doc.parser);
    doc.parser = NULL;
    if (doc.error != 0) {
        return doc.error;
    }
    *root = &doc.nodes[0];
    return 0;
}

bool xml_is(const struct xml_node *node, const char *ns, const char *name)
{
    return node != NULL && span_equal_str(node->name, name) &&
           span_equal_str(node->ns, ns);
}

const struct xml_node *xml_child(const struct xml_node *node, const char *ns,
                                 const char *name)
{
    const struct xml_node *child = node != NULL ? node->child : NULL;

    while (child != NULL && !xml_is(child, ns, name)) {
        child = child->next;
    }
    return child;
}

const struct xml_node *xml_same_next(const struct xml_node *node)
{
    const struct xml_node *other = node->next;

    while (other != NULL &&
           !(span_equal(other->name, node->name) && span_equal(other->ns, node->ns))) {
        other = other->next;
    }
    return other;
}

struct span xml_child_text(const struct xml_node *node, const char *ns, const char *name)
{
    const struct xml_node *child = xml_child(node, ns, name);

    return child != NULL ? span_trim(child->text) : span_of("", 0);
}

const struct xml_attribute *xml_attribute(const struct xml_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        if (span_equal_str(node->attributes[i].name, name)) {
            return &node->attributes[i];
        }
    }
    return NULL;
}
