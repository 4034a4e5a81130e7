/* SPDX-License-Identifier: ISC */
/* The stage of the tests of the firmware's side. */
#include "host/shim_world.h"

#include <stdlib.h>

#include "unit.h"

#include "base/panic.h"
#include "host/host_client.h"
#include "host/host_log.h"

struct shim shim;
uint64_t now_us;
uint64_t next_us;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic: %s\n", format);
    _fail(file, line);
    abort();
}

void run(void)
{
    next_us = shim_run_both(&shim, now_us);
}

int shim_world_reset(void **state)
{
    (void)state;
    now_us = 5000 * MS;
    shim_init(&shim, 1001);
    host_log_init();
    host_client_start(&shim.port, SHIM_WORLD_EPOCH);
    return 0;
}

void link_up(void)
{
    shim_link_up(&shim, now_us);
    run();
}
