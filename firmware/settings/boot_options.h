/* SPDX-License-Identifier: ISC */
/*
 * What consoles asked for the next start of the host: boot device and boot settings. All of
 * it holds for one start (wire-facts.md 11.7), also if the firmware is restarted before: record
 * `boot-options`. Those that change something return an error of store_write, and then have
 * changed nothing.
 */
#ifndef VAMT_SETTINGS_BOOT_OPTIONS_H
#define VAMT_SETTINGS_BOOT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
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

/* Load; nothing is asked for where there is no sound record. */
void boot_options_start(void);
/* Valid for ever. */
const struct boot_options *boot_options_get(void);
/* Consoles wrote options: boot_options_were_cleared is false again. */
int boot_options_set(const struct boot_options *options) UTIL_MUST_CHECK;
/* Were options used (and cleared) by a start since they were last written? */
bool boot_options_were_cleared(void);

/* Forced boot device; BOOT_DEVICE_DEFAULT: none. */
int boot_options_set_device(vamt_BootDevice device) UTIL_MUST_CHECK;
/* Is the boot configuration to be used at the next start? True unless a console said no:
 * some set the device and never call SetBootConfigRole. */
int boot_options_set_enabled(bool enabled) UTIL_MUST_CHECK;
/* The device for the next start: the forced one, if the configuration is enabled. */
vamt_BootDevice boot_options_next_device(void);
/* A start has used the options: everything back to its default, in memory also if the store
 * fails. */
void boot_options_consume(void);
/* As delivered: nothing asked for, nothing used. In force also if the store fails. */
int boot_options_reset(void) UTIL_MUST_CHECK;

#endif
