/* SPDX-License-Identifier: ISC */
/* Address, netmask, gateway and name server of the interface. */
#include "net/net_address.h"

#include <string.h>

#include "base/log.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip_netif.h"
#include "net/net_gate.h"

static bool uses_dhcp;
static uint32_t logged; /* the address that the log knows */

static ip4_addr_t to_lwip(const uint8_t bytes[4])
{
    ip4_addr_t address;

    memcpy(&address.addr, bytes, sizeof(address.addr));
    return address;
}

static void from_lwip(uint8_t bytes[4], const ip4_addr_t *address)
{
    memcpy(bytes, &address->addr, sizeof(address->addr));
}

/* lwIP tells every change of the interface's state. */
static void on_change(struct netif *netif)
{
    struct net_address now;

    net_address_get(&now);
    net_gate_set_address(now.address);
    if (netif_ip4_addr(netif)->addr == logged) {
        return;
    }
    logged = netif_ip4_addr(netif)->addr;
    log_info("net", "address %u.%u.%u.%u mask %u.%u.%u.%u gateway %u.%u.%u.%u (%s)",
             now.address[0], now.address[1], now.address[2], now.address[3], now.mask[0],
             now.mask[1], now.mask[2], now.mask[3], now.gateway[0], now.gateway[1],
             now.gateway[2], now.gateway[3], uses_dhcp ? "DHCP" : "static");
}

bool net_address_apply(const struct net_config *config, const char *hostname)
{
    struct netif *netif = lwip_netif_get();
    uint8_t mask_bytes[4];

    netif_set_hostname(netif, hostname);
    netif_set_status_callback(netif, on_change);
    if (config->dhcp) {
        if (!uses_dhcp) {
            netif_set_addr(netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
        }
        uses_dhcp = true;
        return dhcp_start(netif) == ERR_OK;
    }
    if (uses_dhcp) {
        dhcp_release_and_stop(netif);
    }
    uses_dhcp = false;
    net_config_mask(config->prefix, mask_bytes);
    ip4_addr_t address = to_lwip(config->address);
    ip4_addr_t mask = to_lwip(mask_bytes);
    ip4_addr_t gateway = to_lwip(config->gateway);
    ip_addr_t dns;
    ip_addr_copy_from_ip4(dns, to_lwip(config->dns));
    dns_setserver(0, &dns);
    netif_set_addr(netif, &address, &mask, &gateway);
    return true;
}

void net_address_get(struct net_address *address)
{
    struct netif *netif = lwip_netif_get();

    address->link_up = netif_is_link_up(netif);
    address->dhcp = uses_dhcp;
    from_lwip(address->address, netif_ip4_addr(netif));
    from_lwip(address->mask, netif_ip4_netmask(netif));
    from_lwip(address->gateway, netif_ip4_gw(netif));
    from_lwip(address->dns, ip_2_ip4(dns_getserver(0)));
}

void net_address_announce(void)
{
    struct netif *netif = lwip_netif_get();

    if (netif_is_link_up(netif) && !ip4_addr_isany(netif_ip4_addr(netif))) {
        (void)etharp_gratuitous(netif);
    }
}

/* DHCP's state "rebooting" (RFC 2131, clause 3.2), as after a cable was plugged in: a request
 * for the same address, twice; without an answer the search begins anew, and until another
 * address is found or the lease is over the old one stays. */
void net_address_confirm(void)
{
    if (uses_dhcp) {
        dhcp_network_changed_link_up(lwip_netif_get());
    }
}
