/* SPDX-License-Identifier: ISC */
/*
 * Enumerate, Pull and Release. A Pull answers with one page: all instances of one concrete
 * class, fewer if MaxElements or the reply buffer says so. OptimizeEnumeration is accepted
 * and ignored, as AMT does.
 */
#include "wsman/wsman_enum.h"

#include "base/err.h"
#include "wsman/wsman_context.h"
#include "wsman/wsman_instance.h"
#include "wsman/wsman_names.h"
#include "wsman/wsman_reply.h"
#include "xml/xml_writer.h"

/* Room kept for what follows the items. */
enum { TAIL_CAP = 256 };

static enum wsman_fault read_mode(const struct xml_node *body, enum wsman_mode *mode)
{
    struct span text = xml_child_text(body, WSMAN_NS_WSMAN, "EnumerationMode");

    if (text.len == 0 || span_equal_str(text, "EnumerateObject")) {
        *mode = WSMAN_MODE_OBJECT;
    } else if (span_equal_str(text, "EnumerateEPR")) {
        *mode = WSMAN_MODE_EPR;
    } else if (span_equal_str(text, "EnumerateObjectAndEPR")) {
        *mode = WSMAN_MODE_OBJECT_AND_EPR;
    } else {
        return WSMAN_FAULT_UNSUPPORTED;
    }
    return WSMAN_FAULT_NONE;
}

static void start_reply(struct sbuf *out, const struct wsman_request *request,
                        const char *action, const struct cim_class *items)
{
    struct wsman_reply_head head = {
        .ns = {{WSMAN_NS_ENUMERATION, ""}},
        .ns_count = 1,
        .relates_to = request->message_id,
        .action = span_str(WSMAN_NS_ENUMERATION "/"),
        .action_end = action,
        .resource_uri = request->resource_uri,
    };

    if (items != NULL) {
        head.ns[head.ns_count++] = wsman_reply_class_ns(items);
        if ((items->flags & CIM_CLASS_HAS_DATETIME) != 0) {
            head.ns[head.ns_count++] = (struct wsman_reply_ns){WSMAN_NS_COMMON, ""};
        }
    }
    wsman_reply_start(out, &head);
}

static void put_context(struct sbuf *out, const struct wsman_context *context)
{
    xml_write_start(out, 'g', "EnumerationContext");
    wsman_context_put_name(out, context);
    xml_write_end(out, 'g', "EnumerationContext");
}

enum wsman_fault wsman_enum_enumerate(const struct wsman_request *request,
                                      const struct cim_caller *caller, uint64_t now_us,
                                      struct sbuf *reply)
{
    const struct xml_node *body = request->body;
    struct wsman_context *context;
    struct cim_cursor cursor;
    enum wsman_fault fault;
    enum wsman_mode mode;
    int result;

    if (!xml_is(body, WSMAN_NS_ENUMERATION, "Enumerate")) {
        return WSMAN_FAULT_SCHEMA;
    }
    if (request->path.class == NULL) {
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
    fault = read_mode(body, &mode);
    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    if (xml_child(body, WSMAN_NS_WSMAN, "Filter") != NULL ||
        xml_child(body, WSMAN_NS_ENUMERATION, "Filter") != NULL) {
        return WSMAN_FAULT_FILTER;
    }
    result = cim_enumerate(caller, request->path.class, &cursor);
    if (result < 0) {
        return wsman_fault_from_cim(result);
    }
    context = wsman_context_open(now_us);
    context->mode = mode;
    context->cursor = cursor;
    start_reply(reply, request, "EnumerateResponse", NULL);
    xml_write_start(reply, 'g', "EnumerateResponse");
    put_context(reply, context);
    xml_write_end(reply, 'g', "EnumerateResponse");
    wsman_reply_end(reply);
    return WSMAN_FAULT_NONE;
}

static int put_reference(struct sbuf *out, const struct cim_bag *instance)
{
    static struct cim_bag scratch;
    struct cim_path path;

    if (cim_bag_path(instance, &path, &scratch) < 0) {
        return CIM_ERR_INTERNAL;
    }
    xml_write_start(out, 'b', "EndpointReference");
    wsman_instance_write_reference(out, &path);
    xml_write_end(out, 'b', "EndpointReference");
    return CIM_OK;
}

static int put_item(struct sbuf *out, enum wsman_mode mode,
                    const struct cim_bag *instance)
{
    int result;

    switch (mode) {
    case WSMAN_MODE_EPR:
        return put_reference(out, instance);
    case WSMAN_MODE_OBJECT_AND_EPR:
        xml_write_start(out, 'c', "Item");
        wsman_instance_write(out, instance, 'h', 'i');
        result = put_reference(out, instance);
        xml_write_end(out, 'c', "Item");
        return result;
    default:
        wsman_instance_write(out, instance, 'h', 'i');
        return CIM_OK;
    }
}

/* How many items a page may have and has. */
struct page {
    uint64_t max;
    uint64_t count;
    bool goes_on; /* there are more of this class */
};

/* Write items until the page's class, its maximum or the room ends. */
static int put_items(struct sbuf *out, struct wsman_context *context,
                     const struct cim_caller *caller, struct page *page)
{
    static struct cim_bag instance;

    for (;;) {
        size_t before = out->len;
        struct cim_cursor here = context->cursor;
        int result = cim_page_next(caller, &context->cursor, &instance);

        if (result <= 0) {
            return result;
        }
        if (page->count == page->max) {
            context->cursor = here;
            page->goes_on = true;
            return CIM_OK;
        }
        result = put_item(out, context->mode, &instance);
        if (result < 0) {
            return result;
        }
        if (out->overflow || out->cap - out->len < TAIL_CAP) {
            out->len = before;
            out->overflow = false;
            context->cursor = here;
            page->goes_on = true;
            return page->count > 0 ? CIM_OK : ERR_TOO_BIG;
        }
        page->count++;
    }
}

static enum wsman_fault read_pull(const struct wsman_request *request, uint64_t now_us,
                                  struct wsman_context **context, uint64_t *max_elements)
{
    const struct xml_node *body = request->body;
    struct span max = xml_child_text(body, WSMAN_NS_ENUMERATION, "MaxElements");

    if (!xml_is(body, WSMAN_NS_ENUMERATION, "Pull")) {
        return WSMAN_FAULT_SCHEMA;
    }
    *max_elements = UINT32_MAX;
    if (max.len > 0 &&
        (!span_to_uint(max, UINT32_MAX, max_elements) || *max_elements == 0)) {
        return WSMAN_FAULT_SCHEMA;
    }
    *context = wsman_context_find(
        xml_child_text(body, WSMAN_NS_ENUMERATION, "EnumerationContext"), now_us);
    return *context != NULL && (*context)->cursor.base == request->path.class
               ? WSMAN_FAULT_NONE
               : WSMAN_FAULT_CONTEXT;
}

/* The context stands before the items but is known after them: it is written always and
 * taken out again when this page was the last. */
static int put_page(struct sbuf *out, struct wsman_context *context,
                    const struct cim_caller *caller, struct page *page)
{
    size_t context_at = out->len;
    size_t context_len;
    int result;

    put_context(out, context);
    context_len = out->len - context_at;
    xml_write_start(out, 'g', "Items");
    result = put_items(out, context, caller, page);
    if (result < 0) {
        return result;
    }
    xml_write_end(out, 'g', "Items");
    if (page->goes_on || cim_cursor_advance(&context->cursor, false)) {
        return CIM_OK;
    }
    xml_write_element(out, 'g', "EndOfSequence", span_of("", 0));
    sbuf_remove(out, context_at, context_len);
    wsman_context_close(context);
    return CIM_OK;
}

enum wsman_fault wsman_enum_pull(const struct wsman_request *request,
                                 const struct cim_caller *caller, uint64_t now_us,
                                 struct sbuf *reply, uint32_t *pulled)
{
    struct wsman_context *context;
    struct page page = {0};
    int result;
    enum wsman_fault fault = read_pull(request, now_us, &context, &page.max);

    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    start_reply(reply, request, "PullResponse",
                context->mode == WSMAN_MODE_EPR ? NULL : context->cursor.page);
    xml_write_start(reply, 'g', "PullResponse");
    result = put_page(reply, context, caller, &page);
    if (result < 0) {
        wsman_context_close(context);
        return result == ERR_TOO_BIG ? WSMAN_FAULT_ENCODING_LIMIT
                                     : wsman_fault_from_cim(result);
    }
    xml_write_end(reply, 'g', "PullResponse");
    wsman_reply_end(reply);
    if (pulled != NULL) {
        *pulled = (uint32_t)page.count;
    }
    return WSMAN_FAULT_NONE;
}

enum wsman_fault wsman_enum_release(const struct wsman_request *request, uint64_t now_us,
                                    struct sbuf *reply)
{
    struct wsman_context *context = wsman_context_find(
        xml_child_text(request->body, WSMAN_NS_ENUMERATION, "EnumerationContext"),
        now_us);

    if (!xml_is(request->body, WSMAN_NS_ENUMERATION, "Release")) {
        return WSMAN_FAULT_SCHEMA;
    }
    if (context == NULL) {
        return WSMAN_FAULT_CONTEXT;
    }
    wsman_context_close(context);
    start_reply(reply, request, "ReleaseResponse", NULL);
    wsman_reply_end(reply);
    return WSMAN_FAULT_NONE;
}
