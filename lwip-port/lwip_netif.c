/* SPDX-License-Identifier: ISC */
/* Frames between the network card and lwIP. Received frames are copied into one pool buffer
 * each; frames to send go to the card in the pieces that lwIP holds them in. */
#include "lwip_netif.h"

#include <string.h>

#include "config.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "netif/ethernet.h"

static struct netif interface;
static struct nic *card;
static struct lwip_netif_counts counts;
/* For the rare frame in more pieces than a card takes. */
static uint8_t flat[NIC_FRAME_CAP];

_Static_assert(PBUF_POOL_BUFSIZE >= NIC_FRAME_CAP + ETH_PAD_SIZE,
               "a frame fits a buffer");

/* The frame without lwIP's padding, in pieces; 0 if there are too many. */
static size_t split(const struct pbuf *p, struct span parts[NIC_PARTS_MAX])
{
    size_t skip = ETH_PAD_SIZE;
    size_t count = 0;

    for (; p != NULL; p = p->next) {
        if (p->len > skip) {
            if (count == NIC_PARTS_MAX) {
                return 0;
            }
            parts[count] = span_of((const uint8_t *)p->payload + skip, p->len - skip);
            count++;
        }
        skip = p->len > skip ? 0 : skip - p->len;
    }
    return count;
}

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct span parts[NIC_PARTS_MAX];
    size_t count = split(p, parts);

    (void)netif;
    if (count == 0) {
        if (p->tot_len < ETH_PAD_SIZE || p->tot_len - ETH_PAD_SIZE > NIC_FRAME_CAP) {
            counts.dropped_out++;
            return ERR_BUF;
        }
        u16_t len = (u16_t)(p->tot_len - ETH_PAD_SIZE);
        pbuf_copy_partial(p, flat, len, ETH_PAD_SIZE);
        parts[0] = span_of(flat, len);
        count = 1;
    }
    if (card->ops->send(card, parts, count) != 0) {
        counts.dropped_out++; /* like a frame lost on the wire: TCP repeats it */
        return ERR_OK;
    }
    counts.sent++;
    return ERR_OK;
}

static err_t set_up(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    netif->mtu = card->mtu < CONFIG_NET_MTU ? card->mtu : CONFIG_NET_MTU;
    netif->hwaddr_len = sizeof(card->mac);
    memcpy(netif->hwaddr, card->mac, sizeof(card->mac));
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    return ERR_OK;
}

bool lwip_netif_start(struct nic *nic)
{
    card = nic;
    memset(&counts, 0, sizeof(counts));
    if (netif_add_noaddr(&interface, NULL, set_up, ethernet_input) == NULL) {
        return false;
    }
    netif_set_default(&interface);
    netif_set_up(&interface);
    return true;
}

struct netif *lwip_netif_get(void)
{
    return &interface;
}

static void pass_frame(struct span frame)
{
    if (frame.len == 0 || frame.len > NIC_FRAME_CAP) {
        counts.dropped_in++;
        return;
    }
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(frame.len + ETH_PAD_SIZE), PBUF_POOL);
    if (p == NULL) {
        counts.dropped_in++;
        return;
    }
    memcpy((uint8_t *)p->payload + ETH_PAD_SIZE, frame.ptr, frame.len);
    counts.received++;
    if (interface.input(p, &interface) != ERR_OK) {
        pbuf_free(p);
    }
}

bool lwip_netif_poll(unsigned limit)
{
    struct span frame;
    bool is_up = card->ops->is_link_up(card);

    if (is_up != (bool)netif_is_link_up(&interface)) {
        if (is_up) {
            netif_set_link_up(&interface);
        } else {
            netif_set_link_down(&interface);
        }
    }
    for (; limit > 0; limit--) {
        if (!card->ops->receive(card, &frame)) {
            return false;
        }
        pass_frame(frame);
        card->ops->receive_done(card);
    }
    return true;
}

struct lwip_netif_counts lwip_netif_count(void)
{
    return counts;
}
