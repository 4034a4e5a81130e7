/* SPDX-License-Identifier: ISC */
/*
 * Power of one host domain: which actions are legal in which state, and doing them. And the
 * facts that a snapshot tells. All blocking (worker threads).
 */
#ifndef VAMT_SHIM_POWER_H
#define VAMT_SHIM_POWER_H

#include <stdbool.h>

#include "host/hostlink.pb.h"
#include "virt.h"

/* Bits 1u << vamt_PowerAction. */
unsigned power_actions(const struct virt_domain *domain);
vamt_PowerState power_state(const struct virt_domain *domain);
const char *power_state_name(vamt_PowerState state);
const char *power_action_name(vamt_PowerAction action);

struct power_facts {
    struct virt_domain domain;
    uint64_t began_ns;          /* CLOCK_MONOTONIC before the first look */
    vamt_HostSnapshot snapshot; /* generation and power_changes are the caller's */
};

/* 0, or negative with *error set. */
int power_read(struct virt *v, const char *uuid, struct power_facts *out,
               struct virt_error *error);

struct power_result {
    vamt_Status status;
    char detail[160];
};

/* Do it. `is_again`: the same request may have been carried out before (the daemon was
 * interrupted): a state that is reached already counts as done. */
void power_do(struct virt *v, const char *uuid, vamt_PowerAction action,
              vamt_BootDevice boot, bool is_again, struct power_result *result);

#endif
