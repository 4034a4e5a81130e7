/* SPDX-License-Identifier: ISC */
/*
 * Attach, in this order, each step undone if a later one fails:
 *   1 look at the host: there, not attached, not itself a companion
 *   2 look at what is asked for: image, ports free, network there, address not taken
 *   3 folder with seeds and NVRAM
 *   4 define the companion (it names its host)
 *   5 link on the host's side
 *   6 autostart as the host has it, start
 */
#include "attach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "linkxml.h"
#include "netprobe.h"
#include "xmlutil.h"

enum { IMAGE_UNIT = 4096 };

/* A failure of libvirt in our words. */
static bool fail_virt(struct attach_result *result, const char *what,
                      const struct virt_error *error)
{
    if (error->code == ERR_CLOSED) {
        attach_fail(result, ATTACH_LIBVIRT_AWAY, "libvirt is away: %s", error->text);
    } else {
        attach_fail(result, ATTACH_FAILED, "%s: %s", what, error->text);
    }
    return false;
}

static bool find_host(struct virt *v, const char *name, struct virt_domain *host,
                      struct attach_result *result)
{
    struct virt_error error;

    if (v->ops->find(v, name, host, &error) == 0) {
        return true;
    }
    if (error.code == ERR_NOT_FOUND) {
        attach_fail(result, ATTACH_NOT_FOUND, "no such domain: %s", name);
        return false;
    }
    return fail_virt(result, name, &error);
}

/* The link element of a domain. False: libvirt failed. No element: both UUIDs "". */
static bool read_link(struct virt *v, const char *uuid, struct linkxml *link,
                      struct attach_result *result)
{
    struct virt_error error;
    char *text;

    memset(link, 0, sizeof *link);
    if (v->ops->get_link(v, uuid, &text, &error) == 0) {
        if (linkxml_read(text, link) != 0) {
            memset(link, 0, sizeof *link);
        }
        free(text);
        return true;
    }
    return error.code == ERR_NOT_FOUND ||
           fail_virt(result, "reading the metadata", &error);
}

/* 1 */
static bool check_host(struct virt *v, const struct virt_domain *host,
                       struct attach_result *result)
{
    struct virt_domain companion;
    struct virt_error error;
    struct linkxml link;

    if (!read_link(v, host->uuid, &link, result)) {
        return false;
    }
    if (link.host[0] != '\0') {
        attach_fail(result, ATTACH_FAILED, "%s is a companion itself", host->name);
        return false;
    }
    /* A link to a companion that is gone may be replaced. */
    if (link.companion[0] != '\0' &&
        v->ops->find(v, link.companion, &companion, &error) == 0) {
        attach_fail(result, ATTACH_EXISTS, "%s is already attached: its companion is %s",
                    host->name, companion.name);
        return false;
    }
    return true;
}

static bool check_image(const struct compxml *c, struct attach_result *result)
{
    struct stat image;

    if (stat(c->image, &image) != 0) {
        attach_fail(result, ATTACH_FAILED, "firmware image %s: %s", c->image,
                    strerror(errno));
        return false;
    }
    if (!S_ISREG(image.st_mode) || image.st_size == 0 ||
        image.st_size % IMAGE_UNIT != 0) {
        attach_fail(result, ATTACH_FAILED, "%s is not a firmware image", c->image);
        return false;
    }
    return true;
}

static bool check_forward(const struct compxml_forward *f, struct attach_result *result)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)f->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int failed;

    inet_pton(AF_INET, f->address, &a.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    failed = bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 1) != 0 ? errno
                                                                                  : 0;
    if (fd >= 0) {
        close(fd);
    }
    if (failed == 0) {
        return true;
    }
    attach_fail(result, failed == EADDRINUSE ? ATTACH_IN_USE : ATTACH_FAILED,
                failed == EADDRINUSE ? "address in use: %s:%u" : "cannot listen on %s:%u",
                f->address, f->port);
    return false;
}

/* Does another companion have the address, or the forwarded port (also if it is off)? */
static bool check_others(struct virt *v, const struct attach *a, const char *network,
                         struct attach_result *result)
{
    struct virt_linked *list;
    struct virt_error error;
    size_t count;
    size_t len = strcspn(a->address, "/");

    if (v->ops->linked(v, &list, &count, &error) != 0) {
        return fail_virt(result, "listing the domains", &error);
    }
    for (size_t i = 0; i < count; i++) {
        struct linkxml link;

        if (result->code == ATTACH_OK && linkxml_read(list[i].link, &link) == 0 &&
            ((len > 0 && strncmp(link.address, a->address, len) == 0 &&
              link.address[len] == '/') ||
             (a->compxml.net == COMPXML_NET_FORWARD && link.host[0] != '\0' &&
              strcmp(link.network, network) == 0))) {
            attach_fail(result, ATTACH_IN_USE, "address in use: %s belongs to %s",
                        len > 0 ? a->address : network, list[i].domain.name);
        }
        free(list[i].link);
    }
    free(list);
    return result->code == ATTACH_OK;
}

/* What status and list show: "forward 127.0.0.1:16992", "network default". */
static void describe_net(const struct compxml *c, char *dst, size_t cap)
{
    if (c->net != COMPXML_NET_FORWARD) {
        snprintf(dst, cap, "%s %.240s",
                 c->net == COMPXML_NET_BRIDGE ? "bridge" : "network", c->net_name);
        return;
    }
    xmlutil_copy(dst, cap, "forward");
    for (size_t i = 0; i < c->forward_count; i++) {
        size_t len = strlen(dst);

        snprintf(dst + len, cap - len, " %s:%u", c->forwards[i].address,
                 c->forwards[i].port);
        len = strlen(dst);
        if (c->forwards[i].guest_port != c->forwards[i].port) {
            snprintf(dst + len, cap - len, "=%u", c->forwards[i].guest_port);
        }
    }
}

/* Nobody else on the bridge has the address, as far as that can be told. */
static bool check_address(const struct attach *a, const char *bridge,
                          struct attach_result *result)
{
    size_t len = strcspn(a->address, "/");
    char address[INET_ADDRSTRLEN];
    char owner[64];
    struct in_addr in;

    if (len == 0 || len >= sizeof address) {
        return true; /* DHCP */
    }
    memcpy(address, a->address, len);
    address[len] = '\0';
    if (inet_pton(AF_INET, address, &in) != 1 ||
        !netprobe_in_use(bridge, in, owner, sizeof owner)) {
        return true;
    }
    attach_fail(result, ATTACH_IN_USE, "address in use: %s belongs to %s", address,
                owner);
    return false;
}

/* The network or bridge is there; the address is free on it. */
static bool check_segment(struct virt *v, const struct attach *a,
                          struct attach_result *result)
{
    const struct compxml *c = &a->compxml;
    char bridge[COMPXML_TEXT_CAP];

    if (c->net == COMPXML_NET_FORWARD) {
        return true;
    }
    if (c->net == COMPXML_NET_NETWORK) {
        if (!v->ops->has_network(v, c->net_name, bridge, sizeof bridge)) {
            attach_fail(result, ATTACH_NOT_FOUND, "no such network: %s", c->net_name);
            return false;
        }
        return check_address(a, bridge, result);
    }
    if (if_nametoindex(c->net_name) == 0) {
        attach_fail(result, ATTACH_NOT_FOUND, "no such bridge: %s", c->net_name);
        return false;
    }
    if (!netprobe_is_bridge(c->net_name)) {
        attach_fail(result, ATTACH_NOT_FOUND, "%s is not a bridge", c->net_name);
        return false;
    }
    return check_address(a, c->net_name, result);
}

/* 2 */
static bool check_wishes(struct virt *v, const struct attach *a, const char *network,
                         struct attach_result *result)
{
    const struct compxml *c = &a->compxml;

    if (!check_image(c, result)) {
        return false;
    }
    for (size_t i = 0; i < c->forward_count; i++) {
        if (!check_forward(&c->forwards[i], result)) {
            return false;
        }
    }
    return check_others(v, a, network, result) && check_segment(v, a, result);
}

/* TCG if the host is a TCG guest itself or there is no KVM, unless told otherwise. */
static bool choose_accel(struct virt *v, const char *uuid, struct attach *a,
                         struct attach_result *result)
{
    struct virt_error error;
    xmlDocPtr doc;
    char *xml;

    if (a->is_accel_given) {
        return true;
    }
    if (v->ops->xml(v, uuid, VIRT_XML_STORED, &xml, &error) != 0) {
        return fail_virt(result, "reading the domain", &error);
    }
    doc = xmlutil_parse(xml, strlen(xml));
    a->compxml.is_kvm = doc != NULL &&
                        xmlutil_attr_is(xmlDocGetRootElement(doc), "type", "kvm");
    xmlFreeDoc(doc);
    free(xml);
    return true;
}

/* Steps 4 to 6; what they did is undone by undo(). */
static bool bring_up(struct virt *v, const struct attach *a,
                     const struct virt_domain *host, const char *xml,
                     struct attach_result *result)
{
    const char *uuid = a->compxml.uuid;
    struct virt_error error;
    char *link;
    int code;

    if (v->ops->define(v, xml, &error) != 0) {
        return fail_virt(result, "defining the companion", &error);
    }
    link = linkxml_host(uuid);
    code = link == NULL ? virt_fail(&error, ERR_FULL, "out of memory")
                        : v->ops->set_link(v, host->uuid, link, &error);
    free(link);
    if (code != 0) {
        return fail_virt(result, "linking the host", &error);
    }
    if (host->is_autostart && v->ops->set_autostart(v, uuid, true, &error) != 0) {
        return fail_virt(result, "autostart of the companion", &error);
    }
    if (v->ops->act(v, uuid, VIRT_ACT_START, &error) != 0) {
        return fail_virt(result, "starting the companion", &error);
    }
    return true;
}

static void undo(struct virt *v, const struct attach *a, const struct virt_domain *host)
{
    struct virt_domain companion;
    struct virt_error error;

    if (v->ops->find(v, a->compxml.uuid, &companion, &error) == 0) {
        v->ops->act(v, a->compxml.uuid, VIRT_ACT_DESTROY, &error);
        v->ops->undefine(v, a->compxml.uuid, &error);
        v->ops->set_link(v, host->uuid, NULL, &error);
    }
    attach_seeds_remove(a->compxml.folder);
}

void attach_do(struct virt *v, const char *state, struct attach *a,
               struct attach_result *result)
{
    struct compxml *c = &a->compxml;
    struct virt_domain host;
    struct linkxml link = {0};
    char *text = NULL;
    char *xml = NULL;

    snprintf(c->folder, sizeof c->folder, "%s/%s", state, c->uuid);
    describe_net(c, link.network, sizeof link.network);
    if (!find_host(v, a->domain, &host, result) || !check_host(v, &host, result) ||
        !check_wishes(v, a, link.network, result) ||
        !choose_accel(v, host.uuid, a, result)) {
        return;
    }
    if (c->name[0] == '\0') {
        snprintf(c->name, sizeof c->name, "%.200s-vamt", host.name);
    }
    xmlutil_copy(link.host, sizeof link.host, host.uuid);
    xmlutil_copy(link.address, sizeof link.address, a->address);
    xmlutil_copy(link.image, sizeof link.image, c->image);
    xmlutil_copy(result->uuid, sizeof result->uuid, c->uuid);
    attach_seeds_choose(a);
    text = linkxml_companion(&link);
    c->link = text;
    xml = text != NULL ? compxml_write(c) : NULL;
    if (xml == NULL) {
        attach_fail(result, ATTACH_FAILED, "out of memory");
    } else if (!attach_seeds_write(a, host.name, result)) {
        attach_seeds_remove(c->folder);
    } else if (!bring_up(v, a, &host, xml, result)) {
        undo(v, a, &host);
    }
    free(xml);
    free(text);
}

static bool is_uuid(const char *text)
{
    return strlen(text) == VIRT_UUID_CAP - 1 &&
           strspn(text, "0123456789abcdef-") == VIRT_UUID_CAP - 1;
}

void detach_do(struct virt *v, const char *state, const char *domain,
               struct attach_result *result)
{
    char folder[COMPXML_PATH_CAP];
    struct virt_domain companion;
    struct virt_domain host;
    struct virt_error error;
    struct linkxml link;

    memset(result, 0, sizeof *result);
    if (!find_host(v, domain, &host, result) || !read_link(v, host.uuid, &link, result)) {
        return;
    }
    if (link.companion[0] == '\0') {
        attach_fail(result, ATTACH_NOT_FOUND, "%s has no companion", host.name);
        return;
    }
    xmlutil_copy(result->uuid, sizeof result->uuid, link.companion);
    if (v->ops->find(v, link.companion, &companion, &error) == 0) {
        if (companion.state != VIRT_STATE_OFF &&
            v->ops->act(v, companion.uuid, VIRT_ACT_DESTROY, &error) != 0 &&
            error.code != ERR_BUSY) {
            fail_virt(result, "stopping the companion", &error);
            return;
        }
        if (v->ops->undefine(v, companion.uuid, &error) != 0) {
            fail_virt(result, "undefining the companion", &error);
            return;
        }
    } else if (error.code != ERR_NOT_FOUND) {
        fail_virt(result, "the companion", &error);
        return;
    }
    if (v->ops->set_link(v, host.uuid, NULL, &error) != 0) {
        fail_virt(result, "unlinking the host", &error);
        return;
    }
    if (is_uuid(link.companion)) { /* it names a folder */
        snprintf(folder, sizeof folder, "%s/%s", state, link.companion);
        attach_seeds_remove(folder);
    }
}
