/* SPDX-License-Identifier: ISC */
/*
 * What an operator has set for one companion: kept in a file (TUNING.md), told to the
 * firmware in each new session, and changed by one command at a time:
 *
 *   NONE ──command──▶ DUE ──room in the link──▶ SENT ──result──▶ NONE (kept if accepted)
 *     ▲                ▲                         │
 *     │                └──────new session────────┤
 *     └──reset, and the firmware started anew────┘
 *
 * After ANSWER_MS the user is told that no answer came. If the link is down then, the
 * command is taken back; else a late answer still counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "companion_priv.h"
#include "xmlutil.h"

enum { ANSWER_MS = 5000 };

static const vamt_TuningKind kinds[TUNEFILE_COUNT] = {
    [TUNEFILE_LATENCY] = vamt_TuningKind_TUNING_KIND_LATENCY,
    [TUNEFILE_FAULTS] = vamt_TuningKind_TUNING_KIND_FAULTS,
};
static const char *const names[TUNEFILE_COUNT] = {"latency profile", "fault rules"};

const char *companion_tuned(const struct companion *c, enum tunefile_kind kind)
{
    const struct tunefile_text *text = &c->tuning.kept.texts[kind];

    return text->is_set ? text->text : NULL;
}

/* Tell who waits; the command itself may go on. */
static void finish(struct companion_tuning *t, bool is_done, const char *detail)
{
    companion_tuned_fn *done = t->done;

    loop_timer_cancel(&t->timer);
    t->done = NULL;
    if (done != NULL) {
        done(t->ticket, is_done, detail);
    }
}

static void on_timer(void *context)
{
    struct companion *c = context;
    char text[96];

    snprintf(text, sizeof text, "the firmware has not answered within %d s",
             ANSWER_MS / 1000);
    if (!c->is_ready) { /* it must not be found in the stream by and by */
        c->tuning.command.id = 0;
        hostlink_restart(&c->link);
        hostmsg_init(&c->msg);
    }
    finish(&c->tuning, false, text);
}

void companion_tuning_open(struct companion *c, const char *folder)
{
    int result;

    snprintf(c->tuning_path, sizeof c->tuning_path, "%s/tuning", folder);
    c->tuning.timer = (struct loop_timer){.fn = on_timer, .context = c};
    result = tunefile_read(c->tuning_path, &c->tuning.kept);
    if (result != 0 && result != ERR_NOT_FOUND) {
        shimlog(SHIMLOG_ERROR, c->about.host_name,
                "%s is %s: latency profile and faults are not set", c->tuning_path,
                result == ERR_INVALID ? "damaged" : "unreadable");
    }
}

void companion_tuning_close(struct companion *c)
{
    finish(&c->tuning, false, "the companion has gone");
}

static int kind_index(vamt_TuningKind kind)
{
    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        if (kinds[i] == kind) {
            return i;
        }
    }
    return -1; /* a reset is not kept */
}

/* On disk first: what the user is told must hold. */
static bool keep(struct companion *c, vamt_TuningKind kind, const char *text)
{
    struct companion_tuning *t = &c->tuning;
    int i = kind_index(kind);
    struct tunefile_text before;

    if (i < 0) {
        return true;
    }
    before = t->kept.texts[i];
    t->kept.texts[i].is_set = true;
    xmlutil_copy(t->kept.texts[i].text, sizeof t->kept.texts[i].text, text);
    if (tunefile_write(c->tuning_path, &t->kept) != 0) {
        shimlog(SHIMLOG_ERROR, c->about.host_name, "cannot write %s", c->tuning_path);
        t->kept.texts[i] = before;
        return false;
    }
    return true;
}

enum companion_tune companion_tune(struct companion *c, vamt_TuningKind kind,
                                   const char *text, companion_tuned_fn *done,
                                   uint64_t ticket)
{
    struct companion_tuning *t = &c->tuning;
    int i = kind_index(kind);

    if (t->command.id != 0) {
        return COMPANION_TUNE_BUSY;
    }
    if (!c->is_ready && i < 0) {
        return COMPANION_TUNE_SILENT;
    }
    if (!c->is_ready) {
        t->is_new[i] = true;
        return keep(c, kind, text) ? COMPANION_TUNE_KEPT : COMPANION_TUNE_FAILED;
    }
    t->command = (vamt_Tuning){.id = ++t->last_id, .kind = kind};
    xmlutil_copy(t->command.text, sizeof t->command.text, text);
    t->is_sent = false;
    t->done = done;
    t->ticket = ticket;
    loop_timer_set(&t->timer, ANSWER_MS);
    companion_flush(c);
    return COMPANION_TUNE_SENT;
}

void companion_tuning_begin(struct companion *c)
{
    struct companion_tuning *t = &c->tuning;
    bool is_reset = t->command.kind == vamt_TuningKind_TUNING_KIND_RESET;

    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        t->is_due[i] = t->kept.texts[i].is_set;
    }
    if (t->command.id == 0) {
        return;
    }
    if (is_reset && t->is_sent && t->epoch != hostlink_peer_epoch(&c->link)) {
        t->command.id = 0;
        finish(t, true, "");
    } else if (t->done == NULL) {
        t->command.id = 0; /* the user was told that it failed */
    } else {
        t->is_sent = false;
    }
}

static void take_repeat(struct companion *c, int i, const vamt_TuningResult *result)
{
    c->tuning.repeat_id[i] = 0;
    if (result->is_accepted) {
        c->tuning.is_new[i] = false;
    } else {
        shimlog(SHIMLOG_WARN, c->about.host_name, "the firmware refuses the %s: %s",
                names[i], result->detail);
    }
}

static void take_command(struct companion *c, const vamt_TuningResult *result)
{
    struct companion_tuning *t = &c->tuning;
    int i = kind_index(t->command.kind);
    char text[224] = "";
    bool is_kept = true;

    if (result->is_accepted) {
        is_kept = keep(c, t->command.kind, t->command.text);
    }
    if (!result->is_accepted) {
        snprintf(text, sizeof text, "the firmware refuses it: %s", result->detail);
    } else if (!is_kept) {
        snprintf(text, sizeof text, "in force, but cannot be kept (see vamtd's log)");
    } else if (i >= 0) {
        t->is_new[i] = false;
    }
    t->command.id = 0;
    finish(t, result->is_accepted && is_kept, text);
}

void companion_tuning_take(struct companion *c, const vamt_TuningResult *result)
{
    if (result->id == 0) {
        return;
    }
    if (result->id == c->tuning.command.id) {
        take_command(c, result);
        return;
    }
    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        if (result->id == c->tuning.repeat_id[i]) {
            take_repeat(c, i, result);
            return;
        }
    }
}

/* False: no room now. What cannot be encoded is given up. */
static bool put_tuning(struct companion *c, const vamt_Tuning *tuning)
{
    vamt_ToFirmware *message = calloc(1, sizeof *message);
    int result = ERR_FULL;

    if (message != NULL) {
        message->which_body = vamt_ToFirmware_tuning_tag;
        message->body.tuning = *tuning;
        result = hostmsg_write_to_firmware(&c->msg, &c->link, message);
        free(message);
    }
    if (result == ERR_INVALID) {
        shimlog(SHIMLOG_ERROR, c->about.host_name, "a setting cannot be encoded");
    }
    return result != ERR_FULL;
}

static bool put_kept(struct companion *c, int i)
{
    struct companion_tuning *t = &c->tuning;
    vamt_Tuning tuning = {
        .id = t->last_id + 1, .kind = kinds[i], .is_repeat = !t->is_new[i]};

    xmlutil_copy(tuning.text, sizeof tuning.text, t->kept.texts[i].text);
    if (!put_tuning(c, &tuning)) {
        return false;
    }
    t->repeat_id[i] = ++t->last_id;
    t->is_due[i] = false;
    return true;
}

/* What is kept goes first: a command that is under way is newer. */
void companion_tuning_output(struct companion *c)
{
    struct companion_tuning *t = &c->tuning;

    for (int i = 0; i < TUNEFILE_COUNT; i++) {
        if (t->is_due[i] && !put_kept(c, i)) {
            return;
        }
    }
    if (t->command.id != 0 && !t->is_sent) {
        t->epoch = hostlink_peer_epoch(&c->link);
        t->is_sent = put_tuning(c, &t->command);
    }
}
