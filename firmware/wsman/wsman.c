/* SPDX-License-Identifier: ISC */
/*
 * Parses a request, runs the operation and renders the reply. Everything is answered at
 * once, but for methods whose provider must wait for the host: those keep an operation
 * from a fixed pool until the provider is done.
 */
#include "wsman/wsman.h"

#include "base/err.h"
#include "base/panic.h"
#include "base/pool.h"
#include "config.h"
#include "wsman/wsman_enum.h"
#include "wsman/wsman_identify.h"
#include "wsman/wsman_instance.h"
#include "wsman/wsman_names.h"
#include "wsman/wsman_reply.h"
#include "wsman/wsman_request.h"
#include "xml/xml_doc.h"
#include "xml/xml_writer.h"

enum {
    MESSAGE_ID_CAP = 256,
    URI_CAP = 192, /* of a class, and of a method's action */
    HTTP_OK = 200,
    HTTP_TOO_BIG = 413,
    HTTP_UNAVAILABLE = 503
};

struct wsman_operation {
    struct cim_call call;
    struct cim_bag in;
    struct cim_bag out;
    const struct cim_class *class;
    char message_id[MESSAGE_ID_CAP];
    struct sbuf *reply;
    void (*done)(void *context, unsigned http_status);
    void *context;
};

POOL_DEFINE(wsman_operations, struct wsman_operation, CONFIG_WSMAN_OPERATIONS);

/* One request is parsed and answered, or parked, before the next one. */
static struct wsman_request request;
static struct cim_bag bag_in;
static struct cim_bag bag_out;

void wsman_init(void)
{
    pool_init(&wsman_operations);
}

/* Head of a Get, Put or method reply: prefix g is the class, h the datetime namespace. */
static void start_reply(struct sbuf *out, struct wsman_reply_head *head,
                        const struct cim_class *class, bool has_datetime)
{
    head->ns[head->ns_count++] = wsman_reply_class_ns(class);
    if (has_datetime) {
        head->ns[head->ns_count++] = (struct wsman_reply_ns){WSMAN_NS_COMMON, ""};
    }
    wsman_reply_start(out, head);
}

static void write_instance_reply(struct sbuf *out, const char *action)
{
    struct wsman_reply_head head = {
        .relates_to = request.message_id,
        .action = span_str(WSMAN_NS_TRANSFER "/"),
        .action_end = action,
        .resource_uri = request.resource_uri,
    };

    start_reply(out, &head, bag_out.class,
                (bag_out.class->flags & CIM_CLASS_HAS_DATETIME) != 0);
    wsman_instance_write(out, &bag_out, 'g', 'h');
    wsman_reply_end(out);
}

static enum wsman_fault handle_get(const struct cim_caller *caller, struct sbuf *reply)
{
    int result;

    if (request.path.class == NULL) {
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
    result = cim_get(caller, &request.path, &bag_out);
    if (result < 0) {
        return wsman_fault_from_cim(result);
    }
    write_instance_reply(reply, "GetResponse");
    return WSMAN_FAULT_NONE;
}

/* The instance in the body, of the class that is addressed, into bag_in. */
static enum wsman_fault read_instance(void)
{
    if (request.path.class == NULL) {
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
    if (request.body == NULL ||
        !span_equal_str(request.body->name, request.path.class->name)) {
        return WSMAN_FAULT_SCHEMA;
    }
    cim_bag_init_instance(&bag_in, request.path.class);
    return wsman_instance_read(&request, request.body, &bag_in);
}

static enum wsman_fault handle_put(const struct cim_caller *caller, struct sbuf *reply)
{
    enum wsman_fault fault = read_instance();
    int result;

    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    result = cim_put(caller, &request.path, &bag_in, &bag_out);
    if (result < 0) {
        return wsman_fault_from_cim(result);
    }
    write_instance_reply(reply, "PutResponse");
    return WSMAN_FAULT_NONE;
}

static int put_new_path(struct sbuf *out)
{
    struct cim_path path;

    if (cim_bag_path(&bag_out, &path, &bag_in) < 0) { /* bag_in has done its duty */
        return CIM_ERR_INTERNAL;
    }
    wsman_instance_write_reference(out, &path);
    return CIM_OK;
}

static enum wsman_fault handle_create(const struct cim_caller *caller, struct sbuf *reply)
{
    struct wsman_reply_head head = {
        .ns = {{WSMAN_NS_TRANSFER, ""}},
        .ns_count = 1,
        .relates_to = request.message_id,
        .action = span_str(WSMAN_NS_TRANSFER "/"),
        .action_end = "CreateResponse",
        .resource_uri = request.resource_uri,
    };
    enum wsman_fault fault = read_instance();
    int result;

    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    result = cim_create(caller, &request.path, &bag_in, &bag_out);
    if (result < 0) {
        return wsman_fault_from_cim(result);
    }
    wsman_reply_start(reply, &head);
    xml_write_start(reply, 'g', "ResourceCreated");
    result = put_new_path(reply);
    xml_write_end(reply, 'g', "ResourceCreated");
    wsman_reply_end(reply);
    if (result < 0) {
        sbuf_reset(reply);
        return wsman_fault_from_cim(result);
    }
    return WSMAN_FAULT_NONE;
}

static enum wsman_fault handle_delete(const struct cim_caller *caller, struct sbuf *reply)
{
    struct wsman_reply_head head = {
        .relates_to = request.message_id,
        .action = span_str(WSMAN_NS_TRANSFER "/"),
        .action_end = "DeleteResponse",
        .resource_uri = request.resource_uri,
    };
    int result;

    if (request.path.class == NULL) {
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
    result = cim_delete(caller, &request.path, &bag_out);
    if (result < 0) {
        return wsman_fault_from_cim(result);
    }
    wsman_reply_start(reply, &head);
    wsman_reply_end(reply);
    return WSMAN_FAULT_NONE;
}

/* --- methods ---------------------------------------------------------------------------- */

static unsigned finish_reply(struct sbuf *reply, struct span message_id)
{
    return reply->overflow
               ? wsman_fault_write(reply, WSMAN_FAULT_ENCODING_LIMIT, message_id)
               : HTTP_OK;
}

/* Unlike instances, method replies declare the datetime namespace only if they need it. */
static bool has_datetime_output(const struct cim_method *method)
{
    for (size_t i = 0; i < method->parameter_count; i++) {
        if (method->parameters[i].type == CIM_TYPE_DATETIME &&
            (method->parameters[i].flags & CIM_FLAG_OUT) != 0) {
            return true;
        }
    }
    return false;
}

static void write_method_reply(struct wsman_operation *op)
{
    const struct cim_method *method = op->call.method;
    struct sbuf *out = op->reply;
    uint8_t uri_bytes[URI_CAP];
    uint8_t action_bytes[URI_CAP];
    struct sbuf uri;
    struct sbuf action;
    struct wsman_reply_head head = {.relates_to = span_str(op->message_id)};

    sbuf_init(&uri, uri_bytes, sizeof(uri_bytes));
    sbuf_printf(&uri, "%s%s", cim_schema_uri_prefix(op->class), op->class->name);
    sbuf_init(&action, action_bytes, sizeof(action_bytes));
    sbuf_put(&action, sbuf_span(&uri));
    sbuf_printf(&action, "/%sResponse", method->name);
    panic_unless(!uri.overflow && !action.overflow);
    head.resource_uri = sbuf_span(&uri);
    head.action = sbuf_span(&action);
    start_reply(out, &head, op->class, has_datetime_output(method));
    sbuf_printf(out, "<g:%s_OUTPUT>", method->name);
    wsman_instance_write_fields(out, &op->out, 'g', 'h');
    xml_write_start(out, 'g', "ReturnValue");
    sbuf_put_uint(out, op->call.return_value);
    xml_write_end(out, 'g', "ReturnValue");
    sbuf_printf(out, "</g:%s_OUTPUT>", method->name);
    wsman_reply_end(out);
}

static void on_call_done(struct cim_call *call)
{
    struct wsman_operation *op = call->context;
    unsigned status;

    sbuf_reset(op->reply);
    write_method_reply(op);
    status = finish_reply(op->reply, span_str(op->message_id));
    op->done(op->context, status);
    pool_put(&wsman_operations, op);
}

void wsman_cancel(struct wsman_operation *operation)
{
    cim_cancel(&operation->call);
    pool_put(&wsman_operations, operation);
}

/* The body of a call is <Method_INPUT>, or nothing for a method without parameters. */
static enum wsman_fault read_input(struct wsman_operation *op)
{
    uint8_t name_bytes[96];
    struct sbuf name;

    cim_bag_init_call(&op->in, op->class, op->call.method);
    cim_bag_init_call(&op->out, op->class, op->call.method);
    if (request.body == NULL) {
        return WSMAN_FAULT_NONE;
    }
    sbuf_init(&name, name_bytes, sizeof(name_bytes));
    sbuf_printf(&name, "%s_INPUT", op->call.method->name);
    if (name.overflow || !span_equal(request.body->name, sbuf_span(&name))) {
        return WSMAN_FAULT_SCHEMA;
    }
    return wsman_instance_read(&request, request.body, &op->in);
}

/* `veto`: what it returns without being called, or WSMAN_VETO_NONE. */
static enum wsman_fault start_call(struct wsman_operation *op,
                                   const struct wsman_input *input,
                                   const struct wsman_veto *veto, int *result)
{
    enum wsman_fault fault;

    op->class = request.path.class;
    op->done = input->done;
    op->context = input->context;
    if (span_copy_str(request.message_id, op->message_id, sizeof(op->message_id)) < 0) {
        return WSMAN_FAULT_HEADER_INVALID;
    }
    op->call = (struct cim_call){
        .caller = input->caller,
        .path = &request.path,
        .method = cim_schema_method(op->class, request.method),
        .in = &op->in,
        .out = &op->out,
        .done = on_call_done,
        .context = op,
    };
    if (op->call.method == NULL) {
        return WSMAN_FAULT_ACTION_NOT_SUPPORTED;
    }
    fault = read_input(op);
    if (fault != WSMAN_FAULT_NONE) {
        return fault;
    }
    if (veto->kind == WSMAN_VETO_STATUS) {
        op->call.return_value = veto->number;
        return WSMAN_FAULT_NONE;
    }
    *result = cim_invoke(&op->call);
    op->call.path = NULL;
    return *result < 0 ? wsman_fault_from_cim(*result) : WSMAN_FAULT_NONE;
}

static enum wsman_fault handle_invoke(const struct wsman_input *input,
                                      const struct wsman_veto *veto, struct sbuf *reply,
                                      struct wsman_operation **operation)
{
    struct wsman_operation *op;
    enum wsman_fault fault;
    int result = CIM_OK;

    if (request.path.class == NULL) {
        return WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
    op = pool_get(&wsman_operations);
    if (op == NULL) {
        return WSMAN_FAULT_QUOTA;
    }
    op->reply = reply;
    fault = start_call(op, input, veto, &result);
    if (fault == WSMAN_FAULT_NONE && result == CIM_PENDING) {
        *operation = op;
        return WSMAN_FAULT_NONE;
    }
    if (fault == WSMAN_FAULT_NONE) {
        write_method_reply(op);
    }
    pool_put(&wsman_operations, op);
    return fault;
}

/* --- all operations --------------------------------------------------------------------- */

static struct wsman_veto inspect(const struct wsman_input *input)
{
    struct wsman_veto veto = {.kind = WSMAN_VETO_NONE};
    struct wsman_view view = {.action = request.action,
                              .class = request.path.class,
                              .class_name = request.resource_uri,
                              .method = request.method};
    size_t slash;

    while ((slash = span_find(view.class_name, '/')) < view.class_name.len) {
        view.class_name = span_slice(view.class_name, slash + 1, view.class_name.len);
    }
    if (input->inspect != NULL) {
        input->inspect(input->context, &view, &veto);
    }
    return veto;
}

static enum wsman_fault handle_action(const struct wsman_input *input,
                                      const struct wsman_veto *veto, struct sbuf *reply,
                                      struct wsman_operation **operation)
{
    if (request.action == WSMAN_ACTION_IDENTIFY) {
        wsman_identify_write(reply);
        return WSMAN_FAULT_NONE;
    }
    if (input->caller == NULL) {
        return WSMAN_FAULT_DENIED;
    }
    switch (request.action) {
    case WSMAN_ACTION_GET:
        return handle_get(input->caller, reply);
    case WSMAN_ACTION_PUT:
        return handle_put(input->caller, reply);
    case WSMAN_ACTION_CREATE:
        return handle_create(input->caller, reply);
    case WSMAN_ACTION_DELETE:
        return handle_delete(input->caller, reply);
    case WSMAN_ACTION_ENUMERATE:
        return wsman_enum_enumerate(&request, input->caller, input->now_us, reply);
    case WSMAN_ACTION_PULL:
        return wsman_enum_pull(&request, input->caller, input->now_us, reply,
                               input->pulled);
    case WSMAN_ACTION_RELEASE:
        return wsman_enum_release(&request, input->now_us, reply);
    case WSMAN_ACTION_INVOKE:
        return handle_invoke(input, veto, reply, operation);
    default:
        return request.path.class != NULL ? WSMAN_FAULT_ACTION_NOT_SUPPORTED
                                          : WSMAN_FAULT_DESTINATION_UNREACHABLE;
    }
}

/* The request was read. */
static unsigned answer(const struct wsman_input *input, struct sbuf *reply,
                       struct wsman_operation **operation)
{
    struct wsman_veto veto = inspect(input);
    enum wsman_fault fault = veto.fault;

    if (veto.kind == WSMAN_VETO_SKIP) {
        return HTTP_UNAVAILABLE;
    }
    if (veto.kind == WSMAN_VETO_STATUS && request.action != WSMAN_ACTION_INVOKE) {
        return wsman_fault_write_status(reply, veto.number, request.message_id);
    }
    if (veto.kind != WSMAN_VETO_FAULT) {
        fault = handle_action(input, &veto, reply, operation);
    }
    if (fault != WSMAN_FAULT_NONE) {
        return wsman_fault_write(reply, fault, request.message_id);
    }
    return *operation != NULL ? 0 : finish_reply(reply, request.message_id);
}

unsigned wsman_handle(const struct wsman_input *input, struct sbuf *reply,
                      struct wsman_operation **operation)
{
    const struct xml_node *root;
    enum wsman_fault fault;
    int result = xml_doc_parse(input->document, &root);

    *operation = NULL;
    if (input->pulled != NULL) {
        *input->pulled = 0;
    }
    sbuf_reset(reply);
    if (result < 0) {
        unsigned status = wsman_fault_write(reply, WSMAN_FAULT_SCHEMA, span_of("", 0));

        return result == ERR_TOO_BIG ? HTTP_TOO_BIG : status;
    }
    fault = wsman_request_parse(&request, root);
    return fault == WSMAN_FAULT_NONE
               ? answer(input, reply, operation)
               : wsman_fault_write(reply, fault, request.message_id);
}
