/* SPDX-License-Identifier: ISC */
/*
 * The folder of a companion: blank NVRAM, and one file for each seed that the firmware reads over
 * fw_cfg. All of mode 0600: libvirt gives them to QEMU's user while the companion runs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"
#include "base/util.h"
#include "config.h"
#include "xmlutil.h"

enum { HASH_DIGITS = 64, HASH_NAME_MAX = 63 };

/* A SHA-256 in hexadecimal, bytes apart by colons or not. */
static bool is_hash(struct span text)
{
    bool has_colons = text.len == HASH_DIGITS + HASH_DIGITS / 2 - 1;

    if (!has_colons && text.len != HASH_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool is_colon = has_colons && i % 3 == 2;

        if (is_colon ? text.ptr[i] != ':'
                     : strchr("0123456789abcdefABCDEF", text.ptr[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_hash_line(struct span line)
{
    size_t split = line.len;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] < ' ' && line.ptr[i] != '\t') {
            return false;
        }
    }
    while (split > 0 && line.ptr[split - 1] != ' ' && line.ptr[split - 1] != '\t') {
        split--;
    }
    if (!is_hash(span_slice(line, split, line.len))) {
        return false;
    }
    line = span_trim(span_slice(line, 0, split));
    return line.len > 0 && line.len <= HASH_NAME_MAX;
}

unsigned attach_hashes_check(const char *text)
{
    struct span rest = span_str(text);
    size_t count = 0;

    if (rest.len >= ATTACH_HASHES_CAP) {
        return 1;
    }
    for (unsigned number = 1; rest.len > 0; number++) {
        size_t end = span_find(rest, '\n');
        struct span line = span_trim(span_slice(rest, 0, end));

        if (line.len > 0 && line.ptr[0] != '#' &&
            (!is_hash_line(line) || ++count > CONFIG_SETUP_HASHES)) {
            return number;
        }
        rest = span_slice(rest, end + 1, rest.len);
    }
    return count > 0 ? 0 : 1;
}

/* A host name of the host's name: letters, digits and inner hyphens, at most 63. */
static void make_hostname(const char *name, char *dst)
{
    size_t len = 0;

    for (; *name != '\0' && len < 63; name++) {
        bool is_good = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                       (*name >= '0' && *name <= '9');

        if (is_good || (len > 0 && dst[len - 1] != '-')) {
            dst[len++] = is_good ? *name : '-';
        }
    }
    while (len > 0 && dst[len - 1] == '-') {
        len--;
    }
    dst[len] = '\0';
    if (len == 0) {
        memcpy(dst, "vamt", sizeof "vamt");
    }
}

struct seed {
    const char *name;
    const char *text; /* NULL: this companion has none */
};

enum { SEEDS = 7 };
_Static_assert((int)SEEDS <= (int)COMPXML_SEEDS_MAX, "all fit");

static void list_seeds(const struct attach *a, const char *hostname,
                       struct seed seeds[SEEDS])
{
    const struct seed all[SEEDS] = {
        {"network", a->seed},
        {"hostname", hostname},
        {"store-key", a->store_key},
        {"local-password", a->local_password},
        a->is_unprovisioned ? (struct seed){"unprovisioned", "1"}
                            : (struct seed){"admin-password", a->password},
        {"plain-ports", a->is_tls_only ? "off" : NULL},
        {"provisioning-hashes", a->hashes[0] != '\0' ? a->hashes : NULL},
    };

    memcpy(seeds, all, sizeof all);
}

void attach_seeds_choose(struct attach *a)
{
    struct seed seeds[SEEDS];

    list_seeds(a, "", seeds);
    a->compxml.seed_count = 0;
    for (size_t i = 0; i < SEEDS; i++) {
        if (seeds[i].text != NULL) {
            a->compxml.seeds[a->compxml.seed_count++] = seeds[i].name;
        }
    }
}

static bool write_file(const char *folder, const char *name, const void *bytes,
                       size_t len, struct attach_result *result)
{
    char path[COMPXML_PATH_CAP + 64];
    int fd;
    bool is_ok;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    is_ok = fd >= 0 && write(fd, bytes, len) == (ssize_t)len;
    if (!is_ok) {
        attach_fail(result, ATTACH_FAILED, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return is_ok;
}

bool attach_seeds_write(const struct attach *a, const char *host_name,
                        struct attach_result *result)
{
    const char *folder = a->compxml.folder;
    struct seed seeds[SEEDS];
    char hostname[64];
    uint8_t *blank = malloc(ATTACH_NVRAM_BYTES);
    bool is_ok;

    if (blank == NULL || mkdir(folder, 0711) != 0) {
        attach_fail(result, ATTACH_FAILED, "%s: %s", folder, strerror(errno));
        free(blank);
        return false;
    }
    memset(blank, 0xff, ATTACH_NVRAM_BYTES); /* erased flash */
    is_ok = write_file(folder, "nvram.fd", blank, ATTACH_NVRAM_BYTES, result);
    free(blank);
    make_hostname(host_name, hostname);
    list_seeds(a, hostname, seeds);
    for (size_t i = 0; is_ok && i < SEEDS; i++) {
        is_ok = seeds[i].text == NULL || write_file(folder, seeds[i].name, seeds[i].text,
                                                    strlen(seeds[i].text), result);
    }
    return is_ok;
}

void attach_seeds_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *e;

    while (dir != NULL && (e = readdir(dir)) != NULL) {
        unlinkat(dirfd(dir), e->d_name, 0); /* "." and ".." refuse by themselves */
    }
    if (dir != NULL) {
        closedir(dir);
    }
    rmdir(folder);
}
