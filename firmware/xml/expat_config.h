/* SPDX-License-Identifier: ISC */
/*
 * Configuration of expat, the XML parser behind firmware/xml (and only there).
 *
 * UTF-8 in and out, namespaces on. No DTD processing and no general entities (XML_GE 0), so
 * neither entity expansion nor external entities exist in the binary. A parser without a hash
 * salt of its own takes one from arc4random_buf: the C library's on the build machine,
 * firmware/libc's (which asks crypto/random) in the image.
 */
#ifndef XML_EXPAT_CONFIG_H
#define XML_EXPAT_CONFIG_H

#define BYTEORDER           1234
#define XML_NS              1
#define XML_GE              0
#define HAVE_ARC4RANDOM_BUF 1
#define XML_CONTEXT_BYTES   0
#define HAVE_MEMMOVE        1

#endif
