/* SPDX-License-Identifier: ISC */
/*
 * Proof that a console may take this device into admin control mode: a certificate chain from a
 * leaf for provisioning up to a trusted root (setup_hash.h), handed over one by one, and the
 * leaf's signature over our nonce and the console's. One nonce serves one attempt.
 *
 * With the seed `pki-dns-suffix` the leaf must also be for that domain: its common name is the
 * suffix, lies under it, or names a domain above it ("*." before a name is passed over). Without
 * the seed any name will do: the list of roots is the operator's own.
 */
#ifndef VAMT_SETUP_SETUP_CHAIN_H
#define VAMT_SETUP_SETUP_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/util.h"
#include "setup/setup_record.h"

/* IPS_HostBasedSetupService.CertChainStatus */
enum setup_chain_state {
    SETUP_CHAIN_NONE = 0,
    SETUP_CHAIN_PART = 1,
    SETUP_CHAIN_WHOLE = 2
};

enum { SETUP_CHAIN_NONCE_LEN = 20 };

/* No chain, a new nonce. ERR_IO: no random numbers (then nothing can be proved). */
int setup_chain_start(void) UTIL_MUST_CHECK;
/* Forget the chain. */
void setup_chain_reset(void);
enum setup_chain_state setup_chain_state(void);
/* SETUP_CHAIN_NONCE_LEN bytes; empty without random numbers. */
struct span setup_chain_nonce(void);
/* The domain that leaves must be for; "" : any. */
const char *setup_chain_suffix(void);

/* Leaf first (begins anew), root last. On an error the chain is forgotten. ERR_INVALID: not in
 * this order; ERR_TOO_BIG: too many, or too long; ERR_DENIED: not a certificate, or not one that
 * this device trusts for it (leaf: usage, name, date; root: its hash and the whole chain);
 * ERR_BUSY: no memory now. */
int setup_chain_add(struct span der, bool is_leaf, bool is_root) UTIL_MUST_CHECK;
/* Is it the signature (RSA, SHA-256) of the leaf over nonce and `mc_nonce`? What is known of the
 * chain goes to `record`. ERR_INVALID: the chain is not whole, or the other nonce has not
 * SETUP_CHAIN_NONCE_LEN bytes; ERR_DENIED: it is not; ERR_BUSY. Chain and nonce are used up. */
int setup_chain_prove(struct span mc_nonce, struct span signature,
                      struct setup_record *record) UTIL_MUST_CHECK;
/* The same with a certificate that need not be trusted, in place of a chain (Setup): who set
 * this device up can be found out later. */
int setup_chain_prove_client(struct span certificate, struct span mc_nonce,
                             struct span signature,
                             struct setup_record *record) UTIL_MUST_CHECK;

#endif
