/* SPDX-License-Identifier: ISC */
/* See sandbox.h. The list of system calls is in sandbox_calls.c. */
#include "sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shimlog.h"

#define DEFAULT_USER "vamt"

enum { DEPTH = 2 }; /* STATE/COMPANION/FILE */

static bool fail(const char *what)
{
    shimlog(SHIMLOG_ERROR, NULL, "%s: %s", what, strerror(errno));
    return false;
}

/* What QEMU's user has at the moment stays with it: libvirt gives it back. */
static void give(int at, const char *name, const struct passwd *to, int depth)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    struct dirent *e;
    DIR *dir;

    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == 0 &&
        fchownat(at, name, to->pw_uid, to->pw_gid, AT_SYMLINK_NOFOLLOW) != 0) {
        fail(name);
    }
    if (fd < 0) {
        return;
    }
    dir = depth > 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        close(fd);
        return;
    }
    while ((e = readdir(dir)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            give(fd, e->d_name, to, depth - 1);
        }
    }
    closedir(dir);
}

bool sandbox_become(const char *user, const char *const *folders)
{
    const struct passwd *to = geteuid() == 0
                                  ? getpwnam(user != NULL ? user : DEFAULT_USER)
                                  : NULL;

    if (geteuid() != 0) {
        if (user != NULL) {
            shimlog(SHIMLOG_ERROR, NULL, "--user %s: only root can become another", user);
        }
        return user == NULL;
    }
    if (to == NULL) {
        if (user != NULL) {
            shimlog(SHIMLOG_ERROR, NULL, "--user %s: no such user", user);
            return false;
        }
        shimlog(SHIMLOG_INFO, NULL, "no user " DEFAULT_USER ": staying root");
        return true;
    }
    if (to->pw_uid == 0) {
        return true;
    }
    for (; *folders != NULL; folders++) {
        give(AT_FDCWD, *folders, to, DEPTH);
    }
    if (prctl(PR_SET_KEEPCAPS, 1L) != 0 || initgroups(to->pw_name, to->pw_gid) != 0 ||
        setresgid(to->pw_gid, to->pw_gid, to->pw_gid) != 0 ||
        setresuid(to->pw_uid, to->pw_uid, to->pw_uid) != 0) {
        return fail(to->pw_name);
    }
    return true;
}

/* Those that are kept, out of the bounding set's 64. */
static uint64_t wanted(void)
{
    uint64_t set = (uint64_t)1 << CAP_NET_RAW;

    return geteuid() == 0 ? set | (uint64_t)1 << CAP_DAC_OVERRIDE : set;
}

bool sandbox_drop_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];

    if (syscall(SYS_capget, &head, data) != 0) {
        return fail("capabilities");
    }
    for (unsigned i = 0; i < 2; i++) {
        data[i].effective = data[i].permitted; /* as another user: none are in effect */
    }
    if (syscall(SYS_capset, &head, data) != 0) {
        return fail("capabilities");
    }
    /* Without CAP_SETPCAP the bounding set stays; then no new privileges matters. */
    for (unsigned i = 0; prctl(PR_CAPBSET_READ, (unsigned long)i) >= 0; i++) {
        if ((wanted() >> i & 1) == 0 && prctl(PR_CAPBSET_DROP, (unsigned long)i) != 0 &&
            errno != EPERM) {
            return fail("capabilities");
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t)(wanted() >> (32 * i));
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    prctl(PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
    return syscall(SYS_capset, &head, data) == 0 || fail("capabilities");
}

bool sandbox_uri_forks(const char *uri)
{
    const char *configured = getenv("LIBVIRT_DEFAULT_URI");

    uri = uri != NULL ? uri : configured;
    if (uri == NULL || uri[0] == '\0') {
        return geteuid() != 0; /* libvirt chooses the session */
    }
    return strstr(uri, "ssh") != NULL ||
           (strstr(uri, "/session") != NULL && strstr(uri, "socket=") == NULL);
}
