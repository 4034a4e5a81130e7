/* SPDX-License-Identifier: ISC */
/*
 * What consoles asked for the next start of the host: boot device and boot settings. All of
 * it holds for one start (wire-facts.md 11.7) and is kept in RAM; the settings store is to
 * hook in at boot_options_get.
 */
#ifndef VAMT_SETTINGS_BOOT_OPTIONS_H
#define VAMT_SETTINGS_BOOT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host_model.h"

/* AMT_BootSettingData, the part that consoles write. Names as there. */
struct boot_options {
    bool use_sol;
    bool use_safe_mode;
    bool reflash_bios;
    bool bios_setup;
    bool bios_pause;
    bool lock_power_button;
    bool lock_reset_button;
    bool lock_keyboard;
    bool lock_sleep_button;
    bool user_password_bypass;
    bool forced_progress_events;
    bool configuration_data_reset;
    bool use_ider;
    bool enforce_secure_boot;
    bool secure_erase;
    uint8_t firmware_verbosity;
    uint8_t ider_boot_device;
    uint16_t boot_media_index;
};

/* Valid for ever; the caller may change fields. */
struct boot_options *boot_options_get(void);
/* Were options used (and cleared) by a start since they were last written? */
bool boot_options_were_cleared(void);
/* Consoles wrote options: boot_options_were_cleared is false again. */
void boot_options_written(void);

/* Forced boot device; BOOT_DEVICE_DEFAULT: none. */
void boot_options_set_device(vamt_BootDevice device);
/* Is the boot configuration to be used at the next start? True unless a console said no:
 * some set the device and never call SetBootConfigRole. */
void boot_options_set_enabled(bool enabled);
/* The device for the next start: the forced one, if the configuration is enabled. */
vamt_BootDevice boot_options_next_device(void);
/* A start has used the options: everything back to its default. */
void boot_options_consume(void);

#endif
