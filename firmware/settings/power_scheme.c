/* SPDX-License-Identifier: ISC */
/* Power package. */
#include "settings/power_scheme.h"

#include "settings/settings_record.h"
#include "store/store.h"

enum { RECORD_VERSION = 1, RECORD_CAP = 1 };
static const enum power_scheme factory = POWER_SCHEME_S0_TO_S5;
static const char record[] = "power-scheme";

static enum power_scheme current = POWER_SCHEME_S0_TO_S5;

void power_scheme_start(void)
{
    struct record_reader r;
    uint8_t scheme;

    current = factory;
    if (!settings_record_open(record, RECORD_VERSION, &r)) {
        return;
    }
    scheme = record_get_u8(&r, factory);
    r.is_bad = r.is_bad || scheme > POWER_SCHEME_S0_TO_S5;
    if (settings_record_close(record, &r)) {
        current = (enum power_scheme)scheme;
    }
}

enum power_scheme power_scheme_get(void)
{
    return current;
}

int power_scheme_set(enum power_scheme scheme)
{
    uint8_t bytes[RECORD_CAP];
    struct record_writer w;
    int result;

    record_writer_init(&w, bytes, sizeof(bytes));
    record_put_u8(&w, (uint8_t)scheme);
    result = store_write(record, RECORD_VERSION, record_done(&w));
    if (result == 0) {
        current = scheme;
    }
    return result;
}

int power_scheme_reset(void)
{
    current = factory;
    return store_remove(record);
}
