/* SPDX-License-Identifier: ISC */
/*
 * User consent (IPS_OptInService): in client control mode, and where OptInRequired says so, a
 * remote console may take screen, media or boot device only after it has given the six digits
 * that the machine's user sees. The user of a virtual machine sees them by `vamtctl consent`.
 *
 *     NOT_STARTED --request--> DISPLAYED --right code--> RECEIVED <--open/close--> IN_SESSION
 *          ^                      |                         |
 *          +--- cancel, code timeout, third wrong code -----+
 *
 * AMT is in REQUESTED until its picture of the code is on the screen; here the code is to be
 * seen at once. Wrong codes count on through a cancel and a new request, so that guessing is
 * bounded: after the third one new requests are refused for CONFIG_CONSENT_BLOCK_MS.
 */
#ifndef VAMT_SETUP_CONSENT_H
#define VAMT_SETUP_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

/* IPS_OptInService.OptInState */
enum consent_state {
    CONSENT_NOT_STARTED = 0,
    CONSENT_REQUESTED = 1,
    CONSENT_DISPLAYED = 2,
    CONSENT_RECEIVED = 3,
    CONSENT_IN_SESSION = 4
};
/* IPS_OptInService.OptInRequired */
enum consent_policy { CONSENT_NONE = 0, CONSENT_KVM = 1, CONSENT_ALL = 0xffffffff };

enum consent_for { CONSENT_FOR_KVM, CONSENT_FOR_REDIRECTION, CONSENT_FOR_BOOT };

struct consent_settings {
    enum consent_policy
        policy;         /* counts in admin control mode; in client mode it is all */
    uint32_t code_s;    /* how long a code, and then the consent, is good */
    uint16_t display_s; /* how long the user sees the code, at most code_s */
};

/* Load the settings, or the default: no consent in admin control mode. From setup_start. */
void consent_start(void);
/* What counts now. */
struct consent_settings consent_settings(void);
/* May these be set? 0; ERR_INVALID: out of AMT's limits; ERR_DENIED: another policy in client
 * control mode. */
int consent_check_settings(const struct consent_settings *settings) UTIL_MUST_CHECK;
/* Set them. Errors as above, and ERR_IO: the store (nothing changed). */
int consent_set_settings(const struct consent_settings *settings) UTIL_MUST_CHECK;
/* Default settings, and no consent. ERR_IO. */
int consent_reset(void) UTIL_MUST_CHECK;

/* Does this need consent that is not given now? */
bool consent_is_missing(enum consent_for what);
enum consent_state consent_state(void);
/* The digits to show to the user, NULL: none wanted now. Valid until the next call. */
const char *consent_code(void);
/* Make a code and show it. ERR_INVALID: nothing here needs consent; ERR_BUSY: a code is shown,
 * or consent is given; ERR_DENIED: too many wrong codes; ERR_IO: no random numbers. */
int consent_request(void) UTIL_MUST_CHECK;
/* The user's code. ERR_INVALID: none was asked for; ERR_DENIED: wrong; ERR_CLOSED: wrong for the
 * third time: the request is over. */
int consent_answer(uint32_t code) UTIL_MUST_CHECK;
/* No request and no consent any more. ERR_INVALID: there was neither, or a session is open. */
int consent_cancel(void) UTIL_MUST_CHECK;
/* A session that needed consent begins and ends: consent lasts as long as one is open. */
void consent_open(void);
void consent_close(void);
/* Timeouts. Returns when it must be called next (board_now_us scale). */
uint64_t consent_poll(uint64_t now_us);

#endif
