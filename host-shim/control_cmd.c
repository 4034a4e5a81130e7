/* SPDX-License-Identifier: ISC */
/* What vamtctl can ask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "control_priv.h"
#include "fleet.h"
#include "shimlog.h"
#include "work.h"

enum { HELLO_WAIT_MS = 10000, SCAN_WAIT_MS = 3000, POLL_MS = 20 };

static void cmd_list(struct control_client *client, const struct request *r)
{
    (void)r;
    control_say(client, "%-24s %-24s %-10s %-10s %s", "DOMAIN", "COMPANION", "HOST",
                "FIRMWARE", "NETWORK");
    for (struct companion *c = fleet_first(); c != NULL; c = c->next) {
        control_say(client, "%-24s %-24s %-10s %-10s %s%s%s", c->about.host_name,
                    c->about.name, control_host_state(c), control_link_state(c),
                    c->about.network, c->about.address[0] ? " " : "", c->about.address);
    }
    if (!fleet_is_open()) {
        control_end(client, ATTACH_LIBVIRT_AWAY, "libvirt is away: %s",
                    fleet_open_error());
        return;
    }
    control_end(client, ATTACH_OK, "%s", "");
}

struct companion *control_cmd_find(struct control_client *client, const struct request *r)
{
    const char *domain = request_get(r, "domain");
    struct companion *c = domain != NULL ? fleet_find_host(domain) : NULL;

    if (domain == NULL) {
        control_end(client, ATTACH_USAGE, "a domain is missing");
    } else if (c == NULL && !fleet_is_open()) {
        control_end(client, ATTACH_LIBVIRT_AWAY, "libvirt is away: %s",
                    fleet_open_error());
    } else if (c == NULL) {
        control_end(client, ATTACH_NOT_FOUND,
                    "%s: no such domain, or it has no companion (see: vamtctl list)",
                    domain);
    }
    return c;
}

void control_cmd_follow(struct control_client *client, struct companion *c)
{
    if (c->log_next - client->log_seen > COMPANION_LOG_COUNT) {
        client->log_seen = c->log_next - COMPANION_LOG_COUNT;
    }
    while (client->log_seen < c->log_next) {
        control_say(client, "%s", c->log[client->log_seen++ % COMPANION_LOG_COUNT]);
    }
}

/* The debug console's file: for a firmware that cannot speak over hostlink. */
static void say_console(struct control_client *client, const struct companion *c)
{
    char path[JOURNAL_PATH_CAP];
    char line[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s/console.log", fleet_state(), c->about.uuid);
    file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    if (fseek(file, -16384, SEEK_END) != 0) {
        rewind(file);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        for (char *p = line; *p != '\0'; p++) {
            *p = (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p;
        }
        control_say(client, "console: %s", line);
    }
    fclose(file);
}

static void cmd_log(struct control_client *client, const struct request *r)
{
    struct companion *c = control_cmd_find(client, r);

    if (c == NULL) {
        return;
    }
    control_cmd_follow(client, c);
    if (!c->is_ready) {
        say_console(client, c);
    }
    if (request_get(r, "follow") != NULL) {
        memcpy(client->follows, c->about.uuid, sizeof client->follows);
    } else {
        control_end(client, ATTACH_OK, "%s", "");
    }
}

/* --- attach and detach: a job, then waiting for what it brings ----------------------------- */

struct job {
    struct work work;
    uint64_t client;
    struct attach attach;
    struct attach_result result;
};

static void attach_run(struct work *work)
{
    struct job *job = (struct job *)work;

    attach_do(fleet_virt(), fleet_state(), &job->attach, &job->result);
}

static void detach_run(struct work *work)
{
    struct job *job = (struct job *)work;

    detach_do(fleet_virt(), fleet_state(), job->attach.domain, &job->result);
}

static void job_free(struct job *job)
{
    bytes_wipe(&job->attach, sizeof job->attach);
    free(job);
}

static void wait_for(struct control_client *client, const char *uuid, unsigned ms)
{
    memcpy(client->awaits, uuid, sizeof client->awaits);
    client->awaits_until_ms = loop_now_ms() + ms;
    loop_timer_set(&client->timer, POLL_MS);
}

static void attach_done(struct work *work)
{
    struct job *job = (struct job *)work;
    struct control_client *client = control_client_find(job->client);

    fleet_scan();
    if (job->result.code != ATTACH_OK) {
        shimlog(SHIMLOG_WARN, NULL, "attach %s: %s", job->attach.domain,
                job->result.text);
    }
    if (client != NULL && job->result.code != ATTACH_OK) {
        control_end(client, job->result.code, "%s", job->result.text);
    } else if (client != NULL) {
        if (job->attach.is_password_ours) {
            memcpy(client->password, job->attach.password, sizeof client->password);
        } else if (job->attach.is_unprovisioned) {
            memcpy(client->password, job->attach.local_password, sizeof client->password);
            client->is_local_password = true;
        }
        wait_for(client, job->result.uuid, HELLO_WAIT_MS);
    }
    job_free(job);
}

static void detach_done(struct work *work)
{
    struct job *job = (struct job *)work;
    struct control_client *client = control_client_find(job->client);

    fleet_scan();
    if (client != NULL && job->result.code != ATTACH_OK) {
        control_end(client, job->result.code, "%s", job->result.text);
    } else if (client != NULL) {
        wait_for(client, job->result.uuid, SCAN_WAIT_MS);
    }
    job_free(job);
}

static struct job *job_new(struct control_client *client)
{
    struct job *job = calloc(1, sizeof *job);

    if (job == NULL) {
        control_end(client, ATTACH_FAILED, "out of memory");
    } else {
        job->client = client->id;
    }
    return job;
}

static void cmd_attach(struct control_client *client, const struct request *r)
{
    struct job *job = job_new(client);

    if (job == NULL) {
        return;
    }
    if (attach_parse(r, control_image(), &job->attach, &job->result) != ATTACH_OK) {
        control_end(client, job->result.code, "%s", job->result.text);
        job_free(job);
        return;
    }
    job->work = (struct work){.run = attach_run, .done = attach_done};
    work_push(&job->work);
}

static void cmd_detach(struct control_client *client, const struct request *r)
{
    const char *domain = request_get(r, "domain");
    struct job *job;

    if (domain == NULL || strlen(domain) >= VIRT_NAME_CAP) {
        control_end(client, ATTACH_USAGE, "a domain is missing or its name is too long");
        return;
    }
    job = job_new(client);
    if (job != NULL) {
        strcpy(job->attach.domain, domain);
        job->work = (struct work){.run = detach_run, .done = detach_done};
        client->log_seen = 1; /* marks a detach for the timer */
        work_push(&job->work);
    }
}

static void end_attach(struct control_client *client, const struct companion *c)
{
    if (c != NULL) {
        control_say(client, "attached: %s", c->about.host_name);
        control_say(client, "companion: %s", c->about.name);
        control_say(client, "network: %s%s%s", c->about.network,
                    c->about.address[0] ? " " : "", c->about.address);
    }
    if (client->password[0] != '\0') {
        control_say(client, "user: %s",
                    client->is_local_password ? "$$OsAdmin" : "admin");
        control_say(client, "password: %s", client->password);
    }
    if (client->is_local_password) {
        control_say(client,
                    "set-up: unprovisioned; a console activates it with this user "
                    "(IPS_HostBasedSetupService), which then is refused");
    }
    if (c != NULL && c->is_ready) {
        control_end(client, ATTACH_OK, "%s", "");
    } else {
        control_end(
            client, ATTACH_SILENT,
            "attached, but the firmware is silent: nothing came over its host link "
            "within %d s (see: vamtctl log)",
            HELLO_WAIT_MS / 1000);
    }
}

void control_cmd_timer(void *context)
{
    struct control_client *client = context;
    struct companion *c = fleet_find(client->awaits);
    bool is_late = loop_now_ms() >= client->awaits_until_ms;
    bool is_detach = client->log_seen != 0;

    if (is_detach ? c == NULL || is_late : (c != NULL && c->is_ready) || is_late) {
        if (is_detach) {
            control_end(client, ATTACH_OK, "%s", "");
        } else {
            end_attach(client, c);
        }
        return;
    }
    loop_timer_set(&client->timer, POLL_MS);
}

void control_cmd_run(struct control_client *client, const struct request *r)
{
    static const struct {
        const char *name;
        void (*run)(struct control_client *, const struct request *);
        bool needs_libvirt;
    } commands[] = {
        {"list", cmd_list, false},
        {"status", control_status, false},
        {"consent", control_consent, false},
        {"log", cmd_log, false},
        {"attach", cmd_attach, true},
        {"detach", cmd_detach, true},
        {"latency", control_tuning_latency, false},
        {"fault", control_tuning_fault, false},
    };

    for (size_t i = 0; i < UTIL_COUNT(commands); i++) {
        if (strcmp(commands[i].name, r->command) != 0) {
            continue;
        }
        if (commands[i].needs_libvirt && !fleet_is_open()) {
            control_end(client, ATTACH_LIBVIRT_AWAY, "libvirt is away: %s",
                        fleet_open_error());
        } else {
            commands[i].run(client, r);
        }
        return;
    }
    control_end(client, ATTACH_USAGE, "unknown command: %s", r->command);
}
