/* SPDX-License-Identifier: ISC */
/* Exchange pool. */
#include "http/http_slot.h"

#include <string.h>

#include "base/panic.h"
#include "base/pool.h"

POOL_DEFINE(http_slots, struct http_slot, CONFIG_HTTP_EXCHANGE_COUNT);
static unsigned anonymous_count;

void http_slot_start(void)
{
    pool_init(&http_slots);
    anonymous_count = 0;
}

struct http_slot *http_slot_take(bool is_anonymous)
{
    struct http_slot *slot;

    if (is_anonymous && anonymous_count == CONFIG_HTTP_ANON_COUNT) {
        return NULL;
    }
    slot = pool_get(&http_slots);
    if (slot == NULL) {
        return NULL;
    }
    anonymous_count += is_anonymous;
    slot->x = (struct http_exchange){0};
    slot->is_anonymous = is_anonymous;
    slot->is_with_handler = false;
    slot->user[0] = '\0';
    sbuf_init(&slot->body, slot->bytes + HTTP_REPLY_HEAD_CAP, CONFIG_HTTP_BODY_CAP);
    sbuf_init(&slot->x.reply, slot->bytes + HTTP_REPLY_HEAD_CAP, HTTP_SLOT_REPLY_CAP);
    return slot;
}

struct span http_slot_keep_user(struct http_slot *slot, struct span user)
{
    (void)span_copy_str(user, slot->user, sizeof(slot->user));
    return span_str(slot->user);
}

void http_slot_drop(struct http_slot *slot)
{
    if (slot == NULL) {
        return;
    }
    if (slot->is_with_handler && slot->x.cancel != NULL) {
        slot->x.cancel(&slot->x);
    }
    anonymous_count -= slot->is_anonymous;
    pool_put(&http_slots, slot);
}

struct span http_slot_render(struct http_slot *slot, const struct http_reply_head *head)
{
    uint8_t text[HTTP_REPLY_HEAD_CAP];
    struct sbuf front;
    struct sbuf tail;
    uint8_t *start;

    sbuf_init(&front, text, sizeof(text));
    http_reply_put_head(&front, head);
    sbuf_init(&tail, slot->x.reply.ptr + slot->x.reply.len, HTTP_REPLY_TAIL_CAP);
    http_reply_put_tail(&tail, head);
    panic_unless(!front.overflow && !tail.overflow);
    start = slot->x.reply.ptr - front.len;
    memcpy(start, text, front.len);
    return span_of(start, front.len + slot->x.reply.len + tail.len);
}
