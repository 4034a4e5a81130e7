/* SPDX-License-Identifier: ISC */
/*
 * Lock-out: after CONFIG_LOCK_FREE refused logins an address, and apart from it a name, must wait
 * before the next one can pass, twice as long each time up to CONFIG_LOCK_MOST_MS. What is tried
 * meanwhile is refused, right or wrong, and neither counts nor makes the wait longer.
 *
 * One address cannot lock a name: its refused logins count once for the name, unless others have
 * locked that already. A locked name is locked for addresses that never logged in to it. A login
 * clears what its address was refused for that name; a name is only forgiven by time, so
 * that somebody who polls does not open it for guessers.
 *
 * Only names of accounts are counted, each in a place of its own. When more addresses are refused
 * than there are places, the one whose wait ends first makes room: many addresses gain nothing,
 * because each of them counts for the name.
 */
#ifndef VAMT_ACCOUNT_ACCOUNT_LOCK_H
#define VAMT_ACCOUNT_ACCOUNT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"

/* Forget everything. */
void account_lock_start(void);
/* Must this login be refused, whatever its password? */
bool account_lock_is_on(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                        uint64_t now_us);
/* Seconds, rounded up, that the address still has to wait; 0: it is not locked. That the name is
 * locked must not be told: it would tell that there is such an account. */
uint32_t account_lock_wait_s(const uint8_t peer[ACCOUNT_PEER_LEN], uint64_t now_us);
/* A login was refused for its name or password. Counts it; writes the log as account_lock_note
 * does, and for each wait a line and, if it is one of an address, an audit record. */
void account_lock_failure(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                          uint64_t now_us);
void account_lock_success(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN]);
/* A login was refused without a look at its password (a wrong realm): only for the log, at most
 * one line per second. */
void account_lock_note(struct span name, const uint8_t peer[ACCOUNT_PEER_LEN],
                       uint64_t now_us);
/* Names and addresses locked now. */
uint32_t account_lock_count(uint64_t now_us);

#endif
