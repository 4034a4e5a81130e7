/* SPDX-License-Identifier: ISC */
/*
 * One companion: its hostlink, the last snapshot of its host, the requests of its firmware
 * and its log. Lives on the event loop; nothing here blocks. The firmware is an untrusted
 * peer: it can ask for the actions of power.h on its own host and nothing else.
 */
#ifndef VAMT_SHIM_COMPANION_H
#define VAMT_SHIM_COMPANION_H

#include <stdbool.h>
#include <stdint.h>

#include "companion_tuning.h"
#include "host/hostlink_priv.h"
#include "host/hostmsg.h"
#include "journal.h"
#include "loop.h"
#include "power.h"
#include "shimlog.h"
#include "virt.h"

enum {
    COMPANION_LOG_COUNT = 256,
    COMPANION_LOG_CAP = 320,
    COMPANION_SOCKET_CAP = 108,
    COMPANION_TEXT_CAP = 256,
    COMPANION_OUT_CAP = 16384
};

/* What libvirt's metadata and XML say; compared at every scan. */
struct companion_about {
    char uuid[VIRT_UUID_CAP];
    char name[VIRT_NAME_CAP];
    char host_uuid[VIRT_UUID_CAP];
    char host_name[VIRT_NAME_CAP];
    char socket_path[COMPANION_SOCKET_CAP]; /* "" while the companion does not run */
    char network[COMPANION_TEXT_CAP]; /* "forward 127.0.0.1:16992", "network default" */
    char address[COMPANION_TEXT_CAP]; /* as given at attach, or "" */
    char image[COMPANION_TEXT_CAP];
    bool is_active;
};

struct companion_request {
    uint32_t id;
    uint64_t epoch;
    uint64_t due_ms; /* loop_now_ms scale; the firmware has given up then */
    bool is_again;
    vamt_PowerRequest power;
};

struct companion {
    struct companion *next;
    struct companion_about about;
    struct virt *virt;
    bool is_virt_open;

    struct loop_fd watch;
    struct loop_timer retry; /* connect again */
    struct loop_timer hello; /* say HELLO again */
    unsigned retry_ms;
    unsigned hello_ms;
    bool is_ready; /* HELLO done on the present stream */
    uint64_t hellos;
    struct hostlink link;
    struct hostmsg msg;
    uint8_t out[COMPANION_OUT_CAP];
    size_t out_len;
    size_t out_at;

    vamt_HostSnapshot snapshot;
    bool has_snapshot;
    uint64_t facts_ns; /* when the look began that the snapshot comes from */
    bool is_snapshot_due;
    bool is_refreshing;
    bool is_refresh_due;

    vamt_FirmwareStatus status;
    uint64_t status_ms; /* loop_now_ms when it came */
    bool has_status;

    char tuning_path[JOURNAL_PATH_CAP];
    struct companion_tuning tuning;

    struct journal journal;
    struct companion_request queue[CONFIG_HOST_REQUESTS];
    size_t queue_count;
    bool is_acting;
    struct companion_request acting;
    vamt_Response responses[2 * CONFIG_HOST_REQUESTS];
    size_t response_count;

    struct shimlog_limit bad_limit;
    struct shimlog_limit log_limit;
    struct shimlog_limit request_limit;
    uint64_t log_next; /* number of the next line; line n is at n % COMPANION_LOG_COUNT */
    char (*log)[COMPANION_LOG_CAP];
};

/* `folder`: where the journal lies. NULL if out of memory or the journal is unusable. */
struct companion *companion_new(const struct companion_about *about, struct virt *virt,
                                const char *folder, uint64_t epoch);
void companion_free(struct companion *c);
/* A scan saw it again; another socket path means that it was restarted. */
void companion_update(struct companion *c, const struct companion_about *about);
/* libvirt is there or away. */
void companion_set_virt_open(struct companion *c, bool is_open);
/* Something about the host may have changed: read it and push a snapshot if it has. */
void companion_refresh(struct companion *c);
/* Append to the ring `vamtctl log` shows. Foreign text is made printable. */
void companion_log(struct companion *c, const char *who, const char *text);
/* Connect at once instead of at the next try (the companion has just been started). */
void companion_connect_now(struct companion *c);

/* Set by the fleet: find by UUID (jobs come back by it); a line was logged. */
struct companion *companion_find(const char *uuid);
void companion_set_hooks(struct companion *(*find)(const char *uuid),
                         void (*logged)(struct companion *c));

/* companion_msg.c: messages in and out. */
/* Take all messages that have arrived. Negative: the peer broke the rules. */
int companion_msg_input(struct companion *c);
/* Put what is due (snapshot, responses) into the link. */
void companion_msg_output(struct companion *c);
/* Move bytes between link and socket after something was written. */
void companion_flush(struct companion *c);

#endif
