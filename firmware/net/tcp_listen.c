/* SPDX-License-Identifier: ISC */
/* Listening ports over lwIP's raw interface. What comes in goes to tcp_conn.c. */
#include "net/tcp_listen.h"

#include <stddef.h>

#include "config.h"
#include "lwip/tcp.h"
#include "net/tcp_conn_priv.h"

struct listener {
    const struct conn_service *service; /* NULL: free */
    struct tcp_pcb *pcb;
};

static struct listener listeners[CONFIG_NET_SERVICE_COUNT];

/* The one of this service; NULL: the first that is free, or none. */
static struct listener *find(const struct conn_service *service)
{
    for (size_t i = 0; i < CONFIG_NET_SERVICE_COUNT; i++) {
        if (listeners[i].service == service) {
            return &listeners[i];
        }
    }
    return NULL;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    return err == ERR_OK && pcb != NULL ? tcp_conn_accept(pcb, arg) : ERR_VAL;
}

void tcp_listen_start(void)
{
    for (size_t i = 0; i < CONFIG_NET_SERVICE_COUNT; i++) {
        listeners[i] = (struct listener){0};
    }
}

bool tcp_listen_open(const struct conn_service *service)
{
    struct listener *listener = find(NULL);
    struct tcp_pcb *pcb;

    if (find(service) != NULL) {
        return true;
    }
    pcb = listener != NULL ? tcp_new_ip_type(IPADDR_TYPE_V4) : NULL;
    if (pcb == NULL) {
        return false;
    }
    if (tcp_bind(pcb, IP4_ADDR_ANY, service->port) != ERR_OK) {
        tcp_abort(pcb);
        return false;
    }
    listener->pcb = tcp_listen(pcb);
    if (listener->pcb == NULL) {
        tcp_abort(pcb);
        return false;
    }
    listener->service = service;
    tcp_arg(listener->pcb, (void *)(uintptr_t)service);
    tcp_accept(listener->pcb, on_accept);
    return true;
}

void tcp_listen_close(const struct conn_service *service)
{
    struct listener *listener = find(service);

    if (listener != NULL && service != NULL) {
        (void)tcp_close(listener->pcb); /* a listener always closes */
        *listener = (struct listener){0};
    }
}
