/* SPDX-License-Identifier: ISC */
/*
 * TCP segments on a port, behind right addresses, sequence numbers and checksums, so that every
 * byte of the input moves the connection. The firmware's application is an echo, and the
 * peer's byte at stream offset n is always pattern(n): whatever is repeated, overlaps, comes out of
 * order or is urgent, the firmware must send back that very stream.
 *
 * The input is a list of steps of 6 bytes: OP, CONNECTION, A, B, C, D
 *   OP % 8  0: SYN with D % 41 bytes of options. 1: data, A bytes (times 6), B - 64 bytes away from
 *           where the stream stands, flags C, urgent pointer D. 2: acknowledge all but A bytes of
 *           what came, window B. 3: FIN (C odd: with data). 4: RST, B - 64 away. 5: let A * 100 ms
 *           pass. 6: data with D % 41 bytes of options. 7: flags C as they stand, B away.
 * Options are the bytes of the input that follow the step.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fault/fault.h"
#include "fuzz_net.h"

enum {
    STEPS_MAX = 60,
    HEAD = 14,
    IP_LEN = 20,
    TCP_LEN = 20,
    OPTIONS_MAX = 40,
    PEERS = 3
};
enum {
    FIN = 1,
    SYN = 2,
    RST = 4,
    PSH = 8,
    ACK = 16,
    URG = 32,
    PORT = 7,
    DATA_MAX = 1400
};

struct peer {
    uint16_t port;
    uint32_t iss;
    uint32_t sent; /* bytes of the stream that were sent */
    uint32_t their_iss;
    uint32_t got;   /* bytes of their stream that came */
    bool is_synced; /* their SYN came */
};

static struct peer peers[PEERS];
static uint16_t next_port = 1024;

static uint8_t pattern(const struct peer *p, uint32_t at)
{
    return (uint8_t)(at * 7 + (at >> 8) + p->port);
}

/* --- the firmware's side -------------------------------------------------------------- */

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Their byte at offset n must be ours at offset n. */
static void check_stream(const struct peer *p, uint32_t at, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != pattern(p, at + (uint32_t)i)) {
            fprintf(stderr, "byte %u of the stream came back wrong\n", at + (unsigned)i);
            abort();
        }
    }
    if (at + bytes.len > p->sent) {
        fprintf(stderr, "%u and %zu came back of %u\n", at, bytes.len, p->sent);
        abort();
    }
}

static void take_segment(const uint8_t *tcp, size_t len)
{
    size_t head = (size_t)(tcp[12] >> 4) * 4;
    uint32_t at;

    if (len < TCP_LEN || head < TCP_LEN || head > len) {
        fprintf(stderr, "the firmware sent a segment that is none\n");
        abort();
    }
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &peers[i];

        if (p->port != get16(tcp + 2) || (tcp[13] & RST) != 0) {
            continue;
        }
        if ((tcp[13] & SYN) != 0) {
            p->their_iss = get32(tcp + 4);
            p->is_synced = true;
            p->got = 0;
        } else if (p->is_synced) {
            at = get32(tcp + 4) - p->their_iss - 1;
            if (len > head) {
                check_stream(p, at, span_of(tcp + head, len - head));
            }
            at += (uint32_t)(len - head);
            p->got = (int32_t)(at - p->got) > 0 ? at : p->got;
        }
    }
}

static void on_sent(const uint8_t *sent, size_t len)
{
    if (len >= HEAD + IP_LEN + TCP_LEN && sent[12] == 8 && sent[13] == 0 &&
        sent[23] == 6) {
        take_segment(sent + HEAD + IP_LEN, (size_t)get16(sent + HEAD + 2) - IP_LEN);
    }
}

bool fault_drops_frame(enum fault_way way, uint64_t *delay_us)
{
    (void)way;
    *delay_us = 0;
    return false;
}

bool fault_truncates(uint16_t local_port, uint32_t *after)
{
    (void)local_port;
    *after = 0;
    return false;
}

static int on_open(struct conn *conn)
{
    conn->deadline_us = now_us + 20000000;
    return 0;
}

/* What has no room now is offered again. */
static size_t on_input(struct conn *conn, struct span bytes)
{
    return conn_write(conn, bytes);
}

static void on_timeout(struct conn *conn)
{
    conn_close(conn);
}

static const struct conn_handler handler = {
    .open = on_open, .input = on_input, .timeout = on_timeout};
static const struct conn_service services[] = {
    {.port = PORT, .handler = &handler, .name = "echo"}};

/* --- the peer's side ------------------------------------------------------------------ */

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value);
}

static void begin_frame(unsigned protocol, size_t len)
{
    static const uint8_t head[HEAD + IP_LEN] = {
        0x52, 0x54, 0, 1, 2, 3, 0x52, 0x54, 0,  9, 9, 9, 8,  0, /* Ethernet */
        0x45, 0,    0, 0, 0, 0, 0x40, 0,    64, 0, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1};

    memcpy(frame, head, sizeof(head));
    frame[HEAD + 9] = (uint8_t)protocol;
    put16(frame + HEAD + 2, (uint32_t)(IP_LEN + len));
    put16(frame + HEAD + 10, fold(sum(frame + HEAD, IP_LEN, 0)));
    frame_len = HEAD + IP_LEN + len;
}

struct segment {
    uint32_t at; /* offset in the stream */
    uint32_t ack;
    unsigned flags;
    uint32_t window;
    uint32_t urgent;
    struct span options;
    size_t data;
};

static void send_segment(const struct peer *p, const struct segment *s)
{
    uint8_t *tcp = frame + HEAD + IP_LEN;
    size_t head = TCP_LEN + (s->options.len + 3) / 4 * 4;
    size_t len = head + s->data;

    begin_frame(6, len);
    memset(tcp, 0, head); /* options end in zeroes */
    put16(tcp, p->port);
    put16(tcp + 2, PORT);
    put32(tcp + 4, p->iss + ((s->flags & SYN) != 0 ? 0 : 1) + s->at);
    put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(head / 4 << 4);
    tcp[13] = (uint8_t)s->flags;
    put16(tcp + 14, s->window);
    put16(tcp + 18, s->urgent);
    if (s->options.len > 0) {
        memcpy(tcp + TCP_LEN, s->options.ptr, s->options.len);
    }
    for (size_t i = 0; i < s->data; i++) {
        tcp[head + i] = pattern(p, s->at + (uint32_t)i);
    }
    put16(tcp + 16, fold(sum(tcp, len, sum(frame + HEAD + 12, 8, 6 + (uint32_t)len))));
    poll_until_content();
}

/* Who asks for 10.0.0.2 knows it. */
static void tell_arp(void)
{
    static const uint8_t reply[] = {0x52, 0x54, 0, 1, 2, 3,  0x52, 0x54, 0, 9, 9,
                                    9,    8,    6, 0, 1, 8,  0,    6,    4, 0, 2,
                                    0x52, 0x54, 0, 9, 9, 9,  10,   0,    0, 2, 0x52,
                                    0x54, 0,    1, 2, 3, 10, 0,    0,    1};

    memcpy(frame, reply, sizeof(reply));
    frame_len = sizeof(reply);
    poll_until_content();
}

static void new_peer(struct peer *p)
{
    next_port = next_port >= 60000 ? 1024 : next_port + 1;
    *p = (struct peer){.port = next_port, .iss = (uint32_t)next_port * 0x01010101u};
}

static void open_peer(struct peer *p, struct span options)
{
    struct segment s = {.flags = SYN, .window = 8192, .options = options};

    new_peer(p);
    send_segment(p, &s);
    if (p->is_synced) {
        s = (struct segment){.flags = ACK, .ack = p->their_iss + 1, .window = 8192};
        send_segment(p, &s);
    }
}

static struct span take_options(struct span *in, uint8_t len)
{
    struct span options = span_slice(*in, 0, len % (OPTIONS_MAX + 1));

    *in = span_slice(*in, options.len, in->len);
    return options;
}

static void step(const uint8_t b[6], struct span *in)
{
    struct peer *p = &peers[b[1] % PEERS];
    struct segment s = {
        .at = p->sent, .ack = p->their_iss + 1 + p->got, .flags = ACK, .window = 8192};
    uint32_t away = (uint32_t)b[3] - 64;
    uint32_t data = util_min((size_t)b[2] * 6, DATA_MAX);

    switch (b[0] % 8) {
    case 0:
        open_peer(p, take_options(in, b[5]));
        return;
    case 1:
        s.flags |= b[4] & (PSH | URG | FIN);
        s.urgent = b[5];
        break;
    case 2:
        s.ack -= util_min(b[2], p->got);
        s.window = (uint32_t)b[3] * 64;
        data = 0;
        away = 0;
        break;
    case 3:
        s.flags |= FIN;
        data = b[4] % 2 != 0 ? data : 0;
        away = 0;
        break;
    case 4:
        s.flags = RST | (b[4] & ACK);
        data = 0;
        break;
    case 5:
        now_us += (uint64_t)b[2] * 100000;
        poll_until_content();
        return;
    case 6:
        s.options = take_options(in, b[5]);
        break;
    default:
        s.flags = b[4];
        break;
    }
    if ((s.flags & SYN) != 0) {
        s.at = 0; /* the stream begins where it always did */
        away = 0;
        data = 0;
    }
    s.at += s.at + away > UINT32_MAX / 2 ? 0 : away; /* no byte before the first */
    s.data = data;
    p->sent = (int32_t)(s.at + data - p->sent) > 0 ? s.at + data : p->sent;
    send_segment(p, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of(data, size);
    struct span bytes;

    start();
    tell_arp();
    for (size_t i = 0; i < PEERS; i++) {
        new_peer(&peers[i]);
    }
    for (unsigned i = 0; i < STEPS_MAX && span_take(&in, 6, &bytes); i++) {
        step(bytes.ptr, &in);
    }
    memset(peers, 0, sizeof(peers));
    end();
    return 0;
}
