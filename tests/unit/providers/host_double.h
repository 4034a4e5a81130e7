/* SPDX-License-Identifier: ISC */
/*
 * A stand-in for host/host_model.h and what else providers need of the machine: the test
 * sets the snapshot, sees requests, and answers them.
 */
#ifndef VAMT_TESTS_HOST_DOUBLE_H
#define VAMT_TESTS_HOST_DOUBLE_H

#include <stddef.h>

#include "cim/cim.h"
#include "host/host_model.h"

extern vamt_HostSnapshot host_double;
extern bool host_double_live;
extern int host_double_result;              /* of host_request_power */
extern unsigned host_double_requests;       /* how many were made */
extern vamt_PowerAction host_double_action; /* of the last */
extern vamt_BootDevice host_double_boot;

/* The rest of the board: clocks, NVRAM (NULL: none), seeds, entropy. */
struct flash;
extern uint64_t host_double_now_us;
extern int64_t host_double_wall_s;
extern struct flash *host_double_flash;
extern bool host_double_has_no_entropy;
extern unsigned host_double_resets; /* engine_reset was called */
/* The seed `name` has this text; NULL: there is none. The text is not copied. */
void host_double_set_seed(const char *name, const char *text);

/* A host that runs, with disk, network and CD, and all else back to its default. */
void host_double_reset(void);
/* Set state and legal actions, ended by POWER_ACTION_NONE. */
void host_double_set(vamt_PowerState power, ...);
/* Answer the last request. */
void host_double_answer(vamt_Status status);

/* A caller with all realms. */
extern const struct cim_caller host_double_admin;

/* Call a method of the only instance of a class. Parameters come from `in`, which must
 * have been begun with call_double_begin. Returns what cim_invoke does. */
struct call_double {
    struct cim_call call;
    struct cim_bag in;
    struct cim_bag out;
    struct cim_path path;
    unsigned done_count;
};
void call_double_begin(struct call_double *test, const struct cim_class *class,
                       const char *method);
int call_double_invoke(struct call_double *test);

#endif
