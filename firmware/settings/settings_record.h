/* SPDX-License-Identifier: ISC */
/* How modules of this folder read their record. */
#ifndef VAMT_SETTINGS_SETTINGS_RECORD_H
#define VAMT_SETTINGS_SETTINGS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "store/record.h"

/* Open record `name`, whose content is of version `version` or older. False: there is none, or
 * only a newer one (logged). The content must be read before the store is called again. */
bool settings_record_open(const char *name, uint16_t version, struct record_reader *r);
/* After the fields: were they sound? If not, the log says so. */
bool settings_record_close(const char *name, const struct record_reader *r);

#endif
