/* SPDX-License-Identifier: ISC */
/*
 * The password of AMT's menu at the machine (MEBx), which a console may set. No menu exists here,
 * so nothing asks for it yet; there is no default one. Kept as a salted, stretched hash.
 */
#ifndef VAMT_SETUP_SETUP_MEBX_H
#define VAMT_SETUP_SETUP_MEBX_H

#include <stdbool.h>

#include "base/span.h"
#include "base/util.h"

/* ERR_INVALID: breaks the rule for passwords (account.h); ERR_IO: store, random numbers. */
int setup_mebx_set(struct span password) UTIL_MUST_CHECK;
/* Is this the password? Never, if none was set. */
bool setup_mebx_is(struct span password);
/* None is set any more. ERR_IO. */
int setup_mebx_reset(void) UTIL_MUST_CHECK;

#endif
