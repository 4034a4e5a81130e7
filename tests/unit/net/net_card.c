/* SPDX-License-Identifier: ISC */
/* A card made of memory, with the gate before it. */
#include "net/net_card.h"

#include "hal/board.h"
#include "net/fault_double.h"
#include "net/net_gate.h"
#include "unit.h"

enum { QUEUE = NET_CARD_QUEUE };

uint64_t net_card_now_us;
static struct net_frame wire_in[QUEUE]; /* to us */
static size_t in_first;
size_t net_card_in_count;
static bool is_taken; /* receive without receive_done */
struct net_frame net_card_out[QUEUE];
size_t net_card_out_count;
int net_card_send_result;

static int send_parts(struct nic *nic, const struct span *parts, size_t count)
{
    struct net_frame *frame = &net_card_out[net_card_out_count++ % QUEUE];

    (void)nic;
    frame->len = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(frame->bytes + frame->len, parts[i].ptr, parts[i].len);
        frame->len += parts[i].len;
    }
    return net_card_send_result;
}

static bool receive(struct nic *nic, struct span *frame)
{
    (void)nic;
    assert_false(is_taken);
    if (net_card_in_count == 0) {
        return false;
    }
    *frame = span_of(wire_in[in_first % QUEUE].bytes, wire_in[in_first % QUEUE].len);
    is_taken = true;
    return true;
}

static void receive_done(struct nic *nic)
{
    (void)nic;
    assert_true(is_taken);
    is_taken = false;
    in_first++;
    net_card_in_count--;
}

bool net_card_tells;

static bool tells(struct nic *nic)
{
    (void)nic;
    return net_card_tells;
}

static const struct nic_ops ops = {send_parts, receive, receive_done, tells, tells};
struct nic net_card = {.ops = &ops, .mac = {0x52, 0x54, 0, 1, 2, 3}, .mtu = 1400};
struct nic *net_card_gate;

/* The gate links with what net.c needs of a board. */
uint64_t board_now_us(void)
{
    return net_card_now_us;
}

int net_card_before(void **state)
{
    static const uint8_t address[4] = {10, 0, 0, 1};

    (void)state;
    memset(&fault_double, 0, sizeof(fault_double));
    net_card_now_us = 5000;
    net_card_in_count = net_card_out_count = 0;
    net_card_send_result = 0;
    net_card_gate = net_gate_start(&net_card);
    net_gate_set_address(address);
    (void)net_gate_poll(net_card_now_us);
    return 0;
}

struct net_frame *net_card_next(void)
{
    return &wire_in[(in_first + net_card_in_count) % QUEUE];
}

void net_card_put(void)
{
    net_card_in_count++;
}

void net_card_put_tcp(uint16_t to)
{
    net_frame_tcp(net_card_next(), to);
    net_card_put();
}

void net_card_put_udp(uint16_t to)
{
    net_frame_udp(net_card_next(), to);
    net_card_put();
}

void net_card_put_arp(void)
{
    net_frame_arp(net_card_next());
    net_card_put();
}

void net_card_put_ping(void)
{
    net_frame_ping(net_card_next(), 10);
    net_card_put();
}

unsigned net_card_take(void)
{
    struct span frame;

    if (!net_card_gate->ops->receive(net_card_gate, &frame)) {
        return 0;
    }
    unsigned port = frame.len > 37 && frame.ptr[23] != 1 && frame.ptr[13] == 0
                        ? (unsigned)(frame.ptr[36] << 8 | frame.ptr[37])
                        : 1;
    net_card_gate->ops->receive_done(net_card_gate);
    return port;
}

int net_card_send(const char *text)
{
    struct span parts[] = {span_str("to: "), span_str(text)};

    return net_card_gate->ops->send(net_card_gate, parts, 2);
}

void net_card_assert_sent(size_t index, const char *text)
{
    assert_true(index < net_card_out_count);
    assert_true(span_equal_str(
        span_of(net_card_out[index].bytes, net_card_out[index].len), text));
}
