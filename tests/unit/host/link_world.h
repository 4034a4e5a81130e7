/* SPDX-License-Identifier: ISC */
/*
 * Two hostlinks joined by two byte pipes that can be cut, shortened, damaged or left with
 * old bytes in them. Every byte written to a channel is a function of the session, the
 * channel and the offset, so that the reader can tell whether it got exactly its stream.
 */
#ifndef VAMT_TESTS_LINK_WORLD_H
#define VAMT_TESTS_LINK_WORLD_H

#include "host/hostlink_priv.h"

enum { WORLD_PIPE_CAP = 64 * 1024, WORLD_SIDES = 2 };

/* What becomes of the bytes under way when the stream breaks. */
enum world_cut { WORLD_CUT_LOSE_ALL, WORLD_CUT_LOSE_TAIL, WORLD_CUT_KEEP_OLD };

struct world_side {
    struct hostlink link;
    uint64_t written[CONFIG_HOST_CHANNELS]; /* in this session */
    uint64_t read[CONFIG_HOST_CHANNELS];
    unsigned resumed;
    unsigned restarted;
    unsigned mismatched;
    unsigned errors;
    size_t pipe_len; /* towards this side */
    uint8_t pipe[WORLD_PIPE_CAP];
};

struct world {
    uint64_t seed; /* printed when a check fails */
    uint64_t random;
    uint64_t epochs;
    uint64_t carried; /* bytes delivered so far, both directions */
    struct world_side sides[WORLD_SIDES];
};

void world_init(struct world *w, uint64_t seed);
/* 0 .. below-1, from the seed. */
size_t world_random(struct world *w, size_t below);
void world_connect(struct world *w);
void world_break(struct world *w, enum world_cut cut);
/* One side forgets all and starts with a new epoch; the stream is closed. */
void world_restart_side(struct world *w, unsigned side);
/* Take up to `cap` bytes of output of `side` into the other's pipe. */
void world_send(struct world *w, unsigned side, size_t cap);
/* Deliver up to `max` bytes of the pipe towards `side`, in one piece. */
size_t world_deliver(struct world *w, unsigned side, size_t max);
/* Append `len` bytes of the expected stream, as far as there is room. */
void world_write(struct world *w, unsigned side, unsigned channel, size_t len);
/* Read and compare all that is there, at most `max`. */
void world_read(struct world *w, unsigned side, unsigned channel, size_t max);
/* Run without faults until both are ready and nothing is under way. */
void world_settle(struct world *w);
/* Everything that was written has been read by the other side. */
void world_check_all_read(struct world *w);
void world_check_invariants(struct world *w);

#define world_check(w, condition) \
    world_check_at((w), (condition), #condition, __FILE__, __LINE__)
void world_check_at(struct world *w, bool good, const char *what, const char *file,
                    int line);

#endif
