/* SPDX-License-Identifier: ISC */
/* Comparison and wiping of secrets. */
#include "base/bytes.h"

bool bytes_equal_secret(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < len; i++) {
        difference |= (uint8_t)(left[i] ^ right[i]);
    }
    return difference == 0;
}

void bytes_wipe(void *ptr, size_t len)
{
    volatile uint8_t *byte = ptr;

    for (size_t i = 0; i < len; i++) {
        byte[i] = 0;
    }
}
