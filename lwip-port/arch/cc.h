/* SPDX-License-Identifier: ISC */
/* What lwIP asks of compiler and platform: freestanding, little-endian or as gcc says. */
#ifndef LWIP_PORT_ARCH_CC_H
#define LWIP_PORT_ARCH_CC_H

#include <limits.h>
#include <sys/types.h>

#include "base/panic.h"
#include "lwip_port.h"

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_UNISTD_H   1
#define LWIP_NO_CTYPE_H    1
/* lwIP declares ssize_t itself unless this is defined; sys/types.h has it. */
#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif

#define X8_F  "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "zu"

/* No debug output; an assertion of lwIP is a bug of ours or of lwIP and stops the firmware. */
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) panic("lwip: %s", x)

#define LWIP_RAND() lwip_port_rand()

#endif
