/* SPDX-License-Identifier: ISC */
/* Which URL leads to which protocol. */
#include "routes.h"

#include "account/account.h"
#include "base/panic.h"
#include "base/pool.h"
#include "base/util.h"
#include "cim/cim.h"
#include "config.h"
#include "hal/board.h"
#include "wsman/wsman.h"

/* A WS-Management request on its way. */
struct wsman_route_call {
    struct http_exchange *exchange;
    struct wsman_operation *operation;
    struct cim_caller caller;
};

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

static void handle(struct http_exchange *x, const struct account *account)
{
    struct wsman_route_call *call = pool_get(&routes_calls);
    struct wsman_input input = {
        .document = x->body, .now_us = board_now_us(), .done = on_reply, .context = call};
    unsigned status;

    panic_unless(call != NULL); /* there are as many as exchanges */
    call->exchange = x;
    if (account != NULL) {
        call->caller = (struct cim_caller){.user = account->name,
                                           .realms = account->realms};
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
