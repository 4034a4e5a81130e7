/* SPDX-License-Identifier: ISC */
/* MC146818 data sheet; the century is where ACPI's FADT says on all PCs. */
#include "qemu-x86/rtc.h"

#include <stdbool.h>
#include <string.h>

#include "base/date.h"
#include "hal/cpu.h"

enum {
    PORT_INDEX = 0x70,
    PORT_DATA = 0x71,
    NMI_OFF = 0x80,
    REG_SECOND = 0x00,
    REG_MINUTE = 0x02,
    REG_HOUR = 0x04,
    REG_DAY = 0x07,
    REG_MONTH = 0x08,
    REG_YEAR = 0x09,
    REG_A = 0x0A,
    REG_B = 0x0B,
    REG_CENTURY = 0x32,
    A_UPDATING = 0x80,
    B_24_HOURS = 0x02,
    B_BINARY = 0x04,
    HOUR_PM = 0x80,
    TRIES = 100000 /* an update takes 2 ms */
};

struct rtc_time {
    uint8_t second, minute, hour, day, month, year, century;
};

static uint8_t read_reg(uint8_t reg)
{
    cpu_port_write8(PORT_INDEX, NMI_OFF | reg);
    return cpu_port_read8(PORT_DATA);
}

static void read_once(struct rtc_time *t)
{
    for (int i = 0; i < TRIES && (read_reg(REG_A) & A_UPDATING) != 0; i++) {
    }
    t->second = read_reg(REG_SECOND);
    t->minute = read_reg(REG_MINUTE);
    t->hour = read_reg(REG_HOUR);
    t->day = read_reg(REG_DAY);
    t->month = read_reg(REG_MONTH);
    t->year = read_reg(REG_YEAR);
    t->century = read_reg(REG_CENTURY);
}

static uint8_t from_bcd(uint8_t value)
{
    return (uint8_t)((value >> 4) * 10 + (value & 0x0F));
}

static void decode(struct rtc_time *t, uint8_t mode)
{
    bool pm = (mode & B_24_HOURS) == 0 && (t->hour & HOUR_PM) != 0;

    if ((mode & B_24_HOURS) == 0) {
        t->hour &= (uint8_t)~HOUR_PM;
    }
    if ((mode & B_BINARY) == 0) {
        t->second = from_bcd(t->second);
        t->minute = from_bcd(t->minute);
        t->hour = from_bcd(t->hour);
        t->day = from_bcd(t->day);
        t->month = from_bcd(t->month);
        t->year = from_bcd(t->year);
        t->century = from_bcd(t->century);
    }
    if ((mode & B_24_HOURS) == 0) {
        t->hour = (uint8_t)(t->hour % 12 + (pm ? 12 : 0));
    }
}

int64_t rtc_read(void)
{
    struct rtc_time t;
    struct rtc_time again;
    struct date date;

    /* Twice the same: no update came in between. */
    read_once(&again);
    for (int i = 0; i < 4; i++) {
        t = again;
        read_once(&again);
        if (memcmp(&t, &again, sizeof(t)) == 0) {
            break;
        }
    }
    decode(&t, read_reg(REG_B));
    if (t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 || t.hour > 23 ||
        t.minute > 59 || t.second > 59 || t.year > 99 || t.century < 20 ||
        t.century > 99) {
        return 0;
    }
    date = (struct date){.year = t.century * 100 + t.year,
                         .month = t.month,
                         .day = t.day,
                         .hour = t.hour,
                         .minute = t.minute,
                         .second = t.second};
    return date_to_unix(&date);
}
