/* SPDX-License-Identifier: ISC */
#include "providers/host_double.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "base/util.h"
#include "engine/engine.h"
#include "hal/board.h"
#include "settings/boot_options.h"

vamt_HostSnapshot host_double;
bool host_double_live;
int host_double_result;
unsigned host_double_requests;
vamt_PowerAction host_double_action;
vamt_BootDevice host_double_boot;
const struct cim_caller host_double_admin = {.user = "admin", .realms = UINT64_MAX};

uint64_t host_double_now_us;
int64_t host_double_wall_s;
struct flash *host_double_flash;
bool host_double_has_no_entropy;
unsigned host_double_resets;

struct seed {
    const char *name;
    const char *text;
};
static struct seed seeds[8];
static host_done_fn *waiting;
static void *waiting_context;

void host_double_set(vamt_PowerState power, ...)
{
    va_list args;
    host_double.power = power;
    host_double.actions_count = 0;
    va_start(args, power);
    int action = va_arg(args, int);
    while (action != vamt_PowerAction_POWER_ACTION_NONE) {
        host_double.actions[host_double.actions_count++] = (vamt_PowerAction)action;
        action = va_arg(args, int);
    }
    va_end(args);
}

void host_double_reset(void)
{
    memset(&host_double, 0, sizeof(host_double));
    memset(seeds, 0, sizeof(seeds));
    host_double_now_us = 1000000;
    host_double_wall_s = 1795000000; /* in November 2026 */
    host_double_flash = NULL;
    host_double_has_no_entropy = false;
    host_double_resets = 0;
    host_double_live = true;
    host_double.hypervisor_available = true;
    host_double_result = 0;
    host_double_requests = 0;
    waiting = NULL;
    host_double_set(
        vamt_PowerState_POWER_STATE_ON, vamt_PowerAction_POWER_ACTION_OFF,
        vamt_PowerAction_POWER_ACTION_OFF_GRACEFUL, vamt_PowerAction_POWER_ACTION_RESET,
        vamt_PowerAction_POWER_ACTION_RESET_GRACEFUL, vamt_PowerAction_POWER_ACTION_CYCLE,
        vamt_PowerAction_POWER_ACTION_NMI, vamt_PowerAction_POWER_ACTION_NONE);
    host_double.boot_devices_count = 3;
    host_double.boot_devices[0] = vamt_BootDevice_BOOT_DEVICE_DISK;
    host_double.boot_devices[1] = vamt_BootDevice_BOOT_DEVICE_NETWORK;
    host_double.boot_devices[2] = vamt_BootDevice_BOOT_DEVICE_CD;
    if (boot_options_reset() < 0) {
        abort();
    }
}

void host_double_answer(vamt_Status status)
{
    host_done_fn *done = waiting;
    if (done == NULL) {
        abort();
    }
    waiting = NULL;
    done(waiting_context, status);
}

const vamt_HostSnapshot *host_model(void)
{
    return &host_double;
}

bool host_model_is_live(void)
{
    return host_double_live;
}

bool host_model_can(vamt_PowerAction action)
{
    bool can = false;
    for (size_t i = 0; i < host_double.actions_count; i++) {
        can = can || host_double.actions[i] == action;
    }
    return can && host_double_live;
}

bool host_model_can_boot(vamt_BootDevice device)
{
    bool can = device == vamt_BootDevice_BOOT_DEVICE_DEFAULT;
    for (size_t i = 0; i < host_double.boot_devices_count; i++) {
        can = can || host_double.boot_devices[i] == device;
    }
    return can && host_double_live;
}

int host_request_power(vamt_PowerAction action, vamt_BootDevice boot, host_done_fn *done,
                       void *context)
{
    if (host_double_result < 0) {
        return host_double_result;
    }
    host_double_requests++;
    host_double_action = action;
    host_double_boot = boot;
    waiting = done;
    waiting_context = context;
    return 0;
}

void board_uuid(uint8_t uuid[16])
{
    memset(uuid, 7, 16);
}

uint64_t board_now_us(void)
{
    return host_double_now_us;
}

int64_t board_wall_s(void)
{
    return host_double_wall_s;
}

struct flash *board_flash(void)
{
    return host_double_flash;
}

int board_entropy(void *dst, size_t len)
{
    static unsigned calls;
    uint8_t *at = dst;

    if (host_double_has_no_entropy) {
        return ERR_IO;
    }
    calls++;
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(i * 37 + calls * 101);
    }
    return 0;
}

static struct seed *find_seed(const char *name)
{
    for (size_t i = 0; i < UTIL_COUNT(seeds); i++) {
        if (seeds[i].name != NULL && strcmp(seeds[i].name, name) == 0) {
            return &seeds[i];
        }
    }
    return NULL;
}

void host_double_set_seed(const char *name, const char *text)
{
    struct seed *seed = find_seed(name);

    for (size_t i = 0; i < UTIL_COUNT(seeds) && seed == NULL; i++) {
        seed = seeds[i].name == NULL ? &seeds[i] : NULL;
    }
    if (seed == NULL) {
        abort();
    }
    *seed = (struct seed){.name = name, .text = text};
}

int board_seed(const char *name, void *dst, size_t cap)
{
    const struct seed *seed = find_seed(name);
    size_t len;

    if (seed == NULL || seed->text == NULL) {
        return ERR_NOT_FOUND;
    }
    len = strlen(seed->text);
    if (len > cap) {
        return ERR_TOO_BIG;
    }
    memcpy(dst, seed->text, len);
    return (int)len;
}

void engine_reset(const char *why)
{
    (void)why;
    host_double_resets++;
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

static void note_done(struct cim_call *call)
{
    struct call_double *test = call->context;
    test->done_count++;
}

void call_double_begin(struct call_double *test, const struct cim_class *class,
                       const char *method)
{
    memset(test, 0, sizeof(*test));
    test->path.class = class;
    test->call.caller = &host_double_admin;
    test->call.path = &test->path;
    test->call.method = cim_schema_method(class, span_str(method));
    test->call.in = &test->in;
    test->call.out = &test->out;
    test->call.done = note_done;
    test->call.context = test;
    cim_bag_init_call(&test->in, class, test->call.method);
}

int call_double_invoke(struct call_double *test)
{
    return cim_invoke(&test->call);
}
