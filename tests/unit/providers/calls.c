/* SPDX-License-Identifier: ISC */
#include "providers/calls.h"

#include "unit.h"

#include "account/account.h"
#include "audit/audit_log.h"
#include "base/sbuf.h"
#include "cim/schema.h"
#include "setup/setup.h"
#include "setup/setup_world.h"

struct call_double calls;
struct cim_bag calls_bag;

int calls_open_unprovisioned(void **state)
{
    (void)state;
    setup_world_open(true);
    setup_world_certificates();
    return setup_world_start();
}

int calls_open_provisioned(void **state)
{
    (void)state;
    setup_world_open(false);
    return setup_world_start();
}

int calls_close(void **state)
{
    (void)state;
    setup_world_close();
    return 0;
}

void calls_begin(const struct cim_class *class, const char *method)
{
    call_double_begin(&calls, class, method);
}

uint32_t calls_invoke(void)
{
    assert_int_equal(call_double_invoke(&calls), CIM_OK);
    return calls.call.return_value;
}

uint32_t calls_run(const struct cim_class *class, const char *method)
{
    calls_begin(class, method);
    return calls_invoke();
}

void calls_get(const struct cim_class *class)
{
    const struct cim_path path = {.class = class};

    assert_int_equal(cim_get(&host_double_admin, &path, &calls_bag), CIM_OK);
}

uint64_t calls_number(const struct cim_class *class, const char *property)
{
    calls_get(class);
    return cim_get_uint(&calls_bag, property, 4242);
}

const char *calls_ha1(const char *password)
{
    static char hex[2 * ACCOUNT_HA1_LEN + 1];
    uint8_t ha1[ACCOUNT_HA1_LEN];
    struct sbuf out;

    account_make_ha1(span_str("admin"), span_str(password), ha1);
    sbuf_init(&out, hex, sizeof(hex));
    sbuf_put_hex_bytes(&out, span_of(ha1, sizeof(ha1)), false);
    assert_int_equal(sbuf_terminate(&out), 0);
    return hex;
}

void calls_begin_setup(const char *method, unsigned encryption, const char *ha1)
{
    calls_begin(&IPS_HostBasedSetupService_class, method);
    cim_set_uint(&calls.in, "NetAdminPassEncryptionType", encryption);
    cim_set_text(&calls.in, "NetworkAdminPassword", ha1);
}

uint32_t calls_set_up(const char *password)
{
    calls_begin_setup("Setup", 2, calls_ha1(password));
    return calls_invoke();
}

unsigned calls_audited(uint16_t id)
{
    unsigned found = 0;

    for (size_t i = 0; i < audit_log_count(); i++) {
        const uint8_t *bytes = audit_log_at(i).ptr;

        found += bytes[0] == 0 && bytes[1] == id >> 8 && bytes[2] == 0 &&
                 bytes[3] == (id & 0xff);
    }
    return found;
}
