/* SPDX-License-Identifier: ISC */
/* A host port and a small shim behind it, for tests of the firmware's side. */
#ifndef VAMT_TESTS_SHIM_DOUBLE_H
#define VAMT_TESTS_SHIM_DOUBLE_H

#include "hal/hostport.h"
#include "host/hostlink_priv.h"
#include "host/hostmsg.h"

enum { SHIM_PIPE_CAP = 64 * 1024, SHIM_NOTES = 1024, SHIM_LOGS = 256, SHIM_TUNINGS = 64 };

struct shim_pipe {
    size_t len;
    uint8_t bytes[SHIM_PIPE_CAP];
};

struct shim {
    struct hostport port; /* first: the ops find the shim by it */
    bool is_open;
    struct shim_pipe to_firmware;
    struct shim_pipe to_shim;
    struct hostlink link;
    struct hostmsg msg;
    unsigned resumed;
    unsigned restarted;
    unsigned mismatched;
    unsigned request_count; /* all that came, repetitions too */
    vamt_Request requests[SHIM_NOTES];
    unsigned status_count;
    vamt_FirmwareStatus status;
    unsigned tuning_count;
    vamt_TuningResult tunings[SHIM_TUNINGS]; /* results, as they came */
    unsigned log_count;
    vamt_LogLine logs[SHIM_LOGS];
};

/* A shim that has not connected yet. */
void shim_init(struct shim *s, uint64_t epoch);
/* A new process: new epoch, stream closed, counters kept. */
void shim_restart(struct shim *s, uint64_t epoch);
void shim_open(struct shim *s);
void shim_close(struct shim *s);
/* Take what the firmware sent, answer the protocol. */
void shim_run(struct shim *s);
void shim_send(struct shim *s, const vamt_ToFirmware *message);
void shim_answer(struct shim *s, uint32_t id, vamt_Status status);
void shim_tune(struct shim *s, const vamt_Tuning *tuning);
/* A snapshot with `power` and the actions ON and RESET legal. */
void shim_snapshot(struct shim *s, vamt_PowerState power);

/* The firmware's host_client and the shim, until nothing moves. Returns what
 * host_client_poll said last. */
uint64_t shim_run_both(struct shim *s, uint64_t now_us);
/* Open, HELLO, and a snapshot of a host that is on. */
void shim_link_up(struct shim *s, uint64_t now_us);

#endif
