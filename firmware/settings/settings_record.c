/* SPDX-License-Identifier: ISC */
/* Opening and judging records of settings. */
#include "settings/settings_record.h"

#include "base/log.h"
#include "store/store.h"

bool settings_record_open(const char *name, uint16_t version, struct record_reader *r)
{
    uint16_t found;
    struct span content;

    if (store_view(name, &found, &content) < 0) {
        return false;
    }
    if (found > version) {
        log_error("settings", "record %s is of version %u, known is %u: factory settings",
                  name, found, version);
        return false;
    }
    record_reader_init(r, content);
    return true;
}

bool settings_record_close(const char *name, const struct record_reader *r)
{
    if (!record_is_sound(r)) {
        log_error("settings", "record %s makes no sense: factory settings", name);
    }
    return record_is_sound(r);
}
