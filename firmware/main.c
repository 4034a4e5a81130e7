/* SPDX-License-Identifier: ISC */
/*
 * Boot order and main loop. What answers where is in the tables here and in routes.c;
 * everything else is a library for them.
 */
#include "main.h"

#include "account/account.h"
#include "audit/audit.h"
#include "base/err.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "config.h"
#include "crypto/crypto.h"
#include "crypto/random.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "hal/hostport.h"
#include "host/host_client.h"
#include "http/http.h"
#include "http/http_session.h"
#include "latency/latency.h"
#include "net/net.h"
#include "net/tls.h"
#include "pki/pki.h"
#include "routes.h"
#include "settings/identity.h"
#include "settings/settings.h"
#include "settings/tls_settings.h"
#include "setup/consent.h"
#include "setup/setup.h"
#include "status.h"
#include "store/store.h"
#include "tuning.h"
#include "wsman/wsman.h"
#include "xml/xml_doc.h"

static const struct conn_service services[] = {
    {.port = 16992, .handler = &http_session_handler, .name = "http"},
    {.port = 16993,
     .handler = &tls_conn_handler,
     .inner = &http_session_handler,
     .name = "https"},
};

static const struct log_sink console = {board_console_write, board_now_us};

/* A part that cannot start is logged and the rest goes on: a device that still answers can
 * be repaired. */
static void start_or_log(const char *area, int result)
{
    if (result < 0) {
        log_error(area, "did not start: %s", err_name(result));
    }
}

static uint64_t random_number(void)
{
    uint64_t number;

    panic_unless(random_fill(&number, sizeof(number)) == 0);
    return number | 1;
}

/* What the store remembers. False: it is a newer firmware's, and to serve on factory settings
 * instead would open the door to whoever knows those. */
static bool load(void)
{
    bool is_ours = store_start() == 0;

    settings_start();
    tls_settings_start();
    start_or_log("audit", audit_start());
    start_or_log("account", account_start());
    start_or_log("pki", pki_start());
    start_or_log("setup",
                 setup_start()); /* last: it may have an unprovisioning to finish */
    return is_ours;
}

static void start(void)
{
    bool serves;

    log_init(&console);
    log_set_forward(host_client_log); /* waits there for the shim */
    latency_start();                  /* others ask these two from the start */
    fault_start();
    board_start();                     /* devices */
    panic_unless(crypto_start() == 0); /* without random numbers there are no secrets */
    identity_start();                  /* version, realm, host name */
    serves = load();
    start_or_log("tls", tls_start());
    xml_doc_init(random_number());
    wsman_init();
    routes_init();
    start_or_log("http", http_start(routes, routes_count));
    host_client_start(board_hostport(), random_number());
    tuning_start(); /* latency and faults, before there is anybody to be slow for */
    start_or_log("net", net_start(services, serves ? UTIL_COUNT(services) : 0));
    tls_poll(
        board_now_us()); /* closes ports that are not to listen, before the first frame */
    engine_start();
    log_info("main", "vAMT %s (AMT %s) on %s is up", CONFIG_VERSION, identity_version(),
             board_name());
}

/* A machine that was restored or migrated shows by its new connection to the shim, or by its wall
 * clock: no random number of before is used then. */
static void watch_for_copies(void)
{
    struct hostport *port = board_hostport();
    bool is_linked = port != NULL && port->ops->is_open(port); /* counts port->opens */

    random_watch(is_linked ? port->opens : 0, board_now_us(), board_wall_s());
}

/* net_poll calls handlers, which may ask the host; host_client_poll sends that and may
 * complete replies; engine_poll sees the host as it is now; net_flush sends the replies.
 * What all of them changed goes to the shim in another turn at once. */
void firmware_main(void)
{
    start();
    for (;;) {
        uint64_t due;

        watch_for_copies();
        (void)net_poll(board_now_us());
        due = host_client_poll(board_now_us());
        due = util_earlier(due, consent_poll(board_now_us()));
        due = util_earlier(due, pki_poll(board_now_us()));
        tls_poll(board_now_us());
        due = util_earlier(due, engine_poll(board_now_us()));
        due = util_earlier(due, net_flush(board_now_us()));
        board_watchdog();
        board_idle(status_update() ? 0 : due);
    }
}
