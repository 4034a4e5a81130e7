/* SPDX-License-Identifier: ISC */
/*
 * Settings from the shim and what became of them. The last results are kept, so that one
 * lost with its session is given again when the shim repeats its setting under the same
 * id.
 */
#include "host/host_tuning.h"

#include <stddef.h>

#include "base/log.h"
#include "config.h"
#include "host/host_tuning_priv.h"

struct host_tuning_answer {
    vamt_TuningResult result; /* id 0: none */
    bool is_sent;
};

static host_tuning_fn *listener;
static uint64_t peer;
static struct host_tuning_answer answers[CONFIG_HOST_TUNINGS]; /* oldest first */

_Static_assert(sizeof(((vamt_Tuning *)0)->text) == CONFIG_TUNING_CAP,
               "hostlink.options and config.h differ");

static void forget_answers(void)
{
    for (unsigned i = 0; i < CONFIG_HOST_TUNINGS; i++) {
        answers[i] = (struct host_tuning_answer){.is_sent = true};
    }
}

void host_tuning_init(void)
{
    listener = NULL;
    peer = 0;
    forget_answers();
}

void host_tuning_listen(host_tuning_fn *take)
{
    listener = take;
}

void host_tuning_set_peer(uint64_t epoch)
{
    if (epoch != peer) {
        forget_answers();
    }
    peer = epoch;
}

static struct host_tuning_answer *find(uint32_t id)
{
    for (unsigned i = 0; i < CONFIG_HOST_TUNINGS; i++) {
        if (answers[i].result.id == id) {
            return &answers[i];
        }
    }
    return NULL;
}

/* The oldest makes room. A shim has fewer settings under way than are kept. */
static struct host_tuning_answer *add(uint32_t id)
{
    struct host_tuning_answer *last = &answers[CONFIG_HOST_TUNINGS - 1];

    if (!answers[0].is_sent) {
        log_warn("host", "result of setting %u dropped", answers[0].result.id);
    }
    for (unsigned i = 0; i + 1 < CONFIG_HOST_TUNINGS; i++) {
        answers[i] = answers[i + 1];
    }
    *last = (struct host_tuning_answer){.result = {.id = id}};
    return last;
}

void host_tuning_take(const vamt_Tuning *tuning)
{
    struct host_tuning_answer *answer;
    struct sbuf detail;

    if (tuning->id == 0) {
        log_warn("host", "setting without a number ignored");
        return;
    }
    answer = find(tuning->id);
    if (answer != NULL) {
        answer->is_sent = false;
        return;
    }
    answer = add(tuning->id);
    sbuf_init(&detail, answer->result.detail, sizeof(answer->result.detail));
    if (listener != NULL) {
        answer->result.is_accepted = listener(tuning->kind, span_str(tuning->text),
                                              tuning->is_repeat, &detail);
    } else {
        sbuf_put_str(&detail, "this firmware takes no settings");
    }
    if (sbuf_terminate(&detail) != 0) {
        answer->result.detail[0] = '\0';
    }
}

bool host_tuning_next_unsent(vamt_TuningResult *out)
{
    for (unsigned i = 0; i < CONFIG_HOST_TUNINGS; i++) {
        if (!answers[i].is_sent) {
            *out = answers[i].result;
            return true;
        }
    }
    return false;
}

void host_tuning_set_sent(uint32_t id)
{
    struct host_tuning_answer *answer = find(id);

    if (answer != NULL) {
        answer->is_sent = true;
    }
}
