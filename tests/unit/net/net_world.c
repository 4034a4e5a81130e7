/* SPDX-License-Identifier: ISC */
/* The board made of memory, and the hand-made TCP peer. */
#include "net/net_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "hal/board.h"
#include "net/net.h"

enum { QUEUE = 128 };

struct queue {
    uint8_t frames[QUEUE][NIC_FRAME_CAP];
    size_t lens[QUEUE];
    size_t first;
    size_t count;
};

uint64_t net_world_now_us = 1000000;
const char *net_world_seed = "static 10.0.0.1/24";
bool net_world_announce;
bool net_world_entropy_fails;
void (*net_world_on_panic)(void);
static struct queue to_firmware;
static struct queue from_firmware;

static const uint8_t firmware_mac[6] = {0x52, 0x54, 0, 1, 2, 3};
static const uint8_t peer_mac[6] = {0x52, 0x54, 0, 9, 9, 9};
static const uint8_t firmware_ip[4] = {10, 0, 0, 1};
static const uint8_t peer_ip[4] = {10, 0, 0, 9};

static void push(struct queue *q, const uint8_t *bytes, size_t len)
{
    if (q->count < QUEUE) {
        size_t at = (q->first + q->count++) % QUEUE;
        memcpy(q->frames[at], bytes, len);
        q->lens[at] = len;
    }
}

static void drop(struct queue *q)
{
    q->first = (q->first + 1) % QUEUE;
    q->count--;
}

static int card_send(struct nic *nic, const struct span *parts, size_t count)
{
    uint8_t frame[NIC_FRAME_CAP];
    size_t len = 0;

    (void)nic;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > sizeof(frame) - len) {
            return ERR_TOO_BIG;
        }
        memcpy(frame + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    push(&from_firmware, frame, len);
    return 0;
}

static bool card_receive(struct nic *nic, struct span *frame)
{
    (void)nic;
    *frame = span_of(to_firmware.frames[to_firmware.first],
                     to_firmware.lens[to_firmware.first]);
    return to_firmware.count > 0;
}

static void card_receive_done(struct nic *nic)
{
    (void)nic;
    drop(&to_firmware);
}

static bool card_is_link_up(struct nic *nic)
{
    (void)nic;
    return true;
}

static bool card_take_announce(struct nic *nic)
{
    bool asked = net_world_announce;

    (void)nic;
    net_world_announce = false;
    return asked;
}

static const struct nic_ops card_ops = {card_send, card_receive, card_receive_done,
                                        card_is_link_up, card_take_announce};
static struct nic card = {.ops = &card_ops, .mac = {0x52, 0x54, 0, 1, 2, 3}, .mtu = 1500};

struct nic *board_nic(void)
{
    return &card;
}

uint64_t board_now_us(void)
{
    return net_world_now_us;
}

int board_entropy(void *dst, size_t len)
{
    memset(dst, 0x5a, len);
    return net_world_entropy_fails ? ERR_IO : 0;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    if (strcmp(name, "network") != 0 || net_world_seed == NULL) {
        return ERR_NOT_FOUND;
    }
    if (strlen(net_world_seed) > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, net_world_seed, strlen(net_world_seed));
    return (int)strlen(net_world_seed);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "panic: %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    if (net_world_on_panic != NULL) {
        net_world_on_panic();
    }
    abort();
}

void net_world_put(const uint8_t *frame, size_t len)
{
    push(&to_firmware, frame, len);
}

size_t net_world_take(uint8_t *frame, size_t cap)
{
    if (from_firmware.count == 0) {
        return 0;
    }
    size_t len = from_firmware.lens[from_firmware.first];
    memcpy(frame, from_firmware.frames[from_firmware.first], len < cap ? len : cap);
    drop(&from_firmware);
    return len;
}

void net_world_clear(void)
{
    from_firmware.count = 0;
}

void net_world_run(uint64_t us)
{
    uint64_t end_us = net_world_now_us + us;

    for (;;) {
        uint64_t next_us = net_poll(net_world_now_us);
        for (unsigned i = 0; next_us <= net_world_now_us && i < 100; i++) {
            next_us = net_poll(net_world_now_us);
        }
        if (next_us <= net_world_now_us) {
            fprintf(stderr, "net_poll is never content\n");
            abort();
        }
        if (next_us >= end_us) {
            break;
        }
        net_world_now_us = next_us;
    }
    net_world_now_us = end_us;
    net_poll(net_world_now_us);
}

static void put16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t sum(const uint8_t *p, size_t len, uint32_t total)
{
    for (size_t i = 0; i < len; i++) {
        total += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    }
    return total;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return (uint16_t)~total;
}

void net_world_tcp(struct net_world_peer *peer, uint8_t flags, const void *data,
                   size_t len, const uint8_t *options, size_t options_len)
{
    uint8_t f[NIC_FRAME_CAP] = {0};
    uint8_t *ip = f + 14;
    uint8_t *tcp = ip + 20;
    size_t tcp_len = 20 + options_len + len;

    memcpy(f, firmware_mac, 6);
    memcpy(f + 6, peer_mac, 6);
    put16(f + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 20 + tcp_len);
    ip[8] = 64;
    ip[9] = 6;
    memcpy(ip + 12, peer_ip, 4);
    memcpy(ip + 16, firmware_ip, 4);
    put16(ip + 10, fold(sum(ip, 20, 0)));
    put16(tcp, peer->port);
    put16(tcp + 2, peer->to);
    put32(tcp + 4, peer->seq);
    put32(tcp + 8, (flags & NET_WORLD_ACK) != 0 ? peer->ack : 0);
    tcp[12] = (uint8_t)((20 + options_len) / 4 << 4);
    tcp[13] = flags;
    put16(tcp + 14, peer->window);
    if (options_len > 0) {
        memcpy(tcp + 20, options, options_len);
    }
    if (len > 0) {
        memcpy(tcp + 20 + options_len, data, len);
    }
    put16(tcp + 16, fold(sum(tcp, tcp_len, sum(ip + 12, 8, 6 + (uint32_t)tcp_len))));
    net_world_put(f, 34 + tcp_len);
    peer->seq += (uint32_t)len + ((flags & (NET_WORLD_SYN | NET_WORLD_FIN)) != 0);
}

static void take_segment(struct net_world_peer *peer, const uint8_t *f, size_t frame_len)
{
    const uint8_t *tcp = f + 34;
    size_t total = (size_t)f[16] << 8 | f[17];
    size_t head = (size_t)(tcp[12] >> 4) * 4;
    size_t len = total - 20 - head;
    uint32_t seq = get32(tcp + 4);

    if (frame_len < 54 || f[12] != 8 || f[13] != 0 || f[23] != 6 ||
        (tcp[2] << 8 | tcp[3]) != peer->port || (tcp[0] << 8 | tcp[1]) != peer->to) {
        return;
    }
    peer->flags |= tcp[13];
    peer->their_window = (uint16_t)(tcp[14] << 8 | tcp[15]);
    if ((tcp[13] & NET_WORLD_SYN) != 0) {
        peer->isn = seq;
        peer->ack = seq + 1;
    } else if (seq == peer->ack && len <= sizeof(peer->data) - peer->data_len) {
        memcpy(peer->data + peer->data_len, tcp + head, len);
        peer->data_len += len;
        peer->ack += (uint32_t)len + ((tcp[13] & NET_WORLD_FIN) != 0);
    }
}

void net_world_listen(struct net_world_peer *peer)
{
    uint8_t f[NIC_FRAME_CAP];
    size_t len;

    net_world_run(1000);
    while ((len = net_world_take(f, sizeof(f))) > 0) {
        take_segment(peer, f, len);
    }
}

void net_world_ack(struct net_world_peer *peer)
{
    net_world_tcp(peer, NET_WORLD_ACK, NULL, 0, NULL, 0);
}

void net_world_say(struct net_world_peer *peer, const void *data, size_t len)
{
    net_world_tcp(peer, NET_WORLD_ACK | NET_WORLD_PSH, data, len, NULL, 0);
    net_world_listen(peer);
}

void net_world_introduce(void)
{
    uint8_t f[42] = {0};

    memset(f, 0xff, 6);
    memcpy(f + 6, peer_mac, 6);
    put16(f + 12, 0x0806);
    put16(f + 14, 1);
    put16(f + 16, 0x0800);
    f[18] = 6;
    f[19] = 4;
    put16(f + 20, 1);
    memcpy(f + 22, peer_mac, 6);
    memcpy(f + 28, peer_ip, 4);
    memcpy(f + 38, firmware_ip, 4);
    net_world_put(f, sizeof(f));
    net_world_run(1000);
}

bool net_world_connect(struct net_world_peer *peer, uint16_t port, uint16_t to)
{
    static const uint8_t mss[4] = {2, 4, 1460 >> 8, 1460 & 0xff};

    net_world_introduce(); /* tests last longer than an ARP entry */
    memset(peer, 0, sizeof(*peer));
    peer->port = port;
    peer->to = to;
    peer->seq = 7000;
    peer->window = 8000;
    net_world_tcp(peer, NET_WORLD_SYN, NULL, 0, mss, sizeof(mss));
    net_world_listen(peer);
    if (peer->flags != (NET_WORLD_SYN | NET_WORLD_ACK)) {
        return false;
    }
    peer->flags = 0;
    net_world_ack(peer);
    net_world_listen(peer);
    return true;
}

/* ---- the echo ---- */

unsigned net_world_opened;

static int echo_open(struct conn *conn)
{
    (void)conn;
    net_world_opened++;
    return 0;
}

static size_t echo_input(struct conn *conn, struct span bytes)
{
    return span_equal_str(bytes, ".") ? bytes.len : conn_write(conn, bytes);
}

static void echo_closed(struct conn *conn)
{
    (void)conn;
}

static const struct conn_handler echo = {
    .open = echo_open, .input = echo_input, .closed = echo_closed};
static const struct conn_service echo_services[] = {
    {.port = NET_WORLD_ECHO, .handler = &echo, .name = "echo"}};

int net_world_start_echo(void **state)
{
    (void)state;
    return net_start(echo_services, 1);
}
