/* SPDX-License-Identifier: ISC */
/* Options of each command are a table: name, key of the request, whether it has a value. */
#include "ctl_args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "base/bytes.h"
#include "base/util.h"
#include "ctl_tuning.h"
#include "request.h"
#include "shimpath.h"

struct option {
    const char *name;  /* without "--" */
    const char *value; /* what it takes, for the help; NULL: nothing */
    const char *help;
    bool is_path;
};

struct command {
    const char *name;
    bool has_domain;
    const char *help;
    const struct option *options; /* ends with a NULL name */
    const char *words;            /* more of them, for the help; NULL: none */
    /* Makes the request's keys of options and words; NULL: they are the options. */
    void (*finish)(const struct ctl_args_rest *rest, char *line, size_t cap);
    const char *more; /* for the help: lines, or NULL */
};

static const struct option none[] = {{NULL, NULL, NULL, false}};

static const struct option attach_options[] = {
    {"network", "NAME", "connect the companion to this libvirt network", false},
    {"bridge", "BRIDGE", "connect it to this bridge", false},
    {"forward", "[ADDRESS:]PORT[=COMPANION-PORT]",
     "user-mode network; forward this port (may be repeated; default "
     "127.0.0.1:16992 and 127.0.0.1:16993). COMPANION-PORT is PORT itself for "
     "16992-16995 and 5900, else "
     "16992",
     false},
    {"address", "ADDRESS/PREFIX[,GATEWAY]", "static IPv4 address (default: DHCP)", false},
    {"mac", "MAC", "MAC address of the companion", false},
    {"password-file", "FILE", "administrator's password (default: one is made and shown)",
     true},
    {"unprovisioned", NULL,
     "no administrator: a console activates it, with the password that is shown for the "
     "account $$OsAdmin",
     false},
    {"tls-only", NULL, "close the plain port: consoles come by TLS on 16993", false},
    {"provisioning-hashes", "FILE",
     "roots whose certificates may set it up: a NAME and its SHA-256 on each line", true},
    {"image", "FILE", "firmware image (default: vamtd's)", true},
    {"memory", "MIB", "the companion's memory (default 8)", false},
    {"name", "NAME", "name of the companion's domain (default DOMAIN-vamt)", false},
    {"accel", "kvm|tcg", "default: as DOMAIN has it", false},
    {NULL, NULL, NULL, false},
};

static const struct option status_options[] = {
    {"verbose", NULL, "also how full the firmware's fixed resources ever were", false},
    {NULL, NULL, NULL, false},
};

static const struct option log_options[] = {
    {"follow", NULL, "go on with new lines as they come", false},
    {NULL, NULL, NULL, false},
};

static const struct option latency_options[] = {
    {"seed", "N", "of the draws (default: the profile's, which is 0 unless it says)",
     false},
    {"set", "KEY=VALUE", "change a setting of the profile (may be repeated)", false},
    {NULL, NULL, NULL, false},
};

static const char latency_more[] =
    "Without PROFILE: what is in force. PROFILE is a name that `vamtctl profiles` lists, "
    "or "
    "a file.\n"
    "It is kept for DOMAIN over restarts of everything; `native` is as fast as it goes.\n"
    "The draws begin anew: the same profile, seed and requests give the same delays.\n"
    "PROFILE.md in firmware/latency lists the KEYs.\n";

static const char fault_more[] =
    "Without more: the rules that are in force, with their numbers.\n\n"
    "  add KIND [KEY=VALUE]...  one more rule; the counts of all begin anew\n"
    "  clear [N]                without rule N, or without any\n"
    "  reset                    reset the firmware now\n\n"
    "KINDs: drop delay close truncate status soap http hang asleep silence. The manual "
    "lists "
    "their\nkeys, and so does the message about a wrong one.\n";

static const char consent_more[] =
    "A console that needs the user's consent asks for six digits. They are shown here, "
    "to "
    "root and\nvamtd's own user only. When none are wanted: exit code 9.\n";

static const struct command commands[] = {
    {"attach", true, "give DOMAIN a companion and start it", attach_options, NULL, NULL,
     NULL},
    {"detach", true, "stop DOMAIN's companion and remove all that attach made", none,
     NULL, NULL, NULL},
    {"list", false, "the domains that have a companion", none, NULL, NULL, NULL},
    {"status", true, "DOMAIN's power, firmware, network, pending requests",
     status_options, NULL, NULL, NULL},
    {"consent", true, "the digits that DOMAIN's user reads out to a remote console", none,
     NULL, NULL, consent_more},
    {"log", true, "what the firmware and vamtd logged about DOMAIN", log_options, NULL,
     NULL, NULL},
    {"latency", true, "how slow DOMAIN's firmware is", latency_options, "[PROFILE]",
     ctl_tuning_latency, latency_more},
    {"profiles", false, "the latency profiles that come with vAMT", none, NULL,
     ctl_tuning_profiles, NULL},
    {"fault", true, "what DOMAIN's firmware does wrong on purpose", none,
     "[add RULE | clear [N] | reset]", ctl_tuning_fault, fault_more},
};

static void say_codes(FILE *to)
{
    fputs("\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 no such domain, network, "
          "companion,\nprofile or rule, 4 already attached, 5 libvirt is away, 6 address "
          "in "
          "use, 7 the firmware\nis silent, 8 vamtd is not running, 9 no consent is "
          "wanted.\n",
          to);
}

static void help(FILE *to)
{
    fputs("Usage: vamtctl [--socket PATH] COMMAND [DOMAIN] [OPTION]...\n\n", to);
    for (size_t i = 0; i < UTIL_COUNT(commands); i++) {
        fprintf(to, "  %-10s%-8s%s\n", commands[i].name,
                commands[i].has_domain ? "DOMAIN" : "", commands[i].help);
    }
    fputs("\n  --socket PATH  where vamtd listens (default: VAMT_SOCKET, "
          "/run/vamt/vamtd.sock)\n  --help         also after a command\n  --version\n",
          to);
    say_codes(to);
}

static void help_command(const struct command *c)
{
    printf("Usage: vamtctl %s%s%s%s%s\n%c%s.\n\n", c->name,
           c->has_domain ? " DOMAIN" : "", c->words ? " " : "", c->words ? c->words : "",
           c->options->name ? " [OPTION]..." : "", c->help[0] & ~0x20, c->help + 1);
    if (c->more != NULL) {
        printf("%s%s", c->more, c->options->name ? "\n" : "");
    }
    for (const struct option *o = c->options; o->name != NULL; o++) {
        printf("  --%s%s%s\n      %s\n", o->name, o->value ? " " : "",
               o->value ? o->value : "", o->help);
    }
    say_codes(stdout);
}

void ctl_args_fail(int code, const char *format, ...)
{
    va_list args;

    fputs("vamtctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(code);
}

#define fail(...) ctl_args_fail(ATTACH_USAGE, __VA_ARGS__)

void ctl_args_put(char *line, size_t cap, const char *key, const char *value)
{
    size_t len = strlen(line);
    int done = snprintf(line + len, cap - len, " %s=", key);

    if (done < 0 || (size_t)done >= cap - len ||
        !request_encode(value, line + len + (size_t)done, cap - len - (size_t)done - 1)) {
        fail("arguments too long");
    }
}

/* The first line of the file is the password. */
static void put_password(char *line, size_t cap, const char *path)
{
    char text[256] = "";
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

    if (file == NULL) {
        fail("password file %s: %s", path, strerror(errno));
    }
    if (fgets(text, sizeof text, file) == NULL) {
        fail("password file %s is empty", path);
    }
    text[strcspn(text, "\r\n")] = '\0';
    ctl_args_put(line, cap, "password", text);
    bytes_wipe(text, sizeof text);
    if (file != stdin) {
        fclose(file);
    }
}

/* The whole file, which vamtd might not be allowed to open. */
static void put_file(char *line, size_t cap, const char *name, const char *path)
{
    char text[ATTACH_HASHES_CAP];
    FILE *file = fopen(path, "re");
    size_t len = file != NULL ? fread(text, 1, sizeof text, file) : 0;

    if (file == NULL || ferror(file)) {
        fail("--%s %s: %s", name, path, strerror(errno));
    }
    fclose(file);
    if (len == sizeof text || memchr(text, '\0', len) != NULL) {
        fail("--%s %s: too long, or not a text", name, path);
    }
    text[len] = '\0';
    ctl_args_put(line, cap, name, text);
}

/* "--name value", "--name=value" or "--name": is argv[*at] this option? */
static bool match(const struct option *o, int argc, char **argv, int *at,
                  const char **value)
{
    const char *arg = argv[*at] + 2;
    size_t len = strlen(o->name);

    if (strncmp(arg, o->name, len) != 0 || (arg[len] != '\0' && arg[len] != '=')) {
        return false;
    }
    if (o->value == NULL) {
        if (arg[len] == '=') {
            fail("--%s takes no value", o->name);
        }
        *value = "1";
    } else if (arg[len] == '=') {
        *value = arg + len + 1;
    } else if (*at + 1 < argc) {
        *value = argv[++*at];
    } else {
        fail("--%s needs %s", o->name, o->value);
    }
    return true;
}

static void keep_option(struct ctl_args_rest *rest, const char *name, const char *value)
{
    if (rest->option_count == CTL_ARGS_MAX) {
        fail("too many options");
    }
    rest->options[rest->option_count] = name;
    rest->values[rest->option_count++] = value;
}

static void keep_word(struct ctl_args_rest *rest, const char *word)
{
    if (rest->word_count == CTL_ARGS_MAX) {
        fail("too many arguments");
    }
    rest->words[rest->word_count++] = word;
}

static void take_option(const struct command *c, int argc, char **argv, int *at,
                        struct ctl_args_rest *rest, char *line, size_t cap)
{
    char path[SHIMPATH_CAP];
    const char *value = NULL;

    for (const struct option *o = c->options; o->name != NULL; o++) {
        if (!match(o, argc, argv, at, &value)) {
            continue;
        }
        if (c->finish != NULL) {
            keep_option(rest, o->name, value);
        } else if (strcmp(o->name, "password-file") == 0) {
            put_password(line, cap, value);
        } else if (strcmp(o->name, "provisioning-hashes") == 0) {
            put_file(line, cap, o->name, value);
        } else if (o->is_path) {
            shimpath_absolute(value, path);
            ctl_args_put(line, cap, o->name, path);
        } else {
            ctl_args_put(line, cap, o->name, value);
        }
        return;
    }
    fail("unknown option for %s: %s (try: vamtctl %s --help)", c->name, argv[*at],
         c->name);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < UTIL_COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    fail("unknown command: %s (try: vamtctl --help)", name);
}

/* Options before and after the command that are not the command's own. True: taken. */
static bool take_common(const struct command *c, int argc, char **argv, int *at,
                        char *socket)
{
    static const struct option common = {"socket", "PATH", NULL, false};
    const char *value = NULL;

    if (strcmp(argv[*at], "--help") == 0 || strcmp(argv[*at], "-h") == 0) {
        if (c != NULL) {
            help_command(c);
        } else {
            help(stdout);
        }
        exit(0);
    }
    if (strcmp(argv[*at], "--version") == 0) {
        puts("vamtctl " SHIMPATH_VERSION);
        exit(0);
    }
    if (strncmp(argv[*at], "--", 2) == 0 && match(&common, argc, argv, at, &value)) {
        snprintf(socket, SHIMPATH_CAP, "%s", value);
        return true;
    }
    return false;
}

void ctl_args_read(int argc, char **argv, char *socket, char *line, size_t cap)
{
    const struct command *c = NULL;
    struct ctl_args_rest rest = {.word_count = 0};
    bool has_domain = false;

    line[0] = '\0';
    for (int at = 1; at < argc; at++) {
        if (take_common(c, argc, argv, &at, socket)) {
            continue;
        }
        if (c == NULL && argv[at][0] == '-') {
            fail("unknown option: %s (try: vamtctl --help)", argv[at]);
        } else if (c == NULL) {
            c = find(argv[at]);
            snprintf(line, cap, "%s", c->name);
        } else if (argv[at][0] == '-' && argv[at][1] == '-') {
            take_option(c, argc, argv, &at, &rest, line, cap);
        } else if (c->has_domain && !has_domain) {
            ctl_args_put(line, cap, "domain", argv[at]);
            has_domain = true;
        } else if (c->words != NULL) {
            keep_word(&rest, argv[at]);
        } else {
            fail("unexpected argument: %s", argv[at]);
        }
    }
    if (c == NULL) {
        help(stderr);
        exit(ATTACH_USAGE);
    }
    if (c->has_domain && !has_domain) {
        fail("%s needs a domain (try: vamtctl %s --help)", c->name, c->name);
    }
    if (c->finish != NULL) {
        c->finish(&rest, line, cap);
    }
    strcat(line, "\n");
}
