/* SPDX-License-Identifier: ISC */
/*
 * libvirt knows two ways to say the boot order, never both in one domain: <os><boot dev/>
 * by class and <boot order/> by device. The copy always uses the second: the devices of
 * the wanted class first, then those that were in the order before.
 */
#include "bootxml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "virt.h"
#include "xmlutil.h"

enum { DEVICES_MAX = 64 };

struct bootable {
    xmlNodePtr node;
    vamt_BootDevice class;
    uint64_t rank; /* lower boots earlier; UINT64_MAX: not at all */
};

static vamt_BootDevice class_of(xmlNodePtr node)
{
    if (strcmp((const char *)node->name, "interface") == 0) {
        return vamt_BootDevice_BOOT_DEVICE_NETWORK;
    }
    if (strcmp((const char *)node->name, "disk") != 0 ||
        xmlutil_attr_is(node, "device", "floppy")) {
        return vamt_BootDevice_BOOT_DEVICE_DEFAULT;
    }
    return xmlutil_attr_is(node, "device", "cdrom") ? vamt_BootDevice_BOOT_DEVICE_CD
                                                    : vamt_BootDevice_BOOT_DEVICE_DISK;
}

/* Place of a class in <os><boot dev='hd'/>..., counted from 1; 0 if absent. */
static uint64_t class_rank(xmlNodePtr os, vamt_BootDevice class)
{
    const char *name = class == vamt_BootDevice_BOOT_DEVICE_NETWORK ? "network"
                       : class == vamt_BootDevice_BOOT_DEVICE_CD    ? "cdrom"
                                                                    : "hd";
    uint64_t rank = 1;

    for (xmlNodePtr b = xmlutil_child(os, "boot"); b != NULL; b = xmlutil_next(b)) {
        if (xmlutil_attr_is(b, "dev", name)) {
            return rank;
        }
        rank++;
    }
    return 0;
}

static size_t collect(xmlNodePtr root, struct bootable *list, vamt_BootDevice wanted)
{
    xmlNodePtr os = xmlutil_child(root, "os");
    xmlNodePtr devices = xmlutil_child(root, "devices");
    size_t count = 0;

    if (devices == NULL) {
        return 0;
    }
    for (xmlNodePtr n = devices->children; n != NULL && count < DEVICES_MAX;
         n = n->next) {
        vamt_BootDevice class;
        uint64_t rank;

        if (n->type != XML_ELEMENT_NODE ||
            (class = class_of(n)) == vamt_BootDevice_BOOT_DEVICE_DEFAULT) {
            continue;
        }
        rank = xmlutil_attr_uint(xmlutil_child(n, "boot"), "order", 0);
        if (rank == 0) {
            /* libvirt's <os><boot> takes the first network card and disk of a class; later
             * ones of the class follow it here, which BIOSes do as well. */
            rank = class_rank(os, class);
        }
        rank = rank == 0 ? UINT64_MAX : rank + DEVICES_MAX;
        if (class == wanted) {
            rank = rank == UINT64_MAX ? DEVICES_MAX : rank - DEVICES_MAX;
        }
        list[count++] = (struct bootable){n, class, rank};
    }
    return count;
}

static void remove_all(xmlNodePtr parent, const char *name)
{
    xmlNodePtr node;

    while ((node = xmlutil_child(parent, name)) != NULL) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
}

/* Write <boot order='1'..>: again and again the lowest rank left, first come first. */
static void number(struct bootable *list, size_t count)
{
    char text[16];

    for (unsigned order = 1;; order++) {
        struct bootable *best = NULL;
        xmlNodePtr boot;

        for (size_t i = 0; i < count; i++) {
            if (list[i].rank != UINT64_MAX &&
                (best == NULL || list[i].rank < best->rank)) {
                best = &list[i];
            }
        }
        if (best == NULL) {
            return;
        }
        best->rank = UINT64_MAX;
        snprintf(text, sizeof text, "%u", order);
        boot = xmlNewChild(best->node, NULL, (const xmlChar *)"boot", NULL);
        xmlNewProp(boot, (const xmlChar *)"order", (const xmlChar *)text);
    }
}

/* Every <boot order> goes, also of devices that we do not count (hostdev, redirdev). */
static void remove_orders(xmlNodePtr root)
{
    static const char *const direct[] = {"boot",    "kernel", "initrd",
                                         "cmdline", "dtb",    "bootmenu"};
    xmlNodePtr devices = xmlutil_child(root, "devices");

    for (size_t i = 0; i < UTIL_COUNT(direct); i++) {
        remove_all(xmlutil_child(root, "os"), direct[i]);
    }
    for (xmlNodePtr n = devices->children; n != NULL; n = n->next) {
        remove_all(n->type == XML_ELEMENT_NODE ? n : NULL, "boot");
    }
}

int bootxml_override(const char *xml, vamt_BootDevice device, char **out)
{
    struct bootable list[DEVICES_MAX];
    xmlDocPtr doc = xmlutil_parse(xml, strlen(xml));
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    xmlChar *text = NULL;
    bool is_there = false;
    size_t count;
    int len;

    if (root == NULL) {
        return ERR_INVALID;
    }
    count = collect(root, list, device);
    for (size_t i = 0; i < count; i++) {
        is_there |= list[i].class == device;
    }
    if (!is_there) {
        xmlFreeDoc(doc);
        return ERR_UNSUPPORTED;
    }
    remove_orders(root);
    number(list, count);
    xmlDocDumpMemory(doc, &text, &len);
    xmlFreeDoc(doc);
    *out = text != NULL ? strdup((const char *)text) : NULL;
    xmlFree(text);
    return *out != NULL ? 0 : ERR_FULL;
}
