/* SPDX-License-Identifier: ISC */
/*
 * Reads request envelopes. Tolerant where consoles need it (the To header and addresses are
 * never checked, the Name attribute may be qualified) and strict everywhere else.
 */
#include "wsman/wsman_request.h"

#include "base/util.h"
#include "wsman/wsman_names.h"

/* AMT refuses a MaxEnvelopeSize below this (DSP0226; wire-facts.md, 1.4). */
enum { ENVELOPE_SIZE_MIN = 50000, MESSAGE_ID_CAP = 255 };

static const struct {
    const char *uri;
    enum wsman_action action;
} actions[] = {
    {WSMAN_NS_TRANSFER "/Get", WSMAN_ACTION_GET},
    {WSMAN_NS_TRANSFER "/Put", WSMAN_ACTION_PUT},
    {WSMAN_NS_TRANSFER "/Create", WSMAN_ACTION_CREATE},
    {WSMAN_NS_TRANSFER "/Delete", WSMAN_ACTION_DELETE},
    {WSMAN_NS_ENUMERATION "/Enumerate", WSMAN_ACTION_ENUMERATE},
    {WSMAN_NS_ENUMERATION "/Pull", WSMAN_ACTION_PULL},
    {WSMAN_NS_ENUMERATION "/Release", WSMAN_ACTION_RELEASE},
};

/* Headers that we act on, or that need no action. */
static bool is_understood(const struct xml_node *header)
{
    static const char *const addressing[] = {"To",     "ReplyTo",   "FaultTo",  "From",
                                             "Action", "MessageID", "RelatesTo"};
    static const char *const wsman[] = {"ResourceURI", "SelectorSet", "OperationTimeout",
                                        "MaxEnvelopeSize", "Locale"};

    for (size_t i = 0; i < UTIL_COUNT(addressing); i++) {
        if (xml_is(header, WSMAN_NS_ADDRESSING, addressing[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < UTIL_COUNT(wsman); i++) {
        if (xml_is(header, WSMAN_NS_WSMAN, wsman[i])) {
            return true;
        }
    }
    return false;
}

static bool is_mandatory(const struct xml_node *header)
{
    const struct xml_attribute *mark = xml_attribute(header, "mustUnderstand");

    return mark != NULL &&
           (span_equal_str(mark->value, "true") || span_equal_str(mark->value, "1"));
}

static bool is_repeated(const struct xml_node *header)
{
    return header != NULL && xml_same_next(header) != NULL;
}

static enum wsman_fault check_headers(const struct xml_node *header)
{
    struct span size = xml_child_text(header, WSMAN_NS_WSMAN, "MaxEnvelopeSize");
    uint64_t bytes;

    for (const struct xml_node *h = header->child; h != NULL; h = h->next) {
        if (is_mandatory(h) && !is_understood(h)) {
            return WSMAN_FAULT_MUST_UNDERSTAND;
        }
    }
    if (is_repeated(xml_child(header, WSMAN_NS_ADDRESSING, "Action")) ||
        is_repeated(xml_child(header, WSMAN_NS_ADDRESSING, "MessageID")) ||
        is_repeated(xml_child(header, WSMAN_NS_WSMAN, "ResourceURI")) ||
        is_repeated(xml_child(header, WSMAN_NS_WSMAN, "SelectorSet"))) {
        return WSMAN_FAULT_HEADER_INVALID;
    }
    if (size.len > 0) {
        if (!span_to_uint(size, UINT32_MAX, &bytes)) {
            return WSMAN_FAULT_HEADER_INVALID;
        }
        if (bytes < ENVELOPE_SIZE_MIN) {
            return WSMAN_FAULT_ENVELOPE_SIZE;
        }
    }
    return WSMAN_FAULT_NONE;
}

static enum wsman_fault read_selector(struct wsman_request *request,
                                      const struct xml_node *node,
                                      struct cim_selector *selector)
{
    const struct xml_attribute *name = xml_attribute(node, "Name");

    if (name == NULL || name->value.len == 0) {
        return WSMAN_FAULT_SELECTORS;
    }
    *selector = (struct cim_selector){.name = name->value, .text = node->text};
    if (xml_child(node, WSMAN_NS_ADDRESSING, "EndpointReference") != NULL) {
        return wsman_request_reference(request, node, &selector->path);
    }
    return node->child == NULL ? WSMAN_FAULT_NONE : WSMAN_FAULT_SCHEMA;
}

static enum wsman_fault read_selectors(struct wsman_request *request,
                                       const struct xml_node *set, struct cim_path *path)
{
    const struct xml_node *node = xml_child(set, WSMAN_NS_WSMAN, "Selector");

    for (; node != NULL; node = xml_same_next(node)) {
        struct cim_selector *selector = &path->selectors[path->selector_count];
        enum wsman_fault fault;

        if (path->selector_count == CONFIG_CIM_SELECTORS) {
            return WSMAN_FAULT_SELECTORS;
        }
        fault = read_selector(request, node, selector);
        if (fault != WSMAN_FAULT_NONE) {
            return fault;
        }
        for (size_t i = 0; i < path->selector_count; i++) {
            if (span_equal(path->selectors[i].name, selector->name)) {
                return WSMAN_FAULT_SELECTORS; /* DuplicateSelectors */
            }
        }
        path->selector_count++;
    }
    return WSMAN_FAULT_NONE;
}

enum wsman_fault wsman_request_reference(struct wsman_request *request,
                                         const struct xml_node *node,
                                         const struct cim_path **path)
{
    const struct xml_node *inner = xml_child(node, WSMAN_NS_ADDRESSING,
                                             "EndpointReference");
    const struct xml_node *parameters = xml_child(
        inner != NULL ? inner : node, WSMAN_NS_ADDRESSING, "ReferenceParameters");
    struct cim_path *made;

    if (parameters == NULL) {
        return WSMAN_FAULT_SCHEMA;
    }
    if (request->path_count == WSMAN_REQUEST_PATHS) {
        return WSMAN_FAULT_QUOTA;
    }
    made = &request->paths[request->path_count++];
    *made = (struct cim_path){
        .uri = xml_child_text(parameters, WSMAN_NS_WSMAN, "ResourceURI")};
    made->class = cim_schema_from_uri(made->uri);
    *path = made;
    return read_selectors(request, xml_child(parameters, WSMAN_NS_WSMAN, "SelectorSet"),
                          made);
}

/* A method's action is its class's URI, a slash and the method's name. */
static enum wsman_fault read_method(struct wsman_request *request, struct span action)
{
    size_t uri_len = request->resource_uri.len;

    if (action.len <= uri_len + 1 || uri_len == 0 || action.ptr[uri_len] != '/' ||
        !span_equal(span_slice(action, 0, uri_len), request->resource_uri)) {
        return WSMAN_FAULT_ACTION_NOT_SUPPORTED;
    }
    request->method = span_slice(action, uri_len + 1, action.len);
    request->action = WSMAN_ACTION_INVOKE;
    return WSMAN_FAULT_NONE;
}

static enum wsman_fault read_action(struct wsman_request *request, struct span action)
{
    if (action.len == 0) {
        return WSMAN_FAULT_HEADER_REQUIRED;
    }
    for (size_t i = 0; i < UTIL_COUNT(actions); i++) {
        if (span_equal_str(action, actions[i].uri)) {
            request->action = actions[i].action;
            return WSMAN_FAULT_NONE;
        }
    }
    if (span_starts_with(action, WSMAN_NS_EVENTING "/")) {
        request->action = WSMAN_ACTION_OTHER;
        return WSMAN_FAULT_NONE;
    }
    return read_method(request, action);
}

static enum wsman_fault read_headers(struct wsman_request *request,
                                     const struct xml_node *header)
{
    enum wsman_fault fault = check_headers(header);

    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    request->resource_uri = xml_child_text(header, WSMAN_NS_WSMAN, "ResourceURI");
    fault = read_action(request, xml_child_text(header, WSMAN_NS_ADDRESSING, "Action"));
    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    request->path.uri = request->resource_uri;
    request->path.class = cim_schema_from_uri(request->resource_uri);
    return read_selectors(request, xml_child(header, WSMAN_NS_WSMAN, "SelectorSet"),
                          &request->path);
}

enum wsman_fault wsman_request_parse(struct wsman_request *request,
                                     const struct xml_node *root)
{
    const struct xml_node *header = xml_child(root, WSMAN_NS_SOAP, "Header");
    const struct xml_node *body = xml_child(root, WSMAN_NS_SOAP, "Body");

    *request = (struct wsman_request){.action = WSMAN_ACTION_OTHER};
    if (!xml_is(root, WSMAN_NS_SOAP, "Envelope") || body == NULL) {
        return WSMAN_FAULT_SCHEMA;
    }
    request->message_id = xml_child_text(header, WSMAN_NS_ADDRESSING, "MessageID");
    if (request->message_id.len > MESSAGE_ID_CAP) {
        request->message_id.len = 0;
        return WSMAN_FAULT_HEADER_INVALID;
    }
    request->body = body->child;
    if (xml_is(request->body, WSMAN_NS_IDENTITY, "Identify")) {
        request->action = WSMAN_ACTION_IDENTIFY;
        return WSMAN_FAULT_NONE;
    }
    return header != NULL ? read_headers(request, header) : WSMAN_FAULT_HEADER_REQUIRED;
}
