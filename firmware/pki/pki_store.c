/* SPDX-License-Identifier: ISC */
/* Records of keys and certificates. */
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/sbuf.h"
#include "pki/pki_priv.h"
#include "store/record.h"
#include "store/store.h"

enum {
    VERSION = 1,
    LIST_CAP = 5 * 4 + 2 + 4 * (CONFIG_PKI_KEYS + CONFIG_PKI_CERTIFICATES)
};
static const char list_name[] = "pki";

/* Large enough for either kind; single thread. */
static uint8_t bytes[CONFIG_STORE_RECORD_CAP];
_Static_assert(sizeof(bytes) >= CONFIG_PKI_KEY_CAP + KEYPAIR_PUBLIC_CAP + 16 &&
                   sizeof(bytes) >= CONFIG_PKI_CERTIFICATE_CAP + 16,
               "a key and a certificate fit in a record");

struct name {
    char text[CONFIG_STORE_NAME_CAP];
};

static struct name name_of(const char *kind, uint32_t handle)
{
    struct name name;
    struct sbuf out;

    sbuf_init(&out, name.text, sizeof(name.text));
    if (handle >= PKI_OWN_HANDLE) {
        sbuf_printf(&out, "pki.own.%s.%s", kind,
                    handle - PKI_OWN_HANDLE == PKI_OWN_EC ? "ec" : "rsa");
    } else {
        sbuf_printf(&out, "pki.%s.%u", kind, (unsigned)handle);
    }
    panic_unless(sbuf_terminate(&out) == 0);
    return name;
}

/* Handles rise from 1 to below those of the device's own things, without a repeat. */
static bool are_handles(const uint32_t *handles, size_t count, uint32_t next)
{
    for (size_t i = 0; i < count; i++) {
        if (handles[i] == 0 || handles[i] >= next ||
            (i > 0 && handles[i] <= handles[i - 1])) {
            return false;
        }
    }
    return next > 0 && next < PKI_OWN_HANDLE;
}

static bool read_list(struct record_reader *r, struct pki_list *list)
{
    list->next_key = record_get_u32(r, 1);
    list->next_certificate = record_get_u32(r, 1);
    list->used = record_get_u32(r, 0);
    list->doomed_key = record_get_u32(r, 0);
    list->doomed_certificate = record_get_u32(r, 0);
    list->key_count = record_get_u8(r, 0);
    if (list->key_count > CONFIG_PKI_KEYS) {
        return false;
    }
    for (size_t i = 0; i < list->key_count; i++) {
        list->keys[i] = record_get_u32(r, 0);
    }
    list->certificate_count = record_get_u8(r, 0);
    if (list->certificate_count > CONFIG_PKI_CERTIFICATES) {
        return false;
    }
    for (size_t i = 0; i < list->certificate_count; i++) {
        list->certificates[i] = record_get_u32(r, 0);
    }
    return record_is_sound(r) &&
           are_handles(list->keys, list->key_count, list->next_key) &&
           are_handles(list->certificates, list->certificate_count,
                       list->next_certificate);
}

void pki_store_load_list(struct pki_list *list)
{
    struct record_reader r;
    uint16_t version;
    int len = store_read(list_name, &version, bytes, sizeof(bytes));

    record_reader_init(&r, span_of(bytes, len > 0 ? (size_t)len : 0));
    memset(list, 0, sizeof(*list));
    if (!read_list(&r, list)) {
        log_error("pki", "the list of keys and certificates is not usable: none");
        memset(list, 0, sizeof(*list));
        list->next_key = 1;
        list->next_certificate = 1;
    }
}

int pki_store_save_list(const struct pki_list *list)
{
    uint8_t content[LIST_CAP];
    struct record_writer w;

    record_writer_init(&w, content, sizeof(content));
    record_put_u32(&w, list->next_key);
    record_put_u32(&w, list->next_certificate);
    record_put_u32(&w, list->used);
    record_put_u32(&w, list->doomed_key);
    record_put_u32(&w, list->doomed_certificate);
    record_put_u8(&w, list->key_count);
    for (size_t i = 0; i < list->key_count; i++) {
        record_put_u32(&w, list->keys[i]);
    }
    record_put_u8(&w, list->certificate_count);
    for (size_t i = 0; i < list->certificate_count; i++) {
        record_put_u32(&w, list->certificates[i]);
    }
    return store_write(list_name, VERSION, record_done(&w));
}

int pki_store_load_key(uint32_t handle)
{
    struct pki_key key = {.handle = handle};
    struct record_reader r;
    uint16_t version;
    int len = store_read(name_of("key", handle).text, &version, bytes, sizeof(bytes));
    int result;

    if (len < 0) {
        return ERR_NOT_FOUND;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    key.is_own = handle >= PKI_OWN_HANDLE;
    key.is_rsa = record_get_bool(&r, false);
    key.bits = record_get_u16(&r, 0);
    key.public = record_get_octets(&r);
    key.der = record_get_octets(&r);
    result = record_is_sound(&r) && key.der.len > 0 && key.public.len > 0
                 ? pki_table_add_key(&key)
                 : ERR_NOT_FOUND;
    bytes_wipe(bytes, sizeof(bytes));
    return result;
}

int pki_store_load_certificate(uint32_t handle)
{
    struct pki_certificate certificate = {.handle = handle};
    struct record_reader r;
    uint16_t version;
    int len = store_read(name_of("cert", handle).text, &version, bytes, sizeof(bytes));

    if (len < 0) {
        return ERR_NOT_FOUND;
    }
    record_reader_init(&r, span_of(bytes, (size_t)len));
    certificate.key = record_get_u32(&r, 0);
    certificate.is_trusted_root = record_get_bool(&r, false);
    certificate.der = record_get_octets(&r);
    certificate.is_own = handle >= PKI_OWN_HANDLE;
    return record_is_sound(&r) && certificate.der.len > 0
               ? pki_table_add_certificate(&certificate)
               : ERR_NOT_FOUND;
}

int pki_store_save_key(const struct pki_key *key)
{
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_bool(&w, key->is_rsa);
    record_put_u16(&w, key->bits);
    record_put_octets(&w, key->public);
    record_put_octets(&w, key->der);
    result = store_write(name_of("key", key->handle).text, VERSION, record_done(&w));
    bytes_wipe(bytes, sizeof(bytes));
    return result;
}

int pki_store_save_certificate(const struct pki_certificate *certificate)
{
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u32(&w, certificate->key);
    record_put_bool(&w, certificate->is_trusted_root);
    record_put_octets(&w, certificate->der);
    return store_write(name_of("cert", certificate->handle).text, VERSION,
                       record_done(&w));
}

int pki_store_remove_key(uint32_t handle)
{
    return store_remove(name_of("key", handle).text);
}

int pki_store_remove_certificate(uint32_t handle)
{
    return store_remove(name_of("cert", handle).text);
}
