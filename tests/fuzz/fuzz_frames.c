/* SPDX-License-Identifier: ISC */
/*
 * Ethernet frames into the network layer and lwIP. The input is a list of records
 *     KIND (1 byte), LENGTH (2 bytes, little-endian), that many bytes
 * KIND 0: a frame as it stands. 1: a frame whose destination, IPv4 and TCP/UDP/ICMP checksums are
 * repaired first, so that the fuzzer gets past them; a TCP acknowledgement number of all ones
 * is replaced by what the firmware expects. 2: let LENGTH milliseconds * 16 pass (no bytes).
 * 3: switch to DHCP (LENGTH odd) or back to the static address (no bytes). 4: mode LENGTH % 4,
 * asleep with the offloads and the hold of the other bits. 5: faults from now on, see
 * set_faults. 6: drop all connections. 7: as 1. (4 to 6: no bytes.)
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault/fault.h"
#include "fuzz_net.h"

enum { RECORDS_MAX = 40, HEAD = 14 };

static uint16_t faults;
static uint32_t their_next; /* after the firmware's last TCP segment */

static void on_sent(const uint8_t *sent, size_t len)
{
    if (len >= HEAD + 40 && sent[12] == 8 && sent[13] == 0 && sent[23] == 6) {
        const uint8_t *tcp = sent + HEAD + 20;
        uint32_t seq = (uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 |
                       (uint32_t)tcp[6] << 8 | tcp[7];
        size_t head = 20 + (size_t)(tcp[12] >> 4) * 4;
        size_t total = (size_t)sent[16] << 8 | sent[17];
        their_next = seq + (uint32_t)(total - head) + ((tcp[13] & 3) != 0);
    }
}

/* Bits of `faults`: 0: frames in are lost; 1: out; 2, 3: late; 4: streams are cut; the rest:
 * how late, or where. */
bool fault_drops_frame(enum fault_way way, uint64_t *delay_us)
{
    bool is_late = (faults >> (way == FAULT_WAY_IN ? 2 : 3) & 1) != 0;

    *delay_us = is_late ? (uint64_t)(faults >> 5) * 5000 : 0;
    return (faults >> (way == FAULT_WAY_IN ? 0 : 1) & 1) != 0;
}

bool fault_truncates(uint16_t local_port, uint32_t *after)
{
    (void)local_port;
    *after = (uint32_t)faults >> 5;
    return (faults >> 4 & 1) != 0;
}

static int on_open(struct conn *conn)
{
    conn->deadline_us = now_us + 20000000;
    return 0;
}

static size_t on_input(struct conn *conn, struct span bytes)
{
    if (bytes.ptr[0] == 'q') {
        conn_close(conn);
    } else if (bytes.ptr[0] == 'r') {
        conn_abort(conn);
    }
    return conn_write(conn, bytes);
}

static void on_timeout(struct conn *conn)
{
    conn_close(conn);
}

static const struct conn_handler handler = {.open = on_open,
                                            .input = on_input,
                                            .timeout = on_timeout,
                                            .refusal = {(const uint8_t *)"no", 2}};
static const struct conn_service services[] = {
    {.port = 7, .handler = &handler, .name = "echo"}};

static void repair(void)
{
    static const size_t places[256] = {[1] = 2, [6] = 16, [17] = 6};
    uint8_t *ip = frame + HEAD;

    if (frame_len < HEAD + 20 || frame[12] != 8 || frame[13] != 0) {
        return;
    }
    size_t head = (size_t)(ip[0] & 15) * 4;
    size_t len = frame_len - HEAD;
    if (head < 20 || head > len) {
        return;
    }
    put16(ip + 2, (uint32_t)len);
    put16(ip + 10, 0);
    put16(ip + 10, fold(sum(ip, head, 0)));
    uint8_t *body = ip + head;
    size_t body_len = len - head;
    size_t place = places[ip[9]];
    if (place == 0 || body_len < place + 2) {
        return;
    }
    if (ip[9] == 6 && body_len >= 20 && memcmp(body + 8, "\xff\xff\xff\xff", 4) == 0) {
        put16(body + 8, their_next >> 16);
        put16(body + 10, their_next);
    }
    put16(body + place, 0);
    uint32_t pseudo = ip[9] == 1 ? 0 : sum(ip + 12, 8, ip[9] + (uint32_t)body_len);
    put16(body + place, fold(sum(body, body_len, pseudo)));
}

static void set_mode(uint16_t bits)
{
    const struct net_sleep sleep = {.answers_arp = (bits & 4) != 0,
                                    .answers_ping = (bits & 8) != 0,
                                    .hold = (uint32_t)bits >> 4};

    (void)net_take_wake();
    net_set_mode((enum net_mode)(bits % 4), &sleep);
}

/* What a record without bytes does. */
static void act(unsigned kind, uint16_t len)
{
    const struct net_config dhcp = {.dhcp = true};
    const struct net_config fixed = {.address = {10, 0, 0, 1}, .prefix = 24};

    switch (kind) {
    case 2:
        now_us += (uint64_t)(len % 4096) * 16000;
        break;
    case 3:
        if (net_configure(len % 2 != 0 ? &dhcp : &fixed) != 0) {
            abort();
        }
        break;
    case 4:
        set_mode(len);
        break;
    case 5:
        faults = len;
        break;
    default:
        net_drop_conns();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of(data, size);

    start();
    for (unsigned i = 0; i < RECORDS_MAX; i++) {
        uint8_t kind;
        uint16_t len;
        struct span bytes;

        if (!span_take_u8(&in, &kind) || !span_take_le16(&in, &len)) {
            break;
        }
        kind %= 8;
        if (kind >= 2 && kind <= 6) {
            act(kind, len);
        } else {
            size_t take = util_min(len % (NIC_FRAME_CAP + 1), in.len);
            if (!span_take(&in, take, &bytes)) {
                abort();
            }
            memcpy(frame, bytes.ptr, bytes.len);
            frame_len = bytes.len;
            if (kind != 0) {
                repair();
            }
        }
        poll_until_content();
    }
    faults = 0;
    set_mode(NET_MODE_ON);
    end();
    return 0;
}
