/* SPDX-License-Identifier: ISC */
/*
 * Writes the companion's domain XML. Devices sit on the root bus at fixed places, so that
 * the firmware finds them without bridges and a migration keeps them. User-mode networking
 * with forwarded ports is given on QEMU's command line: libvirt's <portForward> needs passt.
 */
#include "compxml.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmlutil.h"

#define QEMU_URI "http://libvirt.org/schemas/domain/qemu/1.0"

enum { SLOT_NET = 0x10, SLOT_SERIAL = 0x11, SLOT_RNG = 0x12, TCG_CACHE_MIB = 3 };

static xmlNodePtr add(xmlNodePtr parent, const char *name, const char *text)
{
    return xmlNewTextChild(parent, NULL, (const xmlChar *)name, (const xmlChar *)text);
}

static xmlNodePtr set(xmlNodePtr node, const char *name, const char *value)
{
    xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value);
    return node;
}

/* "%s/%s" in a buffer that lives until the next call. */
static const char *path_in(const struct compxml *c, const char *file)
{
    static _Thread_local char path[COMPXML_PATH_CAP + 32];

    snprintf(path, sizeof path, "%s/%s", c->folder, file);
    return path;
}

static void add_address(xmlNodePtr device, unsigned slot)
{
    char text[16];
    xmlNodePtr a = add(device, "address", NULL);

    snprintf(text, sizeof text, "0x%02x", slot);
    set(set(set(a, "type", "pci"), "domain", "0x0000"), "bus", "0x00");
    set(set(a, "slot", text), "function", "0x0");
}

static void add_seeds(xmlNodePtr root, const struct compxml *c)
{
    xmlNodePtr info = set(add(root, "sysinfo", NULL), "type", "fwcfg");

    for (size_t i = 0; i < c->seed_count; i++) {
        char name[64];

        snprintf(name, sizeof name, "opt/vamt/%s", c->seeds[i]);
        set(set(add(info, "entry", NULL), "name", name), "file", path_in(c, c->seeds[i]));
    }
}

static void add_os(xmlNodePtr root, const struct compxml *c)
{
    xmlNodePtr os = add(root, "os", NULL);

    set(set(add(os, "type", "hvm"), "arch", "x86_64"), "machine", "q35");
    set(set(add(os, "loader", c->image), "readonly", "yes"), "type", "pflash");
    add(os, "nvram", path_in(c, "nvram.fd"));
}

static void add_interface(xmlNodePtr devices, const struct compxml *c)
{
    bool is_bridge = c->net == COMPXML_NET_BRIDGE;
    xmlNodePtr i = set(add(devices, "interface", NULL), "type",
                       is_bridge ? "bridge" : "network");

    set(add(i, "mac", NULL), "address", c->mac);
    set(add(i, "source", NULL), is_bridge ? "bridge" : "network", c->net_name);
    set(add(i, "model", NULL), "type", "virtio-non-transitional");
    set(add(i, "rom", NULL), "enabled", "no");
    add_address(i, SLOT_NET);
}

static void add_devices(xmlNodePtr root, const struct compxml *c)
{
    xmlNodePtr d = add(root, "devices", NULL);
    xmlNodePtr n;
    xmlNodePtr t;

    set(set(add(d, "controller", NULL), "type", "usb"), "model", "none");
    n = set(set(add(d, "controller", NULL), "type", "pci"), "index", "0");
    set(n, "model", "pcie-root");
    n = set(set(add(d, "controller", NULL), "type", "virtio-serial"), "index", "0");
    set(n, "model", "virtio-non-transitional");
    add_address(n, SLOT_SERIAL);
    if (c->net != COMPXML_NET_FORWARD) {
        add_interface(d, c);
    }
    n = set(add(d, "serial", NULL), "type", "file");
    set(set(add(n, "source", NULL), "path", path_in(c, "console.log")), "append", "on");
    t = set(add(n, "target", NULL), "type", "isa-debug");
    set(add(t, "model", NULL), "name", "isa-debugcon");
    set(set(add(n, "address", NULL), "type", "isa"), "iobase", "0x402");
    n = set(add(d, "channel", NULL), "type", "unix");
    set(add(n, "source", NULL), "mode", "bind");
    set(set(add(n, "target", NULL), "type", "virtio"), "name", COMPXML_CHANNEL);
    set(set(add(d, "audio", NULL), "id", "1"), "type", "none");
    set(add(add(d, "video", NULL), "model", NULL), "type", "none");
    set(add(d, "memballoon", NULL), "model", "none");
    n = set(add(d, "rng", NULL), "model", "virtio-non-transitional");
    set(add(n, "backend", "/dev/urandom"), "model", "random");
    add_address(n, SLOT_RNG);
    /* It does nothing until the firmware starts it. */
    set(set(add(d, "watchdog", NULL), "model", "ib700"), "action", "reset");
}

static void add_arg(xmlNodePtr commandline, xmlNsPtr ns, const char *value)
{
    xmlNodePtr arg = xmlNewChild(commandline, ns, (const xmlChar *)"arg", NULL);

    set(arg, "value", value);
}

static void add_forwards(xmlNodePtr root, xmlNsPtr ns, const struct compxml *c)
{
    xmlNodePtr cl = xmlNewChild(root, ns, (const xmlChar *)"commandline", NULL);
    char text[1024];
    size_t len = (size_t)snprintf(text, sizeof text, "user,id=vamtnet,ipv6=off");

    for (size_t i = 0; i < c->forward_count; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, ",hostfwd=tcp:%s:%u-:%u",
                                c->forwards[i].address, c->forwards[i].port,
                                c->forwards[i].guest_port);
    }
    add_arg(cl, ns, "-netdev");
    add_arg(cl, ns, text);
    snprintf(text, sizeof text,
             "virtio-net-pci,netdev=vamtnet,mac=%s,bus=pcie.0,addr=0x%x,romfile=,"
             "disable-legacy=on",
             c->mac, (unsigned)SLOT_NET);
    add_arg(cl, ns, "-device");
    add_arg(cl, ns, text);
}

static void add_metadata(xmlNodePtr root, const struct compxml *c)
{
    xmlNodePtr metadata = add(root, "metadata", NULL);
    xmlDocPtr link = xmlutil_parse(c->link, strlen(c->link));
    xmlNodePtr from = link != NULL ? xmlDocGetRootElement(link) : NULL;

    if (from != NULL) {
        xmlNodePtr copy = xmlDocCopyNode(from, root->doc, 1);

        xmlAddChild(metadata, copy);
        xmlSetNs(copy, xmlNewNs(copy, (const xmlChar *)VIRT_LINK_URI,
                                (const xmlChar *)VIRT_LINK_PREFIX));
    }
    xmlFreeDoc(link);
}

/* Without KVM, QEMU keeps all code it ever translated, in huge pages. What the firmware does
 * often fits into this; when the cache is full it begins anew. */
static void add_features(xmlNodePtr root, const struct compxml *c)
{
    xmlNodePtr features = add(root, "features", NULL);
    char text[16];

    add(features, "acpi", NULL);
    if (!c->is_kvm) {
        snprintf(text, sizeof text, "%d", TCG_CACHE_MIB);
        set(add(add(features, "tcg", NULL), "tb-cache", text), "unit", "MiB");
    }
}

char *compxml_write(const struct compxml *c)
{
    xmlDocPtr doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNodePtr root = xmlNewNode(NULL, (const xmlChar *)"domain");
    xmlNsPtr ns = xmlNewNs(root, (const xmlChar *)QEMU_URI, (const xmlChar *)"qemu");
    char text[32];
    xmlChar *out = NULL;
    char *result;
    int len;

    xmlDocSetRootElement(doc, root);
    set(root, "type", c->is_kvm ? "kvm" : "qemu");
    add(root, "name", c->name);
    add(root, "uuid", c->uuid);
    add(root, "title", "vAMT companion");
    add_metadata(root, c);
    snprintf(text, sizeof text, "%u", c->memory_mib);
    set(add(root, "memory", text), "unit", "MiB");
    add(root, "vcpu", "1");
    add_seeds(root, c);
    add_os(root, c);
    add_features(root, c);
    set(add(root, "clock", NULL), "offset", "utc");
    add(root, "on_poweroff", "destroy");
    add(root, "on_reboot", "restart");
    add(root, "on_crash", "restart");
    add_devices(root, c);
    if (c->net == COMPXML_NET_FORWARD) {
        add_forwards(root, ns, c);
    }
    xmlDocDumpMemory(doc, &out, &len);
    result = out != NULL ? strdup((const char *)out) : NULL;
    xmlFree(out);
    xmlFreeDoc(doc);
    return result;
}
