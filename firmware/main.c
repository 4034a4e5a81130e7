/* SPDX-License-Identifier: ISC */
/*
 * Boot order and main loop. What answers where is in the tables here and in routes.c;
 * everything else is a library for them.
 */
#include "main.h"

#include "account/account.h"
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
#include "host/host_client.h"
#include "http/http.h"
#include "http/http_session.h"
#include "latency/latency.h"
#include "net/net.h"
#include "routes.h"
#include "settings/identity.h"
#include "status.h"
#include "tuning.h"
#include "wsman/wsman.h"
#include "xml/xml_doc.h"

static const struct conn_service services[] = {
    {.port = 16992, .handler = &http_session_handler, .name = "http"},
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

static void start(void)
{
    log_init(&console);
    latency_start(); /* others ask these two from the start */
    fault_start();
    board_start();                     /* devices */
    panic_unless(crypto_start() == 0); /* without random numbers there are no secrets */
    identity_start();                  /* version, realm, host name */
    start_or_log("account", account_start());
    xml_doc_init(random_number());
    wsman_init();
    routes_init();
    start_or_log("http", http_start(routes, routes_count));
    log_set_forward(host_client_log);
    host_client_start(board_hostport(), random_number());
    tuning_start(); /* latency and faults, before there is anybody to be slow for */
    start_or_log("net", net_start(services, UTIL_COUNT(services)));
    engine_start();
    log_info("main", "vAMT %s (AMT %s) on %s is up", CONFIG_VERSION, identity_version(),
             board_name());
}

/* net_poll calls handlers, which may ask the host; host_client_poll sends that and may
 * complete replies; engine_poll sees the host as it is now; net_flush sends the replies.
 * What all of them changed goes to the shim in another turn at once. */
void firmware_main(void)
{
    start();
    for (;;) {
        uint64_t due;

        (void)net_poll(board_now_us());
        due = host_client_poll(board_now_us());
        due = util_earlier(due, engine_poll(board_now_us()));
        due = util_earlier(due, net_flush(board_now_us()));
        board_idle(status_update() ? 0 : due);
    }
}
