/* SPDX-License-Identifier: ISC */
/* The host shim's daemon: options, start, stop. See README.md and vamtd.8. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "control.h"
#include "fleet.h"
#include "loop.h"
#include "sandbox.h"
#include "shimlog.h"
#include "shimpath.h"
#include "virt.h"
#include "work.h"

enum { WORKERS = 4 };

struct options {
    const char *uri;
    char socket[SHIMPATH_CAP];
    char state[SHIMPATH_CAP];
    char image[SHIMPATH_CAP];
    const char *user;
    bool is_open; /* --no-sandbox */
    bool is_verbose;
};

static const char usage[] =
    "Usage: vamtd [OPTION]...\n"
    "Connects the companions of this hypervisor to libvirt.\n\n"
    "  --connect URI   libvirt (default: libvirt's own, e.g. LIBVIRT_DEFAULT_URI)\n"
    "  --socket PATH   where vamtctl finds us (default: VAMT_SOCKET, "
    "/run/vamt/vamtd.sock,\n"
    "                  or vamt/vamtd.sock in XDG_RUNTIME_DIR)\n"
    "  --state DIR     files of the companions (default: /var/lib/vamt, or vamt in\n"
    "                  XDG_STATE_HOME)\n"
    "  --image PATH    firmware image that attach uses\n"
    "  --user NAME     as root: become this user (default: vamt if there is one)\n"
    "  --no-sandbox    keep capabilities and all system calls\n"
    "  --verbose       log more\n"
    "  --foreground    accepted; vamtd never goes to the background by itself\n"
    "  --help, --version\n";

static void read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"connect", required_argument, NULL, 'c'},
        {"socket", required_argument, NULL, 's'},
        {"state", required_argument, NULL, 'd'},
        {"state-dir", required_argument, NULL, 'd'},
        {"image", required_argument, NULL, 'i'},
        {"user", required_argument, NULL, 'u'},
        {"no-sandbox", no_argument, NULL, 'n'},
        {"verbose", no_argument, NULL, 'v'},
        {"foreground", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int c;

    shimpath_socket(o->socket);
    shimpath_state(o->state);
    shimpath_image(o->image);
    while ((c = getopt_long(argc, argv, "c:s:d:i:u:vfhV", names, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->uri = optarg;
            break;
        case 's':
            snprintf(o->socket, sizeof o->socket, "%s", optarg);
            break;
        case 'd':
            shimpath_absolute(optarg, o->state);
            break;
        case 'i':
            shimpath_absolute(optarg, o->image);
            break;
        case 'u':
            o->user = optarg;
            break;
        case 'n':
            o->is_open = true;
            break;
        case 'v':
            o->is_verbose = true;
            break;
        case 'f':
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        case 'V':
            puts("vamtd " SHIMPATH_VERSION);
            exit(0);
        default:
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "vamtd: unexpected argument: %s\n", argv[optind]);
        exit(2);
    }
}

static void on_signal(void *context, uint32_t events)
{
    struct signalfd_siginfo info;
    struct loop_fd *w = context;

    (void)events;
    if (read(w->fd, &info, sizeof info) == sizeof info) {
        shimlog(SHIMLOG_INFO, NULL, "stopping (signal %u)", (unsigned)info.ssi_signo);
        loop_stop();
    }
}

/* Before any thread starts, so that all of them leave the signals to the loop. */
static int watch_signals(void)
{
    static struct loop_fd watch = {.fn = on_signal};
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    watch.context = &watch;
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? ERR_IO : loop_add(&watch, fd, EPOLLIN);
}

static bool make_folders(const struct options *o)
{
    char folder[SHIMPATH_CAP];
    char *slash;

    snprintf(folder, sizeof folder, "%s", o->socket);
    slash = strrchr(folder, '/');
    if (slash != NULL && slash != folder) {
        *slash = '\0';
        shimpath_make(folder, 0755);
    }
    /* QEMU, which may be another user, passes through to the files that it is given. */
    if (shimpath_make(o->state, 0711) != 0) {
        shimlog(SHIMLOG_ERROR, NULL, "%s: %s", o->state, strerror(errno));
        return false;
    }
    return true;
}

/* Give up what is not needed, while there is one thread. */
static bool confine(const struct options *o)
{
    char socket_folder[SHIMPATH_CAP];
    const char *folders[] = {o->state, socket_folder, NULL};
    char *slash;

    snprintf(socket_folder, sizeof socket_folder, "%s", o->socket);
    slash = strrchr(socket_folder, '/');
    if (slash == NULL || slash == socket_folder) {
        folders[1] = NULL;
    } else {
        *slash = '\0';
    }
    if (!sandbox_become(o->user, folders)) {
        return false;
    }
    if (o->is_open) {
        shimlog(SHIMLOG_WARN, NULL, "no sandbox, as was asked for");
        return true;
    }
    prctl(PR_SET_DUMPABLE, 0L); /* passwords pass through its memory */
    if (!sandbox_drop_capabilities()) {
        return false;
    }
    if (sandbox_uri_forks(o->uri)) {
        shimlog(SHIMLOG_INFO, NULL,
                "system calls are not confined: libvirt may start a program for %s",
                o->uri != NULL ? o->uri : "its default URI");
        return true;
    }
    return sandbox_confine();
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct virt *virt;
    int result;

    read_options(argc, argv, &o);
    shimlog_init(o.is_verbose);
    if (loop_init() != 0 || watch_signals() != 0 || !make_folders(&o) || !confine(&o)) {
        return 1;
    }
    result = control_start(o.socket, o.image);
    if (result == ERR_EXISTS) {
        shimlog(SHIMLOG_ERROR, NULL, "another vamtd listens at %s", o.socket);
    }
    if (result != 0) {
        return 1;
    }
    virt = virt_libvirt_new(o.uri);
    if (virt == NULL || work_start(WORKERS) != 0) {
        shimlog(SHIMLOG_ERROR, NULL, "cannot start");
        control_stop();
        return 1;
    }
    fleet_start(virt, o.state, control_logged);
    shimlog(SHIMLOG_INFO, NULL, "listening at %s", o.socket);
    loop_run();
    work_stop();
    control_stop();
    fleet_stop();
    fflush(NULL);
    _exit(
        0); /* worker and libvirt threads may wait for a hypervisor that never answers */
}
