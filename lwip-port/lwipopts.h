/* SPDX-License-Identifier: ISC */
/*
 * lwIP's settings. Sizes follow from firmware/config.h; README.md here has the table of what
 * they cost. One thread, no operating system, IPv4 only, TCP for services, UDP for DHCP and
 * DNS. Whatever is off is not reachable from the network.
 */
#ifndef LWIP_PORT_LWIPOPTS_H
#define LWIP_PORT_LWIPOPTS_H

#include "config.h"

/* No threads. Time and timers are lwip_timers.c (tickless). */
#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_TIMERS          1
#define LWIP_TIMERS_CUSTOM   1

/* Protocols. */
#define LWIP_IPV4                1
#define LWIP_IPV6                0
#define LWIP_ARP                 1
#define LWIP_ETHERNET            1
#define LWIP_ICMP                1
#define LWIP_RAW                 0
#define LWIP_UDP                 1
#define LWIP_TCP                 1
#define LWIP_DHCP                1
#define LWIP_DNS                 1
#define LWIP_ACD                 0
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_AUTOIP              0
#define LWIP_IGMP                0
#define LWIP_ALTCP               0

/* IP: no routing, no source routes or other options, no fragments, no broadcast ping. */
#define IP_FORWARD                    0
#define IP_OPTIONS_ALLOWED            0
#define IP_REASSEMBLY                 0
#define IP_FRAG                       0
#define LWIP_BROADCAST_PING           0
#define LWIP_MULTICAST_PING           0
#define ARP_TABLE_SIZE                16
#define ARP_QUEUEING                  0
#define ETHARP_SUPPORT_STATIC_ENTRIES 0

/* Interface. Two bytes of padding put the IP header on a 4-byte boundary. */
#define ETH_PAD_SIZE               2
#define LWIP_SINGLE_NETIF          1
#define LWIP_NETIF_HOSTNAME        1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LOOPBACK        0
#define LWIP_HAVE_LOOPIF           0

/* DHCP counts in units of ten seconds, so that short leases are renewed in time. */
#define DHCP_COARSE_TIMER_SECS 10
#define DHCP_TIMEOUT_SIZE_T    u32_t
#define DNS_TABLE_SIZE         2
#define DNS_MAX_NAME_LENGTH    128
#define DNS_MAX_SERVERS        2

/* TCP. Received bytes are copied out at once into a buffer of TCP_WND bytes per connection
 * (net/tcp_conn.c); bytes to send stay in a ring there and lwIP refers to them, so the pools
 * below hold only headers and frames on their way. */
#define TCP_MSS                    (CONFIG_NET_MTU - 40)
#define TCP_WND                    CONFIG_NET_RECV_CAP
/* A whole segment that a protocol has read is acknowledged at once: a sender in slow start
 * (libslirp begins with one segment) would wait for the timer of delayed acknowledgements. */
#define TCP_WND_UPDATE_THRESHOLD   536 /* the least segment size there is */
#define TCP_SND_BUF                CONFIG_NET_SEND_CAP
#define TCP_SND_QUEUELEN           24
#define TCP_SNDLOWAT               (TCP_SND_BUF / 2)
#define TCP_SNDQUEUELOWAT          (TCP_SND_QUEUELEN / 2)
#define TCP_OVERSIZE               0
#define TCP_QUEUE_OOSEQ            1
#define TCP_OOSEQ_MAX_PBUFS        4
#define TCP_OOSEQ_MAX_BYTES        TCP_WND
#define TCP_LISTEN_BACKLOG         1
#define TCP_DEFAULT_LISTEN_BACKLOG (CONFIG_NET_CONN_COUNT + CONFIG_NET_SPARE_COUNT)
#define LWIP_TCP_KEEPALIVE         1
#define LWIP_TCP_RTO_TIME          1000
#define TCP_MAXRTX                 6 /* about two minutes, then the peer is gone */
#define TCP_SYNMAXRTX              4
/* TIME-WAIT lasts twice this; RFC 9293 wants minutes, but a segment of a companion's LAN
 * does not live that long, and lwIP's keyed sequence numbers keep old and new apart. */
#define TCP_MSL 5000UL

/* Pools. */
#define MEM_ALIGNMENT           8
#define MEM_SIZE                (48 * 1024)
#define MEMP_NUM_PBUF           (CONFIG_NET_CONN_COUNT * 12)
#define PBUF_POOL_SIZE          CONFIG_NET_FRAME_COUNT
#define PBUF_POOL_BUFSIZE       1536
#define MEMP_NUM_TCP_SEG        (CONFIG_NET_CONN_COUNT * 12)
#define MEMP_NUM_TCP_PCB        (CONFIG_NET_CONN_COUNT + CONFIG_NET_REFUSAL_COUNT + 24)
#define MEMP_NUM_TCP_PCB_LISTEN CONFIG_NET_SERVICE_COUNT
#define MEMP_NUM_UDP_PCB        6
#define MEMP_NUM_SYS_TIMEOUT    LWIP_NUM_SYS_TIMEOUT_INTERNAL

/* Randomness (lwip_port.c). */
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1
#define LWIP_HOOK_TCP_ISN                  lwip_port_isn
#define LWIP_HOOK_FILENAME "lwip_hooks.h"

#define LWIP_CHKSUM_ALGORITHM 3
#define LWIP_STATS            0
#define LWIP_DEBUG            0

#endif
