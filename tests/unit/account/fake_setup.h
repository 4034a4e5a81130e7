/* SPDX-License-Identifier: ISC */
/* A double of setup/setup.h's state: a variable. */
#ifndef VAMT_TESTS_FAKE_SETUP_H
#define VAMT_TESTS_FAKE_SETUP_H

#include "setup/setup.h"

extern enum setup_state fake_setup_state; /* at first SETUP_POST */

#endif
