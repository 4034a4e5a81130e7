/* SPDX-License-Identifier: ISC */
/* board_flash(): pflash unit 1, directly below the image. */
#ifndef VAMT_NVRAM_H
#define VAMT_NVRAM_H

/* Look for it, and say in the log what is there. */
void nvram_start(void);

#endif
