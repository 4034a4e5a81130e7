/* SPDX-License-Identifier: ISC */
#include "crypto/x509_name.h"

#include <string.h>

#include "base/err.h"
#include "base/sbuf.h"
#include "base/span.h"
#include "mbedtls/oid.h"

enum { PARTS = 16, PRINTABLE_FIRST = 0x20, PRINTABLE_LAST = 0x7e };

static const char *kind_of(const mbedtls_x509_name *part)
{
    const char *kind = NULL;

    return mbedtls_oid_get_attr_short_name(&part->oid, &kind) == 0 ? kind : "?";
}

static void put_value(struct sbuf *out, struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        bool is_edge = (i == 0 && (c == ' ' || c == '#')) ||
                       (i == value.len - 1 && c == ' ');

        if (c < PRINTABLE_FIRST || c > PRINTABLE_LAST) {
            sbuf_printf(out, "\\%02X", (unsigned)c);
            continue;
        }
        if (is_edge || strchr(",+\"\\<>;=", c) != NULL) {
            sbuf_put_u8(out, '\\');
        }
        sbuf_put_u8(out, c);
    }
}

int x509_name_text(const mbedtls_x509_name *name, char *dst, size_t cap)
{
    const mbedtls_x509_name *parts[PARTS];
    size_t count = 0;
    struct sbuf out;

    for (; name != NULL; name = name->next) {
        if (name->oid.p == NULL) { /* an empty name is one part without a kind */
            continue;
        }
        if (count == PARTS) {
            return ERR_TOO_BIG;
        }
        parts[count++] = name;
    }
    sbuf_init(&out, dst, cap);
    while (count > 0) {
        const mbedtls_x509_name *part = parts[--count];

        sbuf_printf(&out, "%s=", kind_of(part));
        put_value(&out, span_of(part->val.p, part->val.len));
        if (count > 0) {
            sbuf_put_u8(&out, ',');
        }
    }
    return sbuf_terminate(&out) < 0 ? ERR_TOO_BIG : 0;
}

void x509_name_part(const mbedtls_x509_name *name, const char *kind, char *dst,
                    size_t cap)
{
    dst[0] = '\0';
    for (; name != NULL; name = name->next) {
        if (name->oid.p == NULL || strcmp(kind_of(name), kind) != 0) {
            continue;
        }
        dst[0] = '\0';
        if (name->val.len >= cap) {
            continue;
        }
        memcpy(dst, name->val.p, name->val.len);
        dst[name->val.len] = '\0';
        for (size_t i = 0; i < name->val.len; i++) {
            if (name->val.p[i] < PRINTABLE_FIRST ||
                name->val.p[i] == PRINTABLE_LAST + 1) {
                dst[0] = '\0';
                break;
            }
        }
    }
}
