/* SPDX-License-Identifier: ISC */
/* Shared by virt_libvirt*.c only: the connection. */
#ifndef VAMT_SHIM_VIRT_LIBVIRT_PRIV_H
#define VAMT_SHIM_VIRT_LIBVIRT_PRIV_H

#include <libvirt/libvirt.h>
#include <pthread.h>

#include "virt.h"

struct virt_libvirt {
    struct virt base;
    const char *uri;
    pthread_mutex_t mutex;
    virConnectPtr conn; /* under the mutex; NULL: away */
    pthread_mutex_t host_mutex;
    struct virt_host host;
};

/* A reference to the connection, or NULL with *error set. virConnectClose it. */
virConnectPtr virt_libvirt_conn(struct virt *v, struct virt_error *error);
/* libvirt's last error of this thread as ours. */
int virt_libvirt_fail(struct virt_error *error);
/* By UUID, then by name; NULL with *error set. virDomainFree it. */
virDomainPtr virt_libvirt_domain(struct virt *v, const char *name_or_uuid,
                                 struct virt_error *error);

int virt_libvirt_linked(struct virt *v, struct virt_linked **list, size_t *count,
                        struct virt_error *error);
int virt_libvirt_find(struct virt *v, const char *name, struct virt_domain *out,
                      struct virt_error *error);
int virt_libvirt_xml(struct virt *v, const char *uuid, enum virt_xml which, char **xml,
                     struct virt_error *error);
int virt_libvirt_act(struct virt *v, const char *uuid, enum virt_act act,
                     struct virt_error *error);
int virt_libvirt_start_xml(struct virt *v, const char *xml, struct virt_error *error);
int virt_libvirt_define(struct virt *v, const char *xml, struct virt_error *error);
int virt_libvirt_undefine(struct virt *v, const char *uuid, struct virt_error *error);
int virt_libvirt_set_autostart(struct virt *v, const char *uuid, bool on,
                               struct virt_error *error);
int virt_libvirt_get_link(struct virt *v, const char *uuid, char **link,
                          struct virt_error *error);
int virt_libvirt_set_link(struct virt *v, const char *uuid, const char *link,
                          struct virt_error *error);
int virt_libvirt_disk_size(struct virt *v, const char *uuid, const char *target,
                           const char *source, uint64_t *bytes, struct virt_error *error);
int virt_libvirt_host(struct virt *v, struct virt_host *out, struct virt_error *error);
int virt_libvirt_learn_host(struct virt *v, struct virt_error *error);
bool virt_libvirt_has_network(struct virt *v, const char *name, char *bridge, size_t cap);

#endif
