/* SPDX-License-Identifier: ISC */
/* The operations on domains of virt.h, each a call or two of libvirt. */
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "virt_libvirt_priv.h"
#include "xmlutil.h"

static enum virt_state state_of(int state)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:
        return VIRT_STATE_RUNNING;
    case VIR_DOMAIN_PAUSED:
        return VIRT_STATE_PAUSED;
    case VIR_DOMAIN_PMSUSPENDED:
        return VIRT_STATE_SUSPENDED;
    case VIR_DOMAIN_CRASHED:
        return VIRT_STATE_CRASHED;
    default:
        return VIRT_STATE_OFF;
    }
}

static int describe(virDomainPtr domain, struct virt_domain *out,
                    struct virt_error *error)
{
    int state = 0;
    int on = 0;

    memset(out, 0, sizeof *out);
    if (virDomainGetState(domain, &state, NULL, 0) < 0 ||
        virDomainGetUUIDString(domain, out->uuid) < 0) {
        return virt_libvirt_fail(error);
    }
    snprintf(out->name, sizeof out->name, "%s", virDomainGetName(domain));
    out->state = state_of(state);
    if (out->state == VIRT_STATE_CRASHED && virDomainIsActive(domain) != 1) {
        out->state = VIRT_STATE_OFF;
    }
    out->is_persistent = virDomainIsPersistent(domain) == 1;
    if (out->is_persistent) {
        out->has_saved = out->state == VIRT_STATE_OFF &&
                         virDomainHasManagedSaveImage(domain, 0) == 1;
        out->is_autostart = virDomainGetAutostart(domain, &on) == 0 && on != 0;
    }
    return 0;
}

int virt_libvirt_find(struct virt *v, const char *name, struct virt_domain *out,
                      struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, name, error);
    int result;

    if (domain == NULL) {
        return error->code;
    }
    result = describe(domain, out, error);
    virDomainFree(domain);
    return result;
}

static char *link_of(virDomainPtr domain)
{
    return virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, VIRT_LINK_URI, 0);
}

int virt_libvirt_linked(struct virt *v, struct virt_linked **list, size_t *count,
                        struct virt_error *error)
{
    virConnectPtr conn = virt_libvirt_conn(v, error);
    virDomainPtr *domains = NULL;
    struct virt_linked *out;
    size_t used = 0;
    int found;

    if (conn == NULL) {
        return error->code;
    }
    found = virConnectListAllDomains(conn, &domains, 0);
    if (found < 0) {
        virt_libvirt_fail(error);
        virConnectClose(conn);
        return error->code;
    }
    out = calloc((size_t)found + 1, sizeof *out);
    for (int i = 0; i < found; i++) {
        char *link = link_of(domains[i]);

        if (out != NULL && link != NULL &&
            describe(domains[i], &out[used].domain, error) == 0) {
            out[used++].link = link;
        } else {
            free(link);
        }
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(conn);
    if (out == NULL) {
        return virt_fail(error, ERR_FULL, "out of memory");
    }
    *list = out;
    *count = used;
    return 0;
}

int virt_libvirt_xml(struct virt *v, const char *uuid, enum virt_xml which, char **xml,
                     struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    unsigned flags = VIR_DOMAIN_XML_SECURE;

    if (domain == NULL) {
        return error->code;
    }
    if (which == VIRT_XML_STORED) {
        flags |= VIR_DOMAIN_XML_INACTIVE;
    }
    *xml = virDomainGetXMLDesc(domain, flags);
    if (*xml == NULL) {
        virt_libvirt_fail(error);
    }
    virDomainFree(domain);
    return *xml == NULL ? error->code : 0;
}

int virt_libvirt_act(struct virt *v, const char *uuid, enum virt_act act,
                     struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    int result = -1;

    if (domain == NULL) {
        return error->code;
    }
    switch (act) {
    case VIRT_ACT_START:
        result = virDomainCreate(domain);
        break;
    case VIRT_ACT_DESTROY:
        result = virDomainDestroy(domain);
        break;
    case VIRT_ACT_SHUTDOWN: /* by the agent if there is one, else by the ACPI button */
        result = virDomainShutdown(domain);
        break;
    case VIRT_ACT_RESET:
        result = virDomainReset(domain, 0);
        break;
    case VIRT_ACT_REBOOT:
        result = virDomainReboot(domain, 0);
        break;
    case VIRT_ACT_NMI:
        result = virDomainInjectNMI(domain, 0);
        break;
    case VIRT_ACT_RESUME:
        result = virDomainResume(domain);
        break;
    case VIRT_ACT_WAKEUP:
        result = virDomainPMWakeup(domain, 0);
        break;
    }
    result = result < 0 ? virt_libvirt_fail(error) : 0;
    virDomainFree(domain);
    return result;
}

int virt_libvirt_start_xml(struct virt *v, const char *xml, struct virt_error *error)
{
    virConnectPtr conn = virt_libvirt_conn(v, error);
    virDomainPtr domain;
    int result = 0;

    if (conn == NULL) {
        return error->code;
    }
    domain = virDomainCreateXML(conn, xml, 0);
    if (domain == NULL) {
        result = virt_libvirt_fail(error);
    } else {
        virDomainFree(domain);
    }
    virConnectClose(conn);
    return result;
}

int virt_libvirt_define(struct virt *v, const char *xml, struct virt_error *error)
{
    virConnectPtr conn = virt_libvirt_conn(v, error);
    virDomainPtr domain;
    int result = 0;

    if (conn == NULL) {
        return error->code;
    }
    domain = virDomainDefineXMLFlags(conn, xml, VIR_DOMAIN_DEFINE_VALIDATE);
    if (domain == NULL) {
        result = virt_libvirt_fail(error);
    } else {
        virDomainFree(domain);
    }
    virConnectClose(conn);
    return result;
}

int virt_libvirt_undefine(struct virt *v, const char *uuid, struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    int result = 0;

    if (domain == NULL) {
        return error->code;
    }
    if (virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_NVRAM |
                                           VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
                                           VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA) < 0) {
        result = virt_libvirt_fail(error);
    }
    virDomainFree(domain);
    return result;
}

int virt_libvirt_set_autostart(struct virt *v, const char *uuid, bool on,
                               struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    int result = 0;

    if (domain == NULL) {
        return error->code;
    }
    if (virDomainSetAutostart(domain, on ? 1 : 0) < 0) {
        result = virt_libvirt_fail(error);
    }
    virDomainFree(domain);
    return result;
}

int virt_libvirt_get_link(struct virt *v, const char *uuid, char **link,
                          struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);

    if (domain == NULL) {
        return error->code;
    }
    *link = link_of(domain);
    if (*link == NULL) {
        virt_libvirt_fail(error);
    }
    virDomainFree(domain);
    return *link == NULL ? error->code : 0;
}

/* libvirt keeps an empty <metadata/> behind; the stored XML shall be as it was. No harm if
 * this fails. */
static void drop_empty_metadata(virDomainPtr domain)
{
    static const char empty[] = "  <metadata/>\n";
    char *xml = virDomainGetXMLDesc(domain,
                                    VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE);
    char *at = xml != NULL ? strstr(xml, empty) : NULL;
    virDomainPtr defined;

    if (at != NULL) {
        memmove(at, at + sizeof empty - 1, strlen(at + sizeof empty - 1) + 1);
        defined = virDomainDefineXML(virDomainGetConnect(domain), xml);
        if (defined != NULL) {
            virDomainFree(defined);
        }
    }
    free(xml);
}

int virt_libvirt_set_link(struct virt *v, const char *uuid, const char *link,
                          struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    unsigned flags = 0;
    int result = 0;

    if (domain == NULL) {
        return error->code;
    }
    if (virDomainIsActive(domain) == 1) {
        flags |= VIR_DOMAIN_AFFECT_LIVE;
    }
    if (virDomainIsPersistent(domain) == 1) {
        flags |= VIR_DOMAIN_AFFECT_CONFIG;
    }
    if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, link, VIRT_LINK_PREFIX,
                             VIRT_LINK_URI, flags) < 0) {
        result = virt_libvirt_fail(error);
    } else if (link == NULL && (flags & VIR_DOMAIN_AFFECT_CONFIG)) {
        drop_empty_metadata(domain);
    }
    virDomainFree(domain);
    return result;
}

/* Capacity of a storage volume by "pool/volume" or by path; 0 if libvirt has none such. */
static uint64_t volume_size(virConnectPtr conn, const char *source)
{
    virStorageVolPtr volume = virStorageVolLookupByPath(conn, source);
    virStorageVolInfo info;
    uint64_t bytes = 0;
    const char *slash = strchr(source, '/');

    if (volume == NULL && slash != NULL && slash != source) {
        char name[VIRT_NAME_CAP];
        virStoragePoolPtr pool;

        snprintf(name, sizeof name, "%.*s", (int)(slash - source), source);
        pool = virStoragePoolLookupByName(conn, name);
        if (pool != NULL) {
            volume = virStorageVolLookupByName(pool, slash + 1);
            virStoragePoolFree(pool);
        }
    }
    if (volume != NULL) {
        if (virStorageVolGetInfo(volume, &info) == 0) {
            bytes = info.capacity;
        }
        virStorageVolFree(volume);
    }
    return bytes;
}

int virt_libvirt_disk_size(struct virt *v, const char *uuid, const char *target,
                           const char *source, uint64_t *bytes, struct virt_error *error)
{
    virDomainPtr domain = virt_libvirt_domain(v, uuid, error);
    virDomainBlockInfo info = {0};
    struct stat file;

    if (domain == NULL) {
        return error->code;
    }
    *bytes = 0;
    if (virDomainGetBlockInfo(domain, target, &info, 0) == 0) {
        *bytes = info.capacity;
    } else if (source[0] != '\0') {
        *bytes = volume_size(virDomainGetConnect(domain), source);
        if (*bytes == 0 && stat(source, &file) == 0) {
            *bytes = (uint64_t)file.st_size;
        }
    }
    virDomainFree(domain);
    return 0;
}

static bool read_host_cpu(const char *caps, struct virt_host *out)
{
    xmlDocPtr doc = xmlutil_parse(caps, strlen(caps));
    xmlNodePtr cpu = xmlutil_path(doc != NULL ? xmlDocGetRootElement(doc) : NULL,
                                  "host/cpu");

    xmlutil_text(xmlutil_child(cpu, "model"), out->cpu_model, sizeof out->cpu_model);
    xmlutil_text(xmlutil_child(cpu, "vendor"), out->cpu_vendor, sizeof out->cpu_vendor);
    xmlFreeDoc(doc);
    return doc != NULL;
}

int virt_libvirt_host(struct virt *v, struct virt_host *out, struct virt_error *error)
{
    struct virt_libvirt *me = (struct virt_libvirt *)v;

    (void)error;
    pthread_mutex_lock(&me->host_mutex);
    *out = me->host;
    pthread_mutex_unlock(&me->host_mutex);
    return 0;
}

/* libvirt looks at every QEMU binary when it is asked for its capabilities first. */
int virt_libvirt_learn_host(struct virt *v, struct virt_error *error)
{
    struct virt_libvirt *me = (struct virt_libvirt *)v;
    virConnectPtr conn = virt_libvirt_conn(v, error);
    struct virt_host host = {0};
    virNodeInfo node;
    char *caps;

    if (conn == NULL) {
        return error->code;
    }
    if (virNodeGetInfo(conn, &node) == 0) {
        host.mhz = node.mhz;
    }
    caps = virConnectGetCapabilities(conn);
    if (caps != NULL) {
        (void)read_host_cpu(caps, &host);
        free(caps);
    }
    pthread_mutex_lock(&me->host_mutex);
    me->host = host;
    pthread_mutex_unlock(&me->host_mutex);
    virConnectClose(conn);
    return 0;
}

bool virt_libvirt_has_network(struct virt *v, const char *name, char *bridge, size_t cap)
{
    struct virt_error error;
    virConnectPtr conn = virt_libvirt_conn(v, &error);
    virNetworkPtr network;
    char *found;

    if (conn == NULL) {
        return false;
    }
    network = virNetworkLookupByName(conn, name);
    if (network != NULL) {
        found = virNetworkGetBridgeName(network);
        snprintf(bridge, cap, "%s", found != NULL ? found : "");
        free(found);
        virNetworkFree(network);
    }
    virConnectClose(conn);
    return network != NULL;
}
