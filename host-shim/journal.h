/* SPDX-License-Identifier: ISC */
/*
 * What was asked of one host and how it ended, on disk, so that a repeated request is
 * answered and not carried out again, also after the daemon was killed in the middle.
 * JOURNAL.md gives the file.
 */
#ifndef VAMT_SHIM_JOURNAL_H
#define VAMT_SHIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "host/hostlink.pb.h"

enum { JOURNAL_COUNT = 32, JOURNAL_PATH_CAP = 512 };

struct journal_entry {
    uint32_t id;
    vamt_PowerAction action;
    vamt_BootDevice boot;
    bool is_done;
    bool is_ours; /* begun by this process, thus under way and not interrupted */
    vamt_Status status;
    char detail[160];
};

struct journal {
    char path[JOURNAL_PATH_CAP];
    int fd;
    uint64_t epoch; /* of the firmware whose requests these are */
    size_t file_len;
    size_t count;
    struct journal_entry entries[JOURNAL_COUNT]; /* oldest first */
};

/* Load `path`, or start empty. 0 or ERR_IO. A torn last line is dropped. */
int journal_open(struct journal *j, const char *path) UTIL_MUST_CHECK;
void journal_close(struct journal *j);

enum journal_verdict {
    JOURNAL_NEW,         /* act */
    JOURNAL_AGAIN,       /* was interrupted, may safely be tried anew: act */
    JOURNAL_UNDER_WAY,   /* wait for its end */
    JOURNAL_ANSWERED,    /* *entry has the answer */
    JOURNAL_INTERRUPTED, /* answer STATUS_INTERRUPTED (and journal it) */
    JOURNAL_TOO_OLD      /* so old that it is forgotten: refuse */
};
/* What about request `id` of the firmware `epoch`? Another epoch forgets all. The request's
 * body must be the one that was journalled; if not: JOURNAL_TOO_OLD. */
enum journal_verdict journal_find(struct journal *j, uint64_t epoch, uint32_t id,
                                  const vamt_PowerRequest *body,
                                  const struct journal_entry **entry);
/* On disk before the return: `id` is about to be carried out. 0 or ERR_IO: do not act. */
int journal_begin(struct journal *j, uint64_t epoch, uint32_t id,
                  const vamt_PowerRequest *body) UTIL_MUST_CHECK;
/* On disk before the return: how it ended. 0 or ERR_IO. Ignored if epoch is not current. */
int journal_end(struct journal *j, uint64_t epoch, uint32_t id, vamt_Status status,
                const char *detail) UTIL_MUST_CHECK;

#endif
