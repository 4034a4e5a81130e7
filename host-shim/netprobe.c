/* SPDX-License-Identifier: ISC */
/*
 * Bridges and addresses. The question on the wire is RFC 5227's probe: an ARP request whose
 * sender address is 0.0.0.0, so that it changes nobody's neighbour table.
 */
#include "netprobe.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PROBES = 2, PROBE_MS = 200 };

/* RFC 826 with Ethernet and IPv4: offsets in the message. */
enum { OP = 6, SENDER_MAC = 8, SENDER_IP = 14, TARGET_IP = 24, ARP_LEN = 28 };

static const uint8_t arp_head[OP] = {0, 1, 8, 0, 6, 4};

static void name_interface(struct ifreq *request, const char *name)
{
    memset(request, 0, sizeof *request);
    snprintf(request->ifr_name, sizeof request->ifr_name, "%s", name);
}

bool netprobe_is_bridge(const char *name)
{
    struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
    struct ifreq request;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_bridge;

    name_interface(&request, name);
    request.ifr_data = (char *)&info;
    is_bridge = fd >= 0 && strlen(name) < IFNAMSIZ &&
                ioctl(fd, SIOCETHTOOL, &request) == 0 &&
                strncmp(info.driver, "bridge", sizeof info.driver) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_bridge;
}

static bool is_ours(struct in_addr address)
{
    struct ifaddrs *list;
    bool found = false;

    if (getifaddrs(&list) != 0) {
        return false;
    }
    for (const struct ifaddrs *i = list; i != NULL && !found; i = i->ifa_next) {
        struct sockaddr_in at;

        if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET) {
            memcpy(&at, i->ifa_addr, sizeof at);
            found = at.sin_addr.s_addr == address.s_addr;
        }
    }
    freeifaddrs(list);
    return found;
}

bool netprobe_is_claim(const uint8_t *message, size_t len, struct in_addr address,
                       uint8_t mac[6])
{
    if (len < ARP_LEN || memcmp(message, arp_head, sizeof arp_head) != 0 ||
        memcmp(message + SENDER_IP, &address, sizeof address) != 0) {
        return false;
    }
    memcpy(mac, message + SENDER_MAC, 6);
    return true;
}

static bool send_probe(int fd, unsigned ifindex, const uint8_t *mac,
                       struct in_addr address)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ARP),
                             .sll_ifindex = (int)ifindex,
                             .sll_halen = 6};
    uint8_t message[ARP_LEN] = {0};

    memset(to.sll_addr, 0xff, 6);
    memcpy(message, arp_head, sizeof arp_head);
    message[OP + 1] = 1; /* request */
    memcpy(message + SENDER_MAC, mac, 6);
    memcpy(message + TARGET_IP, &address, sizeof address);
    return sendto(fd, message, sizeof message, 0, (struct sockaddr *)&to, sizeof to) ==
           (ssize_t)sizeof message;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until a claim comes, or PROBE_MS are over. */
static bool await_claim(int fd, struct in_addr address, uint8_t mac[6])
{
    int64_t end = now_ms() + PROBE_MS;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int64_t left;

    while ((left = end - now_ms()) > 0 && poll(&wait, 1, (int)left) > 0) {
        uint8_t message[64];
        ssize_t len = recv(fd, message, sizeof message, MSG_DONTWAIT);

        if (len < 0) {
            return false; /* the interface went down */
        }
        if (netprobe_is_claim(message, (size_t)len, address, mac)) {
            return true;
        }
    }
    return false;
}

/* A packet socket that hears the ARP of one interface; negative: not possible. */
static int open_arp(const char *bridge, unsigned ifindex, uint8_t mac[6])
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ARP),
                             .sll_ifindex = (int)ifindex};
    struct ifreq request;
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));

    name_interface(&request, bridge);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
                    ioctl(fd, SIOCGIFHWADDR, &request) != 0)) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0) {
        memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    }
    return fd;
}

bool netprobe_in_use(const char *bridge, struct in_addr address, char *owner, size_t cap)
{
    unsigned ifindex = if_nametoindex(bridge);
    bool is_claimed = false;
    uint8_t own[6];
    uint8_t mac[6];
    int fd;

    if (ifindex == 0) {
        return false;
    }
    if (is_ours(address)) {
        snprintf(owner, cap, "this machine");
        return true;
    }
    fd = open_arp(bridge, ifindex, own);
    for (int i = 0; fd >= 0 && i < PROBES && !is_claimed; i++) {
        if (!send_probe(fd, ifindex, own, address)) {
            break;
        }
        is_claimed = await_claim(fd, address, mac);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (is_claimed) {
        snprintf(owner, cap, "%02x:%02x:%02x:%02x:%02x:%02x on %s", mac[0], mac[1],
                 mac[2], mac[3], mac[4], mac[5], bridge);
    }
    return is_claimed;
}
