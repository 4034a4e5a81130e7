/* SPDX-License-Identifier: ISC */
/*
 * AMT_TLSSettingData: how TLS is used on the network and by the host's own software. What is written
 * here is in force after CommitChanges; reading shows what was written.
 */
#include "base/err.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/tls_settings.h"

enum { NETWORK, LOCAL, INSTANCES };

static size_t count(void)
{
    return INSTANCES;
}

static int read(size_t index, struct cim_bag *out)
{
    const struct tls_settings *s = tls_settings_staged();
    const char *name = index == NETWORK ? "Intel(r) AMT 802.3 TLS Settings"
                                        : "Intel(r) AMT LMS TLS Settings";
    cim_set_text(out, "ElementName", name);
    cim_set_text(out, "InstanceID", name);
    if (index == LOCAL) {
        cim_set_boolean(out, "AcceptNonSecureConnections", true);
        cim_set_boolean(out, "Enabled", s->is_local_enabled);
        cim_set_boolean(out, "MutualAuthentication", s->is_local_mutual);
        return CIM_OK;
    }
    /* Without TLS the plain ports are open, and AMT says false all the same. */
    cim_set_boolean(out, "AcceptNonSecureConnections", s->is_enabled && s->accepts_plain);
    cim_set_boolean(out, "Enabled", s->is_enabled);
    cim_set_boolean(out, "MutualAuthentication", s->is_mutual);
    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        if (s->names[i][0] != '\0') {
            cim_set_text(out, "TrustedCN", s->names[i]);
        }
    }
    return CIM_OK;
}

/* The names given take the place of all that there were. */
static int take_names(const struct cim_bag *in, struct tls_settings *s)
{
    size_t names = cim_bag_count(in, "TrustedCN");
    if (names > TLS_SETTINGS_NAMES) {
        return CIM_ERR_QUOTA;
    }
    for (size_t i = 0; i < TLS_SETTINGS_NAMES; i++) {
        s->names[i][0] = '\0';
    }
    for (size_t i = 0; i < names; i++) {
        struct span name = cim_bag_get(in, "TrustedCN", i)->bytes;
        if (span_copy_str(name, s->names[i], sizeof(s->names[i])) < 0) {
            return CIM_ERR_REPRESENTATION;
        }
    }
    return CIM_OK;
}

static int write(size_t index, const struct cim_bag *in)
{
    struct tls_settings next = *tls_settings_staged();
    if (cim_bag_get(in, "Enabled", 0) == NULL) {
        return CIM_ERR_REPRESENTATION;
    }
    if (index == LOCAL) {
        provider_take_boolean(in, "Enabled", &next.is_local_enabled);
        provider_take_boolean(in, "MutualAuthentication", &next.is_local_mutual);
    } else {
        provider_take_boolean(in, "Enabled", &next.is_enabled);
        provider_take_boolean(in, "MutualAuthentication", &next.is_mutual);
        provider_take_boolean(in, "AcceptNonSecureConnections", &next.accepts_plain);
        if (!next.is_enabled) {
            next.accepts_plain = true;
            next.is_mutual = false;
        }
        int result = take_names(in, &next);
        if (result < 0) {
            return result;
        }
    }
    *tls_settings_staged() = next;
    return CIM_OK;
}

const struct cim_provider tls_setting_data_provider = {
    .class = &AMT_TLSSettingData_class, .count = count, .read = read, .write = write};
