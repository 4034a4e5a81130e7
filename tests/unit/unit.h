/* SPDX-License-Identifier: ISC */
/* What every unit test includes: cmocka in the order that it wants. */
#ifndef VAMT_TESTS_UNIT_H
#define VAMT_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The written part of an sbuf must be exactly this text. */
#define assert_sbuf_equal(buffer, text) \
    do { \
        assert_false((buffer).overflow); \
        assert_int_equal((buffer).len, strlen(text)); \
        assert_memory_equal((buffer).ptr, text, strlen(text)); \
    } while (0)

#endif
