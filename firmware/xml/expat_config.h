/* SPDX-License-Identifier: ISC */
/*
 * Configuration of expat, the XML parser behind firmware/xml (and only there).
 *
 * UTF-8 in and out, namespaces on. No DTD processing and no general entities (XML_GE 0), so
 * neither entity expansion nor external entities exist in the binary. There is no system
 * source of entropy here: firmware/xml must give every parser a hash salt by itself
 * (XML_SetHashSalt) from the firmware's random numbers.
 */
#ifndef XML_EXPAT_CONFIG_H
#define XML_EXPAT_CONFIG_H

#define BYTEORDER 1234
#define XML_NS 1
#define XML_GE 0
#define XML_POOR_ENTROPY 1
#define XML_CONTEXT_BYTES 0
#define HAVE_MEMMOVE 1

#endif
