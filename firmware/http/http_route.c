/* SPDX-License-Identifier: ISC */
/* The route table and its look-up. */
#include "http/http_route.h"

#include "fault/fault_rule.h"
#include "http/http_head.h"

static const struct http_route *table;
static size_t table_count;

void http_route_set(const struct http_route *routes, size_t count)
{
    table = routes;
    table_count = count;
}

const struct http_route *http_route_find(struct span method, struct span path,
                                         const struct http_route **path_known,
                                         struct sbuf *allow)
{
    *path_known = NULL;
    for (size_t i = 0; i < table_count; i++) {
        if (!span_equal_str(path, table[i].path)) {
            continue;
        }
        if (span_equal_str(method, table[i].method)) {
            *path_known = &table[i];
            return &table[i];
        }
        if (allow != NULL) {
            sbuf_put_str(allow, *path_known != NULL ? ", " : "");
            sbuf_put_str(allow, table[i].method);
        }
        *path_known = *path_known != NULL ? *path_known : &table[i];
    }
    return NULL;
}

struct span http_route_header(const struct http_exchange *x, const char *name)
{
    return http_head_find(x->head, name, NULL);
}

struct http_fault http_fault_of(const struct fault_rule *rule)
{
    if (rule == NULL) {
        return (struct http_fault){.kind = HTTP_FAULT_NONE};
    }
    switch (rule->kind) {
    case FAULT_KIND_HTTP:
        return (struct http_fault){.kind = HTTP_FAULT_PAGE, .number = rule->number};
    case FAULT_KIND_CLOSE:
        return (struct http_fault){.kind = HTTP_FAULT_CLOSE, .number = rule->after};
    case FAULT_KIND_HANG:
        return (struct http_fault){.kind = HTTP_FAULT_HANG};
    default:
        return (struct http_fault){.kind = HTTP_FAULT_NONE};
    }
}
