/* SPDX-License-Identifier: ISC */
/*
 * Reads processor, memory, disks, network cards and the SMBIOS identity out of a domain's
 * XML. Lists that exceed the bounds of hostlink.options are cut.
 */
#include "inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "xmlutil.h"

#define NOT_SPECIFIED "Not Specified" /* what SMBIOS readers show for an absent text */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Pairs of digits; '-' and ':' may stand between them. */
static void read_hex(const char *text, uint8_t *dst, size_t cap)
{
    size_t len = 0;

    memset(dst, 0, cap);
    while (len < cap && text[0] != '\0') {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);

        if (low >= 0) {
            dst[len++] = (uint8_t)(high << 4 | low);
            text += 2;
        } else {
            text++;
        }
    }
}

static uint64_t unit_bytes(const char *unit)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {
        {"b", 1},          {"bytes", 1},        {"KB", 1000},
        {"k", 1ull << 10}, {"KiB", 1ull << 10}, {"MB", 1000000},
        {"M", 1ull << 20}, {"MiB", 1ull << 20}, {"GB", 1000000000},
        {"G", 1ull << 30}, {"GiB", 1ull << 30}, {"TB", 1000000000000},
        {"T", 1ull << 40}, {"TiB", 1ull << 40},
    };

    for (size_t i = 0; i < UTIL_COUNT(units); i++) {
        if (strcmp(units[i].name, unit) == 0) {
            return units[i].bytes;
        }
    }
    return 1ull << 10;
}

static void read_memory(xmlNodePtr root, vamt_Inventory *out)
{
    char text[32];
    char unit[16];
    xmlNodePtr node = xmlutil_child(root, "memory");

    xmlutil_text(node, text, sizeof text);
    xmlutil_attr(node, "unit", unit, sizeof unit);
    out->has_memory = true;
    out->memory.bytes = strtoull(text, NULL, 10) * unit_bytes(unit);
}

static void read_topology(xmlNodePtr root, xmlNodePtr cpu, vamt_Processor *p)
{
    xmlNodePtr topology = xmlutil_child(cpu, "topology");
    char text[16];

    if (topology != NULL) {
        uint64_t dies = xmlutil_attr_uint(topology, "dies", 1);

        p->sockets = (uint32_t)xmlutil_attr_uint(topology, "sockets", 1);
        p->cores = (uint32_t)(xmlutil_attr_uint(topology, "cores", 1) * dies);
        p->threads = (uint32_t)xmlutil_attr_uint(topology, "threads", 1);
        return;
    }
    /* QEMU's own default: each vCPU is a socket. */
    xmlutil_text(xmlutil_child(root, "vcpu"), text, sizeof text);
    p->sockets = (uint32_t)strtoul(text, NULL, 10);
    p->sockets += p->sockets == 0;
    p->cores = 1;
    p->threads = 1;
}

static void read_processor(xmlNodePtr root, const struct virt_host *host,
                           vamt_Inventory *out)
{
    xmlNodePtr cpu = xmlutil_child(root, "cpu");
    vamt_Processor *p = &out->processor;
    bool of_host = xmlutil_attr_is(cpu, "mode", "host-model") ||
                   xmlutil_attr_is(cpu, "mode", "host-passthrough");

    out->has_processor = true;
    read_topology(root, cpu, p);
    p->mhz = host->mhz;
    xmlutil_attr(xmlutil_path(root, "os/type"), "arch", p->architecture,
                 sizeof p->architecture);
    xmlutil_text(xmlutil_child(cpu, "model"), p->model, sizeof p->model);
    xmlutil_text(xmlutil_child(cpu, "vendor"), p->vendor, sizeof p->vendor);
    if (p->model[0] == '\0') {
        if (xmlutil_attr_is(cpu, "mode", "maximum")) {
            xmlutil_copy(p->model, sizeof p->model, "max");
        } else if (of_host && host->cpu_model[0] != '\0') {
            xmlutil_copy(p->model, sizeof p->model, host->cpu_model);
        } else {
            xmlutil_copy(p->model, sizeof p->model, "qemu64");
        }
    }
    if (p->vendor[0] == '\0') {
        /* Under KVM the guest sees the host's vendor, else QEMU's default for qemu64. */
        bool tcg = xmlutil_attr_is(root, "type", "qemu");
        const char *vendor = host->cpu_vendor;

        if (tcg || vendor[0] == '\0' || strcmp(vendor, "AMD") == 0) {
            vendor = "AuthenticAMD";
        } else if (strcmp(vendor, "Intel") == 0) {
            vendor = "GenuineIntel";
        }
        xmlutil_copy(p->vendor, sizeof p->vendor, vendor);
    }
    if (strcmp(p->vendor, "Intel") == 0 || strcmp(p->vendor, "AMD") == 0) {
        xmlutil_copy(p->vendor, sizeof p->vendor,
                     p->vendor[0] == 'I' ? "GenuineIntel" : "AuthenticAMD");
    }
}

static void read_disk(xmlNodePtr node, vamt_Disk *disk, char *source)
{
    static const char *const paths[] = {"file", "dev", "dir", "name"};
    xmlNodePtr from = xmlutil_child(node, "source");
    xmlNodePtr target = xmlutil_child(node, "target");
    char part[256];

    memset(disk, 0, sizeof *disk);
    disk->kind = xmlutil_attr_is(node, "device", "cdrom")    ? vamt_Disk_Kind_CD
                 : xmlutil_attr_is(node, "device", "floppy") ? vamt_Disk_Kind_FLOPPY
                                                             : vamt_Disk_Kind_DISK;
    xmlutil_attr(target, "dev", disk->target, sizeof disk->target);
    xmlutil_attr(target, "bus", disk->bus, sizeof disk->bus);
    xmlutil_text(xmlutil_child(node, "serial"), disk->serial, sizeof disk->serial);
    if (!xmlutil_text(xmlutil_child(node, "product"), disk->model, sizeof disk->model)) {
        xmlutil_copy(disk->model, sizeof disk->model,
                     disk->kind == vamt_Disk_Kind_CD       ? "QEMU DVD-ROM"
                     : disk->kind == vamt_Disk_Kind_FLOPPY ? "QEMU FLOPPY"
                                                           : "QEMU HARDDISK");
    }
    disk->has_medium = from != NULL;
    source[0] = '\0';
    if (xmlutil_attr(from, "volume", part, sizeof part)) {
        char pool[256];

        xmlutil_attr(from, "pool", pool, sizeof pool);
        snprintf(source, INVENTORY_SOURCE_CAP, "%s/%s", pool, part);
        return;
    }
    for (size_t i = 0; i < UTIL_COUNT(paths) && source[0] == '\0'; i++) {
        xmlutil_attr(from, paths[i], source, INVENTORY_SOURCE_CAP);
    }
}

static void read_devices(xmlNodePtr devices, struct inventory *out)
{
    vamt_Inventory *facts = &out->facts;
    xmlNodePtr node;

    for (node = xmlutil_child(devices, "disk");
         node != NULL && facts->disks_count < UTIL_COUNT(facts->disks);
         node = xmlutil_next(node)) {
        vamt_Disk *disk = &facts->disks[facts->disks_count];

        read_disk(node, disk, out->sources[facts->disks_count++]);
        if (disk->kind == vamt_Disk_Kind_CD) {
            out->boot_mask |= 1u << vamt_BootDevice_BOOT_DEVICE_CD;
        } else if (disk->kind == vamt_Disk_Kind_DISK) {
            out->boot_mask |= 1u << vamt_BootDevice_BOOT_DEVICE_DISK;
        }
    }
    for (node = xmlutil_child(devices, "interface");
         node != NULL && facts->nics_count < UTIL_COUNT(facts->nics);
         node = xmlutil_next(node)) {
        vamt_Nic *nic = &facts->nics[facts->nics_count++];
        char mac[24];

        xmlutil_attr(xmlutil_child(node, "mac"), "address", mac, sizeof mac);
        read_hex(mac, nic->mac, sizeof nic->mac);
        xmlutil_attr(xmlutil_child(node, "model"), "type", nic->model, sizeof nic->model);
        nic->link_up = !xmlutil_attr_is(xmlutil_child(node, "link"), "state", "down");
        out->boot_mask |= 1u << vamt_BootDevice_BOOT_DEVICE_NETWORK;
    }
    facts->has_serial_console = xmlutil_child(devices, "serial") != NULL ||
                                xmlutil_child(devices, "console") != NULL;
    facts->has_screen = xmlutil_child(devices, "graphics") != NULL;
}

/* <entry name="..."> of one block of <sysinfo type='smbios'>, else `otherwise`. */
static void entry(xmlNodePtr block, const char *name, const char *otherwise, char *dst,
                  size_t cap)
{
    for (xmlNodePtr e = xmlutil_child(block, "entry"); e != NULL; e = xmlutil_next(e)) {
        if (xmlutil_attr_is(e, "name", name)) {
            xmlutil_text(e, dst, cap);
            return;
        }
    }
    xmlutil_copy(dst, cap, otherwise);
}

static xmlNodePtr smbios(xmlNodePtr root)
{
    if (!xmlutil_attr_is(xmlutil_path(root, "os/smbios"), "mode", "sysinfo")) {
        return NULL; /* libvirt ignores the block then */
    }
    for (xmlNodePtr s = xmlutil_child(root, "sysinfo"); s != NULL; s = xmlutil_next(s)) {
        if (xmlutil_attr_is(s, "type", "smbios")) {
            return s;
        }
    }
    return NULL;
}

static void read_firmware(xmlNodePtr root, xmlNodePtr info, vamt_Inventory *out)
{
    xmlNodePtr bios = xmlutil_child(info, "bios");
    xmlNodePtr os = xmlutil_child(root, "os");
    vamt_Firmware *f = &out->firmware;

    out->has_firmware = true;
    f->uefi = xmlutil_attr_is(os, "firmware", "efi") ||
              xmlutil_attr_is(xmlutil_child(os, "loader"), "type", "pflash");
    entry(bios, "vendor", f->uefi ? "EFI Development Kit II / OVMF" : "SeaBIOS",
          f->vendor, sizeof f->vendor);
    entry(bios, "version", f->uefi ? "0.0.0" : "1.16.2", f->version, sizeof f->version);
    entry(bios, "date", f->uefi ? "02/06/2015" : "04/01/2014", f->release_date,
          sizeof f->release_date);
}

/* SMBIOS types 1 to 3 as QEMU would fill them. */
static void read_identity(xmlNodePtr root, xmlNodePtr info, vamt_Inventory *out)
{
    xmlNodePtr sys = xmlutil_child(info, "system");
    xmlNodePtr board = xmlutil_child(info, "baseBoard");
    xmlNodePtr chassis = xmlutil_child(info, "chassis");
    const char *machine = out->machine;
    const char *product = strstr(machine, "q35") != NULL
                              ? "Standard PC (Q35 + ICH9, 2009)"
                              : "Standard PC (i440FX + PIIX, 1996)";
    vamt_System *s = &out->system;
    vamt_Baseboard *b = &out->baseboard;
    vamt_Chassis *c = &out->chassis;

    (void)root;
    out->has_system = true;
    entry(sys, "manufacturer", "QEMU", s->manufacturer, sizeof s->manufacturer);
    entry(sys, "product", product, s->product, sizeof s->product);
    entry(sys, "version", machine, s->version, sizeof s->version);
    entry(sys, "serial", NOT_SPECIFIED, s->serial, sizeof s->serial);
    entry(sys, "sku", NOT_SPECIFIED, s->sku, sizeof s->sku);
    entry(sys, "family", NOT_SPECIFIED, s->family, sizeof s->family);
    out->has_baseboard = true;
    entry(board, "manufacturer", s->manufacturer, b->manufacturer,
          sizeof b->manufacturer);
    entry(board, "product", s->product, b->product, sizeof b->product);
    entry(board, "version", s->version, b->version, sizeof b->version);
    entry(board, "serial", NOT_SPECIFIED, b->serial, sizeof b->serial);
    entry(board, "asset", NOT_SPECIFIED, b->asset, sizeof b->asset);
    out->has_chassis = true;
    entry(chassis, "manufacturer", "QEMU", c->manufacturer, sizeof c->manufacturer);
    entry(chassis, "version", machine, c->version, sizeof c->version);
    entry(chassis, "serial", NOT_SPECIFIED, c->serial, sizeof c->serial);
    entry(chassis, "asset", NOT_SPECIFIED, c->asset, sizeof c->asset);
}

int inventory_read(const char *xml, const struct virt_host *host, struct inventory *out)
{
    xmlDocPtr doc = xmlutil_parse(xml, strlen(xml));
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    vamt_Inventory *facts = &out->facts;
    char uuid[VIRT_UUID_CAP];

    memset(out, 0, sizeof *out);
    if (root == NULL || strcmp((const char *)root->name, "domain") != 0) {
        xmlFreeDoc(doc);
        return ERR_INVALID;
    }
    xmlutil_text(xmlutil_child(root, "name"), facts->name, sizeof facts->name);
    xmlutil_text(xmlutil_child(root, "uuid"), uuid, sizeof uuid);
    read_hex(uuid, facts->uuid, sizeof facts->uuid);
    xmlutil_attr(xmlutil_path(root, "os/type"), "machine", facts->machine,
                 sizeof facts->machine);
    read_processor(root, host, facts);
    read_memory(root, facts);
    read_devices(xmlutil_child(root, "devices"), out);
    read_firmware(root, smbios(root), facts);
    read_identity(root, smbios(root), facts);
    xmlFreeDoc(doc);
    return 0;
}
