/* SPDX-License-Identifier: ISC */
/* Messages on channel 0: both directions, any chunking, full window, nonsense. */
#include "unit.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"
#include "host/hostmsg.h"
#include "host/link_world.h"

static struct world w;
static struct hostmsg fw; /* side 0 */
static struct hostmsg shim;
static vamt_ToShim to_shim;
static vamt_ToFirmware to_firmware;

void panic_at(const char *file, int line, const char *format, ...)
{
    print_error("panic: %s\n", format);
    _fail(file, line);
    abort();
}

static struct hostlink *link_of(unsigned side)
{
    return &w.sides[side].link;
}

static int set_up(void **state)
{
    (void)state;
    world_init(&w, 1);
    world_connect(&w);
    world_settle(&w);
    hostmsg_init(&fw);
    hostmsg_init(&shim);
    return 0;
}

/* Move bytes both ways without looking at them. */
static void carry(size_t chunk)
{
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned side = 0; side < 2; side++) {
            world_send(&w, side, WORLD_PIPE_CAP);
            while (world_deliver(&w, 1 - side, chunk) > 0) {
            }
        }
    }
}

static void fill_text(char *text, size_t size, char letter)
{
    memset(text, letter, size - 1);
    text[size - 1] = '\0';
}

/* The largest snapshot that hostlink.options allows. */
static void largest_snapshot(vamt_HostSnapshot *s)
{
    vamt_Inventory *in = &s->inventory;

    *s = (vamt_HostSnapshot){.generation = UINT32_MAX, .power = 5};
    s->power_changes = UINT64_MAX;
    s->actions_count = UTIL_COUNT(s->actions);
    s->has_inventory = true;
    fill_text(in->name, sizeof(in->name), 'n');
    memset(in->uuid, 0xff, sizeof(in->uuid));
    in->disks_count = UTIL_COUNT(in->disks);
    for (size_t i = 0; i < UTIL_COUNT(in->disks); i++) {
        fill_text(in->disks[i].serial, sizeof(in->disks[i].serial), 's');
        fill_text(in->disks[i].model, sizeof(in->disks[i].model), 'm');
        fill_text(in->disks[i].target, sizeof(in->disks[i].target), 't');
        fill_text(in->disks[i].bus, sizeof(in->disks[i].bus), 'b');
        in->disks[i].bytes = UINT64_MAX;
    }
    in->nics_count = UTIL_COUNT(in->nics);
    in->has_system = true;
    fill_text(in->system.product, sizeof(in->system.product), 'p');
}

static void largest_message_passes_in_any_chunks(void **state)
{
    static const size_t chunks[] = {1, 7, 100, WORLD_PIPE_CAP};
    static vamt_HostSnapshot sent;

    (void)state;
    largest_snapshot(&sent);
    for (size_t i = 0; i < UTIL_COUNT(chunks); i++) {
        memset(&to_firmware, 0, sizeof(to_firmware));
        to_firmware.which_body = vamt_ToFirmware_snapshot_tag;
        to_firmware.body.snapshot = sent;
        assert_int_equal(hostmsg_write_to_firmware(&shim, link_of(1), &to_firmware), 0);
        assert_int_equal(hostmsg_read_to_firmware(&fw, link_of(0), &to_firmware), 0);
        carry(chunks[i]);
        memset(&to_firmware, 0xee, sizeof(to_firmware));
        assert_int_equal(hostmsg_read_to_firmware(&fw, link_of(0), &to_firmware), 1);
        assert_int_equal(to_firmware.which_body, vamt_ToFirmware_snapshot_tag);
        assert_int_equal(to_firmware.body.snapshot.power_changes == UINT64_MAX, 1);
        assert_int_equal(to_firmware.body.snapshot.inventory.disks_count, 16);
        assert_memory_equal(&to_firmware.body.snapshot.inventory.disks[15],
                            &sent.inventory.disks[15], sizeof(sent.inventory.disks[15]));
        assert_string_equal(to_firmware.body.snapshot.inventory.system.product,
                            sent.inventory.system.product);
        assert_int_equal(hostmsg_read_to_firmware(&fw, link_of(0), &to_firmware), 0);
    }
}

static void messages_keep_their_order_and_fill_the_window(void **state)
{
    unsigned sent = 0;
    unsigned got = 0;

    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        int result = 0;

        while (result == 0) {
            to_shim = (vamt_ToShim){.which_body = vamt_ToShim_log_tag};
            to_shim.body.log.level = sent;
            fill_text(to_shim.body.log.text, 100 + sent % 150, 'x');
            result = hostmsg_write_to_shim(&fw, link_of(0), &to_shim);
            sent += result == 0;
        }
        assert_int_equal(result, ERR_FULL);
        carry(WORLD_PIPE_CAP);
        while (hostmsg_read_to_shim(&shim, link_of(1), &to_shim) == 1) {
            assert_int_equal(to_shim.body.log.level, got);
            assert_int_equal(strlen(to_shim.body.log.text), 99 + got % 150);
            got++;
        }
        carry(WORLD_PIPE_CAP);
    }
    assert_int_equal(got, sent);
    assert_true(sent > 50 * 50);
}

static void unencodable_message_is_our_mistake(void **state)
{
    (void)state;
    to_shim = (vamt_ToShim){.which_body = vamt_ToShim_log_tag};
    memset(to_shim.body.log.text, 'x', sizeof(to_shim.body.log.text)); /* no NUL */
    assert_int_equal(hostmsg_write_to_shim(&fw, link_of(0), &to_shim), ERR_INVALID);
    to_shim = (vamt_ToShim){.which_body = 0};
    assert_int_equal(hostmsg_write_to_shim(&fw, link_of(0), &to_shim), ERR_INVALID);
    assert_int_equal(hostlink_unacked(link_of(0), 0), 0);
}

static void write_raw(const void *bytes, size_t len)
{
    uint8_t prefix[HOSTMSG_LEN_LEN];

    bytes_put_le32(prefix, (uint32_t)len);
    assert_int_equal(hostlink_write(link_of(0), 0, span_of(prefix, sizeof(prefix))), 0);
    assert_int_equal(hostlink_write(link_of(0), 0, span_of(bytes, len)), 0);
    carry(WORLD_PIPE_CAP);
}

static void malformed_messages_are_skipped(void **state)
{
    static const uint8_t cut[] = {0x0a, 0x7f, 0x01};            /* request, cut short */
    static const uint8_t group[] = {0x0b};                      /* unknown wire type */
    static const uint8_t unknown[] = {0x7a, 0x01, 0x00};        /* field 15 */
    static uint8_t long_text[4 + 3 + 256] = {0x1a, 0x83, 0x02,  /* log, 259 bytes */
                                             0x12, 0x80, 0x02}; /* text, 256 bytes */

    (void)state;
    write_raw(cut, sizeof(cut));
    write_raw(group, sizeof(group));
    write_raw(cut, 0);
    memset(long_text + 6, 'x', 256);
    write_raw(long_text, 6 + 256);
    write_raw(unknown, sizeof(unknown));
    to_shim = (vamt_ToShim){.which_body = vamt_ToShim_status_tag};
    assert_int_equal(hostmsg_write_to_shim(&fw, link_of(0), &to_shim), 0);
    carry(WORLD_PIPE_CAP);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), ERR_INVALID);
    }
    assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), 1);
    assert_int_equal(to_shim.which_body, 0);
    assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), 1);
    assert_int_equal(to_shim.which_body, vamt_ToShim_status_tag);
}

static void length_beyond_the_cap_stays_an_error(void **state)
{
    static const uint8_t prefix[] = {(CONFIG_HOST_MESSAGE_CAP + 1) & 0xff,
                                     (CONFIG_HOST_MESSAGE_CAP + 1) >> 8, 0, 0};

    (void)state;
    assert_int_equal(hostlink_write(link_of(0), 0, span_of(prefix, sizeof(prefix))), 0);
    carry(WORLD_PIPE_CAP);
    assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), ERR_TOO_BIG);
    assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), ERR_TOO_BIG);
    hostlink_restart(link_of(1));
    hostmsg_init(&shim);
    carry(WORLD_PIPE_CAP);
    assert_true(hostlink_is_ready(link_of(1)));
    to_shim = (vamt_ToShim){.which_body = vamt_ToShim_status_tag};
    assert_int_equal(hostmsg_write_to_shim(&fw, link_of(0), &to_shim), 0);
    carry(WORLD_PIPE_CAP);
    assert_int_equal(hostmsg_read_to_shim(&shim, link_of(1), &to_shim), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(largest_message_passes_in_any_chunks),
        TEST(messages_keep_their_order_and_fill_the_window),
        TEST(unencodable_message_is_our_mistake),
        TEST(malformed_messages_are_skipped),
        TEST(length_beyond_the_cap_stays_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
