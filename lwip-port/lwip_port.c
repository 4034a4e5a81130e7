/* SPDX-License-Identifier: ISC */
/* Randomness for lwIP from one 32-byte secret, by SipHash. */
#include "lwip_port.h"

#include <string.h>

#include "base/bytes.h"
#include "base/siphash.h"
#include "hal/board.h"
#include "lwip_hooks.h"

/* One half keys the sequence numbers, the other the generator. */
static uint8_t sequence_key[SIPHASH_KEY_LEN];
static uint8_t random_key[SIPHASH_KEY_LEN];
static uint64_t drawn;

_Static_assert(LWIP_PORT_KEY_LEN == 2 * SIPHASH_KEY_LEN, "one key, two halves");

void lwip_port_seed(const uint8_t key[LWIP_PORT_KEY_LEN])
{
    memcpy(sequence_key, key, sizeof(sequence_key));
    memcpy(random_key, key + sizeof(sequence_key), sizeof(random_key));
    drawn = 0;
}

uint32_t lwip_port_rand(void)
{
    uint8_t counter[8];

    bytes_put_le64(counter, ++drawn);
    return (uint32_t)siphash_24(random_key, span_of(counter, sizeof(counter)));
}

uint32_t lwip_port_sequence(uint64_t now_us, uint32_t local, uint16_t local_port,
                            uint32_t remote, uint16_t remote_port)
{
    uint8_t tuple[12];

    bytes_put_le32(tuple, local);
    bytes_put_le16(tuple + 4, local_port);
    bytes_put_le32(tuple + 6, remote);
    bytes_put_le16(tuple + 10, remote_port);
    return (uint32_t)(now_us / 4) +
           (uint32_t)siphash_24(sequence_key, span_of(tuple, sizeof(tuple)));
}

u32_t lwip_port_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                    u16_t remote_port)
{
    return lwip_port_sequence(board_now_us(), ip4_addr_get_u32(ip_2_ip4(local)),
                              local_port, ip4_addr_get_u32(ip_2_ip4(remote)),
                              remote_port);
}
