/* SPDX-License-Identifier: ISC */
/* Options of the next start, in RAM. */
#include "settings/boot_options.h"

static struct boot_options options;
static vamt_BootDevice device = vamt_BootDevice_BOOT_DEVICE_DEFAULT;
static bool is_disabled;
static bool was_cleared;

struct boot_options *boot_options_get(void)
{
    return &options;
}

bool boot_options_were_cleared(void)
{
    return was_cleared;
}

void boot_options_written(void)
{
    was_cleared = false;
}

void boot_options_set_device(vamt_BootDevice new_device)
{
    device = new_device;
}

void boot_options_set_enabled(bool enabled)
{
    is_disabled = !enabled;
}

vamt_BootDevice boot_options_next_device(void)
{
    return is_disabled ? vamt_BootDevice_BOOT_DEVICE_DEFAULT : device;
}

void boot_options_consume(void)
{
    options = (struct boot_options){.use_sol = false};
    device = vamt_BootDevice_BOOT_DEVICE_DEFAULT;
    is_disabled = false;
    was_cleared = true;
}
