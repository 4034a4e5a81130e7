# SPDX-License-Identifier: ISC
#
# The lwIP files that are compiled, as paths in this tree (under $(DEPS)/lwip). Everything
# else of lwIP (sockets, IPv6, PPP, reassembly, applications) is left out on purpose.

LWIP_DIR := $(DEPS)/lwip/src
LWIP_SRCS := \
	$(addprefix $(LWIP_DIR)/core/, \
		def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c stats.c \
		tcp.c tcp_in.c tcp_out.c timeouts.c udp.c) \
	$(addprefix $(LWIP_DIR)/core/ipv4/, \
		dhcp.c etharp.c icmp.c ip4.c ip4_addr.c) \
	$(LWIP_DIR)/netif/ethernet.c
