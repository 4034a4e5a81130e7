/* SPDX-License-Identifier: ISC */
/*
 * A text file of lines, appended and synced: "B epoch id action boot" before acting,
 * "E epoch id status detail" after. A line
 * without one was torn by a crash and never happened. Rewritten when it grows or when the
 * firmware has a new epoch.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "keepfile.h"
#include "xmlutil.h"

enum { LINE_CAP = 320, FILE_CAP = 65536 };

static struct journal_entry *find(struct journal *j, uint32_t id)
{
    for (size_t i = 0; i < j->count; i++) {
        if (j->entries[i].id == id) {
            return &j->entries[i];
        }
    }
    return NULL;
}

static struct journal_entry *add(struct journal *j, uint32_t id)
{
    struct journal_entry *e;

    if (j->count == JOURNAL_COUNT) {
        memmove(j->entries, j->entries + 1, (JOURNAL_COUNT - 1) * sizeof j->entries[0]);
        j->count--;
    }
    e = &j->entries[j->count++];
    memset(e, 0, sizeof *e);
    e->id = id;
    return e;
}

/* A line without its newline. Lines that make no sense are left out. */
static void replay(struct journal *j, const char *line)
{
    uint64_t epoch;
    uint32_t id;
    int a;
    int b = 0;
    int at = 0;
    struct journal_entry *e;

    if (sscanf(line, "B %" SCNx64 " %" SCNu32 " %d %d", &epoch, &id, &a, &b) == 4) {
        if (epoch != j->epoch) {
            j->epoch = epoch;
            j->count = 0;
        }
        e = find(j, id);
        e = e != NULL ? e : add(j, id);
        e->action = (vamt_PowerAction)a;
        e->boot = (vamt_BootDevice)b;
    } else if (sscanf(line, "E %" SCNx64 " %" SCNu32 " %d %n", &epoch, &id, &a, &at) ==
               3) {
        e = epoch == j->epoch ? find(j, id) : NULL;
        if (e != NULL) {
            e->is_done = true;
            e->status = (vamt_Status)a;
            xmlutil_copy(e->detail, sizeof e->detail, at > 0 ? line + at : "");
        }
    }
}

static int begin_line(char *line, uint64_t epoch, const struct journal_entry *e)
{
    return snprintf(line, LINE_CAP, "B %" PRIx64 " %" PRIu32 " %d %d\n", epoch, e->id,
                    (int)e->action, (int)e->boot);
}

static int end_line(char *line, uint64_t epoch, const struct journal_entry *e)
{
    return snprintf(line, LINE_CAP, "E %" PRIx64 " %" PRIu32 " %d %s\n", epoch, e->id,
                    (int)e->status, e->detail);
}

/* Write what is known to a new file and put it in the place of the old one. */
static int rewrite(struct journal *j)
{
    char next[JOURNAL_PATH_CAP + 8];
    char line[LINE_CAP];
    int fd;
    int result = 0;

    snprintf(next, sizeof next, "%s.new", j->path);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ERR_IO;
    }
    j->file_len = 0;
    for (size_t i = 0; result == 0 && i < j->count; i++) {
        int len = begin_line(line, j->epoch, &j->entries[i]);

        result = keepfile_write(fd, line, (size_t)len);
        j->file_len += (size_t)len;
        if (result == 0 && j->entries[i].is_done) {
            len = end_line(line, j->epoch, &j->entries[i]);
            result = keepfile_write(fd, line, (size_t)len);
            j->file_len += (size_t)len;
        }
    }
    if (result != 0) {
        unlink(next);
    } else {
        result = keepfile_replace(fd, next, j->path);
    }
    if (result != 0) {
        close(fd);
        return ERR_IO;
    }
    if (j->fd >= 0) {
        close(j->fd);
    }
    j->fd = fd;
    return 0;
}

static int append(struct journal *j, const char *line, int len)
{
    if (j->fd < 0 || j->file_len + (size_t)len > FILE_CAP) {
        return rewrite(j);
    }
    if (keepfile_write(j->fd, line, (size_t)len) != 0 || fdatasync(j->fd) != 0) {
        /* Half a line may stand there now; a whole new file is safe. */
        return rewrite(j);
    }
    j->file_len += (size_t)len;
    return 0;
}

int journal_open(struct journal *j, const char *path)
{
    char *text = malloc(2 * FILE_CAP);
    size_t len = 0;
    int fd;

    memset(j, 0, sizeof *j);
    j->fd = -1;
    snprintf(j->path, sizeof j->path, "%s", path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (text == NULL || (fd < 0 && errno != ENOENT)) {
        free(text);
        return ERR_IO;
    }
    while (fd >= 0 && len < 2 * FILE_CAP - 1) {
        ssize_t got = read(fd, text + len, 2 * FILE_CAP - 1 - len);

        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    if (fd >= 0) {
        close(fd);
    }
    for (size_t i = 0; i < len; i++) {
        text[i] = text[i] == '\0' ? '?' : text[i]; /* a crash may leave zeroes */
    }
    text[len] = '\0';
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        replay(j, line);
    }
    free(text);
    return rewrite(j);
}

void journal_close(struct journal *j)
{
    if (j->fd >= 0) {
        close(j->fd);
        j->fd = -1;
    }
}

/* May it be tried again after an interruption? The end state of these is what counts. */
static bool is_repeatable(vamt_PowerAction action)
{
    return action == vamt_PowerAction_POWER_ACTION_ON ||
           action == vamt_PowerAction_POWER_ACTION_OFF ||
           action == vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL;
}

enum journal_verdict journal_find(struct journal *j, uint64_t epoch, uint32_t id,
                                  const vamt_PowerRequest *body,
                                  const struct journal_entry **entry)
{
    struct journal_entry *e;

    if (epoch != j->epoch) {
        return JOURNAL_NEW; /* journal_begin forgets the old epoch */
    }
    e = find(j, id);
    if (e == NULL) {
        return j->count > 0 && id < j->entries[j->count - 1].id &&
                       (j->count == JOURNAL_COUNT || id < j->entries[0].id)
                   ? JOURNAL_TOO_OLD
                   : JOURNAL_NEW;
    }
    if (e->action != body->action || e->boot != body->boot) {
        return JOURNAL_TOO_OLD;
    }
    *entry = e;
    if (e->is_done) {
        return JOURNAL_ANSWERED;
    }
    if (e->is_ours) {
        return JOURNAL_UNDER_WAY;
    }
    return is_repeatable(e->action) ? JOURNAL_AGAIN : JOURNAL_INTERRUPTED;
}

int journal_begin(struct journal *j, uint64_t epoch, uint32_t id,
                  const vamt_PowerRequest *body)
{
    char line[LINE_CAP];
    struct journal_entry *e;

    if (epoch != j->epoch) {
        j->epoch = epoch;
        j->count = 0;
        if (rewrite(j) != 0) {
            return ERR_IO;
        }
    }
    e = find(j, id);
    e = e != NULL ? e : add(j, id);
    e->action = body->action;
    e->boot = body->boot;
    e->is_ours = true;
    return append(j, line, begin_line(line, epoch, e));
}

int journal_end(struct journal *j, uint64_t epoch, uint32_t id, vamt_Status status,
                const char *detail)
{
    char line[LINE_CAP];
    struct journal_entry *e = epoch == j->epoch ? find(j, id) : NULL;

    if (e == NULL) {
        return 0;
    }
    e->is_done = true;
    e->status = status;
    xmlutil_copy(e->detail, sizeof e->detail, detail);
    for (char *p = e->detail; *p != '\0'; p++) {
        *p = (unsigned char)*p < ' ' ? ' ' : *p;
    }
    return append(j, line, end_line(line, epoch, e));
}
