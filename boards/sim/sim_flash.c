/* SPDX-License-Identifier: ISC */
/* The NVRAM as a file, with the manners of NOR flash: programming only clears bits. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "sim.h"

enum { BLOCK_SIZE = 4096, BLOCKS = 64, BLOCKS_MIN = 2 };

static struct flash flash;
static int file = -1;

static int read_bytes(struct flash *self, uint32_t at, void *dst, uint32_t len)
{
    (void)self;
    return pread(file, dst, len, at) == (ssize_t)len ? 0 : ERR_IO;
}

static int program(struct flash *self, uint32_t at, struct span bytes)
{
    uint8_t part[BLOCK_SIZE];
    int result = 0;

    for (size_t done = 0; done < bytes.len;) {
        size_t len = util_min(sizeof(part), bytes.len - done);

        if (read_bytes(self, at + (uint32_t)done, part, (uint32_t)len) < 0) {
            return ERR_IO;
        }
        for (size_t i = 0; i < len; i++) {
            part[i] &= bytes.ptr[done + i];
        }
        if (pwrite(file, part, len, at + (off_t)done) != (ssize_t)len) {
            return ERR_IO;
        }
        if (memcmp(part, bytes.ptr + done, len) != 0) {
            result = ERR_IO;
        }
        done += len;
    }
    return result;
}

static int write_blank(off_t at)
{
    uint8_t blank[BLOCK_SIZE];

    memset(blank, 0xFF, sizeof(blank));
    return pwrite(file, blank, sizeof(blank), at) == sizeof(blank) ? 0 : ERR_IO;
}

static int erase(struct flash *self, uint32_t at)
{
    (void)self;
    return write_blank(at);
}

static const struct flash_ops ops = {
    .read = read_bytes, .program = program, .erase = erase};

struct flash *sim_flash_start(const char *path)
{
    struct stat status;

    if (path == NULL) {
        return NULL;
    }
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fstat(file, &status) < 0) {
        sim_fail("cannot use %s: %s", path, strerror(errno));
    }
    if (status.st_size == 0) {
        for (int i = 0; i < BLOCKS; i++) {
            if (write_blank((off_t)i * BLOCK_SIZE) < 0) {
                sim_fail("cannot write %s: %s", path, strerror(errno));
            }
        }
        status.st_size = (off_t)BLOCKS * BLOCK_SIZE;
    }
    if (status.st_size % BLOCK_SIZE != 0 || status.st_size < BLOCKS_MIN * BLOCK_SIZE ||
        status.st_size > INT32_MAX) {
        sim_fail("the size of %s is not a multiple of %d", path, BLOCK_SIZE);
    }
    flash = (struct flash){.ops = &ops,
                           .block_size = BLOCK_SIZE,
                           .unit_size = 1,
                           .block_count = (uint32_t)(status.st_size / BLOCK_SIZE)};
    return &flash;
}
