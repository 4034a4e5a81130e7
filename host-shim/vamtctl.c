/* SPDX-License-Identifier: ISC */
/*
 * The command line of the host shim: turns its arguments into one request to vamtd and
 * prints the answer. See vamtctl.1.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attach.h"
#include "base/bytes.h"
#include "ctl_args.h"
#include "shimpath.h"

static int open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "vamtctl: socket path too long: %s\n", path);
        exit(ATTACH_NO_DAEMON);
    }
    strcpy(address.sun_path, path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "vamtctl: cannot reach vamtd at %s: %s%s\n", path,
                strerror(errno),
                errno == ENOENT || errno == ECONNREFUSED ? " (is vamtd running?)" : "");
        exit(ATTACH_NO_DAEMON);
    }
    return fd;
}

/* Print the answer's lines until the last; its code. */
static int print_answer(int fd)
{
    FILE *in = fdopen(fd, "r");
    char line[2048];

    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "say ", 4) == 0) {
            puts(line + 4);
            fflush(stdout);
        } else if (strncmp(line, "end ", 4) == 0) {
            char *text;
            long code = strtol(line + 4, &text, 10);

            if (code != 0) {
                fprintf(stderr, "vamtctl:%s\n", text);
            }
            return (int)code;
        }
    }
    fprintf(stderr, "vamtctl: vamtd closed the connection\n");
    return ATTACH_FAILED;
}

int main(int argc, char **argv)
{
    static char line[REQUEST_LINE_CAP];
    char path[SHIMPATH_CAP];
    size_t len;
    size_t at = 0;
    int fd;

    shimpath_socket(path);
    ctl_args_read(argc, argv, path, line, sizeof line);
    len = strlen(line);
    fd = open_socket(path);
    while (at < len) {
        ssize_t done = send(fd, line + at, len - at, MSG_NOSIGNAL);

        if (done <= 0) {
            break; /* print_answer finds the connection closed */
        }
        at += (size_t)done;
    }
    bytes_wipe(line, sizeof line);
    return print_answer(fd);
}
