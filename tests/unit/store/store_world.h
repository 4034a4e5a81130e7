/* SPDX-License-Identifier: ISC */
/* A board with a simulated flash and a key, and what the log said. */
#ifndef VAMT_TESTS_STORE_WORLD_H
#define VAMT_TESTS_STORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash_sim.h"
#include "store/store.h"

#define STORE_WORLD_KEY "00112233445566778899aabbccddeeff0123456789abcdef0011223344556677"

struct store_world {
    struct flash_sim sim;
    bool has_flash;
    const char *key; /* seed store-key; NULL: none */
    uint8_t uuid[16];
    char log[8192]; /* lines at INFO and above since the last start */
};
extern struct store_world store_world;

/* A blank flash of 4 KiB blocks and a key; the store is not started. */
void store_world_open(uint32_t blocks);
void store_world_close(void);
/* What a reset does: store_start on what is on the flash. Fails unless it returns 0. */
enum store_state store_world_start(void);
bool store_world_logged(const char *text);

/* A record whose content follows from its name, length and number: it can be recognised. */
struct span store_world_content(const char *name, unsigned number, size_t len);
/* Is this the content of that record? Returns its number, or -1. */
int store_world_number(const char *name, struct span content);
int store_world_write(const char *name, unsigned number, size_t len);
/* What store_read says: the record's number; or -1 if there is none. Fails the test if there is
 * one with content that nobody has written. */
int store_world_read(const char *name);

#endif
