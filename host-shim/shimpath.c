/* SPDX-License-Identifier: ISC */
/* See shimpath.h. */
#include "shimpath.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

void shimpath_socket(char dst[SHIMPATH_CAP])
{
    const char *runtime = env("XDG_RUNTIME_DIR");

    if (env("VAMT_SOCKET") != NULL) {
        snprintf(dst, SHIMPATH_CAP, "%s", env("VAMT_SOCKET"));
    } else if (geteuid() == 0) {
        snprintf(dst, SHIMPATH_CAP, "/run/vamt/vamtd.sock");
    } else if (runtime != NULL) {
        snprintf(dst, SHIMPATH_CAP, "%s/vamt/vamtd.sock", runtime);
    } else {
        snprintf(dst, SHIMPATH_CAP, "/tmp/vamt-%u/vamtd.sock", (unsigned)geteuid());
    }
}

void shimpath_state(char dst[SHIMPATH_CAP])
{
    if (geteuid() == 0) {
        snprintf(dst, SHIMPATH_CAP, "/var/lib/vamt");
    } else if (env("XDG_STATE_HOME") != NULL) {
        snprintf(dst, SHIMPATH_CAP, "%s/vamt", env("XDG_STATE_HOME"));
    } else {
        snprintf(dst, SHIMPATH_CAP, "%s/.local/state/vamt",
                 env("HOME") ? env("HOME") : "");
    }
}

/* The first of `places`, given from the program's folder, that exists. Canonical, because
 * domains keep it. */
static void find_place(const char *const *places, size_t count, const char *otherwise,
                       char dst[SHIMPATH_CAP])
{
    char folder[PATH_MAX];
    char path[PATH_MAX + 64];
    char found[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);

    snprintf(dst, SHIMPATH_CAP, "%s", otherwise);
    if (len <= 0) {
        return;
    }
    folder[len] = '\0';
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s%s", folder, places[i]);
        if (realpath(path, found) != NULL && strlen(found) < SHIMPATH_CAP) {
            strcpy(dst, found);
            return;
        }
    }
}

void shimpath_image(char dst[SHIMPATH_CAP])
{
    static const char *const places[] = {"/../qemu-x86/vamt.fd",
                                         "/../share/vamt/vamt.fd"};

    find_place(places, sizeof places / sizeof places[0], "/usr/share/vamt/vamt.fd", dst);
}

void shimpath_profiles(char dst[SHIMPATH_CAP])
{
    static const char *const places[] = {"/../../firmware/latency/profiles",
                                         "/../share/vamt/profiles"};

    if (env("VAMT_PROFILES") != NULL) {
        snprintf(dst, SHIMPATH_CAP, "%s", env("VAMT_PROFILES"));
        return;
    }
    find_place(places, sizeof places / sizeof places[0], "/usr/share/vamt/profiles", dst);
}

void shimpath_absolute(const char *path, char dst[SHIMPATH_CAP])
{
    char here[PATH_MAX];

    if (path[0] == '/' || getcwd(here, sizeof here) == NULL) {
        snprintf(dst, SHIMPATH_CAP, "%s", path);
    } else {
        snprintf(dst, SHIMPATH_CAP, "%.300s/%.170s", here, path);
    }
}

int shimpath_make(const char *folder, mode_t mode)
{
    char part[SHIMPATH_CAP];
    struct stat st;

    snprintf(part, sizeof part, "%s", folder);
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p == '/') {
            *p = '\0';
            mkdir(part, mode);
            *p = '/';
        }
    }
    if (mkdir(part, mode) != 0 && errno != EEXIST) {
        return -1;
    }
    return stat(part, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : -1;
}
