/* SPDX-License-Identifier: ISC */
/*
 * What newlib asks of the system beneath it, in the flash image only: there is no system.
 *
 * newlib is used for strings and snprintf. No heap, no files, no processes exist, so whatever
 * would need them is a bug of ours and stops the firmware. Third-party code gets its memory
 * from fixed arenas; its one random source is the firmware's.
 */
#include <stddef.h>

#include "base/panic.h"
#include "crypto/random.h"

void *_sbrk(ptrdiff_t increment);
int _write(int file, const void *bytes, size_t len);
int _read(int file, void *bytes, size_t len);
int _close(int file);
long _lseek(int file, long offset, int whence);
int _fstat(int file, void *status);
int _isatty(int file);
int _kill(int process, int signal);
int _getpid(void);
void _exit(int status) UTIL_NORETURN;
void __assert_func(const char *file, int line, const char *function,
                   const char *condition) UTIL_NORETURN;
void arc4random_buf(void *dst, size_t len);

void *_sbrk(ptrdiff_t increment)
{
    panic("a C library heap of %ld bytes was asked for", (long)increment);
}

int _write(int file, const void *bytes, size_t len)
{
    (void)bytes;
    panic("write of %lu bytes to file %d", (unsigned long)len, file);
}

int _read(int file, void *bytes, size_t len)
{
    (void)bytes;
    panic("read of %lu bytes from file %d", (unsigned long)len, file);
}

int _close(int file)
{
    panic("close of file %d", file);
}

long _lseek(int file, long offset, int whence)
{
    (void)whence;
    panic("seek to %ld in file %d", offset, file);
}

int _fstat(int file, void *status)
{
    (void)status;
    panic("status of file %d", file);
}

int _isatty(int file)
{
    panic("terminal status of file %d", file);
}

int _kill(int process, int signal)
{
    (void)process;
    panic("C library raised signal %d", signal);
}

int _getpid(void)
{
    return 1;
}

void _exit(int status)
{
    panic("C library exit %d", status);
}

void __assert_func(const char *file, int line, const char *function,
                   const char *condition)
{
    panic_at(file, line, "assertion failed in %s: %s", function ? function : "?",
             condition);
}

/* expat's source of a hash salt where its caller gives none. */
void arc4random_buf(void *dst, size_t len)
{
    if (random_fill(dst, len) != 0) {
        panic("random numbers were asked for before there are any");
    }
}
