/* SPDX-License-Identifier: ISC */
/*
 * vamtctl latency and vamtctl fault. Texts are checked by the firmware's own parsers, so
 * a companion that is off can be told of a mistake too. Rules of faults are sent as a
 * whole.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/sbuf.h"
#include "control_priv.h"
#include "fault/fault_rule.h"
#include "latency/latency_profile.h"

static void on_tuned(uint64_t ticket, bool is_done, const char *detail)
{
    struct control_client *client = control_client_find(ticket);

    if (client == NULL) {
        return;
    }
    if (is_done) {
        control_say(client, "%s", client->news);
        control_end(client, ATTACH_OK, "%s", "");
    } else {
        control_end(client, ATTACH_FAILED, "%s", detail);
    }
}

static void tune(struct control_client *client, struct companion *c, vamt_TuningKind kind,
                 const char *text)
{
    const char *when = c->about.is_active ? "as soon as it speaks" : "when it starts";

    switch (companion_tune(c, kind, text, on_tuned, client->id)) {
    case COMPANION_TUNE_SENT:
        break;
    case COMPANION_TUNE_KEPT:
        control_say(client, "%s", client->news);
        control_say(client, "the firmware is %s: it takes effect %s",
                    c->about.is_active ? "silent" : "off", when);
        control_end(client, ATTACH_OK, "%s", "");
        break;
    case COMPANION_TUNE_BUSY:
        control_end(client, ATTACH_FAILED,
                    "another command is under way: the firmware has not answered it yet");
        break;
    case COMPANION_TUNE_SILENT:
        control_end(client, ATTACH_SILENT, "the firmware is %s",
                    c->about.is_active ? "silent" : "off");
        break;
    case COMPANION_TUNE_FAILED:
        control_end(client, ATTACH_FAILED, "cannot be kept (see vamtd's log)");
        break;
    }
}

static void say_lines(struct control_client *client, const char *text, bool is_numbered)
{
    struct span rest = span_str(text);

    for (unsigned number = 1; rest.len > 0; number++) {
        size_t len = span_find(rest, '\n');

        if (is_numbered) {
            control_say(client, "%2u  %.*s", number, (int)len, (const char *)rest.ptr);
        } else {
            control_say(client, "%.*s", (int)len, (const char *)rest.ptr);
        }
        rest = span_slice(rest, len + 1, rest.len);
    }
}

/* --- latency ------------------------------------------------------------------------ */

/* The profile that is kept, or that of an image without seeds. */
static void read_kept(const struct companion *c, struct latency_profile *profile)
{
    const char *kept = companion_tuned(c, TUNEFILE_LATENCY);
    struct latency_profile_error error;

    latency_profile_init(profile);
    if (kept != NULL && latency_profile_parse(span_str(kept), profile, &error) != 0) {
        latency_profile_init(profile); /* of another version; its text is shown */
    }
}

/* Is it one that only the companion's seed knows? */
static bool is_of_seed(const struct companion *c, const struct latency_profile *profile)
{
    return c->is_ready && companion_tuned(c, TUNEFILE_LATENCY) == NULL &&
           strcmp(c->status.latency, profile->name) != 0;
}

static void show_latency(struct control_client *client, const struct companion *c)
{
    static struct latency_profile profile;
    const char *kept = companion_tuned(c, TUNEFILE_LATENCY);

    read_kept(c, &profile);
    if (is_of_seed(c, &profile)) {
        control_say(client, "profile:    %s (from the companion's seed)",
                    c->status.latency);
    } else {
        control_say(client, "profile:    %s%s", profile.name,
                    profile.is_calibrated ? " (calibrated)" : "");
        control_say(client, "seed:       %" PRIu64, profile.seed);
    }
    if (c->is_ready) {
        control_say(client, "engine:     %s", c->status.engine);
        control_say(client, "late:       %u replies", (unsigned)c->status.late_replies);
    } else {
        control_say(client, "firmware:   %s", c->about.is_active ? "silent" : "off");
    }
    if (kept != NULL && kept[0] != '\0') {
        control_say(client, "%s", "");
        say_lines(client, kept, false);
    }
    control_end(client, ATTACH_OK, "%s", "");
}

void control_tuning_latency(struct control_client *client, const struct request *r)
{
    static struct latency_profile profile;
    struct latency_profile_error error;
    struct companion *c = control_cmd_find(client, r);
    const char *text = request_get(r, "text");

    if (c == NULL) {
        return;
    }
    if (text == NULL) {
        show_latency(client, c);
    } else if (strlen(text) >= CONFIG_TUNING_CAP) {
        control_end(client, ATTACH_USAGE, "the profile is longer than %d bytes",
                    CONFIG_TUNING_CAP - 1);
    } else if (latency_profile_parse(span_str(text), &profile, &error) != 0) {
        control_end(client, ATTACH_USAGE, "line %u: %s", error.line, error.text);
    } else {
        snprintf(client->news, sizeof client->news, "latency: %s, seed %" PRIu64,
                 profile.name, profile.seed);
        tune(client, c, vamt_TuningKind_TUNING_KIND_LATENCY, text);
    }
}

/* --- faults ------------------------------------------------------------------------- */

static const char *rules_of(const struct companion *c)
{
    const char *kept = companion_tuned(c, TUNEFILE_FAULTS);

    return kept != NULL ? kept : "";
}

static unsigned count_rules(const char *text)
{
    unsigned count = 0;

    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static void show_faults(struct control_client *client, const struct companion *c)
{
    const char *rules = rules_of(c);
    unsigned count = count_rules(rules);

    say_lines(client, rules, true);
    if (c->is_ready && c->status.faults != count) {
        control_say(client, "%u in force, from the companion's seed",
                    (unsigned)c->status.faults);
    } else if (count == 0) {
        control_say(client, "no faults");
    }
    control_end(client, ATTACH_OK, "%s", "");
}

static void send_rules(struct control_client *client, struct companion *c,
                       const char *rules)
{
    snprintf(client->news, sizeof client->news, "faults: %u", count_rules(rules));
    tune(client, c, vamt_TuningKind_TUNING_KIND_FAULTS, rules);
}

static void add_rule(struct control_client *client, struct companion *c,
                     const struct request *r)
{
    const char *line = request_get(r, "rule");
    char rules[CONFIG_TUNING_CAP];
    struct fault_rule_error error;
    struct fault_rule rule;
    struct sbuf out;

    if (line == NULL || strchr(line, '\n') != NULL ||
        fault_rule_parse(span_str(line), &rule, &error) != 0) {
        control_end(client, ATTACH_USAGE, "%s",
                    line == NULL                 ? "a rule is missing"
                    : strchr(line, '\n') != NULL ? "a rule is one line"
                                                 : error.text);
        return;
    }
    sbuf_init(&out, rules, sizeof rules);
    sbuf_put_str(&out, rules_of(c));
    fault_rule_write(&rule, &out);
    sbuf_put_str(&out, "\n");
    if (sbuf_terminate(&out) != 0 || count_rules(rules) > CONFIG_FAULT_RULES) {
        control_end(client, ATTACH_FAILED, "there are %u rules already: no more fit",
                    count_rules(rules_of(c)));
        return;
    }
    send_rules(client, c, rules);
}

/* Without line `number` (from 1); 0: without any. */
static void clear_rules(struct control_client *client, struct companion *c,
                        const struct request *r)
{
    const char *word = request_get(r, "number");
    char rules[CONFIG_TUNING_CAP];
    char *line = rules;
    uint64_t number;

    snprintf(rules, sizeof rules, "%s", word != NULL ? rules_of(c) : "");
    if (word != NULL) {
        unsigned count = count_rules(rules);

        if (!span_to_uint(span_str(word), count, &number) || number == 0) {
            control_end(client, ATTACH_NOT_FOUND,
                        "no rule has the number %s (see: vamtctl fault %s)", word,
                        c->about.host_name);
            return;
        }
        while (--number > 0) {
            line = strchr(line, '\n') + 1;
        }
        memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n') + 1) + 1);
    }
    send_rules(client, c, rules);
}

void control_tuning_fault(struct control_client *client, const struct request *r)
{
    struct companion *c = control_cmd_find(client, r);
    const char *what = request_get(r, "do");

    if (c == NULL) {
        return;
    }
    if (what == NULL) {
        show_faults(client, c);
    } else if (strcmp(what, "add") == 0) {
        add_rule(client, c, r);
    } else if (strcmp(what, "clear") == 0) {
        clear_rules(client, c, r);
    } else if (strcmp(what, "reset") == 0) {
        snprintf(client->news, sizeof client->news, "the firmware resets");
        tune(client, c, vamt_TuningKind_TUNING_KIND_RESET, "");
    } else {
        control_end(client, ATTACH_USAGE, "unknown: fault %s", what);
    }
}

/* --- status ------------------------------------------------------------------------- */

void control_tuning_status(struct control_client *client, const struct companion *c)
{
    static struct latency_profile profile;
    char seed[32] = "";
    char late[48] = "";
    unsigned faults = c->is_ready ? c->status.faults : count_rules(rules_of(c));

    read_kept(c, &profile);
    if (companion_tuned(c, TUNEFILE_LATENCY) != NULL) {
        snprintf(seed, sizeof seed, ", seed %" PRIu64, profile.seed);
    }
    if (c->is_ready && c->status.late_replies > 0) {
        snprintf(late, sizeof late, ", %u replies late",
                 (unsigned)c->status.late_replies);
    }
    if (c->is_ready && c->status.engine[0] != '\0') {
        control_say(client, "engine:     %s", c->status.engine);
    }
    control_say(client, "latency:    %s%s%s",
                c->is_ready && c->status.latency[0] != '\0' ? c->status.latency
                                                            : profile.name,
                seed, late);
    if (faults > 0) {
        control_say(client, "faults:     %u (see: vamtctl fault)", faults);
    }
}
