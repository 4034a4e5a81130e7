/* SPDX-License-Identifier: ISC */
/* What the firmware tells the host shim of itself. */
#include "status.h"

#include <string.h>

#include "account/account_lock.h"
#include "base/pool.h"
#include "base/sbuf.h"
#include "base/util.h"
#include "config.h"
#include "crypto/arena.h"
#include "crypto/hash.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_client.h"
#include "latency/latency.h"
#include "net/net.h"
#include "net/tls.h"
#include "pki/pki.h"
#include "settings/identity.h"
#include "settings/tls_settings.h"
#include "setup/consent.h"
#include "setup/setup.h"
#include "store/store.h"

enum { STACK_LOOK_US = 10 * 1000 * 1000 };

static unsigned prefix_len(const uint8_t mask[4])
{
    unsigned bits = 0;

    for (unsigned i = 0; i < 32 && (mask[i / 8] & 0x80u >> i % 8) != 0; i++) {
        bits++;
    }
    return bits;
}

static void put_address(char *text, size_t cap, const struct net_address *ip)
{
    struct sbuf out;

    sbuf_init(&out, text, cap);
    if (ip->address[0] != 0) {
        sbuf_printf(&out, "%u.%u.%u.%u/%u", ip->address[0], ip->address[1],
                    ip->address[2], ip->address[3], prefix_len(ip->mask));
    }
    (void)sbuf_terminate(&out);
}

/* What consoles take it for. The shim shows it and does not know what AMT is. */
static void put_personality(char *text, size_t cap)
{
    struct sbuf out;

    sbuf_init(&out, text, cap);
    sbuf_printf(&out, "AMT %s", identity_version());
    (void)sbuf_terminate(&out);
}

static void put_text(char *text, size_t cap, const char *value)
{
    (void)span_copy_str(span_str(value), text, cap);
}

/* Whose it is, and what its user is to read out to a console that wants consent. */
static void put_setup(vamt_FirmwareStatus *status)
{
    const char *code = consent_code();

    put_text(status->setup, sizeof(status->setup), setup_name());
    put_text(status->consent, sizeof(status->consent), code != NULL ? code : "");
    status->lockouts = account_lock_count(board_now_us());
}

static void put_store(vamt_FirmwareStatus *status)
{
    struct store_status store;

    store_get_status(&store);
    put_text(status->store, sizeof(status->store), store_state_name(store.state));
    status->store_used_percent = store.size > 0
                                     ? (uint32_t)((uint64_t)store.used * 100 / store.size)
                                     : 0;
    status->store_erases_worst = store.erases_worst;
}

/* SHA-256 of what TLS shows; computed when keys or certificates have changed. */
static void put_fingerprint(vamt_FirmwareStatus *status)
{
    static uint8_t hash[HASH_SHA256_LEN];
    static uint32_t generation = UINT32_MAX;
    static bool is_there;
    struct pki_identity identities[2];

    _Static_assert(sizeof(status->certificate.bytes) == HASH_SHA256_LEN, "a hash");
    if (generation != pki_generation()) {
        generation = pki_generation();
        is_there = pki_identities(identities) > 0;
        if (is_there) {
            hash_sha256(&identities[0].certificate->der, 1, hash);
        }
    }
    if (is_there) {
        memcpy(status->certificate.bytes, hash, sizeof(hash));
        status->certificate.size = sizeof(hash);
    }
}

/* "off", "on" or "only" (plain ports closed), and whether clients need certificates. */
static void put_tls(vamt_FirmwareStatus *status)
{
    const struct tls_settings *settings = tls_settings_get();
    struct tls_status tls;
    struct sbuf out;

    tls_get_status(&tls);
    status->tls_sessions = tls.sessions;
    sbuf_init(&out, status->tls, sizeof(status->tls));
    sbuf_put_str(&out, !settings->is_enabled     ? "off"
                       : settings->accepts_plain ? "on"
                                                 : "only");
    sbuf_put_str(&out, settings->is_enabled && settings->is_mutual ? " mutual" : "");
    (void)sbuf_terminate(&out);
    if (settings->is_enabled) {
        put_fingerprint(status);
    }
}

static void put_pool(vamt_FirmwareStatus *status, const char *name, size_t most,
                     size_t count)
{
    vamt_Pool *pool = &status->pools[status->pools_count];

    if (status->pools_count < UTIL_COUNT(status->pools)) {
        put_text(pool->name, sizeof(pool->name), name);
        pool->most = (uint32_t)most;
        pool->count = (uint32_t)count;
        status->pools_count++;
    }
}

/* What is fixed in size, and how full it was at most. */
static void put_pools(vamt_FirmwareStatus *status)
{
    static uint64_t looked_us; /* at the stack, which is a long walk */
    static size_t stack_most;
    static size_t stack_size;
    uint64_t now_us = board_now_us();
    struct arena_status arena;

    if (looked_us == 0 || now_us - looked_us >= STACK_LOOK_US) {
        looked_us = now_us;
        stack_most = board_stack_most(&stack_size);
    }
    for (const struct pool *pool = pool_first(); pool != NULL; pool = pool->next) {
        put_pool(status, pool->name, pool->high_water, pool->count);
    }
    arena_get_status(&arena);
    put_pool(status, "tls_arena", arena.used_most, CONFIG_TLS_ARENA_CAP);
    if (stack_size > 0) {
        put_pool(status, "stack", stack_most, stack_size);
    }
}

bool status_update(void)
{
    vamt_FirmwareStatus status = vamt_FirmwareStatus_init_zero;
    struct net_status net;

    net_get_status(&net);
    put_text(status.version, sizeof(status.version), CONFIG_VERSION);
    put_personality(status.personality, sizeof(status.personality));
    put_text(status.board, sizeof(status.board), board_name());
    put_address(status.address, sizeof(status.address), &net.ip);
    memcpy(status.mac, net.mac, sizeof(status.mac));
    status.link_up = net.ip.link_up;
    status.dhcp = net.ip.dhcp;
    status.connections = net.conns;
    status.uptime_ms = board_now_us() / 1000;
    put_text(status.engine, sizeof(status.engine), engine_state_name(engine_state()));
    put_text(status.latency, sizeof(status.latency), latency_profile()->name);
    status.faults = (uint32_t)fault_count();
    status.late_replies = latency_count().late;
    put_setup(&status);
    put_store(&status);
    put_tls(&status);
    put_pools(&status);
    return host_client_set_status(&status);
}
