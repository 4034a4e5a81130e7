/* SPDX-License-Identifier: ISC */
/*
 * What a sleeping card makes of a frame. The first byte says whether the checksums of IPv4 and
 * ICMP are repaired (odd), the rest is the frame. An answer must be one: to a single station,
 * with right checksums, no longer than the question.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hal/nic.h"
#include "net/net_offload.h"

enum { IP = 14, BODY = 34 };

static const struct net_offload_self self = {{0x52, 0x54, 0, 1, 2, 3}, {10, 0, 0, 1}};

static unsigned checksum(const uint8_t *p, size_t len)
{
    uint32_t total = 0;

    for (size_t i = 0; i < len; i++) {
        total += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    }
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return ~total & 0xffff;
}

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void repair(uint8_t *frame, size_t len)
{
    if (len < BODY + 8) {
        return;
    }
    size_t packet = (size_t)frame[IP + 2] << 8 | frame[IP + 3];
    put16(frame + IP + 10, 0);
    put16(frame + IP + 10, checksum(frame + IP, BODY - IP));
    if (packet >= BODY - IP + 8 && packet <= len - IP) {
        put16(frame + BODY + 2, 0);
        put16(frame + BODY + 2, checksum(frame + BODY, packet - (BODY - IP)));
    }
}

static void check(const uint8_t *frame, size_t len, const struct net_offload_reply *reply)
{
    uint8_t whole[NIC_FRAME_CAP];
    size_t whole_len = sizeof(reply->head) + reply->rest.len;

    if (whole_len > len || (reply->head[0] & 1) != 0 ||
        memcmp(reply->head + 6, self.mac, 6) != 0) {
        abort();
    }
    memcpy(whole, reply->head, sizeof(reply->head));
    if (reply->rest.len > 0) {
        memcpy(whole + sizeof(reply->head), reply->rest.ptr, reply->rest.len);
    }
    if (frame[13] == 0 && (checksum(whole + IP, BODY - IP) != 0 ||
                           checksum(whole + BODY, whole_len - BODY) != 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_offload_reply reply;

    if (size == 0 || size - 1 > NIC_FRAME_CAP) {
        return 0;
    }
    size_t len = size - 1;
    uint8_t *frame = malloc(len + (len == 0));
    if (frame == NULL) {
        abort();
    }
    memcpy(frame, data + 1, len);
    if (data[0] % 2 != 0) {
        repair(frame, len);
    }
    struct span span = span_of(frame, len);
    enum net_offload_kind kind = net_offload_classify(span, &self);
    if (net_offload_answer(span, &self, &reply)) {
        if (kind != NET_OFFLOAD_ARP && kind != NET_OFFLOAD_PING) {
            abort();
        }
        check(frame, len, &reply);
    }
    free(frame);
    return 0;
}
