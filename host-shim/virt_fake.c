/* SPDX-License-Identifier: ISC */
/* See virt_fake.h. States change at once, as a willing guest's would. */
#include "virt_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "xmlutil.h"

static struct virt_fake *self(struct virt *v)
{
    return (struct virt_fake *)v;
}

static void trace(struct virt_fake *f, const char *word)
{
    size_t len = strlen(f->trace);

    snprintf(f->trace + len, sizeof f->trace - len, "%s ", word);
}

/* Every operation begins here: away, or told to fail? */
static int enter(struct virt *v, struct virt_error *error)
{
    struct virt_fake *f = self(v);

    f->ops++;
    if (f->is_away) {
        return virt_fail(error, ERR_CLOSED, "fake is away");
    }
    return f->ops == f->fail_at ? virt_fail(error, ERR_IO, "fake failure") : 0;
}

struct virt_fake_domain *virt_fake_find(struct virt_fake *fake, const char *name)
{
    for (size_t i = 0; i < VIRT_FAKE_DOMAINS; i++) {
        struct virt_fake_domain *d = &fake->domains[i];

        if (d->is_there &&
            (strcmp(d->info.uuid, name) == 0 || strcmp(d->info.name, name) == 0)) {
            return d;
        }
    }
    return NULL;
}

static struct virt_fake_domain *enter_domain(struct virt *v, const char *name,
                                             struct virt_error *error)
{
    struct virt_fake_domain *d;

    if (enter(v, error) != 0) {
        return NULL;
    }
    d = virt_fake_find(self(v), name);
    if (d == NULL) {
        virt_fail(error, ERR_NOT_FOUND, "no domain %s", name);
    }
    return d;
}

/* Keep the link element of new XML, as libvirt keeps metadata. */
static void read_link_element(struct virt_fake_domain *d, xmlNodePtr root)
{
    xmlNodePtr link = xmlutil_path(root, "metadata/link");
    xmlBufferPtr buffer = xmlBufferCreate();

    d->has_link = link != NULL;
    if (link != NULL && buffer != NULL &&
        xmlNodeDump(buffer, link->doc, link, 0, 0) > 0) {
        snprintf(d->link, sizeof d->link, "%s", (const char *)xmlBufferContent(buffer));
    }
    xmlBufferFree(buffer);
}

static struct virt_fake_domain *store(struct virt_fake *fake, const char *xml)
{
    xmlDocPtr doc = xmlutil_parse(xml, strlen(xml));
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    struct virt_fake_domain *d = NULL;
    char uuid[VIRT_UUID_CAP];

    xmlutil_text(xmlutil_child(root, "uuid"), uuid, sizeof uuid);
    if (root != NULL && strlen(xml) < VIRT_FAKE_XML_CAP) {
        d = virt_fake_find(fake, uuid);
        for (size_t i = 0; d == NULL && i < VIRT_FAKE_DOMAINS; i++) {
            if (!fake->domains[i].is_there) {
                d = &fake->domains[i];
                memset(d, 0, sizeof *d);
            }
        }
    }
    if (d != NULL) {
        d->is_there = true;
        strcpy(d->info.uuid, uuid);
        xmlutil_text(xmlutil_child(root, "name"), d->info.name, sizeof d->info.name);
        d->info.is_persistent = true;
        read_link_element(d, root);
        strcpy(d->stored, xml);
    }
    xmlFreeDoc(doc);
    return d;
}

struct virt_fake_domain *virt_fake_add(struct virt_fake *fake, const char *xml)
{
    return store(fake, xml);
}

static int fake_open(struct virt *v, struct virt_error *error)
{
    return enter(v, error);
}

static void fake_close(struct virt *v)
{
    (void)v;
}

static int fake_linked(struct virt *v, struct virt_linked **list, size_t *count,
                       struct virt_error *error)
{
    struct virt_fake *f = self(v);
    int result = enter(v, error);

    if (result != 0) {
        return result;
    }
    *count = 0;
    *list = calloc(VIRT_FAKE_DOMAINS, sizeof **list);
    for (size_t i = 0; *list != NULL && i < VIRT_FAKE_DOMAINS; i++) {
        if (f->domains[i].is_there && f->domains[i].has_link) {
            (*list)[*count].domain = f->domains[i].info;
            (*list)[(*count)++].link = strdup(f->domains[i].link);
        }
    }
    return 0;
}

static int fake_find(struct virt *v, const char *name, struct virt_domain *out,
                     struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, name, error);

    if (d == NULL) {
        return error->code;
    }
    *out = d->info;
    return 0;
}

static int fake_xml(struct virt *v, const char *uuid, enum virt_xml which, char **xml,
                    struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, uuid, error);
    bool is_live = d != NULL && which == VIRT_XML_LIVE && d->info.state != VIRT_STATE_OFF;

    if (d == NULL) {
        return error->code;
    }
    *xml = strdup(is_live || !d->info.is_persistent ? d->live : d->stored);
    return 0;
}

static void stop(struct virt_fake_domain *d)
{
    d->info.state = VIRT_STATE_OFF;
    d->is_there = d->info.is_persistent;
}

static int fake_act(struct virt *v, const char *uuid, enum virt_act act,
                    struct virt_error *error)
{
    static const char *const names[] = {"start",  "destroy", "shutdown", "reset",
                                        "reboot", "nmi",     "resume",   "wakeup"};
    struct virt_fake_domain *d = enter_domain(v, uuid, error);

    if (d == NULL) {
        return error->code;
    }
    if ((act == VIRT_ACT_START) != (d->info.state == VIRT_STATE_OFF)) {
        return virt_fail(error, ERR_BUSY, "not in this state");
    }
    trace(self(v), names[act]);
    switch (act) {
    case VIRT_ACT_START:
        strcpy(d->live, d->stored);
        d->info.has_saved = false;
        d->info.state = VIRT_STATE_RUNNING;
        break;
    case VIRT_ACT_DESTROY:
    case VIRT_ACT_SHUTDOWN:
        stop(d);
        break;
    case VIRT_ACT_RESUME:
    case VIRT_ACT_WAKEUP:
        d->info.state = VIRT_STATE_RUNNING;
        break;
    default:
        break;
    }
    return 0;
}

static int fake_start_xml(struct virt *v, const char *xml, struct virt_error *error)
{
    xmlDocPtr doc;
    char uuid[VIRT_UUID_CAP];
    struct virt_fake_domain *d;
    int result = enter(v, error);

    if (result != 0) {
        return result;
    }
    doc = xmlutil_parse(xml, strlen(xml));
    xmlutil_text(doc ? xmlutil_child(xmlDocGetRootElement(doc), "uuid") : NULL, uuid,
                 sizeof uuid);
    xmlFreeDoc(doc);
    d = virt_fake_find(self(v), uuid);
    if (d == NULL) { /* a transient one */
        d = store(self(v), xml);
        if (d == NULL) {
            return virt_fail(error, ERR_INVALID, "bad XML");
        }
        d->info.is_persistent = false;
    }
    trace(self(v), "start_xml");
    snprintf(d->live, sizeof d->live, "%s", xml);
    d->info.state = VIRT_STATE_RUNNING;
    return 0;
}

static int fake_define(struct virt *v, const char *xml, struct virt_error *error)
{
    int result = enter(v, error);

    if (result != 0) {
        return result;
    }
    trace(self(v), "define");
    return store(self(v), xml) != NULL ? 0 : virt_fail(error, ERR_INVALID, "bad XML");
}

static int fake_undefine(struct virt *v, const char *uuid, struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, uuid, error);

    if (d == NULL) {
        return error->code;
    }
    trace(self(v), "undefine");
    d->is_there = false;
    return 0;
}

static int fake_set_autostart(struct virt *v, const char *uuid, bool on,
                              struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, uuid, error);

    if (d == NULL) {
        return error->code;
    }
    d->info.is_autostart = on;
    return 0;
}

static int fake_get_link(struct virt *v, const char *uuid, char **link,
                         struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, uuid, error);

    if (d == NULL) {
        return error->code;
    }
    if (!d->has_link) {
        return virt_fail(error, ERR_NOT_FOUND, "no metadata");
    }
    *link = strdup(d->link);
    return 0;
}

static int fake_set_link(struct virt *v, const char *uuid, const char *link,
                         struct virt_error *error)
{
    struct virt_fake_domain *d = enter_domain(v, uuid, error);

    if (d == NULL) {
        return error->code;
    }
    trace(self(v), link != NULL ? "link" : "unlink");
    d->has_link = link != NULL;
    snprintf(d->link, sizeof d->link, "%s", link != NULL ? link : "");
    return 0;
}

static int fake_disk_size(struct virt *v, const char *uuid, const char *target,
                          const char *source, uint64_t *bytes, struct virt_error *error)
{
    (void)target;
    (void)source;
    *bytes = 1ull << 30;
    return enter_domain(v, uuid, error) == NULL ? error->code : 0;
}

static int fake_host(struct virt *v, struct virt_host *out, struct virt_error *error)
{
    memset(out, 0, sizeof *out);
    out->mhz = 2400;
    strcpy(out->cpu_model, "Skylake-Client-IBRS");
    strcpy(out->cpu_vendor, "Intel");
    return enter(v, error);
}

static int fake_learn_host(struct virt *v, struct virt_error *error)
{
    return enter(v, error);
}

static bool fake_has_network(struct virt *v, const char *name, char *bridge, size_t cap)
{
    (void)v;
    snprintf(bridge, cap, "lo");
    return strcmp(name, "default") == 0;
}

static const struct virt_ops ops = {
    .open = fake_open,
    .close = fake_close,
    .linked = fake_linked,
    .find = fake_find,
    .xml = fake_xml,
    .act = fake_act,
    .start_xml = fake_start_xml,
    .define = fake_define,
    .undefine = fake_undefine,
    .set_autostart = fake_set_autostart,
    .get_link = fake_get_link,
    .set_link = fake_set_link,
    .disk_size = fake_disk_size,
    .host = fake_host,
    .learn_host = fake_learn_host,
    .has_network = fake_has_network,
};

void virt_fake_init(struct virt_fake *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->base.ops = &ops;
}
