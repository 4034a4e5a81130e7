/* SPDX-License-Identifier: ISC */
/* Locks of the auditor (audit_lock.h). */
#include "audit/audit_lock.h"

#include <string.h>

#include "base/err.h"
#include "crypto/random.h"
#include "hal/board.h"

struct lock {
    uint32_t handle; /* 0: nobody's */
    uint64_t until_us;
};

static struct lock locks[AUDIT_LOCK_KINDS];

static bool is_held(const struct lock *lock)
{
    return lock->handle != 0 && board_now_us() < lock->until_us;
}

int audit_lock_take(enum audit_lock_kind kind, uint32_t seconds, uint32_t handle,
                    uint32_t *taken)
{
    struct lock *lock = &locks[kind];
    uint32_t number = handle;

    if (seconds == 0 || seconds > AUDIT_LOCK_MOST_S) {
        return ERR_INVALID;
    }
    if (is_held(lock) && lock->handle != handle) {
        return ERR_BUSY;
    }
    if (!is_held(lock)) {
        if (random_fill(&number, sizeof(number)) < 0) {
            return ERR_IO;
        }
        number |= 1; /* never 0, which consoles send for "none" */
    }
    *lock = (struct lock){.handle = number,
                          .until_us = board_now_us() + (uint64_t)seconds * 1000000};
    *taken = number;
    return 0;
}

int audit_lock_release(uint32_t handle)
{
    bool is_any = false;

    for (size_t i = 0; i < AUDIT_LOCK_KINDS; i++) {
        if (is_held(&locks[i])) {
            if (locks[i].handle == handle) {
                locks[i] = (struct lock){0};
                return 0;
            }
            is_any = true;
        }
    }
    return is_any ? ERR_DENIED : ERR_NOT_FOUND;
}

bool audit_lock_is_held(enum audit_lock_kind kind)
{
    return is_held(&locks[kind]);
}

void audit_lock_reset(void)
{
    memset(locks, 0, sizeof(locks));
}
