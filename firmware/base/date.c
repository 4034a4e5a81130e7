/* SPDX-License-Identifier: ISC */
/* Calendar time. Days are counted from 1 March of year 0, so a leap day ends its year. */
#include "base/date.h"

enum {
    DAY_S = 86400,
    ERA_DAYS = 146097,  /* 400 years */
    EPOCH_DAYS = 719468 /* 0000-03-01 to 1970-01-01 */
};

static const char weekdays[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void date_from_unix(int64_t unix_s, struct date *date)
{
    int64_t days = unix_s / DAY_S;
    int64_t rest = unix_s % DAY_S;
    int64_t era;
    int64_t day_of_era;
    int64_t year_of_era;
    int64_t day_of_year;
    int64_t shifted_month;

    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    date->weekday = (uint8_t)(((days + 4) % 7 + 7) % 7);
    days += EPOCH_DAYS;
    era = days / ERA_DAYS;
    day_of_era = days % ERA_DAYS;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                   day_of_era / (ERA_DAYS - 1)) /
                  365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    shifted_month = (5 * day_of_year + 2) / 153;
    date->day = (uint8_t)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    date->month = (uint8_t)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    date->year = (int32_t)(year_of_era + era * 400 + (date->month <= 2 ? 1 : 0));
    date->hour = (uint8_t)(rest / 3600);
    date->minute = (uint8_t)(rest / 60 % 60);
    date->second = (uint8_t)(rest % 60);
}

int64_t date_to_unix(const struct date *date)
{
    int64_t year = date->year - (date->month <= 2 ? 1 : 0);
    int64_t era = year / 400;
    int64_t year_of_era = year % 400;
    int64_t shifted_month = date->month > 2 ? date->month - 3 : date->month + 9;
    int64_t day_of_year = (153 * shifted_month + 2) / 5 + date->day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
                         day_of_year;

    return (era * ERA_DAYS + day_of_era - EPOCH_DAYS) * DAY_S + date->hour * 3600 +
           date->minute * 60 + date->second;
}

void date_put_http(struct sbuf *out, int64_t unix_s)
{
    struct date d;

    date_from_unix(unix_s, &d);
    sbuf_printf(out, "%s, %02u %s %04u %02u:%02u:%02u GMT", weekdays[d.weekday], d.day,
                months[d.month - 1], (unsigned)d.year, d.hour, d.minute, d.second);
}

void date_put_iso(struct sbuf *out, int64_t unix_s)
{
    struct date d;

    date_from_unix(unix_s, &d);
    sbuf_printf(out, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)d.year, d.month, d.day,
                d.hour, d.minute, d.second);
}

static bool take_field(struct span *s, size_t digits, char end, uint64_t max,
                       uint64_t *value)
{
    struct span part;
    uint8_t mark;

    if (!span_take(s, digits, &part) || !span_to_uint(part, max, value)) {
        return false;
    }
    return end == '\0' || (span_take_u8(s, &mark) && mark == (uint8_t)end);
}

static uint64_t month_days(uint64_t year, uint64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29u : days[month - 1];
}

bool date_parse_iso(struct span text, int64_t *unix_s)
{
    uint64_t f[6];
    struct date d;

    if (!take_field(&text, 4, '-', 9999, &f[0]) ||
        !take_field(&text, 2, '-', 12, &f[1]) || !take_field(&text, 2, 'T', 31, &f[2]) ||
        !take_field(&text, 2, ':', 23, &f[3]) || !take_field(&text, 2, ':', 59, &f[4]) ||
        !take_field(&text, 2, '\0', 59, &f[5])) {
        return false;
    }
    if (f[0] < 1970 || f[1] == 0 || f[2] == 0 || f[2] > month_days(f[0], f[1])) {
        return false;
    }
    if (text.len > 1 && text.ptr[0] == '.') {
        text = span_slice(text, 1, text.len);
        while (text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9') {
            text = span_slice(text, 1, text.len);
        }
    }
    if (text.len > 0 && !span_equal_str(text, "Z")) {
        return false;
    }
    d = (struct date){.year = (int32_t)f[0],
                      .month = (uint8_t)f[1],
                      .day = (uint8_t)f[2],
                      .hour = (uint8_t)f[3],
                      .minute = (uint8_t)f[4],
                      .second = (uint8_t)f[5]};
    *unix_s = date_to_unix(&d);
    return true;
}
