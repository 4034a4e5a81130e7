/* SPDX-License-Identifier: ISC */
/* Intel 8254, mode 0 (count down once). Its gate is bit 0 of port 0x61. */
#include "qemu-x86/pit.h"

#include "hal/cpu.h"

enum {
    PORT_COUNTER0 = 0x40,
    PORT_COUNTER2 = 0x42,
    PORT_COMMAND = 0x43,
    PORT_GATE = 0x61,
    GATE_ON = 0x01,
    SPEAKER_ON = 0x02,
    COMMAND_COUNTER0_MODE0 = 0x30,
    COMMAND_COUNTER2_MODE0 = 0xB0, /* low byte, then high byte */
    COMMAND_COUNTER2_LATCH = 0x80
};

static void set_gate(bool on)
{
    uint8_t value = cpu_port_read8(PORT_GATE) & (uint8_t) ~(GATE_ON | SPEAKER_ON);

    cpu_port_write8(PORT_GATE, on ? value | GATE_ON : value);
}

void pit_start(void)
{
    set_gate(false);
    cpu_port_write8(PORT_COMMAND, COMMAND_COUNTER2_MODE0);
    cpu_port_write8(PORT_COUNTER2, 0xFF);
    cpu_port_write8(PORT_COUNTER2, 0xFF);
    set_gate(true);
}

uint16_t pit_elapsed(void)
{
    uint8_t low;
    uint8_t high;

    cpu_port_write8(PORT_COMMAND, COMMAND_COUNTER2_LATCH);
    low = cpu_port_read8(PORT_COUNTER2);
    high = cpu_port_read8(PORT_COUNTER2);
    return (uint16_t)(0xFFFF - (low | high << 8));
}

void pit_stop(void)
{
    set_gate(false);
}

void pit_silence(void)
{
    cpu_port_write8(PORT_COMMAND, COMMAND_COUNTER0_MODE0);
    cpu_port_write8(PORT_COUNTER0, 1);
    cpu_port_write8(PORT_COUNTER0, 0);
}
