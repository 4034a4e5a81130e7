/* SPDX-License-Identifier: ISC */
/* Admission of a request. */
#include "http/http_gate.h"

#include <string.h>

#include "account/account_lock.h"
#include "account/digest_auth.h"
#include "base/err.h"
#include "config.h"
#include "hal/board.h"
#include "http/http_reply.h"

/* Two Authorization lines are nobody's. */
static int authenticate(const struct http_head *head, const uint8_t *peer,
                        struct http_gate *gate)
{
    const struct account *account;
    struct digest_auth_request request = {
        .method = head->method, .target = head->target, .peer = peer};
    size_t count = 0;
    int result;

    request.authorization = http_head_find(head, "Authorization", &count);
    result = count == 1 ? digest_auth_check(&request, &account) : ERR_DENIED;
    if (result == 0) { /* a copy: accounts may change before the body is here */
        memcpy(gate->user_text, account->name, sizeof(gate->user_text));
        gate->user = span_str(gate->user_text);
    } else {
        gate->wait_s = account_lock_wait_s(peer, board_now_us());
    }
    gate->is_stale = result == ERR_TIMEOUT;
    return result;
}

static unsigned check(const struct http_head *head, const uint8_t *peer,
                      struct http_gate *gate)
{
    const struct http_route *known;
    struct sbuf allow;

    sbuf_init(&allow, gate->allow_text, sizeof(gate->allow_text));
    gate->route = http_route_find(head->method, head->path, &known, &allow);
    if ((known == NULL || known->needs_auth) && authenticate(head, peer, gate) < 0) {
        return 401;
    }
    if (known == NULL) {
        return 404;
    }
    if (gate->route == NULL) {
        gate->allow = sbuf_span(&allow);
        return 405;
    }
    if (head->framing == HTTP_FRAMING_LENGTH && head->length > CONFIG_HTTP_BODY_CAP) {
        return 413;
    }
    return 0;
}

void http_gate_check(const struct http_head *head, const uint8_t *peer,
                     struct http_gate *gate)
{
    *gate = (struct http_gate){0};
    gate->status = check(head, peer, gate);
}

void http_gate_put_page(const struct http_gate *gate, const struct http_head *head,
                        struct sbuf *out)
{
    struct http_reply_page page = {.status = gate->status,
                                   .is_stale = gate->is_stale,
                                   .wait_s = gate->wait_s,
                                   .is_head_only = span_equal_str(head->method, "HEAD"),
                                   .wall_s = board_wall_s(),
                                   .allow = gate->allow};

    http_reply_put_page(out, &page);
}
