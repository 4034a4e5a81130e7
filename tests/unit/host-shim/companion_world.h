/* SPDX-License-Identifier: ISC */
/* The stage of the tests of a companion: one host, one companion, and the firmware's end
 * of its socket, played by the test. */
#ifndef VAMT_TESTS_COMPANION_WORLD_H
#define VAMT_TESTS_COMPANION_WORLD_H

#include "companion.h"
#include "virt_fake.h"

enum { WAIT_MS = 3000, EPOCH = 99, WORLD_TUNINGS = 32 };

/* The firmware's end. */
struct companion_world_firmware {
    int fd;
    struct hostlink link;
    struct hostmsg msg;
    unsigned snapshots;
    unsigned responses;
    unsigned drops; /* times that the shim closed the stream */
    unsigned resumed;
    vamt_HostSnapshot snapshot;
    vamt_Response response;
    unsigned tuning_count; /* all that came */
    vamt_Tuning tunings[WORLD_TUNINGS];
    bool is_mute;        /* tunings are not answered ... */
    const char *refuses; /* ... or refused with this detail; NULL: accepted */
};

extern struct virt_fake fake;
extern struct virt_fake_domain *host;
extern struct companion *c;
extern char folder[64];
extern struct companion_world_firmware fw;

/* cmocka: a daemon, its companion connected, the first snapshot read. */
int setup(void **state);
int teardown(void **state);
/* Both sides run for a moment. */
void spin(void);
/* Both sides run until *counter reaches `want`. */
void wait_for(const unsigned *counter, unsigned want);
void start_daemon(uint64_t epoch);
void kill_daemon(void);
/* The firmware starts anew. */
void restart_firmware(uint64_t epoch);
/* The stream breaks; whatever was in it is lost. */
void break_stream(void);
void answer_tuning(uint32_t id, bool is_accepted, const char *detail);

#endif
