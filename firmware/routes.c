/* SPDX-License-Identifier: ISC */
/*
 * Which URL leads to which protocol. Here WS-Management meets the latency model and
 * injected faults, of which it does not know.
 */
#include "routes.h"

#include "account/account.h"
#include "base/pool.h"
#include "base/util.h"
#include "cim/cim.h"
#include "cim/schema.h"
#include "config.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "net/conn.h"
#include "wsman/wsman.h"

/* A WS-Management request on its way. */
struct wsman_route_call {
    struct http_exchange *exchange;
    struct wsman_operation *operation;
    struct cim_caller caller;
};

enum { HTTP_BUSY = 503 };

POOL_DEFINE(routes_calls, struct wsman_route_call, CONFIG_HTTP_EXCHANGE_COUNT);

void routes_init(void)
{
    pool_init(&routes_calls);
}

static void on_reply(void *context, unsigned status)
{
    struct wsman_route_call *call = context;
    struct http_exchange *x = call->exchange;

    pool_put(&routes_calls, call);
    http_reply_send(x, status, HTTP_TYPE_SOAP);
}

static void on_cancel(struct http_exchange *x)
{
    struct wsman_route_call *call = x->context;

    wsman_cancel(call->operation);
    pool_put(&routes_calls, call);
}

/* ---- what a request costs, and what a fault makes of it ---- */

static enum latency_op invoke_op(const struct wsman_view *view)
{
    return view->class == &CIM_PowerManagementService_class &&
                   span_equal_str(view->method, "RequestPowerStateChange")
               ? LATENCY_OP_POWER
               : LATENCY_OP_METHOD;
}

/* A Release costs what a Pull without instances does; what is not offered, what a Get
 * does. */
static enum latency_op op_of(const struct wsman_view *view)
{
    switch (view->action) {
    case WSMAN_ACTION_IDENTIFY:
        return LATENCY_OP_IDENTIFY;
    case WSMAN_ACTION_PUT:
    case WSMAN_ACTION_CREATE:
    case WSMAN_ACTION_DELETE:
        return LATENCY_OP_PUT;
    case WSMAN_ACTION_ENUMERATE:
        return view->class != NULL && (view->class->flags & CIM_CLASS_ASSOCIATION) != 0
                   ? LATENCY_OP_ASSOCIATION
                   : LATENCY_OP_ENUMERATE;
    case WSMAN_ACTION_PULL:
    case WSMAN_ACTION_RELEASE:
        return LATENCY_OP_PULL;
    case WSMAN_ACTION_INVOKE:
        return invoke_op(view);
    default:
        return LATENCY_OP_GET;
    }
}

static void on_inspect(void *context, const struct wsman_view *view,
                       struct wsman_veto *veto)
{
    struct wsman_route_call *call = context;
    struct http_exchange *x = call->exchange;
    struct fault_request request = {.op = op_of(view), .class_name = view->class_name};
    const struct fault_rule *rule = fault_hit_request(&request);

    x->job.op = request.op;
    x->fault = http_fault_of(rule);
    if (rule == NULL || x->fault.kind == HTTP_FAULT_CLOSE) {
        return;
    }
    switch (rule->kind) {
    case FAULT_KIND_STATUS:
        *veto = (struct wsman_veto){.kind = WSMAN_VETO_STATUS, .number = rule->number};
        break;
    case FAULT_KIND_SOAP:
        veto->kind = WSMAN_VETO_FAULT;
        veto->fault = wsman_fault_find(span_str(rule->soap));
        break;
    default: /* HTTP answers, or nobody does */
        veto->kind = WSMAN_VETO_SKIP;
        break;
    }
}

/* ---- routes ---- */

static void handle(struct http_exchange *x, const struct account *account)
{
    struct wsman_route_call *call = pool_get(&routes_calls);
    struct wsman_input input = {.document = x->body,
                                .now_us = board_now_us(),
                                .done = on_reply,
                                .inspect = on_inspect,
                                .context = call,
                                .pulled = &x->job.items};
    unsigned status;

    if (call == NULL) {
        http_reply_send(x, HTTP_BUSY, HTTP_TYPE_SOAP);
        return;
    }
    call->exchange = x;
    x->job.op = LATENCY_OP_GET; /* of what cannot be read */
    if (account != NULL) {
        call->caller = (struct cim_caller){
            .user = (const char *)x->user.ptr, /* lives as long as the exchange */
            .realms = account_realms(account),
            .peer = x->conn->peer};
        input.caller = &call->caller;
    }
    status = wsman_handle(&input, &x->reply, &call->operation);
    if (status != 0) {
        on_reply(call, status);
    } else {
        x->context = call;
        x->cancel = on_cancel;
    }
}

static void handle_wsman(struct http_exchange *x)
{
    handle(x, account_find(x->user));
}

static void handle_wsman_anonymous(struct http_exchange *x)
{
    handle(x, NULL);
}

const struct http_route routes[] = {
    {"POST", "/wsman", true, handle_wsman},
    {"POST", "/wsman-anon/identify", false, handle_wsman_anonymous},
};
const size_t routes_count = UTIL_COUNT(routes);
