/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: any bytes on channel 0, read as the shim (first byte even) or as the
 * firmware (odd). What decodes must encode again and give the same; a snapshot must pass
 * the model.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/panic.h"
#include "host/host_model_priv.h"
#include "host/hostlink_priv.h"
#include "host/hostmsg.h"

static struct hostlink in;
static struct hostlink out;
static struct hostmsg msg_in;
static struct hostmsg msg_out;
static vamt_ToShim to_shim;
static vamt_ToFirmware to_firmware;

void panic_at(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* What was encoded is moved to where received bytes are, as if it had travelled. */
static void loop_back(void)
{
    struct ring *from = &out.channels[0].unacked;
    struct ring *to = &out.channels[0].received;

    while (from->len > 0) {
        struct span part = ring_peek(from, 0);

        check(ring_write(to, part) == part.len);
        ring_drop(from, part.len);
    }
}

static void check_snapshot(const vamt_HostSnapshot *snapshot)
{
    host_model_set(snapshot);
    check(host_model()->power <= _vamt_PowerState_MAX);
    for (pb_size_t i = 0; i < host_model()->actions_count; i++) {
        check(host_model()->actions[i] <= _vamt_PowerAction_MAX);
    }
    for (pb_size_t i = 0; i < host_model()->inventory.disks_count; i++) {
        check(host_model()->inventory.disks[i].kind <= _vamt_Disk_Kind_MAX);
    }
}

static int read_as_shim(void)
{
    pb_size_t kind;
    int result = hostmsg_read_to_shim(&msg_in, &in, &to_shim);

    if (result == 1 && to_shim.which_body != 0) {
        kind = to_shim.which_body;
        check(hostmsg_write_to_shim(&msg_out, &out, &to_shim) == 0);
        loop_back();
        check(hostmsg_read_to_shim(&msg_out, &out, &to_shim) == 1);
        check(to_shim.which_body == kind);
    }
    return result;
}

static int read_as_firmware(void)
{
    pb_size_t kind;
    int result = hostmsg_read_to_firmware(&msg_in, &in, &to_firmware);

    if (result == 1 && to_firmware.which_body != 0) {
        kind = to_firmware.which_body;
        check(hostmsg_write_to_firmware(&msg_out, &out, &to_firmware) == 0);
        loop_back();
        check(hostmsg_read_to_firmware(&msg_out, &out, &to_firmware) == 1);
        check(to_firmware.which_body == kind);
        if (kind == vamt_ToFirmware_snapshot_tag) {
            check_snapshot(&to_firmware.body.snapshot);
        }
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes;
    int result = 1;

    if (len == 0) {
        return 0;
    }
    hostlink_init(&in, 1);
    hostlink_init(&out, 2);
    hostmsg_init(&msg_in);
    hostmsg_init(&msg_out);
    bytes = span_of(data + 1, util_min(len - 1, CONFIG_HOST_WINDOW));
    check(ring_write(&in.channels[0].received, bytes) == bytes.len);
    while (result == 1 || result == ERR_INVALID) {
        result = data[0] % 2 == 0 ? read_as_shim() : read_as_firmware();
    }
    check(result == 0 || result == ERR_TOO_BIG);
    return 0;
}
