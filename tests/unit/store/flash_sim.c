/* SPDX-License-Identifier: ISC */
/* The flash simulator. */
#include "flash_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { UNIT = 4, ERASED = 0xff };

static void require(bool is_true, const char *rule, uint32_t at)
{
    if (!is_true) {
        fprintf(stderr, "flash rule broken at 0x%x: %s\n", at, rule);
        abort();
    }
}

static struct flash_sim *sim_of(struct flash *flash)
{
    return (struct flash_sim *)flash; /* its first member */
}

uint32_t flash_sim_random(struct flash_sim *sim)
{
    sim->random = sim->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(sim->random >> 33);
}

uint32_t flash_sim_size(const struct flash_sim *sim)
{
    return sim->flash.block_size * sim->flash.block_count;
}

/* What becomes of `len` bytes at `at` that were to become `bytes` (NULL: erased). */
static void change(struct flash_sim *sim, uint32_t at, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        sim->bytes[at + i] = bytes == NULL ? ERASED : (sim->bytes[at + i] & bytes[i]);
    }
}

static void change_bits(struct flash_sim *sim, uint32_t at, const uint8_t *bytes,
                        uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint8_t mask = (uint8_t)flash_sim_random(sim);
        uint8_t new = bytes == NULL ? ERASED : bytes[i];

        sim->bytes[at + i] = (uint8_t)((sim->bytes[at + i] & ~mask) | (new &mask));
    }
}

static void lose_power(struct flash_sim *sim, uint32_t at, const uint8_t *bytes,
                       uint32_t len)
{
    switch (sim->cut) {
    case FLASH_SIM_CUT_HALF:
        change(sim, at, bytes, len / 2);
        break;
    case FLASH_SIM_CUT_BITS:
        change_bits(sim, at, bytes, len);
        break;
    case FLASH_SIM_CUT_AFTER:
        change(sim, at, bytes, len);
        break;
    default:
        break;
    }
    sim->cut_at = 0;
    longjmp(sim->powerless, 1);
}

static int operate(struct flash_sim *sim, uint32_t at, const uint8_t *bytes, uint32_t len)
{
    bool is_stuck = sim->stuck_block == (int64_t)(at / sim->flash.block_size);

    sim->operations++;
    if (sim->operations == sim->cut_at) {
        lose_power(sim, at, bytes, len);
    }
    if (is_stuck && sim->stuck != FLASH_SIM_WEAK) {
        return sim->stuck == FLASH_SIM_FAILS ? ERR_IO : 0;
    }
    change(sim, at, bytes, len);
    if (is_stuck) {
        sim->bytes[at - at % sim->flash.block_size + 21] |= 4;
    }
    return 0;
}

static int sim_read(struct flash *flash, uint32_t at, void *dst, uint32_t len)
{
    struct flash_sim *sim = sim_of(flash);
    uint32_t size = flash_sim_size(sim);

    require(at <= size && len <= size - at, "reads are inside", at);
    sim->reads++;
    if (sim->fails_to_read) {
        return ERR_IO;
    }
    memcpy(dst, sim->bytes + at, len);
    return 0;
}

static int sim_program(struct flash *flash, uint32_t at, struct span bytes)
{
    struct flash_sim *sim = sim_of(flash);
    uint32_t size = flash_sim_size(sim);
    bool is_stuck = sim->stuck_block == (int64_t)(at / flash->block_size);

    require(at <= size && bytes.len <= size - at, "programs are inside", at);
    require(at % UNIT == 0 && bytes.len % UNIT == 0, "programs are whole units", at);
    require(at / flash->block_size == (at + bytes.len - 1) / flash->block_size,
            "a program stays in its block", at);
    for (size_t i = 0; i < bytes.len && !is_stuck; i++) {
        require(sim->bytes[at + i] == ERASED || sim->is_rotten, "erase before program",
                at);
    }
    sim->program_bytes += (uint32_t)bytes.len;
    return operate(sim, at, bytes.ptr, (uint32_t)bytes.len);
}

static int sim_erase(struct flash *flash, uint32_t at)
{
    struct flash_sim *sim = sim_of(flash);

    require(at < flash_sim_size(sim), "erases are inside", at);
    require(at % flash->block_size == 0, "erases are whole blocks", at);
    sim->erases[at / flash->block_size]++;
    return operate(sim, at, NULL, flash->block_size);
}

static const struct flash_ops ops = {
    .read = sim_read, .program = sim_program, .erase = sim_erase};

void flash_sim_open(struct flash_sim *sim, uint32_t block_size, uint32_t block_count,
                    uint8_t fill)
{
    memset(sim, 0, sizeof(*sim));
    sim->flash = (struct flash){.ops = &ops,
                                .block_size = block_size,
                                .unit_size = UNIT,
                                .block_count = block_count};
    sim->bytes = malloc(flash_sim_size(sim));
    sim->erases = calloc(block_count, sizeof(sim->erases[0]));
    require(sim->bytes != NULL && sim->erases != NULL, "memory for the flash", 0);
    memset(sim->bytes, fill, flash_sim_size(sim));
    sim->stuck_block = -1;
    sim->random = 1;
}

void flash_sim_close(struct flash_sim *sim)
{
    free(sim->bytes);
    free(sim->erases);
    memset(sim, 0, sizeof(*sim));
}

void flash_sim_copy(struct flash_sim *sim, const struct flash_sim *from)
{
    memcpy(sim->bytes, from->bytes, flash_sim_size(from));
    memset(sim->erases, 0, from->flash.block_count * sizeof(sim->erases[0]));
    sim->reads = 0;
    sim->operations = 0;
    sim->program_bytes = 0;
    sim->cut_at = 0;
    sim->is_rotten = false;
}

void flash_sim_flip(struct flash_sim *sim, uint32_t bit)
{
    sim->is_rotten = true;
    sim->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}
