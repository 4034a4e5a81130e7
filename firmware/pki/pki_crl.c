/* SPDX-License-Identifier: ISC */
/*
 * Revoked certificates: serial numbers, each with the distribution point that it came from. A new
 * list of a point takes the place of that point's old one. Serial numbers count for all issuers,
 * as AMT's interface does not say whose they are.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "pki/pki_priv.h"
#include "store/record.h"
#include "store/store.h"

enum { VERSION = 1, SERIAL_CAP = 20 /* RFC 5280, 4.1.2.2 */, URL_CAP = 128 };
static const char record_name[] = "pki.crl";

struct revoked {
    uint8_t serial[SERIAL_CAP];
    uint8_t len;
    char url[URL_CAP];
};

struct crl {
    size_t count;
    struct revoked revoked[CONFIG_PKI_REVOKED];
};

static struct crl crl;
static struct crl next; /* being put together */

/* A number's bytes without zeroes in front. */
static struct span strip(struct span serial)
{
    while (serial.len > 1 && serial.ptr[0] == 0) {
        serial = span_slice(serial, 1, serial.len - 1);
    }
    return serial;
}

/* Points repeat, so one that is the same as before is written as "". */
static struct span encode(const struct crl *from, uint8_t *dst, size_t cap)
{
    struct record_writer w;
    const char *url = "";

    record_writer_init(&w, dst, cap);
    record_put_u16(&w, (uint16_t)from->count);
    for (size_t i = 0; i < from->count; i++) {
        const struct revoked *it = &from->revoked[i];

        record_put_octets(&w, span_of(it->serial, it->len));
        record_put_text(&w, strcmp(it->url, url) == 0 ? "" : it->url);
        url = it->url;
    }
    return record_done(&w);
}

static bool decode(struct record_reader *r, struct crl *to)
{
    to->count = record_get_u16(r, 0);
    if (to->count > CONFIG_PKI_REVOKED) {
        return false;
    }
    for (size_t i = 0; i < to->count; i++) {
        struct revoked *it = &to->revoked[i];
        struct span serial = record_get_octets(r);

        it->url[0] = '\0';
        record_get_text(r, it->url, sizeof(it->url));
        if (serial.len == 0 || serial.len > SERIAL_CAP) {
            return false;
        }
        memcpy(it->serial, serial.ptr, serial.len);
        it->len = (uint8_t)serial.len;
        if (it->url[0] == '\0' && i > 0) {
            memcpy(it->url, to->revoked[i - 1].url, sizeof(it->url));
        }
    }
    return record_is_sound(r);
}

void pki_crl_start(void)
{
    uint8_t bytes[CONFIG_STORE_RECORD_CAP];
    struct record_reader r;
    uint16_t version;
    int len = store_read(record_name, &version, bytes, sizeof(bytes));

    crl.count = 0;
    if (len < 0) {
        return;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    if (!decode(&r, &crl)) {
        log_error("pki", "the list of revoked certificates is not usable: none");
        crl.count = 0;
    }
}

static int add(struct span url, struct span serial)
{
    struct revoked *it = &next.revoked[next.count];

    serial = strip(serial);
    if (serial.len == 0 || serial.len > SERIAL_CAP) {
        return ERR_INVALID;
    }
    if (next.count == CONFIG_PKI_REVOKED) {
        return ERR_FULL;
    }
    memcpy(it->serial, serial.ptr, serial.len);
    it->len = (uint8_t)serial.len;
    if (span_copy_str(url, it->url, sizeof(it->url)) < 0) {
        return ERR_INVALID;
    }
    next.count++;
    return 0;
}

int pki_crl_set(struct span url, const struct span *serials, size_t count)
{
    uint8_t bytes[CONFIG_STORE_RECORD_CAP];
    struct span content;
    int result = 0;

    next.count = 0;
    for (size_t i = 0; i < crl.count; i++) {
        if (!span_equal_str(url, crl.revoked[i].url)) {
            next.revoked[next.count++] = crl.revoked[i];
        }
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        result = add(url, serials[i]);
    }
    if (result < 0) {
        return result;
    }
    content = encode(&next, bytes, sizeof(bytes));
    if (content.ptr == NULL) {
        return ERR_FULL;
    }
    result = store_write(record_name, VERSION, content);
    if (result < 0) {
        return result == ERR_FULL ? ERR_FULL : ERR_IO;
    }
    crl = next;
    pki_changed();
    return 0;
}

int pki_crl_reset(void)
{
    if (store_remove(record_name) < 0) {
        return ERR_IO;
    }
    crl.count = 0;
    pki_changed();
    return 0;
}

bool pki_is_revoked(struct span serial)
{
    serial = strip(serial);
    for (size_t i = 0; i < crl.count; i++) {
        if (span_equal(serial, span_of(crl.revoked[i].serial, crl.revoked[i].len))) {
            return true;
        }
    }
    return false;
}
