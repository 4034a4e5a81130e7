/* SPDX-License-Identifier: ISC */
/* vamtctl latency, profiles and fault: files and rules are read and checked here, so that
 * vamtd needs no access to the user's files and a mistake is shown with its line. */
#ifndef VAMT_SHIM_CTL_TUNING_H
#define VAMT_SHIM_CTL_TUNING_H

#include "ctl_args.h"

/* Put the request's keys behind `line`; ends the program if there is nothing to send. */
void ctl_tuning_latency(const struct ctl_args_rest *rest, char *line, size_t cap);
void ctl_tuning_fault(const struct ctl_args_rest *rest, char *line, size_t cap);
/* Prints the list and ends the program. */
void ctl_tuning_profiles(const struct ctl_args_rest *rest, char *line, size_t cap);

#endif
