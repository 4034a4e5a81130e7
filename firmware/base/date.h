/* SPDX-License-Identifier: ISC */
/* Calendar time, UTC, proleptic Gregorian, 1970 to 9999. */
#ifndef VAMT_BASE_DATE_H
#define VAMT_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "base/span.h"

struct date {
    int32_t year;
    uint8_t month;   /* 1..12 */
    uint8_t day;     /* 1..31 */
    uint8_t hour;    /* 0..23 */
    uint8_t minute;  /* 0..59 */
    uint8_t second;  /* 0..59 */
    uint8_t weekday; /* 0 = Sunday */
};

void date_from_unix(int64_t unix_s, struct date *date);
/* Seconds since 1970; fields must be in range (weekday is ignored). */
int64_t date_to_unix(const struct date *date);
/* "Fri, 17 Feb 2023 22:57:41 GMT" (RFC 9110 clause 5.6.7). */
void date_put_http(struct sbuf *out, int64_t unix_s);
/* "2022-11-30T18:51:00Z" (xs:dateTime). */
void date_put_iso(struct sbuf *out, int64_t unix_s);
/* Reads xs:dateTime "YYYY-MM-DDThh:mm:ss" with optional fraction and "Z" or no zone. */
bool date_parse_iso(struct span text, int64_t *unix_s);

#endif
