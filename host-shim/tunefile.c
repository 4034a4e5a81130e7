/* SPDX-License-Identifier: ISC */
/*
 * A text file: a line with the version, for each text that is set a line with its name
 * and length and then the text itself, at the end a line with the CRC of all before.
 * Written anew beside the old one and renamed over it.
 */
#include "tunefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/err.h"
#include "base/span.h"
#include "keepfile.h"

enum {
    PATH_CAP = 600,
    LINE_CAP = 64,
    FILE_CAP = TUNEFILE_COUNT * (CONFIG_TUNING_CAP + 64)
};

static const char version[] = "vamt-tuning 1\n";
static const char *const names[TUNEFILE_COUNT] = {"latency", "faults"};

/* --- reading ------------------------------------------------------------------------ */

/* Take the first line off, without its newline. False: there is none or it is too long. */
static bool take_line(struct span *rest, char line[LINE_CAP])
{
    size_t len = span_find(*rest, '\n');

    if (len == rest->len ||
        span_copy_str(span_slice(*rest, 0, len), line, LINE_CAP) < 0) {
        return false;
    }
    *rest = span_slice(*rest, len + 1, rest->len);
    return true;
}

static bool take_text(struct span *rest, const char *line, struct tunefile *out)
{
    for (unsigned i = 0; i < TUNEFILE_COUNT; i++) {
        size_t name_len = strlen(names[i]);
        struct tunefile_text *text = &out->texts[i];
        struct span taken;
        uint64_t len;

        if (strncmp(line, names[i], name_len) != 0 || line[name_len] != ' ') {
            continue;
        }
        text->is_set = true;
        return span_to_uint(span_str(line + name_len + 1), sizeof text->text - 1, &len) &&
               span_take(rest, (size_t)len, &taken) &&
               span_copy_str(taken, text->text, sizeof text->text) >= 0 &&
               span_take(rest, 1, &taken);
    }
    return false;
}

static bool take_all(struct span file, struct tunefile *out)
{
    struct span rest = file;
    char line[LINE_CAP];
    uint64_t crc;

    if (!span_starts_with(rest, version)) {
        return false;
    }
    rest = span_slice(rest, strlen(version), rest.len);
    for (;;) {
        size_t before = file.len - rest.len;

        if (!take_line(&rest, line)) {
            return false;
        }
        if (strncmp(line, "crc ", 4) == 0) {
            return rest.len == 0 &&
                   span_hex_to_uint(span_str(line + 4), UINT32_MAX, &crc) &&
                   crc == crc32_of(span_slice(file, 0, before));
        }
        if (!take_text(&rest, line, out)) {
            return false;
        }
    }
}

int tunefile_parse(struct span bytes, struct tunefile *out)
{
    memset(out, 0, sizeof *out);
    if (!take_all(bytes, out)) {
        memset(out, 0, sizeof *out);
        return ERR_INVALID;
    }
    return 0;
}

int tunefile_read(const char *path, struct tunefile *out)
{
    char bytes[FILE_CAP + 1];
    size_t len = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    memset(out, 0, sizeof *out);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    do {
        got = read(fd, bytes + len, sizeof bytes - len);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    close(fd);
    if (got < 0) {
        return ERR_IO;
    }
    return tunefile_parse(span_of(bytes, len), out);
}

/* --- writing ------------------------------------------------------------------------ */

static size_t compose(const struct tunefile *in, char bytes[FILE_CAP])
{
    size_t len = (size_t)snprintf(bytes, FILE_CAP, "%s", version);

    for (unsigned i = 0; i < TUNEFILE_COUNT; i++) {
        if (in->texts[i].is_set) {
            len += (size_t)snprintf(bytes + len, FILE_CAP - len, "%s %zu\n%s\n", names[i],
                                    strlen(in->texts[i].text), in->texts[i].text);
        }
    }
    len += (size_t)snprintf(bytes + len, FILE_CAP - len, "crc %08" PRIx32 "\n",
                            crc32_of(span_of(bytes, len)));
    return len;
}

int tunefile_write(const char *path, const struct tunefile *in)
{
    char next[PATH_CAP];
    char bytes[FILE_CAP];
    size_t len = compose(in, bytes);
    int result;
    int fd;

    snprintf(next, sizeof next, "%s.new", path);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ERR_IO;
    }
    result = keepfile_write(fd, bytes, len);
    if (result != 0) {
        unlink(next);
    } else {
        result = keepfile_replace(fd, next, path);
    }
    close(fd);
    return result;
}
