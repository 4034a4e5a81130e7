/* SPDX-License-Identifier: ISC */
/* See ctl_tuning.h. What is sent is what the firmware's own parser has read, written
 * again without comments. */
#include "ctl_tuning.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "base/sbuf.h"
#include "config.h"
#include "fault/fault_rule.h"
#include "latency/latency_profile.h"
#include "shimpath.h"

enum {
    FILE_CAP = 64 * 1024, /* comments are not counted in CONFIG_TUNING_CAP */
    TEXT_CAP = FILE_CAP + CTL_ARGS_MAX * 256,
    LINES_MAX = CONFIG_TUNING_CAP,
    ABOUT_CAP = 100,
    NAMES_MAX = 64
};

static const char ending[] = ".profile";

/* --- profiles ----------------------------------------------------------------------- */

struct profile_text {
    char path[2 * SHIMPATH_CAP];
    char text[TEXT_CAP];
    unsigned numbers[LINES_MAX]; /* where the lines of `text` stand in the file */
    unsigned line_count;
    char about[ABOUT_CAP]; /* the first comment */
};

static void name_path(const char *folder, const char *name, struct profile_text *p)
{
    snprintf(p->path, sizeof p->path, "%s/%s%s", folder, name, ending);
}

/* Line `number` of a file. Empty ones and comments are left out. */
static void add_line(struct profile_text *p, const char *line, unsigned number,
                     size_t *len)
{
    line += strspn(line, " \t\r\n");
    if (*line == '#' && p->about[0] == '\0') {
        snprintf(p->about, sizeof p->about, "%s", line + strspn(line, "# \t"));
        p->about[strcspn(p->about, "\r\n")] = '\0';
    }
    if (*line != '#' && *line != '\0' && p->line_count < LINES_MAX) {
        *len += (size_t)snprintf(p->text + *len, FILE_CAP - *len, "%s", line);
        p->numbers[p->line_count++] = number;
    }
}

/* False with errno, or 0 for a file that is too large. */
static bool read_text(struct profile_text *p)
{
    FILE *file = fopen(p->path, "re");
    char line[1024];
    unsigned number = 0;
    size_t read_len = 0;
    size_t len = 0;

    p->text[0] = '\0';
    p->about[0] = '\0';
    p->line_count = 0;
    if (file == NULL) {
        return false;
    }
    errno = 0;
    while (fgets(line, sizeof line, file) != NULL && read_len + sizeof line < FILE_CAP) {
        read_len += strlen(line);
        if (strchr(line, '\n') == NULL) { /* the last one, or one that is too long */
            line[sizeof line - 2] = '\0';
            strcat(line, "\n");
        }
        add_line(p, line, ++number, &len);
    }
    if (!feof(file)) {
        fclose(file);
        return false;
    }
    fclose(file);
    return true;
}

/* PROFILE as the user gave it: a shipped name, or a file. */
static void find_profile(const char *name, struct profile_text *p)
{
    char folder[SHIMPATH_CAP];
    bool is_name = strchr(name, '/') == NULL;

    shimpath_profiles(folder);
    if (is_name) {
        name_path(folder, name, p);
        if (read_text(p)) {
            return;
        }
    }
    if (!is_name || errno == ENOENT) {
        snprintf(p->path, sizeof p->path, "%s", name);
        if (read_text(p)) {
            return;
        }
    }
    if (errno == ENOENT && is_name) {
        ctl_args_fail(ATTACH_NOT_FOUND, "no profile %s (see: vamtctl profiles)", name);
    }
    ctl_args_fail(errno == ENOENT ? ATTACH_NOT_FOUND : ATTACH_USAGE, "%s: %s", p->path,
                  errno != 0 ? strerror(errno) : "too large");
}

/* "--set KEY=VALUE" and "--seed N" as further lines. */
static void add_options(struct profile_text *p, const struct ctl_args_rest *rest)
{
    size_t len = strlen(p->text);

    for (size_t i = 0; i < rest->option_count; i++) {
        const char *value = rest->values[i];
        bool is_seed = strcmp(rest->options[i], "seed") == 0;
        const char *equals = strchr(value, '=');

        if (strchr(value, '\n') != NULL || strlen(value) > 200 ||
            (!is_seed && equals == NULL)) {
            ctl_args_fail(ATTACH_USAGE, "--%s takes %s", rest->options[i],
                          is_seed ? "a number" : "KEY=VALUE");
        }
        len += (size_t)snprintf(p->text + len, sizeof p->text - len,
                                is_seed ? "set seed = %s\n" : "set %s\n", value);
    }
}

static void fail_parse(const struct profile_text *p, const struct ctl_args_rest *rest,
                       const struct latency_profile_error *error)
{
    if (error->line > p->line_count) {
        size_t i = error->line - p->line_count - 1;

        ctl_args_fail(ATTACH_USAGE, "--%s %s: %s", rest->options[i], rest->values[i],
                      error->text);
    }
    if (error->line == 0) {
        ctl_args_fail(ATTACH_USAGE, "%s: %s", p->path, error->text);
    }
    ctl_args_fail(ATTACH_USAGE, "%s:%u: %s", p->path, p->numbers[error->line - 1],
                  error->text);
}

void ctl_tuning_latency(const struct ctl_args_rest *rest, char *line, size_t cap)
{
    static struct profile_text p;
    static struct latency_profile profile;
    struct latency_profile_error error;
    char text[CONFIG_TUNING_CAP];
    struct sbuf out;

    if (rest->word_count > 1) {
        ctl_args_fail(ATTACH_USAGE, "unexpected argument: %s", rest->words[1]);
    }
    if (rest->word_count == 0 && rest->option_count > 0) {
        ctl_args_fail(ATTACH_USAGE, "--%s needs a PROFILE", rest->options[0]);
    }
    if (rest->word_count == 0) {
        return;
    }
    find_profile(rest->words[0], &p);
    add_options(&p, rest);
    if (latency_profile_parse(span_str(p.text), &profile, &error) != 0) {
        fail_parse(&p, rest, &error);
    }
    sbuf_init(&out, text, sizeof text);
    latency_profile_write(&profile, &out);
    if (sbuf_terminate(&out) != 0) {
        ctl_args_fail(ATTACH_USAGE, "%s: longer than %d bytes", p.path,
                      CONFIG_TUNING_CAP - 1);
    }
    ctl_args_put(line, cap, "text", text);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_profile(const char *folder, const char *name)
{
    static struct profile_text p;
    static struct latency_profile profile;
    struct latency_profile_error error;

    name_path(folder, name, &p);
    if (!read_text(&p)) {
        printf("%-12s unreadable\n", name);
    } else if (latency_profile_parse(span_str(p.text), &profile, &error) != 0) {
        printf("%-12s bad           line %u: %s\n", name,
               error.line > 0 ? p.numbers[error.line - 1] : 0, error.text);
    } else {
        printf("%-12s %-13s %s\n", name,
               profile.is_calibrated ? "calibrated" : "uncalibrated", p.about);
    }
}

void ctl_tuning_profiles(const struct ctl_args_rest *rest, char *line, size_t cap)
{
    char folder[SHIMPATH_CAP];
    char *names[NAMES_MAX];
    size_t count = 0;
    struct dirent *e;
    DIR *dir;

    (void)rest;
    (void)line;
    (void)cap;
    shimpath_profiles(folder);
    dir = opendir(folder);
    if (dir == NULL) {
        ctl_args_fail(ATTACH_FAILED, "%s: %s", folder, strerror(errno));
    }
    while ((e = readdir(dir)) != NULL && count < NAMES_MAX) {
        size_t len = strlen(e->d_name);

        if (len > strlen(ending) &&
            strcmp(e->d_name + len - strlen(ending), ending) == 0) {
            names[count] = strndup(e->d_name, len - strlen(ending));
            count += names[count] != NULL;
        }
    }
    closedir(dir);
    qsort(names, count, sizeof names[0], compare);
    for (size_t i = 0; i < count; i++) {
        list_profile(folder, names[i]);
        free(names[i]);
    }
    exit(0);
}

/* --- faults ------------------------------------------------------------------------- */

static void put_rule(const struct ctl_args_rest *rest, char *line, size_t cap)
{
    char words[1024] = "";
    char text[1024];
    struct fault_rule_error error;
    struct fault_rule rule;
    struct sbuf out;
    size_t len = 0;

    for (size_t i = 1; i < rest->word_count; i++) {
        len += (size_t)snprintf(words + len, sizeof words - len, "%s%s", i > 1 ? " " : "",
                                rest->words[i]);
        if (len >= sizeof words) {
            ctl_args_fail(ATTACH_USAGE, "the rule is too long");
        }
    }
    if (fault_rule_parse(span_str(words), &rule, &error) != 0) {
        ctl_args_fail(ATTACH_USAGE, "%s", error.text);
    }
    sbuf_init(&out, text, sizeof text);
    fault_rule_write(&rule, &out);
    if (sbuf_terminate(&out) != 0) {
        ctl_args_fail(ATTACH_USAGE, "the rule is too long");
    }
    ctl_args_put(line, cap, "rule", text);
}

void ctl_tuning_fault(const struct ctl_args_rest *rest, char *line, size_t cap)
{
    const char *what = rest->word_count > 0 ? rest->words[0] : NULL;
    size_t most = 1;

    if (what == NULL) {
        return;
    }
    if (strcmp(what, "add") == 0) {
        if (rest->word_count == 1) {
            ctl_args_fail(ATTACH_USAGE, "add needs a rule (try: vamtctl fault --help)");
        }
        most = rest->word_count;
    } else if (strcmp(what, "clear") == 0) {
        most = 2;
    } else if (strcmp(what, "reset") != 0) {
        ctl_args_fail(ATTACH_USAGE, "unknown: fault %s (try: vamtctl fault --help)",
                      what);
    }
    if (rest->word_count > most) {
        ctl_args_fail(ATTACH_USAGE, "unexpected argument: %s", rest->words[most]);
    }
    ctl_args_put(line, cap, "do", what);
    if (strcmp(what, "add") == 0) {
        put_rule(rest, line, cap);
    } else if (rest->word_count == 2) {
        ctl_args_put(line, cap, "number", rest->words[1]);
    }
}
