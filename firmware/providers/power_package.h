/* SPDX-License-Identifier: ISC */
/* The power packages as others refer to them. */
#ifndef VAMT_PROVIDERS_POWER_PACKAGE_H
#define VAMT_PROVIDERS_POWER_PACKAGE_H

#include <stddef.h>

#include "providers/provider.h"

/* Packages are numbered as enum power_scheme is. */
enum { POWER_PACKAGE_COUNT = 2 };

/* Set reference `name` to package `index`, with all its keys. */
void power_package_set_path(struct cim_bag *out, const char *name, size_t index);

#endif
