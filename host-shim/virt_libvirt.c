/* SPDX-License-Identifier: ISC */
/*
 * The connection to libvirt: opened by a worker, watched with keep-alives, its events
 * delivered by libvirt's own loop in a thread of its own. A lost connection is reported
 * once (VIRT_EVENT_CLOSED); the caller opens it again.
 */
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"
#include "virt_libvirt_priv.h"

enum { KEEPALIVE_S = 5, KEEPALIVE_COUNT = 3 };

static struct virt_libvirt the;

int virt_libvirt_fail(struct virt_error *error)
{
    virErrorPtr last = virGetLastError();
    int code = ERR_IO;

    if (last == NULL) {
        return virt_fail(error, ERR_IO, "unknown error");
    }
    switch (last->code) {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_NO_DOMAIN_METADATA:
        code = ERR_NOT_FOUND;
        break;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
    case VIR_ERR_CONFIG_UNSUPPORTED:
        code = ERR_UNSUPPORTED;
        break;
    case VIR_ERR_OPERATION_INVALID:
        code = ERR_BUSY;
        break;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
        code = ERR_CLOSED;
        break;
    default:
        if (last->domain == VIR_FROM_RPC || last->domain == VIR_FROM_STREAMS) {
            code = ERR_CLOSED;
        }
        break;
    }
    return virt_fail(error, code, "%s", last->message ? last->message : "unknown error");
}

virConnectPtr virt_libvirt_conn(struct virt *v, struct virt_error *error)
{
    struct virt_libvirt *me = (struct virt_libvirt *)v;
    virConnectPtr conn;

    pthread_mutex_lock(&me->mutex);
    conn = me->conn;
    if (conn != NULL) {
        virConnectRef(conn);
    }
    pthread_mutex_unlock(&me->mutex);
    if (conn == NULL) {
        virt_fail(error, ERR_CLOSED, "libvirt is away");
    }
    return conn;
}

virDomainPtr virt_libvirt_domain(struct virt *v, const char *name,
                                 struct virt_error *error)
{
    virConnectPtr conn = virt_libvirt_conn(v, error);
    virDomainPtr domain;

    if (conn == NULL) {
        return NULL;
    }
    domain = virDomainLookupByUUIDString(conn, name);
    if (domain == NULL) {
        domain = virDomainLookupByName(conn, name);
    }
    if (domain == NULL) {
        virt_libvirt_fail(error);
    }
    virConnectClose(conn);
    return domain;
}

static void tell(virDomainPtr domain, enum virt_event event)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (virDomainGetUUIDString(domain, uuid) == 0) {
        the.base.notify(the.base.context, event, uuid);
    }
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail,
                        void *unused)
{
    (void)conn;
    (void)detail;
    (void)unused;
    tell(domain, event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED
                     ? VIRT_EVENT_CONFIG
                     : VIRT_EVENT_POWER);
    return 0;
}

static void on_plain(virConnectPtr conn, virDomainPtr domain, void *unused)
{
    (void)conn;
    (void)unused;
    tell(domain, VIRT_EVENT_POWER);
}

static void on_device(virConnectPtr conn, virDomainPtr domain, const char *alias,
                      void *unused)
{
    (void)conn;
    (void)alias;
    (void)unused;
    tell(domain, VIRT_EVENT_CONFIG);
}

static void on_metadata(virConnectPtr conn, virDomainPtr domain, int type,
                        const char *uri, void *unused)
{
    (void)conn;
    (void)type;
    (void)uri;
    (void)unused;
    tell(domain, VIRT_EVENT_CONFIG);
}

static void on_pm(virConnectPtr conn, virDomainPtr domain, int reason, void *unused)
{
    (void)reason;
    on_plain(conn, domain, unused);
}

static void on_tray(virConnectPtr conn, virDomainPtr domain, const char *alias,
                    int reason, void *unused)
{
    (void)reason;
    on_device(conn, domain, alias, unused);
}

static void on_disk(virConnectPtr conn, virDomainPtr domain, const char *old_path,
                    const char *new_path, const char *alias, int reason, void *unused)
{
    (void)old_path;
    (void)new_path;
    (void)reason;
    on_device(conn, domain, alias, unused);
}

static const struct {
    int id;
    virConnectDomainEventGenericCallback fn;
} events[] = {
    {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle)},
    {VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_plain)},
    {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
    {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
    {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
    {VIR_DOMAIN_EVENT_ID_PMSUSPEND, VIR_DOMAIN_EVENT_CALLBACK(on_pm)},
    {VIR_DOMAIN_EVENT_ID_PMWAKEUP, VIR_DOMAIN_EVENT_CALLBACK(on_pm)},
    {VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_tray)},
    {VIR_DOMAIN_EVENT_ID_DISK_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_disk)},
};

/* Let go of `conn`, or of whatever there is (NULL). True if there was one. */
static bool drop(virConnectPtr conn)
{
    virConnectPtr old = NULL;

    pthread_mutex_lock(&the.mutex);
    if (conn == NULL || the.conn == conn) {
        old = the.conn;
        the.conn = NULL;
    }
    pthread_mutex_unlock(&the.mutex);
    if (old != NULL) {
        virConnectClose(old);
    }
    return old != NULL;
}

static void on_close(virConnectPtr conn, int reason, void *unused)
{
    (void)reason;
    (void)unused;
    if (drop(conn)) {
        the.base.notify(the.base.context, VIRT_EVENT_CLOSED, NULL);
    }
}

static int lv_open(struct virt *v, struct virt_error *error)
{
    virConnectPtr conn;

    (void)v;
    drop(NULL);
    conn = virConnectOpenAuth(the.uri, virConnectAuthPtrDefault, 0);
    if (conn == NULL) {
        return virt_libvirt_fail(error);
    }
    pthread_mutex_lock(&the.mutex);
    the.conn = conn;
    pthread_mutex_unlock(&the.mutex);
    if (virConnectSetKeepAlive(conn, KEEPALIVE_S, KEEPALIVE_COUNT) < 0 ||
        virConnectRegisterCloseCallback(conn, on_close, NULL, NULL) < 0) {
        goto fail;
    }
    for (size_t i = 0; i < UTIL_COUNT(events); i++) {
        if (virConnectDomainEventRegisterAny(conn, NULL, events[i].id, events[i].fn, NULL,
                                             NULL) < 0) {
            goto fail;
        }
    }
    return 0;
fail:
    virt_libvirt_fail(error);
    virConnectUnregisterCloseCallback(conn, on_close);
    drop(conn);
    return error->code;
}

static void lv_close(struct virt *v)
{
    (void)v;
    drop(NULL);
}

static void *event_thread(void *unused)
{
    (void)unused;
    for (;;) {
        virEventRunDefaultImpl();
    }
    return NULL;
}

static void be_quiet(void *unused, virErrorPtr error)
{
    (void)unused;
    (void)error;
}

static void on_keep_loop(int timer, void *unused)
{
    (void)timer;
    (void)unused;
}

static const struct virt_ops ops = {
    .open = lv_open,
    .close = lv_close,
    .linked = virt_libvirt_linked,
    .find = virt_libvirt_find,
    .xml = virt_libvirt_xml,
    .act = virt_libvirt_act,
    .start_xml = virt_libvirt_start_xml,
    .define = virt_libvirt_define,
    .undefine = virt_libvirt_undefine,
    .set_autostart = virt_libvirt_set_autostart,
    .get_link = virt_libvirt_get_link,
    .set_link = virt_libvirt_set_link,
    .disk_size = virt_libvirt_disk_size,
    .host = virt_libvirt_host,
    .learn_host = virt_libvirt_learn_host,
    .has_network = virt_libvirt_has_network,
};

struct virt *virt_libvirt_new(const char *uri)
{
    pthread_t thread;

    the.base.ops = &ops;
    the.uri = uri;
    pthread_mutex_init(&the.mutex, NULL);
    pthread_mutex_init(&the.host_mutex, NULL);
    virSetErrorFunc(NULL, be_quiet);
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
        return NULL;
    }
    /* Without any timer the default loop would wait for ever and not see a new handle. */
    if (virEventAddTimeout(5000, on_keep_loop, NULL, NULL) < 0 ||
        pthread_create(&thread, NULL, event_thread, NULL) != 0) {
        return NULL;
    }
    pthread_detach(thread);
    return &the.base;
}
