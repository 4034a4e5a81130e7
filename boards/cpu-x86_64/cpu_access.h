/* SPDX-License-Identifier: ISC */
/* Start-up of what implements hal/cpu.h. */
#ifndef VAMT_CPU_ACCESS_H
#define VAMT_CPU_ACCESS_H

/* Find out whether this CPU's memory fence can be relied on. Call it before any driver. */
void cpu_access_init(void);

#endif
