/* SPDX-License-Identifier: ISC */
/* Instances, parameters and references between XML and typed values (WS-CIM, DSP0230). */
#include "wsman/wsman_instance.h"

#include "base/err.h"
#include "cim/cim_text.h"
#include "wsman/wsman_names.h"
#include "xml/xml_writer.h"

enum { MOMENT_CAP = 48 }; /* text of a datetime or interval */

/* --- reading ---------------------------------------------------------------------------- */

static enum wsman_fault from_result(int result)
{
    if (result == ERR_FULL) {
        return WSMAN_FAULT_QUOTA;
    }
    return result < 0 ? WSMAN_FAULT_SCHEMA : WSMAN_FAULT_NONE;
}

static enum wsman_fault read_reference(struct wsman_request *request,
                                       const struct xml_node *node,
                                       const struct cim_field *field, struct cim_bag *bag)
{
    struct cim_value value = {.kind = CIM_KIND_PATH};
    enum wsman_fault fault = wsman_request_reference(request, node, &value.path);

    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    return from_result(cim_bag_add(bag, field, &value));
}

/* The moment is in a child of any namespace, or is the text itself. */
static enum wsman_fault read_datetime(const struct xml_node *node,
                                      const struct cim_field *field, struct cim_bag *bag)
{
    const struct xml_node *inner = node->child != NULL ? node->child : node;
    struct span text = span_trim(inner->text);
    bool is_interval = span_starts_with(text, "P");

    return from_result(cim_text_parse(bag, field, text, is_interval));
}

static enum wsman_fault read_field(struct wsman_request *request,
                                   const struct xml_node *node,
                                   const struct cim_field *field, struct cim_bag *bag)
{
    switch (field->type) {
    case CIM_TYPE_REFERENCE:
        return read_reference(request, node, field, bag);
    case CIM_TYPE_DATETIME:
        return read_datetime(node, field, bag);
    case CIM_TYPE_EMBEDDED:
        return WSMAN_FAULT_UNSUPPORTED;
    case CIM_TYPE_STRING:
        return node->child != NULL
                   ? WSMAN_FAULT_SCHEMA
                   : from_result(cim_text_parse(bag, field, node->text, false));
    default:
        return node->child != NULL ? WSMAN_FAULT_SCHEMA
                                   : from_result(cim_text_parse(
                                         bag, field, span_trim(node->text), false));
    }
}

enum wsman_fault wsman_instance_read(struct wsman_request *request,
                                     const struct xml_node *node, struct cim_bag *bag)
{
    for (const struct xml_node *n = node->child; n != NULL; n = n->next) {
        const struct cim_field *field = bag->method != NULL
                                            ? cim_schema_parameter(bag->method, n->name)
                                            : cim_schema_property(bag->class, n->name);
        enum wsman_fault fault;

        if (field == NULL) {
            return WSMAN_FAULT_SCHEMA;
        }
        fault = read_field(request, n, field, bag);
        if (fault != WSMAN_FAULT_NONE) {
            return fault;
        }
    }
    return WSMAN_FAULT_NONE;
}

/* --- writing ---------------------------------------------------------------------------- */

void wsman_instance_write_reference(struct sbuf *out, const struct cim_path *path)
{
    xml_write_element(out, 'b', "Address", span_str(WSMAN_ANONYMOUS));
    xml_write_start(out, 'b', "ReferenceParameters");
    xml_write_start(out, 'c', "ResourceURI");
    if (path->class != NULL) {
        xml_write_text(out, span_str(cim_schema_uri_prefix(path->class)));
        xml_write_text(out, span_str(path->class->name));
    } else {
        xml_write_text(out, path->uri);
    }
    xml_write_end(out, 'c', "ResourceURI");
    xml_write_start(out, 'c', "SelectorSet");
    for (size_t i = 0; i < path->selector_count; i++) {
        const struct cim_selector *selector = &path->selectors[i];

        xml_write_start_with(out, 'c', "Selector", "Name", selector->name);
        if (selector->path != NULL) {
            xml_write_start(out, 'b', "EndpointReference");
            wsman_instance_write_reference(out, selector->path);
            xml_write_end(out, 'b', "EndpointReference");
        } else {
            xml_write_text(out, selector->text);
        }
        xml_write_end(out, 'c', "Selector");
    }
    xml_write_end(out, 'c', "SelectorSet");
    xml_write_end(out, 'b', "ReferenceParameters");
}

static void write_value(struct sbuf *out, const struct cim_entry *entry, char prefix,
                        char common)
{
    const struct cim_value *value = &entry->value;
    uint8_t raw[MOMENT_CAP];
    struct sbuf text;

    xml_write_start(out, prefix, entry->field->name);
    sbuf_init(&text, raw, sizeof(raw));
    switch (value->kind) {
    case CIM_KIND_PATH:
        wsman_instance_write_reference(out, value->path);
        break;
    case CIM_KIND_TEXT:
        xml_write_text(out, value->bytes);
        break;
    case CIM_KIND_DATETIME:
    case CIM_KIND_INTERVAL:
        cim_text_put(&text, value);
        xml_write_element(out, common,
                          value->kind == CIM_KIND_DATETIME ? "Datetime" : "Interval",
                          sbuf_span(&text));
        break;
    default:
        cim_text_put(out, value);
        break;
    }
    xml_write_end(out, prefix, entry->field->name);
}

static void write_field(struct sbuf *out, const struct cim_bag *bag,
                        const struct cim_field *field, char prefix, char common)
{
    for (size_t i = 0; i < bag->count; i++) {
        if (bag->entries[i].field == field) {
            write_value(out, &bag->entries[i], prefix, common);
        }
    }
}

void wsman_instance_write_fields(struct sbuf *out, const struct cim_bag *bag, char prefix,
                                 char common)
{
    if (bag->method != NULL) {
        for (size_t i = 0; i < bag->method->parameter_count; i++) {
            write_field(out, bag, &bag->method->parameters[i], prefix, common);
        }
        return;
    }
    for (size_t i = 0; i < bag->class->property_count; i++) {
        write_field(out, bag, bag->class->properties[i], prefix, common);
    }
}

void wsman_instance_write(struct sbuf *out, const struct cim_bag *bag, char prefix,
                          char common)
{
    xml_write_start(out, prefix, bag->class->name);
    wsman_instance_write_fields(out, bag, prefix, common);
    xml_write_end(out, prefix, bag->class->name);
}
