/* SPDX-License-Identifier: ISC */
/* TLS as one thing: start, follow what consoles change, status. */
#include "net/tls.h"

#include "base/err.h"
#include "base/log.h"
#include "crypto/arena.h"
#include "net/net.h"
#include "net/tls_config.h"
#include "net/tls_conn.h"
#include "pki/pki.h"
#include "settings/tls_settings.h"

static bool is_followed; /* the two below are those in force */
static uint32_t pki_seen;
static uint32_t settings_seen;

int tls_start(void)
{
    tls_config_start();
    tls_conn_start();
    is_followed = false;
    return 0;
}

static bool is_news(void)
{
    return !is_followed || pki_seen != pki_generation() ||
           settings_seen != tls_settings_generation();
}

static void follow(void)
{
    const struct tls_settings *settings = tls_settings_get();
    int result = settings->is_enabled ? tls_config_build() : 0;

    if (result == ERR_BUSY) {
        return; /* sessions of two older ones are open: tried again */
    }
    if (result < 0 && result != ERR_NOT_FOUND) {
        log_error("tls", "the configuration cannot be built: %s", err_name(result));
    }
    is_followed = true;
    pki_seen = pki_generation();
    settings_seen = tls_settings_generation();
    if (net_open_services(settings->accepts_plain || !settings->is_enabled,
                          settings->is_enabled) != 0) {
        log_error("tls", "a port cannot be opened");
    }
}

void tls_poll(uint64_t now_us)
{
    if (is_news()) {
        follow();
    }
    tls_conn_poll(now_us);
}

void tls_get_status(struct tls_status *status)
{
    struct arena_status arena;

    arena_get_status(&arena);
    tls_conn_get_status(status);
    status->arena_most = (uint32_t)arena.used_most;
}

const char *tls_peer_name(const struct conn *conn)
{
    return tls_conn_peer_name(conn);
}
