/* SPDX-License-Identifier: ISC */
/*
 * AMT_BootSettingData: options of the next start, cleared when it happens. Those without
 * a counterpart in the host are stored and have no effect.
 */
#include "audit/audit_event.h"
#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/boot_options.h"
#include "setup/consent.h"

/* Firmware refuses a Put that has one of these (firmware-facts.md 2): consoles take them
 * out before they write back what they read. RPEEnabled is ignored: some leave it in. */
static const char *const read_only[] = {
    "BIOSLastStatus",           "BootguardStatus",      "OptionsCleared",
    "SecureBootControlEnabled", "UEFIHTTPSBootEnabled", "UEFILocalPBABootEnabled",
    "UefiBootParametersArray",  "WinREBootEnabled",
};

struct flag {
    const char *name;
    size_t offset; /* of a bool in struct boot_options */
};

static const struct flag boot_flags[] = {
    {"BIOSPause", offsetof(struct boot_options, bios_pause)},
    {"BIOSSetup", offsetof(struct boot_options, bios_setup)},
    {"ConfigurationDataReset", offsetof(struct boot_options, configuration_data_reset)},
    {"EnforceSecureBoot", offsetof(struct boot_options, enforce_secure_boot)},
    {"ForcedProgressEvents", offsetof(struct boot_options, forced_progress_events)},
    {"LockKeyboard", offsetof(struct boot_options, lock_keyboard)},
    {"LockPowerButton", offsetof(struct boot_options, lock_power_button)},
    {"LockResetButton", offsetof(struct boot_options, lock_reset_button)},
    {"LockSleepButton", offsetof(struct boot_options, lock_sleep_button)},
    {"ReflashBIOS", offsetof(struct boot_options, reflash_bios)},
    {"SecureErase", offsetof(struct boot_options, secure_erase)},
    {"UseIDER", offsetof(struct boot_options, use_ider)},
    {"UseSOL", offsetof(struct boot_options, use_sol)},
    {"UseSafeMode", offsetof(struct boot_options, use_safe_mode)},
    {"UserPasswordBypass", offsetof(struct boot_options, user_password_bypass)},
};

enum { VERBOSITY_MAX = 3, IDER_DEVICE_MAX = 1 };
/* BIOSLastStatus: word 0 "not updated", word 1 no error. */
enum { BIOS_NOT_UPDATED = 2, BIOS_NO_ERROR = 0 };

static bool *flag_of(struct boot_options *options, const struct flag *flag)
{
    return (bool *)((char *)options + flag->offset);
}

static int read(size_t index, struct cim_bag *out)
{
    (void)index;
    struct boot_options options = *boot_options_get();
    for (size_t i = 0; i < UTIL_COUNT(boot_flags); i++) {
        cim_set_boolean(out, boot_flags[i].name, *flag_of(&options, &boot_flags[i]));
    }
    cim_set_uint(out, "BIOSLastStatus", BIOS_NOT_UPDATED);
    cim_set_uint(out, "BIOSLastStatus", BIOS_NO_ERROR);
    cim_set_uint(out, "BootMediaIndex", options.boot_media_index);
    cim_set_text(out, "ElementName", "Intel(r) AMT Boot Configuration Settings");
    cim_set_uint(out, "FirmwareVerbosity", options.firmware_verbosity);
    cim_set_uint(out, "IDERBootDevice", options.ider_boot_device);
    cim_set_text(out, "InstanceID", "Intel(r) AMT:BootSettingData 0");
    cim_set_boolean(out, "OptionsCleared", boot_options_were_cleared());
    cim_set_text(out, "OwningEntity", PROVIDER_AMT_SYSTEM);
    cim_set_text(out, "RSEPassword", ""); /* never told */
    return CIM_OK;
}

static bool is_any_set(struct boot_options *options)
{
    bool is_any = false;
    for (size_t i = 0; i < UTIL_COUNT(boot_flags); i++) {
        is_any = is_any || *flag_of(options, &boot_flags[i]);
    }
    return is_any;
}

static int write(size_t index, const struct cim_bag *in)
{
    (void)index;
    struct boot_options next = *boot_options_get();
    for (size_t i = 0; i < UTIL_COUNT(read_only); i++) {
        if (cim_bag_get(in, read_only[i], 0) != NULL) {
            return CIM_ERR_REPRESENTATION;
        }
    }
    if (cim_get_uint(in, "FirmwareVerbosity", 0) > VERBOSITY_MAX ||
        cim_get_uint(in, "IDERBootDevice", 0) > IDER_DEVICE_MAX) {
        return CIM_ERR_REPRESENTATION;
    }
    for (size_t i = 0; i < UTIL_COUNT(boot_flags); i++) {
        provider_take_boolean(in, boot_flags[i].name, flag_of(&next, &boot_flags[i]));
    }
    next.firmware_verbosity = (uint8_t)provider_take_uint(in, "FirmwareVerbosity",
                                                          next.firmware_verbosity);
    next.ider_boot_device = (uint8_t)provider_take_uint(in, "IDERBootDevice",
                                                        next.ider_boot_device);
    next.boot_media_index = (uint16_t)provider_take_uint(in, "BootMediaIndex",
                                                         next.boot_media_index);
    /* All off is what consoles write before plain power control: neither does that need consent
     * nor is it worth a record. */
    if (is_any_set(&next)) {
        if (consent_is_missing(CONSENT_FOR_BOOT)) {
            return CIM_ERR_DENIED;
        }
        if (provider_audit(cim_writer(), AUDIT_RCO_BOOT_OPTIONS, span_of(NULL, 0)) !=
            PT_STATUS_SUCCESS) {
            return CIM_ERR_AUDIT;
        }
    }
    return boot_options_set(&next) < 0 ? CIM_ERR_INTERNAL : CIM_OK;
}

const struct cim_provider boot_setting_data_provider = {
    .class = &AMT_BootSettingData_class, .read = read, .write = write};
