/* SPDX-License-Identifier: ISC */
/* Writing files that last. */
#include "keepfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

enum { FOLDER_CAP = 600 };

int keepfile_write(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t done = write(fd, at, len);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return ERR_IO;
        }
        at += done;
        len -= (size_t)done;
    }
    return 0;
}

/* Make a rename itself durable. */
static void sync_folder(const char *path)
{
    char folder[FOLDER_CAP];
    char *slash;
    int fd;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL) {
        return;
    }
    *slash = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

int keepfile_replace(int fd, const char *next, const char *path)
{
    if (fsync(fd) != 0 || rename(next, path) != 0) {
        unlink(next);
        return ERR_IO;
    }
    sync_folder(path);
    return 0;
}
