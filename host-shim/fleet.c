/* SPDX-License-Identifier: ISC */
/*
 * Connection:  AWAY ──try──▶ OPENING ──ok──▶ OPEN ──closed──▶ AWAY (again with back-off)
 * On OPEN and after events that may change who belongs to whom, a scan reads all linked
 * domains; the companions' hostlinks are not touched by any of it.
 */
#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/err.h"
#include "linkxml.h"
#include "work.h"
#include "xmlutil.h"

enum { OPEN_RETRY_MIN_MS = 200, OPEN_RETRY_MAX_MS = 5000, SCAN_DELAY_MS = 20 };
enum { LOOK_MS = 10000 };

static struct virt *virt;
static const char *state_dir;
static struct companion *companions;
static uint64_t epoch;
static bool is_open;
static bool is_opening;
static struct virt_error open_error;
static unsigned open_retry_ms = OPEN_RETRY_MIN_MS;
static bool is_scanning;
static bool is_scan_due;
static uint64_t scans;

static void on_open_retry(void *unused);
static void on_scan(void *unused);
static void on_look(void *unused);
static struct loop_timer open_timer = {.fn = on_open_retry};
static struct loop_timer scan_timer = {.fn = on_scan};
static struct loop_timer look_timer = {.fn = on_look};

bool fleet_is_open(void)
{
    return is_open;
}

const char *fleet_open_error(void)
{
    return is_open ? "" : open_error.text;
}

struct virt *fleet_virt(void)
{
    return virt;
}

const char *fleet_state(void)
{
    return state_dir;
}

uint64_t fleet_scans(void)
{
    return scans;
}

struct companion *fleet_first(void)
{
    return companions;
}

struct companion *fleet_find(const char *uuid)
{
    struct companion *c = companions;

    while (c != NULL && strcmp(c->about.uuid, uuid) != 0) {
        c = c->next;
    }
    return c;
}

struct companion *fleet_find_host(const char *name)
{
    for (struct companion *c = companions; c != NULL; c = c->next) {
        if (strcmp(c->about.host_uuid, name) == 0 ||
            strcmp(c->about.host_name, name) == 0 || strcmp(c->about.name, name) == 0 ||
            strcmp(c->about.uuid, name) == 0) {
            return c;
        }
    }
    return NULL;
}

/* --- scan: who is there ------------------------------------------------------------------ */

struct scan {
    struct work work;
    struct companion_about *found;
    size_t count;
    struct virt_error error;
    int result;
};

static const struct virt_linked *by_uuid(const struct virt_linked *list, size_t count,
                                         const char *uuid)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].domain.uuid, uuid) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

/* Is list[i] a companion whose host agrees? Then fill *about. */
static bool describe(const struct virt_linked *list, size_t count, size_t i,
                     struct companion_about *about)
{
    const struct virt_linked *host;
    struct virt_error error;
    struct linkxml link;
    struct linkxml back;
    char *xml;

    if (linkxml_read(list[i].link, &link) != 0 || link.host[0] == '\0') {
        return false;
    }
    host = by_uuid(list, count, link.host);
    if (host == NULL || linkxml_read(host->link, &back) != 0 ||
        strcmp(back.companion, list[i].domain.uuid) != 0) {
        return false;
    }
    memset(about, 0, sizeof *about);
    xmlutil_copy(about->uuid, sizeof about->uuid, list[i].domain.uuid);
    xmlutil_copy(about->name, sizeof about->name, list[i].domain.name);
    xmlutil_copy(about->host_uuid, sizeof about->host_uuid, host->domain.uuid);
    xmlutil_copy(about->host_name, sizeof about->host_name, host->domain.name);
    xmlutil_copy(about->network, sizeof about->network, link.network);
    xmlutil_copy(about->address, sizeof about->address, link.address);
    xmlutil_copy(about->image, sizeof about->image, link.image);
    about->is_active = list[i].domain.state != VIRT_STATE_OFF;
    if (about->is_active &&
        virt->ops->xml(virt, about->uuid, VIRT_XML_LIVE, &xml, &error) == 0) {
        linkxml_socket(xml, about->socket_path, sizeof about->socket_path);
        free(xml);
    }
    return true;
}

static void scan_run(struct work *work)
{
    struct scan *scan = (struct scan *)work;
    struct virt_linked *list = NULL;
    size_t count = 0;

    scan->result = virt->ops->linked(virt, &list, &count, &scan->error);
    if (scan->result != 0) {
        return;
    }
    scan->found = calloc(count + 1, sizeof *scan->found);
    for (size_t i = 0; i < count; i++) {
        if (scan->found != NULL && describe(list, count, i, &scan->found[scan->count])) {
            scan->count++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(list[i].link);
    }
    free(list);
}

static void add(const struct companion_about *about)
{
    char folder[JOURNAL_PATH_CAP - 16];
    struct companion *c;

    snprintf(folder, sizeof folder, "%s/%s", state_dir, about->uuid);
    mkdir(folder, 0711);
    c = companion_new(about, virt, folder, epoch);
    if (c == NULL) {
        shimlog(SHIMLOG_ERROR, about->host_name, "cannot use the folder %s", folder);
        return;
    }
    c->next = companions;
    companions = c;
    shimlog(SHIMLOG_INFO, about->host_name, "companion is %s%s", about->name,
            about->is_active ? "" : " (not running)");
    companion_set_virt_open(c, is_open);
}

static void merge(const struct scan *scan)
{
    struct companion **at = &companions;

    while (*at != NULL) {
        struct companion *c = *at;
        size_t i = 0;

        while (i < scan->count && strcmp(scan->found[i].uuid, c->about.uuid) != 0) {
            i++;
        }
        if (i == scan->count) {
            shimlog(SHIMLOG_INFO, NULL, "%s: no companion any more", c->about.host_name);
            *at = c->next;
            companion_free(c);
        } else {
            companion_update(c, &scan->found[i]);
            at = &c->next;
        }
    }
    for (size_t i = 0; i < scan->count; i++) {
        if (fleet_find(scan->found[i].uuid) == NULL) {
            add(&scan->found[i]);
        }
    }
}

static void scan_done(struct work *work)
{
    struct scan *scan = (struct scan *)work;

    is_scanning = false;
    if (scan->result == 0 && is_open && scan->found != NULL) {
        merge(scan);
        scans++;
    } else if (is_open) {
        shimlog(SHIMLOG_WARN, NULL, "cannot list the domains: %s", scan->error.text);
        is_scan_due = true;
        loop_timer_set(&scan_timer, 1000);
    }
    if (is_scan_due && !scan_timer.is_set) {
        loop_timer_set(&scan_timer, SCAN_DELAY_MS);
    }
    free(scan->found);
    free(scan);
}

static void on_scan(void *unused)
{
    struct scan *scan;

    (void)unused;
    if (is_scanning || !is_open) {
        return; /* is_scan_due is kept for the end of the scan, or the next open */
    }
    scan = calloc(1, sizeof *scan);
    if (scan == NULL) {
        loop_timer_set(&scan_timer, 1000);
        return;
    }
    is_scan_due = false;
    is_scanning = true;
    scan->work = (struct work){.run = scan_run, .done = scan_done};
    work_push(&scan->work);
}

void fleet_scan(void)
{
    is_scan_due = true;
    if (!scan_timer.is_set) {
        loop_timer_set(&scan_timer, SCAN_DELAY_MS);
    }
}

/* --- connection --------------------------------------------------------------------------- */

struct opening {
    struct work work;
    struct virt_error error;
    int result;
};

static void open_run(struct work *work)
{
    struct opening *o = (struct opening *)work;

    o->result = virt->ops->open(virt, &o->error);
}

static void set_open(bool now_open)
{
    is_open = now_open;
    for (struct companion *c = companions; c != NULL; c = c->next) {
        companion_set_virt_open(c, now_open);
    }
}

/* libvirt has no event for some changes: saved memory thrown away, the small calls that edit
 * a stored configuration, a disk image that grew. */
static void on_look(void *unused)
{
    (void)unused;
    for (struct companion *c = companions; c != NULL; c = c->next) {
        companion_refresh(c);
    }
    if (is_open) {
        loop_timer_set(&look_timer, LOOK_MS);
    }
}

/* What libvirt takes long to tell about this machine comes into the snapshots later. */
static void learn_run(struct work *work)
{
    struct opening *o = (struct opening *)work;

    o->result = virt->ops->learn_host(virt, &o->error);
}

static void learn_done(struct work *work)
{
    for (struct companion *c = companions; c != NULL; c = c->next) {
        companion_refresh(c);
    }
    free((struct opening *)work);
}

static void learn_host(void)
{
    struct opening *o = calloc(1, sizeof *o);

    if (o != NULL) {
        o->work = (struct work){.run = learn_run, .done = learn_done};
        work_push(&o->work);
    }
}

static void open_done(struct work *work)
{
    struct opening *o = (struct opening *)work;

    is_opening = false;
    if (o->result == 0) {
        shimlog(SHIMLOG_INFO, NULL, "connected to libvirt");
        open_retry_ms = OPEN_RETRY_MIN_MS;
        set_open(true);
        loop_timer_set(&look_timer, LOOK_MS);
        fleet_scan();
        learn_host();
    } else {
        if (open_error.text[0] == '\0' || strcmp(open_error.text, o->error.text) != 0) {
            shimlog(SHIMLOG_WARN, NULL, "libvirt is away: %s", o->error.text);
        }
        open_error = o->error;
        loop_timer_set(&open_timer, open_retry_ms);
        open_retry_ms = open_retry_ms * 2 > OPEN_RETRY_MAX_MS ? OPEN_RETRY_MAX_MS
                                                              : open_retry_ms * 2;
    }
    free(o);
}

static void on_open_retry(void *unused)
{
    struct opening *o;

    (void)unused;
    if (is_opening || is_open) {
        return;
    }
    o = calloc(1, sizeof *o);
    if (o == NULL) {
        loop_timer_set(&open_timer, OPEN_RETRY_MAX_MS);
        return;
    }
    is_opening = true;
    o->work = (struct work){.run = open_run, .done = open_done};
    work_push(&o->work);
}

/* --- events --------------------------------------------------------------------------------- */

struct notice {
    struct work work;
    enum virt_event event;
    char uuid[VIRT_UUID_CAP];
};

static void notice_done(struct work *work)
{
    struct notice *n = (struct notice *)work;

    if (n->event == VIRT_EVENT_CLOSED) {
        shimlog(SHIMLOG_WARN, NULL, "libvirt has closed the connection");
        virt_fail(&open_error, ERR_CLOSED, "libvirt has closed the connection");
        set_open(false);
        loop_timer_set(&open_timer, OPEN_RETRY_MIN_MS);
    } else {
        bool is_host = false;

        for (struct companion *c = companions; c != NULL; c = c->next) {
            if (strcmp(c->about.host_uuid, n->uuid) == 0) {
                is_host = true;
                companion_refresh(c);
            }
        }
        if (n->event == VIRT_EVENT_CONFIG || (!is_host && fleet_find(n->uuid) != NULL)) {
            fleet_scan();
        }
    }
    free(n);
}

/* Called by the backend from any thread. */
static void notify(void *unused, enum virt_event event, const char *uuid)
{
    struct notice *n = calloc(1, sizeof *n);

    (void)unused;
    if (n == NULL) {
        return;
    }
    n->work.done = notice_done;
    n->event = event;
    if (uuid != NULL) {
        snprintf(n->uuid, sizeof n->uuid, "%s", uuid);
    }
    work_post(&n->work);
}

/* Lines about a host also go to its ring. */
static void tap(const char *host, enum shimlog_level level, const char *text)
{
    struct companion *c = fleet_find_host(host);

    if (c != NULL && level != SHIMLOG_DEBUG) {
        companion_log(c, "vamtd", text);
    }
}

void fleet_start(struct virt *backend, const char *state,
                 void (*logged)(struct companion *c))
{
    virt = backend;
    virt->notify = notify;
    state_dir = state;
    while (epoch == 0) {
        if (getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) {
            epoch = 0;
        }
    }
    companion_set_hooks(fleet_find, logged);
    shimlog_set_tap(tap);
    loop_timer_set(&open_timer, 0);
}

void fleet_stop(void)
{
    shimlog_set_tap(NULL);
    while (companions != NULL) {
        struct companion *c = companions;

        companions = c->next;
        companion_free(c);
    }
}
