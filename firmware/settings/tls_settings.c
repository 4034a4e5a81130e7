/* SPDX-License-Identifier: ISC */
/* Two copies: what is in force, and what the next commit puts into force. */
#include "settings/tls_settings.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/span.h"
#include "hal/board.h"
#include "pki/pki.h"
#include "settings/settings_record.h"
#include "store/record.h"
#include "store/store.h"

enum { VERSION = 1, RECORD_CAP = 16 + TLS_SETTINGS_NAMES * (TLS_SETTINGS_NAME_CAP + 2) };
static const char record_name[] = "tls";

static struct tls_settings current;
static struct tls_settings staged;
static uint32_t generation;

/* The operator's wish for the plain port, from the host shim. */
static bool seeded_plain(void)
{
    char text[8];
    int len = board_seed("plain-ports", text, sizeof(text));

    if (len < 0) {
        if (len != ERR_NOT_FOUND) {
            log_warn("tls", "seed plain-ports is neither on nor off: taken as on");
        }
        return true;
    }
    if (span_equal_str(span_trim(span_of(text, (size_t)len)), "off")) {
        return false;
    }
    if (!span_equal_str(span_trim(span_of(text, (size_t)len)), "on")) {
        log_warn("tls", "seed plain-ports is neither on nor off: taken as on");
    }
    return true;
}

static void set_factory(struct tls_settings *s)
{
    memset(s, 0, sizeof(*s));
    s->is_enabled = true;
    s->accepts_plain = seeded_plain();
}

static int save(const struct tls_settings *s)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_bool(&w, s->is_enabled);
    record_put_bool(&w, s->accepts_plain);
    record_put_bool(&w, s->is_mutual);
    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        record_put_text(&w, s->names[i]);
    }
    record_put_bool(&w, s->is_local_enabled);
    record_put_bool(&w, s->is_local_mutual);
    return store_write(record_name, VERSION, record_done(&w)) < 0 ? ERR_IO : 0;
}

/* Over the factory settings that `s` holds. */
static void load(struct tls_settings *s)
{
    struct tls_settings read = *s;
    struct record_reader r;

    if (!settings_record_open(record_name, VERSION, &r)) {
        return;
    }
    read.is_enabled = record_get_bool(&r, read.is_enabled);
    read.accepts_plain = record_get_bool(&r, read.accepts_plain);
    read.is_mutual = record_get_bool(&r, read.is_mutual);
    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        record_get_text(&r, read.names[i], sizeof(read.names[i]));
    }
    read.is_local_enabled = record_get_bool(&r, false);
    read.is_local_mutual = record_get_bool(&r, false);
    if (!settings_record_close(record_name, &r)) {
        return;
    }
    if (!read.is_enabled && !read.accepts_plain) {
        log_error("tls", "stored settings open no port at all: factory settings");
        return;
    }
    *s = read;
}

static bool is_same(const struct tls_settings *a, const struct tls_settings *b)
{
    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        if (strcmp(a->names[i], b->names[i]) != 0) {
            return false;
        }
    }
    return a->is_enabled == b->is_enabled && a->accepts_plain == b->accepts_plain &&
           a->is_mutual == b->is_mutual && a->is_local_enabled == b->is_local_enabled &&
           a->is_local_mutual == b->is_local_mutual;
}

static bool has_trusted_root(void)
{
    for (size_t i = 0; i < pki_certificate_count(); i++) {
        if (pki_certificate_at(i)->is_trusted_root) {
            return true;
        }
    }
    return false;
}

void tls_settings_start(void)
{
    set_factory(&current);
    load(&current);
    staged = current;
    generation++;
}

const struct tls_settings *tls_settings_get(void)
{
    return &current;
}

struct tls_settings *tls_settings_staged(void)
{
    return &staged;
}

int tls_settings_commit(void)
{
    if (is_same(&staged, &current)) {
        return 0;
    }
    if ((!staged.is_enabled && !staged.accepts_plain) ||
        (staged.is_mutual && !has_trusted_root())) {
        return ERR_INVALID;
    }
    if (save(&staged) < 0) {
        return ERR_IO;
    }
    current = staged;
    generation++;
    log_info("tls", "TLS %s, plain ports %s, clients %s",
             current.is_enabled ? "on" : "off", current.accepts_plain ? "open" : "closed",
             current.is_mutual ? "must show a certificate" : "need no certificate");
    return 0;
}

void tls_settings_reset(void)
{
    set_factory(&current);
    staged = current;
    generation++;
    if (store_remove(record_name) < 0) {
        log_error("tls", "the stored settings could not be removed");
    }
}

uint32_t tls_settings_generation(void)
{
    return generation;
}
