/* SPDX-License-Identifier: ISC */
/*
 * CIM_Processor, CIM_Chip and CIM_Realizes between them: one of each per socket, in the same
 * order, for consoles join them by position. They come from the inventory, which the shim
 * sends of a host that is off as well.
 */
#include "base/panic.h"
#include "base/sbuf.h"
#include "cim/schema.h"
#include "host/host_model.h"
#include "providers/provider.h"

/* As many as one reply holds: consoles pull a leaf class once. */
enum { SOCKETS_MAX = 64 };
enum { NAME_CAP = 16 };

/* DMTF value maps. */
enum { STATUS_UNKNOWN = 0, HEALTH_UNKNOWN = 0, STATE_ENABLED = 2, CPU_ENABLED = 1 };
enum { REQUESTED_NOT_APPLICABLE = 12, FAMILY_OTHER = 1, UPGRADE_UNKNOWN = 2 };
/* A virtual machine's processor has neither, so as SMBIOS says "unknown". */
enum { BUS_CLOCK = 0 };
#define STEPPING "0"

static const vamt_Processor *facts(void)
{
    return &host_model()->inventory.processor;
}

static size_t count(void)
{
    const vamt_HostSnapshot *host = host_model();
    if (!host->has_inventory || !host->inventory.has_processor) {
        return 0;
    }
    size_t sockets = facts()->sockets;
    return sockets < SOCKETS_MAX ? sockets : SOCKETS_MAX;
}

/* DeviceID of the processor and Tag of its chip. */
static const char *socket_name(size_t index, char name[NAME_CAP])
{
    struct sbuf out;
    sbuf_init(&out, name, NAME_CAP);
    sbuf_printf(&out, "CPU %zu", index);
    panic_unless(sbuf_terminate(&out) == 0);
    return name;
}

static int read_processor(size_t index, struct cim_bag *out)
{
    char name[NAME_CAP];
    cim_set_uint(out, "CPUStatus", CPU_ENABLED);
    cim_set_text(out, "CreationClassName", out->class->name);
    cim_set_uint(out, "CurrentClockSpeed", facts()->mhz);
    cim_set_text(out, "DeviceID", socket_name(index, name));
    cim_set_text(out, "ElementName", "Managed System CPU");
    cim_set_uint(out, "EnabledState", STATE_ENABLED);
    cim_set_uint(out, "ExternalBusClockSpeed", BUS_CLOCK);
    cim_set_uint(out, "Family", FAMILY_OTHER);
    cim_set_uint(out, "HealthState", HEALTH_UNKNOWN);
    cim_set_uint(out, "MaxClockSpeed", facts()->mhz);
    cim_set_uint(out, "OperationalStatus", STATUS_UNKNOWN);
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    cim_set_text(out, "Role", "Central");
    cim_set_text(out, "Stepping", STEPPING);
    cim_set_text(out, "SystemCreationClassName", "CIM_ComputerSystem");
    cim_set_text(out, "SystemName", PROVIDER_HOST_SYSTEM);
    cim_set_uint(out, "UpgradeMethod", UPGRADE_UNKNOWN);
    return CIM_OK;
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

static int read_chip(size_t index, struct cim_bag *out)
{
    char name[NAME_CAP];
    cim_set_boolean(out, "CanBeFRUed", true);
    cim_set_text(out, "CreationClassName", out->class->name);
    cim_set_text(out, "ElementName", "Managed System Processor Chip");
    cim_set_text(out, "Manufacturer", facts()->vendor);
    cim_set_uint(out, "OperationalStatus", STATUS_UNKNOWN);
    cim_set_text(out, "Tag", socket_name(index, name));
    cim_set_text(out, "Version", facts()->model);
    return CIM_OK;
}

static int read_realizes(size_t index, struct cim_bag *out)
{
    char name[NAME_CAP];
    socket_name(index, name);
    cim_set_path(out, "Antecedent", &CIM_Chip_class, "CreationClassName", "CIM_Chip",
                 "Tag", name, (char *)NULL);
    cim_set_path(out, "Dependent", &CIM_Processor_class, "CreationClassName",
                 "CIM_Processor", "DeviceID", name, "SystemCreationClassName",
                 "CIM_ComputerSystem", "SystemName", PROVIDER_HOST_SYSTEM, (char *)NULL);
    return CIM_OK;
}

const struct cim_provider processor_provider = {.class = &CIM_Processor_class,
                                                .count = count,
                                                .read = read_processor,
                                                .invoke = invoke};
const struct cim_provider processor_chip_provider = {
    .class = &CIM_Chip_class, .count = count, .read = read_chip};
const struct cim_provider processor_realizes_provider = {
    .class = &CIM_Realizes_class, .count = count, .read = read_realizes};
