/* SPDX-License-Identifier: ISC */
/*
 * Enumeration. Pages follow the order of classes in the schema; a class without instances
 * has no page. A cursor holds no memory but itself, so the asker keeps it or drops it.
 */
#include "cim/cim.h"
#include "cim/cim_source.h"

/* The first class from position `from` on that has a page; NULL if none. */
static const struct cim_class *find_page(const struct cim_cursor *cursor, size_t from)
{
    for (size_t i = from; i < cim_schema_class_count; i++) {
        const struct cim_class *class = cim_schema_classes[i];
        if (cim_schema_is_a(class, cursor->base) &&
            cim_source_is_open(class, cursor->realms) && cim_source_count(class) > 0) {
            return class;
        }
    }
    return NULL;
}

static size_t position(const struct cim_class *class)
{
    size_t i = 0;
    while (i < cim_schema_class_count && cim_schema_classes[i] != class) {
        i++;
    }
    return i;
}

int cim_enumerate(const struct cim_caller *caller, const struct cim_class *base,
                  struct cim_cursor *cursor)
{
    bool has_source = false;
    bool has_open = false;
    for (size_t i = 0; base != NULL && i < cim_schema_class_count; i++) {
        const struct cim_class *class = cim_schema_classes[i];
        if (cim_schema_is_a(class, base) && cim_source_exists(class)) {
            has_source = true;
            has_open = has_open || cim_source_is_open(class, caller->realms);
        }
    }
    if (!has_source) {
        return CIM_ERR_NOT_FOUND;
    }
    if (!has_open) {
        return CIM_ERR_DENIED;
    }
    cursor->base = base;
    cursor->realms = caller->realms;
    cursor->index = 0;
    cursor->page = find_page(cursor, 0);
    return CIM_OK;
}

int cim_page_next(const struct cim_caller *caller, struct cim_cursor *cursor,
                  struct cim_bag *out)
{
    if (cursor->page == NULL || cursor->index >= cim_source_count(cursor->page)) {
        return 0;
    }
    if (!cim_source_is_open(cursor->page, caller->realms)) {
        return CIM_ERR_DENIED;
    }
    int result = cim_source_read(cursor->page, cursor->index, out);
    if (result < 0) {
        return result;
    }
    cursor->index++;
    return 1;
}

bool cim_cursor_advance(struct cim_cursor *cursor, bool peek)
{
    if (cursor->page == NULL) {
        return false;
    }
    const struct cim_class *next = find_page(cursor, position(cursor->page) + 1);
    if (next != NULL && !peek) {
        cursor->page = next;
        cursor->index = 0;
    }
    return next != NULL;
}
