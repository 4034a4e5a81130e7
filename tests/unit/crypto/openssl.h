/* SPDX-License-Identifier: ISC */
/* The openssl command as the other side: files in a folder of its own. */
#ifndef VAMT_TESTS_OPENSSL_H
#define VAMT_TESTS_OPENSSL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Make the folder / remove it with all that is in it. */
void openssl_open(void);
void openssl_close(void);
/* Run "openssl ..." in the folder. True if it exits with 0. Its output is in the file `out`. */
bool openssl_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, but the test fails if it does. */
void openssl_must(const char *format, ...) __attribute__((format(printf, 1, 2)));
void openssl_write(const char *name, struct span bytes);
/* Where a file of the folder lies. */
void openssl_path(const char *name, char *dst, size_t cap);
/* Content of a file; valid until the next call with the same slot (0..7). */
struct span openssl_read(unsigned slot, const char *name);
/* Does the output of the last run contain this? */
bool openssl_said(const char *text);

/* An RSA-2048 CA `ca.key`, `ca.pem`, `ca.der` with that common name. */
void openssl_make_ca(const char *name);

#endif
