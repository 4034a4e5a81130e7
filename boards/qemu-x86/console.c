/* SPDX-License-Identifier: ISC */
/*
 * The debug console: QEMU's isa-debugcon at port 0x402. Without that device the port is not
 * decoded, and nothing is written.
 *   -chardev file,id=log,path=vamt.log -device isa-debugcon,iobase=0x402,chardev=log
 */
#include "hal/board.h"
#include "hal/cpu.h"

enum {
    CONSOLE_PORT = 0x402,
    CONSOLE_PRESENT = 0xE9 /* what a read of the port gives */
};

void board_console_write(struct span text)
{
    if (cpu_port_read8(CONSOLE_PORT) != CONSOLE_PRESENT) {
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        cpu_port_write8(CONSOLE_PORT, text.ptr[i]);
    }
}
