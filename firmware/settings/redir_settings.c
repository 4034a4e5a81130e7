/* SPDX-License-Identifier: ISC */
/* Redirection and KVM switches. All services start switched off. */
#include "settings/redir_settings.h"

#include "settings/settings_record.h"
#include "store/store.h"

enum { RECORD_VERSION = 1, RECORD_CAP = 32 };
static const char record[] = "redirection";

static const struct redir_settings factory = {.kvm_opt_in_s = 300, .kvm_session_min = 3};
static struct redir_settings settings = {.kvm_opt_in_s = 300, .kvm_session_min = 3};

void redir_settings_start(void)
{
    struct redir_settings s = factory;
    struct record_reader r;

    settings = factory;
    if (!settings_record_open(record, RECORD_VERSION, &r)) {
        return;
    }
    s.ider_enabled = record_get_bool(&r, s.ider_enabled);
    s.sol_enabled = record_get_bool(&r, s.sol_enabled);
    s.listener_enabled = record_get_bool(&r, s.listener_enabled);
    s.kvm_enabled = record_get_bool(&r, s.kvm_enabled);
    s.kvm_port_5900 = record_get_bool(&r, s.kvm_port_5900);
    s.kvm_opt_in = record_get_bool(&r, s.kvm_opt_in);
    s.kvm_back_to_back = record_get_bool(&r, s.kvm_back_to_back);
    s.kvm_screen = record_get_u8(&r, s.kvm_screen);
    s.kvm_opt_in_s = record_get_u16(&r, s.kvm_opt_in_s);
    s.kvm_session_min = record_get_u16(&r, s.kvm_session_min);
    record_get_text(&r, s.rfb_password, sizeof(s.rfb_password));
    if (settings_record_close(record, &r)) {
        settings = s;
    }
}

const struct redir_settings *redir_settings_get(void)
{
    return &settings;
}

int redir_settings_set(const struct redir_settings *s)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_bool(&w, s->ider_enabled);
    record_put_bool(&w, s->sol_enabled);
    record_put_bool(&w, s->listener_enabled);
    record_put_bool(&w, s->kvm_enabled);
    record_put_bool(&w, s->kvm_port_5900);
    record_put_bool(&w, s->kvm_opt_in);
    record_put_bool(&w, s->kvm_back_to_back);
    record_put_u8(&w, s->kvm_screen);
    record_put_u16(&w, s->kvm_opt_in_s);
    record_put_u16(&w, s->kvm_session_min);
    record_put_text(&w, s->rfb_password);
    result = store_write(record, RECORD_VERSION, record_done(&w));
    if (result == 0) {
        settings = *s;
    }
    return result;
}

int redir_settings_reset(void)
{
    settings = factory;
    return store_remove(record);
}
