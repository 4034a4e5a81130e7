/* SPDX-License-Identifier: ISC */
/* Distinguished names as text; only for this folder. */
#ifndef VAMT_CRYPTO_X509_NAME_H
#define VAMT_CRYPTO_X509_NAME_H

#include <stddef.h>

#include "base/util.h"
#include "mbedtls/x509.h"

/* "C=x,O=y,CN=z": RFC 4514, last part first, as AMT shows it. Characters that are special there, or
 * are not printable ASCII, are escaped. ERR_TOO_BIG. */
int x509_name_text(const mbedtls_x509_name *name, char *dst, size_t cap) UTIL_MUST_CHECK;
/* The value of the last part of that kind ("CN"), as it stands. "" if there is none, it is too
 * long, or holds anything but printable ASCII and UTF-8 letters: a name that others read
 * differently (an embedded NUL) must match nothing. */
void x509_name_part(const mbedtls_x509_name *name, const char *kind, char *dst,
                    size_t cap);

#endif
