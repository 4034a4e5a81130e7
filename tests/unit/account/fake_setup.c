/* SPDX-License-Identifier: ISC */
/* The double of setup_state(), for as long as the test does not link the real one. */
#include "fake_setup.h"

enum setup_state fake_setup_state = SETUP_POST;

__attribute__((weak)) enum setup_state setup_state(void)
{
    return fake_setup_state;
}
