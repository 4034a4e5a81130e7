/* SPDX-License-Identifier: ISC */
/*
 * Text for the latency model and the injected faults, from seeds and from the shim. The
 * text in force is remembered: a shim that starts anew sends what it kept, and then draws
 * and counts go on as if nothing had happened.
 */
#include "tuning.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/util.h"
#include "config.h"
#include "engine/engine.h"
#include "fault/fault.h"
#include "hal/board.h"
#include "host/host_tuning.h"
#include "latency/latency.h"

/* One setting that is kept. `use` puts a text in force, or says why not. */
struct tuning_text {
    const char *seed;
    bool (*use)(struct span text, struct sbuf *detail);
    bool is_set;
    size_t len;
    uint8_t bytes[CONFIG_TUNING_CAP];
};

static void put_error(struct sbuf *detail, unsigned line, const char *text)
{
    if (line > 0) {
        sbuf_printf(detail, "line %u: ", line);
    }
    sbuf_put_str(detail, text);
}

static bool use_latency(struct span text, struct sbuf *detail)
{
    static struct latency_profile profile;
    struct latency_profile_error error;

    if (latency_profile_parse(text, &profile, &error) != 0) {
        put_error(detail, error.line, error.text);
        return false;
    }
    latency_use(&profile);
    log_info("latency", "profile %s, seed %llu", profile.name,
             (unsigned long long)profile.seed);
    return true;
}

static bool use_faults(struct span text, struct sbuf *detail)
{
    struct fault_rule_error error = {""};
    unsigned line = 0;
    int result = fault_use(text, &line, &error);

    if (result == ERR_FULL) {
        sbuf_printf(detail, "more than %d rules", CONFIG_FAULT_RULES);
        return false;
    }
    if (result != 0) {
        put_error(detail, line, error.text);
        return false;
    }
    return true;
}

static struct tuning_text latency = {.seed = "latency", .use = use_latency};
static struct tuning_text faults = {.seed = "faults", .use = use_faults};

static bool take(struct tuning_text *kept, struct span text, bool is_repeat,
                 struct sbuf *detail)
{
    if (is_repeat && kept->is_set && span_equal(text, span_of(kept->bytes, kept->len))) {
        return true;
    }
    if (text.len > sizeof(kept->bytes)) {
        sbuf_printf(detail, "more than %d bytes", CONFIG_TUNING_CAP);
        return false;
    }
    if (!kept->use(text, detail)) {
        return false;
    }
    memmove(kept->bytes, text.ptr, text.len);
    kept->len = text.len;
    kept->is_set = true;
    return true;
}

static bool take_setting(vamt_TuningKind kind, struct span text, bool is_repeat,
                         struct sbuf *detail)
{
    switch (kind) {
    case vamt_TuningKind_TUNING_KIND_LATENCY:
        return take(&latency, text, is_repeat, detail);
    case vamt_TuningKind_TUNING_KIND_FAULTS:
        return take(&faults, text, is_repeat, detail);
    case vamt_TuningKind_TUNING_KIND_RESET:
        engine_reset("asked for by the operator");
        return true;
    default:
        sbuf_put_str(detail, "this firmware does not know such a setting");
        return false;
    }
}

static void log_refused(const struct tuning_text *kept, const char *why)
{
    log_error("tuning", "seed %s ignored: %s", kept->seed, why);
}

static void read_seed(struct tuning_text *kept)
{
    char why[sizeof(((vamt_TuningResult *)0)->detail)];
    struct sbuf detail;
    int len = board_seed(kept->seed, kept->bytes, sizeof(kept->bytes));

    if (len == ERR_NOT_FOUND) {
        return;
    }
    if (len < 0) {
        log_refused(kept, err_name(len));
        return;
    }
    sbuf_init(&detail, why, sizeof(why));
    if (!take(kept, span_of(kept->bytes, (size_t)len), false, &detail)) {
        log_refused(kept, sbuf_terminate(&detail) == 0 ? why : "");
    }
}

void tuning_start(void)
{
    read_seed(&latency);
    read_seed(&faults);
    host_tuning_listen(take_setting);
}
