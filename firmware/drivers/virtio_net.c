/* SPDX-License-Identifier: ISC */
/*
 * Every buffer has a fixed place: descriptor i of a queue belongs to its buffer i, and a
 * received frame is handed out where the device put it. Transmit buffers are collected when
 * the next frame is sent; nobody is woken for them.
 */
#include "drivers/virtio_net.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

/* Clause 5.1.3. */
#define F_MTU            (1ull << 3)
#define F_MAC            (1ull << 5)
#define F_STATUS         (1ull << 16)
#define F_CTRL_VQ        (1ull << 17)
#define F_GUEST_ANNOUNCE (1ull << 21)

enum {
    QUEUE_RX = 0,
    QUEUE_TX = 1,
    QUEUE_CTL = 2,

    CONFIG_MAC = 0,
    CONFIG_STATUS = 6,
    CONFIG_MTU = 10,
    STATUS_LINK_UP = 1,
    STATUS_ANNOUNCE = 2,

    CTL_ANNOUNCE = 3, /* class; command 0 acknowledges */

    HEADER_LEN = 12, /* struct virtio_net_hdr; all zero without offloads */
    MTU_MIN = 576    /* IPv4: every host takes this */
};

static struct virtio_net *of(struct nic *nic)
{
    return (struct virtio_net *)((uint8_t *)nic - offsetof(struct virtio_net, nic));
}

static void refill(struct virtio_net *net)
{
    int id = virtio_queue_next(&net->rx);

    while (id >= 0) {
        struct virtio_part part = {net->rx_buffers[id], VIRTIO_NET_BUFFER_CAP, true};

        id = virtio_queue_add(&net->rx, &part, 1) < 0 ? -1 : virtio_queue_next(&net->rx);
    }
    virtio_kick(net->dev, &net->rx);
}

/* Look at the status if an interrupt said that it changed. */
static void read_status(struct virtio_net *net)
{
    uint32_t events = net->dev->ops->config_events(net->dev);
    uint8_t bytes[2];
    uint16_t status;

    if (!virtio_has(net->dev, F_STATUS) || events == net->config_events) {
        return;
    }
    net->config_events = events;
    net->changed = true;
    if (virtio_read_config(net->dev, CONFIG_STATUS, bytes, sizeof(bytes)) < 0) {
        return;
    }
    status = bytes_get_le16(bytes);
    net->link_up = (status & STATUS_LINK_UP) != 0;
    if ((status & STATUS_ANNOUNCE) != 0 && virtio_has(net->dev, F_GUEST_ANNOUNCE)) {
        net->announce = true;
    }
}

/* Clause 5.1.6.5.4. The device takes it when it likes; should the previous one still be
 * there, it stands for this one too. */
static void acknowledge_announce(struct virtio_net *net)
{
    struct virtio_part parts[] = {{net->ctl_command, sizeof(net->ctl_command), false},
                                  {&net->ctl_ack, sizeof(net->ctl_ack), true}};
    uint16_t head;
    uint32_t len;

    (void)virtio_queue_take(&net->ctl, &head, &len);
    net->ctl_command[0] = CTL_ANNOUNCE;
    net->ctl_command[1] = 0;
    if (net->ctl.free_count == net->ctl.size &&
        virtio_queue_add(&net->ctl, parts, UTIL_COUNT(parts)) >= 0) {
        virtio_kick(net->dev, &net->ctl);
    }
}

static int net_send(struct nic *nic, const struct span *parts, size_t count)
{
    struct virtio_net *net = of(nic);
    struct virtio_part part;
    uint8_t *buffer;
    uint16_t done;
    uint32_t len;
    int id;

    while (virtio_queue_take(&net->tx, &done, &len)) {
    }
    id = virtio_queue_next(&net->tx);
    if (id < 0) {
        return ERR_BUSY;
    }
    buffer = net->tx_buffers[id];
    memset(buffer, 0, HEADER_LEN);
    len = HEADER_LEN;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > HEADER_LEN + NIC_FRAME_CAP - len) {
            return ERR_TOO_BIG;
        }
        memcpy(buffer + len, parts[i].ptr, parts[i].len);
        len += (uint32_t)parts[i].len;
    }
    part = (struct virtio_part){buffer, len, false};
    if (virtio_queue_add(&net->tx, &part, 1) < 0) {
        return ERR_BUSY;
    }
    virtio_kick(net->dev, &net->tx);
    return 0;
}

static void net_receive_done(struct nic *nic)
{
    struct virtio_net *net = of(nic);

    if (net->holds_frame) {
        net->holds_frame = false;
        refill(net);
    }
}

static bool net_receive(struct nic *nic, struct span *frame)
{
    struct virtio_net *net = of(nic);
    uint32_t len;

    net_receive_done(nic);
    while (virtio_queue_take(&net->rx, &net->held, &len)) {
        if (len > HEADER_LEN) {
            *frame = span_of(net->rx_buffers[net->held] + HEADER_LEN, len - HEADER_LEN);
            net->holds_frame = true;
            return true;
        }
        refill(net);
    }
    return false;
}

static bool net_is_link_up(struct nic *nic)
{
    struct virtio_net *net = of(nic);

    read_status(net);
    return net->link_up;
}

static bool net_take_announce(struct nic *nic)
{
    struct virtio_net *net = of(nic);

    read_status(net);
    if (!net->announce) {
        return false;
    }
    net->announce = false;
    acknowledge_announce(net);
    return true;
}

static const struct nic_ops ops = {
    .send = net_send,
    .receive = net_receive,
    .receive_done = net_receive_done,
    .is_link_up = net_is_link_up,
    .take_announce = net_take_announce,
};

static int read_identity(struct virtio_net *net)
{
    uint8_t mtu[2];
    int result = virtio_read_config(net->dev, CONFIG_MAC, net->nic.mac,
                                    sizeof(net->nic.mac));

    if (result < 0) {
        return result;
    }
    net->nic.mtu = NIC_FRAME_CAP - 14;
    if (virtio_has(net->dev, F_MTU)) {
        result = virtio_read_config(net->dev, CONFIG_MTU, mtu, sizeof(mtu));
        if (result < 0) {
            return result;
        }
        if (bytes_get_le16(mtu) < net->nic.mtu && bytes_get_le16(mtu) >= MTU_MIN) {
            net->nic.mtu = bytes_get_le16(mtu);
        }
    }
    return 0;
}

static int setup_queues(struct virtio_net *net)
{
    int result = virtio_setup_queue(net->dev, &net->rx, QUEUE_RX, net->rx_memory,
                                    VIRTIO_NET_RX_COUNT);

    if (result == 0) {
        result = virtio_setup_queue(net->dev, &net->tx, QUEUE_TX, net->tx_memory,
                                    VIRTIO_NET_TX_COUNT);
    }
    if (result == 0 && virtio_has(net->dev, F_CTRL_VQ)) {
        result = virtio_setup_queue(net->dev, &net->ctl, QUEUE_CTL, net->ctl_memory,
                                    VIRTIO_NET_CTL_SIZE);
    }
    return result;
}

int virtio_net_start(struct virtio_net *net, struct virtio *dev)
{
    int result = virtio_start(
        dev, F_MTU | F_MAC | F_STATUS | F_CTRL_VQ | F_GUEST_ANNOUNCE, F_MAC);

    if (result < 0) {
        return result;
    }
    net->nic.ops = &ops;
    net->dev = dev;
    net->link_up = true; /* without F_STATUS: always */
    net->config_events = dev->ops->config_events(dev) - 1;
    result = read_identity(net);
    if (result == 0) {
        result = setup_queues(net);
    }
    if (result < 0) {
        virtio_fail(dev);
        return result;
    }
    virtio_ready(dev);
    refill(net);
    read_status(net);
    return 0;
}

bool virtio_net_arm(struct virtio_net *net)
{
    bool work = virtio_queue_arm(&net->rx) || net->changed ||
                net->config_events != net->dev->ops->config_events(net->dev);

    net->changed = false;
    return work;
}

void virtio_net_disarm(struct virtio_net *net)
{
    virtio_queue_disarm(&net->rx);
}
