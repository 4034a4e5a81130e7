/* SPDX-License-Identifier: ISC */
#include "openssl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

enum { SLOTS = 8, CAP = 65536, COMMAND_CAP = 2048 };

static char folder[64];

void openssl_open(void)
{
    snprintf(folder, sizeof(folder), "/tmp/vamt-openssl-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

void openssl_close(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static bool run(const char *format, va_list args)
{
    char command[COMMAND_CAP];
    int len = snprintf(command, sizeof(command), "cd '%s' && openssl ", folder);

    len += vsnprintf(command + len, sizeof(command) - (size_t)len, format, args);
    assert_true((size_t)len < sizeof(command) - 32);
    snprintf(command + len, sizeof(command) - (size_t)len, " >out 2>&1 </dev/null");
    return system(command) == 0;
}

bool openssl_run(const char *format, ...)
{
    va_list args;
    bool is_good;

    va_start(args, format);
    is_good = run(format, args);
    va_end(args);
    return is_good;
}

void openssl_must(const char *format, ...)
{
    va_list args;
    bool is_good;

    va_start(args, format);
    is_good = run(format, args);
    va_end(args);
    if (!is_good) {
        struct span out = openssl_read(SLOTS - 1, "out");
        fail_msg("openssl %s: %.*s", format, (int)out.len, (const char *)out.ptr);
    }
}

static FILE *open_file(const char *name, const char *mode)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, mode);
    assert_non_null(file);
    return file;
}

void openssl_write(const char *name, struct span bytes)
{
    FILE *file = open_file(name, "wb");

    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    fclose(file);
}

void openssl_path(const char *name, char *dst, size_t cap)
{
    assert_true((size_t)snprintf(dst, cap, "%s/%s", folder, name) < cap);
}

struct span openssl_read(unsigned slot, const char *name)
{
    static uint8_t content[SLOTS][CAP];
    FILE *file = open_file(name, "rb");
    size_t len = fread(content[slot], 1, CAP - 1, file);

    fclose(file);
    content[slot][len] = '\0';
    return span_of(content[slot], len);
}

bool openssl_said(const char *text)
{
    return strstr((const char *)openssl_read(SLOTS - 1, "out").ptr, text) != NULL;
}

void openssl_make_ca(const char *name)
{
    openssl_must(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 "
        "-subj '/C=DE/O=Test/CN=%s' -addext basicConstraints=critical,CA:TRUE "
        "-addext keyUsage=critical,keyCertSign,cRLSign",
        name);
    openssl_must("x509 -in ca.pem -outform DER -out ca.der");
}
