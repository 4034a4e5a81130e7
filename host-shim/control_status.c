/* SPDX-License-Identifier: ISC */
/*
 * `vamtctl status` and `vamtctl consent`: what the firmware says of itself. Its words are foreign:
 * control characters are replaced, and what it says never chooses which domain is shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "control_priv.h"
#include "fleet.h"

enum { WORDS_CAP = 64, CONSENT_DIGITS = 6, FINGERPRINT_LEN = 32 };

const char *control_host_state(const struct companion *c)
{
    return c->has_snapshot ? power_state_name(c->snapshot.power) : "unknown";
}

const char *control_link_state(const struct companion *c)
{
    return !c->about.is_active ? "off" : c->is_ready ? "connected" : "silent";
}

/* Text of the firmware, for a terminal. Valid while `dst` is. */
static const char *words(const char *text, char dst[WORDS_CAP])
{
    size_t len = 0;

    for (; text[len] != '\0' && len + 1 < WORDS_CAP; len++) {
        dst[len] = (char)(text[len] < ' ' || text[len] > '~' ? '?' : text[len]);
    }
    dst[len] = '\0';
    return dst;
}

static void say_version(struct control_client *client, const struct companion *c)
{
    const vamt_FirmwareStatus *s = &c->status;
    /* It is told with other news only. */
    uint64_t uptime_ms = s->uptime_ms + (c->is_ready ? loop_now_ms() - c->status_ms : 0);
    char one[WORDS_CAP];
    char two[WORDS_CAP];

    control_say(client, "version:    %s%s%s", words(s->version, one),
                s->personality[0] ? ", as " : "", words(s->personality, two));
    control_say(client, "board:      %s", words(s->board, one));
    control_say(client, "address:    %s%s%s",
                s->address[0] ? words(s->address, one) : "none", s->dhcp ? " (DHCP)" : "",
                s->link_up ? "" : " (link down)");
    control_say(client, "mac:        %02x:%02x:%02x:%02x:%02x:%02x", s->mac[0], s->mac[1],
                s->mac[2], s->mac[3], s->mac[4], s->mac[5]);
    control_say(client, "uptime:     %" PRIu64 ".%03u s", uptime_ms / 1000,
                (unsigned)(uptime_ms % 1000));
    control_say(client, "clients:    %u", (unsigned)s->connections);
}

/* What to make of the store's state, where it is not as it should be. */
static const char *store_advice(const char *state)
{
    static const struct {
        const char *state;
        const char *advice;
    } table[] = {
        {"none", ": nothing is kept over a restart (attached by an older vamtctl? detach "
                 "and attach)"},
        {"repaired", ": damaged records were dropped (see: vamtctl log)"},
        {"ruined", ": IT COULD NOT BE READ; factory settings hold (see: vamtctl log)"},
        {"newer", ": WRITTEN BY A NEWER FIRMWARE; this one does not serve. Start the "
                  "newer image, or detach and attach"},
        {"failed", ": THE FLASH DOES NOT WORK; nothing is kept"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].state, state) == 0) {
            return table[i].advice;
        }
    }
    return "";
}

static void say_tls(struct control_client *client, const vamt_FirmwareStatus *s)
{
    char one[WORDS_CAP];
    char text[3 * FINGERPRINT_LEN + 1] = "none";

    if (s->tls[0] == '\0') {
        return;
    }
    control_say(client, "tls:        %s, %u sessions", words(s->tls, one),
                (unsigned)s->tls_sessions);
    for (size_t i = 0; i < s->certificate.size && i < FINGERPRINT_LEN; i++) {
        snprintf(text + 3 * i, 4, "%02X%s", s->certificate.bytes[i],
                 i + 1 < s->certificate.size ? ":" : "");
    }
    control_say(client, "sha256:     %s", text);
}

static void say_trust(struct control_client *client, const struct companion *c)
{
    const vamt_FirmwareStatus *s = &c->status;
    char one[WORDS_CAP];

    if (s->setup[0] != '\0') {
        control_say(client, "set-up:     %s%s", words(s->setup, one),
                    s->consent[0] ? ", consent is wanted (see: vamtctl consent)" : "");
        control_say(client, "lock-outs:  %u", (unsigned)s->lockouts);
    }
    if (strcmp(s->setup, "unprovisioned") == 0) {
        control_say(client,
                    "activation: user $$OsAdmin, password in %s/%s/local-password",
                    fleet_state(), c->about.uuid);
    }
    if (s->store[0] != '\0') {
        control_say(client,
                    "store:      %s, %u%% used, %u erases of the most worn block%s",
                    words(s->store, one), (unsigned)s->store_used_percent,
                    (unsigned)s->store_erases_worst, store_advice(s->store));
    }
    say_tls(client, s);
}

static void say_pools(struct control_client *client, const vamt_FirmwareStatus *s)
{
    char one[WORDS_CAP];

    for (size_t i = 0; i < s->pools_count; i++) {
        control_say(client, "pool:       %-16s %u of %u at most",
                    words(s->pools[i].name, one), (unsigned)s->pools[i].most,
                    (unsigned)s->pools[i].count);
    }
}

void control_status(struct control_client *client, const struct request *r)
{
    const struct companion *c = control_cmd_find(client, r);

    if (c == NULL) {
        return;
    }
    control_say(client, "domain:     %s", c->about.host_name);
    control_say(client, "power:      %s", control_host_state(c));
    control_say(client, "companion:  %s", c->about.name);
    control_say(client, "firmware:   %s", control_link_state(c));
    if (c->has_status) {
        say_version(client, c);
        say_trust(client, c);
    }
    control_tuning_status(client, c);
    control_say(client, "network:    %s%s%s", c->about.network,
                c->about.address[0] ? " " : "", c->about.address);
    control_say(client, "image:      %s", c->about.image);
    control_say(client, "generation: %u", (unsigned)c->snapshot.generation);
    control_say(client, "pending:    %zu", c->queue_count + c->is_acting);
    if (c->has_status && request_get(r, "verbose") != NULL) {
        say_pools(client, &c->status);
    }
    if (!fleet_is_open()) {
        control_end(client, ATTACH_LIBVIRT_AWAY, "libvirt is away: %s",
                    fleet_open_error());
        return;
    }
    control_end(client, ATTACH_OK, "%s", "");
}

/* Never logged: who reads the log is not always who sits at the machine. */
void control_consent(struct control_client *client, const struct request *r)
{
    const struct companion *c = control_cmd_find(client, r);

    if (c == NULL) {
        return;
    }
    if (!c->is_ready || !c->has_status) {
        control_end(client, ATTACH_SILENT, "%s: the firmware is %s", c->about.host_name,
                    control_link_state(c));
    } else if (c->status.consent[0] == '\0') {
        control_end(client, ATTACH_NO_CONSENT, "%s: no console asks for consent",
                    c->about.host_name);
    } else if (strlen(c->status.consent) != CONSENT_DIGITS ||
               strspn(c->status.consent, "0123456789") != CONSENT_DIGITS) {
        control_end(client, ATTACH_FAILED, "%s: the firmware shows no digits",
                    c->about.host_name);
    } else {
        control_say(client, "%s", c->status.consent);
        control_end(client, ATTACH_OK, "%s", "");
    }
}
