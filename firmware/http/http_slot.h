/* SPDX-License-Identifier: ISC */
/*
 * The pool of exchanges: one buffer each, which holds the decoded body first and the reply
 * afterwards. There are as many as connections, so nobody with a login ever waits for one;
 * one is taken only after the gate let a request pass, and requests without a login share a
 * few of them.
 */
#ifndef VAMT_HTTP_HTTP_SLOT_H
#define VAMT_HTTP_HTTP_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"
#include "config.h"
#include "http/http_reply.h"
#include "http/http_route.h"

/* A reply is one chunk, so its four size digits limit it as well. */
enum {
    HTTP_SLOT_REPLY_CAP = CONFIG_HTTP_REPLY_CAP < HTTP_REPLY_CHUNK_CAP
                              ? CONFIG_HTTP_REPLY_CAP
                              : HTTP_REPLY_CHUNK_CAP,
    HTTP_SLOT_BODY_CAP = CONFIG_HTTP_BODY_CAP > CONFIG_HTTP_REPLY_CAP
                             ? CONFIG_HTTP_BODY_CAP
                             : CONFIG_HTTP_REPLY_CAP
};

struct http_slot {
    struct http_exchange x;
    bool is_anonymous;
    bool is_with_handler;               /* the handler was called and has not replied */
    char user[CONFIG_ACCOUNT_NAME_CAP]; /* x.user, for as long as the exchange lives */
    struct sbuf body;
    /* Room for the reply's head, then for the body of the request or of the reply, then for
     * the reply's tail: the whole reply is one piece for the connection. */
    uint8_t bytes[HTTP_REPLY_HEAD_CAP + HTTP_SLOT_BODY_CAP + HTTP_REPLY_TAIL_CAP];
};

void http_slot_start(void);
/* A slot with empty body and reply, or NULL when all (or all for strangers) are in
 * use. */
struct http_slot *http_slot_take(bool is_anonymous);
/* A copy of the user's name in the slot, NUL behind it: the account may go while the body
 * is still coming. */
struct span http_slot_keep_user(struct http_slot *slot, struct span user);
/* Give back; calls x.cancel if the handler still has it. NULL is ignored. */
void http_slot_drop(struct http_slot *slot);
/* Put head and tail around the rendered reply. The span lies in the slot. */
struct span http_slot_render(struct http_slot *slot, const struct http_reply_head *head);

#endif
