/* SPDX-License-Identifier: ISC */
/*
 * What vamtd asks of a hypervisor: a table of operations. virt_libvirt*.c implements it with
 * libvirt (the only files that know it), virt_fake.c in memory for tests. Every operation
 * may block and is called from worker threads; several may run at once.
 */
#ifndef VAMT_SHIM_VIRT_H
#define VAMT_SHIM_VIRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VIRT_UUID_CAP = 37, VIRT_NAME_CAP = 256, VIRT_ERROR_CAP = 256 };

/* XML namespace of the element that links a host domain and its companion, in the
 * <metadata> of both. */
#define VIRT_LINK_URI    "urn:vamt:link:1"
#define VIRT_LINK_PREFIX "vamt"

enum virt_state {
    VIRT_STATE_OFF,
    VIRT_STATE_RUNNING,
    VIRT_STATE_PAUSED,
    VIRT_STATE_SUSPENDED, /* guest in S3 */
    VIRT_STATE_CRASHED    /* guest panicked, domain kept */
};

struct virt_error {
    int code; /* ERR_NOT_FOUND, ERR_CLOSED (hypervisor away), ERR_UNSUPPORTED, ERR_IO ... */
    char text[VIRT_ERROR_CAP];
};

struct virt_domain {
    char uuid[VIRT_UUID_CAP];
    char name[VIRT_NAME_CAP];
    enum virt_state state;
    bool is_persistent;
    bool is_autostart;
    bool has_saved; /* off, with its memory saved */
};

/* One domain that carries our link element. `link` is that element's text. */
struct virt_linked {
    struct virt_domain domain;
    char *link;
};

struct virt_host {
    uint32_t mhz;
    char cpu_model[64];
    char cpu_vendor[32];
};

enum virt_xml { VIRT_XML_LIVE, VIRT_XML_STORED }; /* live of an inactive domain: stored */

enum virt_act {
    VIRT_ACT_START,   /* also from saved memory */
    VIRT_ACT_DESTROY, /* off at once */
    VIRT_ACT_SHUTDOWN,
    VIRT_ACT_RESET,
    VIRT_ACT_REBOOT,
    VIRT_ACT_NMI,
    VIRT_ACT_RESUME,
    VIRT_ACT_WAKEUP
};

enum virt_event {
    VIRT_EVENT_CLOSED, /* the connection is gone; uuid NULL */
    VIRT_EVENT_POWER,  /* started, stopped, paused, crashed, rebooted ... */
    VIRT_EVENT_CONFIG  /* defined, undefined, renamed, metadata, devices */
};
/* Called from any thread. */
typedef void virt_notify_fn(void *context, enum virt_event event, const char *uuid);

struct virt;

/* 0 (or more) on success, else negative: the same as error->code. `error` is never NULL. */
struct virt_ops {
    int (*open)(struct virt *v, struct virt_error *error);
    void (*close)(struct virt *v);
    /* All domains with our link element. free() each link, then the array. */
    int (*linked)(struct virt *v, struct virt_linked **list, size_t *count,
                  struct virt_error *error);
    int (*find)(struct virt *v, const char *name_or_uuid, struct virt_domain *out,
                struct virt_error *error);
    /* With secrets. free() the text. */
    int (*xml)(struct virt *v, const char *uuid, enum virt_xml which, char **xml,
               struct virt_error *error);
    int (*act)(struct virt *v, const char *uuid, enum virt_act act,
               struct virt_error *error);
    /* Start a domain as this XML says; a stored configuration of it stays as it is. */
    int (*start_xml)(struct virt *v, const char *xml, struct virt_error *error);
    int (*define)(struct virt *v, const char *xml, struct virt_error *error);
    /* With its NVRAM. Does not stop it. */
    int (*undefine)(struct virt *v, const char *uuid, struct virt_error *error);
    int (*set_autostart)(struct virt *v, const char *uuid, bool on,
                         struct virt_error *error);
    /* The link element of one domain; ERR_NOT_FOUND if it has none. free() it. */
    int (*get_link)(struct virt *v, const char *uuid, char **link,
                    struct virt_error *error);
    /* NULL removes it. Live and stored. */
    int (*set_link)(struct virt *v, const char *uuid, const char *link,
                    struct virt_error *error);
    /* Capacity of a disk by its target; `source` (path or pool/volume) may be "". */
    int (*disk_size)(struct virt *v, const char *uuid, const char *target,
                     const char *source, uint64_t *bytes, struct virt_error *error);
    /* What is known of this machine by now; fields are empty before learn_host. */
    int (*host)(struct virt *v, struct virt_host *out, struct virt_error *error);
    /* Find out about this machine. May take many seconds; once per open is enough. */
    int (*learn_host)(struct virt *v, struct virt_error *error);
    /* If there is such a network, bridge[cap] is its bridge, "" if it has none. */
    bool (*has_network)(struct virt *v, const char *name, char *bridge, size_t cap);
};

struct virt {
    const struct virt_ops *ops;
    virt_notify_fn *notify;
    void *context;
};

/* Set *error and return code. */
int virt_fail(struct virt_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* libvirt at `uri` (NULL: its default). Once per process. */
struct virt *virt_libvirt_new(const char *uri);

#endif
