/* SPDX-License-Identifier: ISC */
/*
 * A device for the tests of setup/: real modules on a simulated flash, seeds and clocks of
 * providers/host_double.h, and certificates made by OpenSSL (make_chain).
 */
#ifndef VAMT_TESTS_SETUP_WORLD_H
#define VAMT_TESTS_SETUP_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "providers/host_double.h"
#include "store/flash_sim.h"

extern struct flash_sim setup_world_sim;

/* A blank flash and a key for it; with an administrator's password, or unprovisioned. */
void setup_world_open(bool is_unprovisioned);
void setup_world_close(void);
/* What a reset does, in the order of main.c. Returns what setup_start does. */
int setup_world_start(void);

/* Make the certificates (once) and trust root and d9. Also sets the wall clock. */
void setup_world_certificates(void);
/* DER by the name that make_chain gave it. Valid for ever. */
struct span setup_world_der(const char *name);
/* leaf.key's signature over `text`; valid until the next call. */
struct span setup_world_sign(struct span text);
/* Over our nonce and the console's, as consoles do it. */
struct span setup_world_sign_nonces(struct span ours, struct span theirs);
/* Hand over leaf, inter, root by setup_chain_add. */
void setup_world_add_chain(void);

#endif
