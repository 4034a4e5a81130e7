/* SPDX-License-Identifier: ISC */
/*
 * IPS_KVMRedirectionSettingData: how KVM sessions behave. The RFB password is for port
 * 5900; it is never told again.
 */
#include "base/bytes.h"
#include "base/err.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/redir_settings.h"

#define NAME "Intel(r) KVM Redirection Settings"

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    const struct redir_settings *settings = redir_settings_get();
    cim_set_boolean(out, "BackToBackFbMode", settings->kvm_back_to_back);
    cim_set_uint(out, "DefaultScreen", settings->kvm_screen);
    cim_set_text(out, "ElementName", NAME);
    cim_set_boolean(out, "EnabledByMEBx", true);
    cim_set_text(out, "InstanceID", NAME);
    cim_set_boolean(out, "Is5900PortEnabled", settings->kvm_port_5900);
    cim_set_boolean(out, "OptInPolicy", settings->kvm_opt_in);
    cim_set_uint(out, "OptInPolicyTimeout", settings->kvm_opt_in_s);
    cim_set_text(out, "RFBPassword", "");
    cim_set_uint(out, "SessionTimeout", settings->kvm_session_min);
    return CIM_OK;
}

/* AMT's rule: exactly 8 printable characters, of all four kinds. */
static bool is_strong(struct span password)
{
    bool has_upper = false;
    bool has_lower = false;
    bool has_digit = false;
    bool has_mark = false;
    for (size_t i = 0; i < password.len; i++) {
        uint8_t c = password.ptr[i];
        if (c <= ' ' || c > '~') {
            return false;
        }
        if (c >= 'A' && c <= 'Z') {
            has_upper = true;
        } else if (c >= 'a' && c <= 'z') {
            has_lower = true;
        } else if (c >= '0' && c <= '9') {
            has_digit = true;
        } else {
            has_mark = true;
        }
    }
    return password.len == REDIR_SETTINGS_RFB_PASSWORD_LEN && has_upper && has_lower &&
           has_digit && has_mark;
}

static int take(const struct cim_bag *in, struct redir_settings *settings)
{
    struct span password = cim_get_text(in, "RFBPassword");
    if (password.len > 0 && !is_strong(password)) { /* empty: keep the old one */
        return CIM_ERR_REPRESENTATION;
    }
    if (password.len > 0) {
        bytes_wipe(settings->rfb_password, sizeof(settings->rfb_password));
        if (span_copy_str(password, settings->rfb_password,
                          sizeof(settings->rfb_password)) < 0) {
            return CIM_ERR_REPRESENTATION;
        }
    }
    provider_take_boolean(in, "BackToBackFbMode", &settings->kvm_back_to_back);
    provider_take_boolean(in, "Is5900PortEnabled", &settings->kvm_port_5900);
    provider_take_boolean(in, "OptInPolicy", &settings->kvm_opt_in);
    settings->kvm_screen = (uint8_t)provider_take_uint(in, "DefaultScreen",
                                                       settings->kvm_screen);
    settings->kvm_opt_in_s = (uint16_t)provider_take_uint(in, "OptInPolicyTimeout",
                                                          settings->kvm_opt_in_s);
    settings->kvm_session_min = (uint16_t)provider_take_uint(in, "SessionTimeout",
                                                             settings->kvm_session_min);
    return CIM_OK;
}

static int write(size_t index, const struct cim_bag *in)
{
    (void)index;
    struct redir_settings next = *redir_settings_get();
    int result = take(in, &next);
    if (result == CIM_OK && redir_settings_set(&next) < 0) {
        result = CIM_ERR_INTERNAL;
    }
    bytes_wipe(next.rfb_password, sizeof(next.rfb_password));
    return result;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    call->return_value = PT_STATUS_NOT_READY; /* TerminateSession: there is no session */
    return CIM_OK;
}

const struct cim_provider kvm_setting_data_provider = {
    .class = &IPS_KVMRedirectionSettingData_class,
    .read = read,
    .write = write,
    .invoke = invoke};
