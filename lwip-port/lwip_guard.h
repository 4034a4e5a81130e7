/* SPDX-License-Identifier: ISC */
/*
 * Checks a received TCP segment's option list before lwIP parses it. Plain lwIP
 * 2.2.1 reads one byte beyond the options when the last byte is an option kind without its
 * length (repaired upstream after 2.2.1; tools/patches/lwip repairs the pinned source too).
 * Here such segments do not even reach the parser.
 */
#ifndef LWIP_PORT_LWIP_GUARD_H
#define LWIP_PORT_LWIP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/err.h"
#include "lwip/prot/tcp.h"

/* Is the list of `len` option bytes well formed (RFC 9293 clause 3.1)? The first `len1`
 * bytes are at part1, the rest at part2 (NULL: all at part1). */
bool lwip_guard_options_ok(const uint8_t *part1, uint16_t len1, const uint8_t *part2,
                           uint16_t len);
/* The hook: ERR_OK, or ERR_VAL to have the segment dropped. Counts what it drops. */
err_t lwip_guard_tcp_options(const struct tcp_hdr *header, u16_t len, u16_t len1,
                             const u8_t *part2);
/* Segments dropped so far. */
uint32_t lwip_guard_drops(void);

#endif
