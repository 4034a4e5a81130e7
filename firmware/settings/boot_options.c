/* SPDX-License-Identifier: ISC */
/* Options of the next start. */
#include "settings/boot_options.h"

#include "settings/settings_record.h"
#include "store/store.h"

enum { RECORD_VERSION = 1, RECORD_CAP = 32 };
static const char record[] = "boot-options";

/* All that the record holds. All zero: nothing was asked for. */
struct next_start {
    struct boot_options options;
    vamt_BootDevice device;
    bool is_disabled;
    bool was_cleared;
};
static struct next_start next;

static void read_options(struct record_reader *r, struct boot_options *o)
{
    o->use_sol = record_get_bool(r, false);
    o->use_safe_mode = record_get_bool(r, false);
    o->reflash_bios = record_get_bool(r, false);
    o->bios_setup = record_get_bool(r, false);
    o->bios_pause = record_get_bool(r, false);
    o->lock_power_button = record_get_bool(r, false);
    o->lock_reset_button = record_get_bool(r, false);
    o->lock_keyboard = record_get_bool(r, false);
    o->lock_sleep_button = record_get_bool(r, false);
    o->user_password_bypass = record_get_bool(r, false);
    o->forced_progress_events = record_get_bool(r, false);
    o->configuration_data_reset = record_get_bool(r, false);
    o->use_ider = record_get_bool(r, false);
    o->enforce_secure_boot = record_get_bool(r, false);
    o->secure_erase = record_get_bool(r, false);
    o->firmware_verbosity = record_get_u8(r, 0);
    o->ider_boot_device = record_get_u8(r, 0);
    o->boot_media_index = record_get_u16(r, 0);
}

static void write_options(struct record_writer *w, const struct boot_options *o)
{
    record_put_bool(w, o->use_sol);
    record_put_bool(w, o->use_safe_mode);
    record_put_bool(w, o->reflash_bios);
    record_put_bool(w, o->bios_setup);
    record_put_bool(w, o->bios_pause);
    record_put_bool(w, o->lock_power_button);
    record_put_bool(w, o->lock_reset_button);
    record_put_bool(w, o->lock_keyboard);
    record_put_bool(w, o->lock_sleep_button);
    record_put_bool(w, o->user_password_bypass);
    record_put_bool(w, o->forced_progress_events);
    record_put_bool(w, o->configuration_data_reset);
    record_put_bool(w, o->use_ider);
    record_put_bool(w, o->enforce_secure_boot);
    record_put_bool(w, o->secure_erase);
    record_put_u8(w, o->firmware_verbosity);
    record_put_u8(w, o->ider_boot_device);
    record_put_u16(w, o->boot_media_index);
}

void boot_options_start(void)
{
    struct next_start n = {.is_disabled = false};
    struct record_reader r;
    uint8_t device;

    next = n;
    if (!settings_record_open(record, RECORD_VERSION, &r)) {
        return;
    }
    device = record_get_u8(&r, vamt_BootDevice_BOOT_DEVICE_DEFAULT);
    r.is_bad = r.is_bad || device > _vamt_BootDevice_MAX;
    n.device = (vamt_BootDevice)device;
    n.is_disabled = record_get_bool(&r, false);
    n.was_cleared = record_get_bool(&r, false);
    read_options(&r, &n.options);
    if (settings_record_close(record, &r)) {
        next = n;
    }
}

static int save(const struct next_start *n)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u8(&w, (uint8_t)n->device);
    record_put_bool(&w, n->is_disabled);
    record_put_bool(&w, n->was_cleared);
    write_options(&w, &n->options);
    result = store_write(record, RECORD_VERSION, record_done(&w));
    if (result == 0) {
        next = *n;
    }
    return result;
}

const struct boot_options *boot_options_get(void)
{
    return &next.options;
}

bool boot_options_were_cleared(void)
{
    return next.was_cleared;
}

int boot_options_set(const struct boot_options *options)
{
    struct next_start n = next;

    n.options = *options;
    n.was_cleared = false;
    return save(&n);
}

int boot_options_set_device(vamt_BootDevice device)
{
    struct next_start n = next;

    n.device = device;
    return save(&n);
}

int boot_options_set_enabled(bool enabled)
{
    struct next_start n = next;

    n.is_disabled = !enabled;
    return save(&n);
}

vamt_BootDevice boot_options_next_device(void)
{
    return next.is_disabled ? vamt_BootDevice_BOOT_DEVICE_DEFAULT : next.device;
}

/* If the store cannot be written they are forgotten in memory at least. */
void boot_options_consume(void)
{
    struct next_start n = {.was_cleared = true};

    if (save(&n) < 0) {
        next = n;
    }
}

int boot_options_reset(void)
{
    next = (struct next_start){.was_cleared = false};
    return store_remove(record);
}
