/* SPDX-License-Identifier: ISC */
/*
 * The stage of fuzz_frames.c and fuzz_tcp.c, each a program of its own: a board with a clock and a
 * card that holds one frame. The program says what it does with frames that the firmware sends,
 * and which services it has. Address 10.0.0.1, static.
 */
#ifndef VAMT_TESTS_FUZZ_NET_H
#define VAMT_TESTS_FUZZ_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "hal/board.h"
#include "hal/nic.h"
#include "net/net.h"

/* The program's. */
static void on_sent(const uint8_t *sent, size_t len);
static const struct conn_service services[1];

static uint64_t now_us = 1000000;
static uint8_t frame[NIC_FRAME_CAP];
static size_t frame_len;
static uint8_t *exact; /* the frame where reading beyond it is seen */

static int card_send(struct nic *nic, const struct span *parts, size_t count)
{
    static uint8_t sent[NIC_FRAME_CAP];
    size_t len = 0;

    (void)nic;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > sizeof(sent) - len) {
            abort(); /* longer than a frame may be */
        }
        memcpy(sent + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    on_sent(sent, len);
    return 0;
}

static bool card_receive(struct nic *nic, struct span *out)
{
    (void)nic;
    free(exact);
    exact = malloc(frame_len + 1);
    if (exact == NULL) {
        abort();
    }
    memmove(exact + 1, frame, frame_len);
    *out = span_of(exact + 1, frame_len);
    return frame_len > 0;
}

static void card_receive_done(struct nic *nic)
{
    (void)nic;
    frame_len = 0;
}

static bool card_is_link_up(struct nic *nic)
{
    (void)nic;
    return true;
}

static bool card_take_announce(struct nic *nic)
{
    (void)nic;
    return false;
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
    return now_us;
}

int board_entropy(void *dst, size_t len)
{
    memset(dst, 0x5a, len);
    return 0;
}

int board_seed(const char *name, void *dst, size_t cap)
{
    static const char text[] = "static 10.0.0.1/24";

    if (strcmp(name, "network") != 0 || cap < sizeof(text)) {
        return -2;
    }
    memcpy(dst, text, sizeof(text) - 1);
    return (int)sizeof(text) - 1;
}

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "panic: %s:%d: %s\n", file, line, format);
    abort();
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static uint32_t sum(const uint8_t *p, size_t len, uint32_t total)
{
    for (size_t i = 0; i < len; i++) {
        total += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    }
    return total;
}

static uint32_t fold(uint32_t total)
{
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return ~total & 0xffff;
}

static void poll_until_content(void)
{
    for (unsigned i = 0; net_poll(now_us) <= now_us; i++) {
        if (i > 1000) {
            fprintf(stderr, "net_poll is never content\n");
            abort();
        }
    }
}

static void start(void)
{
    static bool started;

    if (!started) {
        started = true;
        if (net_start(services, 1) != 0) {
            abort();
        }
    }
}

/* Every input starts from the same state: all connections reset by a change of address. */
static void end(void)
{
    const struct net_config fixed = {.address = {10, 0, 0, 1}, .prefix = 24};
    const struct net_config other = {.address = {10, 9, 9, 9}, .prefix = 24};
    struct net_status status;

    if (net_configure(&other) != 0 || net_configure(&fixed) != 0) {
        abort();
    }
    now_us += 60000000;
    poll_until_content();
    net_get_status(&status);
    if (status.conns != 0) {
        fprintf(stderr, "a connection survived the change of address\n");
        abort();
    }
}

#endif
