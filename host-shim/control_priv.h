/* SPDX-License-Identifier: ISC */
/* Between control*.c: one client and its answers. */
#ifndef VAMT_SHIM_CONTROL_PRIV_H
#define VAMT_SHIM_CONTROL_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "attach.h"
#include "control.h"
#include "loop.h"
#include "request.h"

enum { CONTROL_OUT_CAP = 256 * 1024 };

struct control_client {
    struct control_client *next;
    uint64_t id; /* jobs find their client by it: it may be gone meanwhile */
    struct loop_fd watch;
    struct loop_timer timer;
    char in[REQUEST_LINE_CAP];
    size_t in_len;
    bool has_request;
    bool is_ending; /* close when `out` is sent */
    char *out;
    size_t out_len;
    size_t out_at;
    char follows[VIRT_UUID_CAP]; /* companion whose log it follows, or "" */
    uint64_t log_seen;
    /* attach: waiting for the firmware's HELLO */
    char awaits[VIRT_UUID_CAP];
    uint64_t awaits_until_ms;
    char password[ATTACH_PASSWORD_CAP]; /* to be told, or "" */
    bool is_local_password;             /* it is of $$OsAdmin: nobody owns the device */
    char news[192];                     /* latency, fault: what is true when it is done */
};

/* One line for the user's standard output. */
void control_say(struct control_client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The end: exit code 0, or another with its reason. */
void control_end(struct control_client *client, enum attach_code code, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));
/* NULL: it has gone. */
struct control_client *control_client_find(uint64_t id);
const char *control_image(void);

/* control_cmd.c */
/* The companion that a request is about, or NULL and the client has its answer. */
struct companion *control_cmd_find(struct control_client *client,
                                   const struct request *r);
void control_cmd_run(struct control_client *client, const struct request *r);
void control_cmd_timer(void *client);
/* Send the log lines that a follower has not seen. */
void control_cmd_follow(struct control_client *client, struct companion *c);

/* control_status.c */
void control_status(struct control_client *client, const struct request *r);
void control_consent(struct control_client *client, const struct request *r);
/* Words about companions, for tables. */
const char *control_host_state(const struct companion *c);
const char *control_link_state(const struct companion *c);

/* control_tuning.c */
void control_tuning_latency(struct control_client *client, const struct request *r);
void control_tuning_fault(struct control_client *client, const struct request *r);
/* Engine state, latency profile and faults, for `vamtctl status`. */
void control_tuning_status(struct control_client *client, const struct companion *c);

#endif
