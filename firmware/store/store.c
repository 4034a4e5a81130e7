/* SPDX-License-Identifier: ISC */
/*
 * The calls of store.h, and what they do without a store. What works on one is behind a table
 * that store_start sets: a program that never calls store_start links neither littlefs nor
 * cryptography.
 */
#include "store/store.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "store/store_priv.h"

static enum store_state state = STORE_NONE;
static const struct store_engine *engine; /* NULL: there is nothing to work on */

void store_use(enum store_state new_state, const struct store_engine *new_engine)
{
    state = new_state;
    engine = new_engine;
}

void store_found_damage(void)
{
    state = state == STORE_GOOD ? STORE_REPAIRED : state;
}

void store_fail(void)
{
    log_error("store", "the flash does not work: nothing can be kept any more");
    store_use(STORE_FAILED, NULL);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The first character keeps records apart from the store's own files. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len >= CONFIG_STORE_NAME_CAP || name[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(name[i])) {
            return false;
        }
    }
    return true;
}

/* A board without flash forgets, and said so; one with a flash that is not used must not pretend
 * to keep anything. */
static int write_nowhere(void)
{
    return state == STORE_NONE ? 0 : ERR_IO;
}

int store_view(const char *name, uint16_t *version, struct span *content)
{
    uint16_t found;

    if (engine == NULL || !is_name(name)) {
        return ERR_NOT_FOUND;
    }
    return engine->view(name, version != NULL ? version : &found, content);
}

int store_read(const char *name, uint16_t *version, void *dst, size_t cap)
{
    struct span content;
    uint16_t found;
    int result = store_view(name, &found, &content);

    if (result < 0) {
        return result;
    }
    if (content.len > cap) {
        return ERR_TOO_BIG;
    }
    if (version != NULL) {
        *version = found;
    }
    if (content.len > 0) {
        memcpy(dst, content.ptr, content.len);
    }
    return (int)content.len;
}

int store_write(const char *name, uint16_t version, struct span content)
{
    if (!is_name(name)) {
        return ERR_INVALID;
    }
    if (content.len > CONFIG_STORE_RECORD_CAP) {
        return ERR_TOO_BIG;
    }
    return engine == NULL ? write_nowhere() : engine->write(name, version, content);
}

int store_remove(const char *name)
{
    if (!is_name(name)) {
        return 0;
    }
    return engine == NULL ? write_nowhere() : engine->remove(name);
}

void store_get_status(struct store_status *status)
{
    *status = (struct store_status){.state = state};
    if (engine != NULL) {
        engine->get_status(status);
    }
}

const char *store_state_name(enum store_state which)
{
    static const char *const names[] = {
        [STORE_NONE] = "none",         [STORE_FRESH] = "fresh",   [STORE_GOOD] = "good",
        [STORE_REPAIRED] = "repaired", [STORE_RUINED] = "ruined", [STORE_NEWER] = "newer",
        [STORE_FAILED] = "failed",
    };

    return (size_t)which < UTIL_COUNT(names) ? names[which] : "?";
}
