/* SPDX-License-Identifier: ISC */
/* Open enumerations. */
#include "wsman/wsman_context.h"

#include "base/bytes.h"
#include "base/util.h"
#include "config.h"

static const char name_rest[] = "-0000-0000-0000-000000000000";

static struct wsman_context contexts[CONFIG_WSMAN_CONTEXTS];
static uint32_t last_id;

static bool is_open(const struct wsman_context *c, uint64_t now_us)
{
    return c->id != 0 && now_us - c->used_us < CONFIG_WSMAN_CONTEXT_MS * 1000ull;
}

struct wsman_context *wsman_context_open(uint64_t now_us)
{
    struct wsman_context *chosen = &contexts[0];

    for (size_t i = 0; i < UTIL_COUNT(contexts); i++) {
        struct wsman_context *c = &contexts[i];

        if (!is_open(c, now_us)) {
            chosen = c;
            break;
        }
        if (c->used_us < chosen->used_us) {
            chosen = c;
        }
    }
    last_id = last_id == UINT32_MAX ? 1 : last_id + 1;
    *chosen = (struct wsman_context){.id = last_id, .used_us = now_us};
    return chosen;
}

void wsman_context_put_name(struct sbuf *out, const struct wsman_context *context)
{
    uint8_t raw[sizeof(context->id)];

    bytes_put_le32(raw, context->id);
    sbuf_put_hex_bytes(out, span_of(raw, sizeof(raw)), true);
    sbuf_put_str(out, name_rest);
}

struct wsman_context *wsman_context_find(struct span name, uint64_t now_us)
{
    uint8_t text[sizeof("00000000") - 1 + sizeof(name_rest)];
    struct sbuf expected;

    for (size_t i = 0; i < UTIL_COUNT(contexts); i++) {
        struct wsman_context *c = &contexts[i];

        sbuf_init(&expected, text, sizeof(text));
        wsman_context_put_name(&expected, c);
        if (is_open(c, now_us) && span_equal(sbuf_span(&expected), name)) {
            c->used_us = now_us;
            return c;
        }
    }
    return NULL;
}

void wsman_context_close(struct wsman_context *context)
{
    context->id = 0;
}
