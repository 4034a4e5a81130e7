/* SPDX-License-Identifier: ISC */
/*
 * A whole HTTP session over an in-memory connection (a double,
 * tests/unit/http/fake_conn.h). The input is a script of commands, one byte each:
 *
 *   0..199  so many bytes, which follow, come from the client
 *   200..   a byte follows: time passes, in units of 250 ms
 *   210..   a byte follows: room in the send buffer
 *   220..   a byte follows: the handler's habit (http_world.mode), and beyond that count
 *           what faults its replies suffer and whether there is a latency profile
 *   230..   a byte follows: a request with a good login and a body of that length
 *   240..   the handler answers
 *   250..   the client closes its side
 *
 * Invariants beyond the sanitizers: fake_conn's rules of use; a reply starts as one; each
 * exchange that a handler kept is answered or cancelled; afterwards all pools are empty.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/pool.h"
#include "latency/latency.h"
#include "tests/unit/http/fake_board.c"
#include "tests/unit/http/fake_client.c"
#include "tests/unit/http/fake_conn.c"
#include "tests/unit/http/http_world.c"

static struct fake_conn connection;
static unsigned answered;
static bool has_ended;

static bool is_live(void)
{
    return !connection.is_aborted && !connection.is_closing;
}

enum { SLOW_US = 700000 };

static void set_profile(bool is_slow)
{
    struct latency_profile profile;

    latency_profile_init(&profile);
    for (unsigned i = 0; is_slow && i < LATENCY_SPREAD_POINTS; i++) {
        profile.op[LATENCY_STATE_M0][LATENCY_OP_GET].us[i] = SLOW_US;
        profile.op[LATENCY_STATE_M0][LATENCY_OP_DIGEST].us[i] = SLOW_US / 10;
    }
    latency_use(&profile);
}

static void set_habit(uint8_t value)
{
    enum { MODES = HTTP_WORLD_FULL + 1, FAULTS = HTTP_FAULT_HANG + 1 };

    http_world.mode = value % MODES;
    http_world.fault = (struct http_fault){.kind = value / MODES % FAULTS,
                                           .number = 400u + value};
    http_world.job.op = LATENCY_OP_GET;
    set_profile(value / MODES / FAULTS % 2 == 1);
}

static void answer(void)
{
    if (http_world.kept != NULL) {
        answered++;
        http_world_reply("<late/>");
    }
}

static void send_request(uint8_t len)
{
    static const char *const headers[] = {"", "Expect: 100-continue\r\n",
                                          "Connection: close\r\n"};
    char body[256];

    memset(body, 'b', sizeof(body));
    body[len] = '\0';
    fake_conn_push_text(&connection,
                        http_world_request("POST", "/wsman", headers[len % 3], body));
}

static void run_command(uint8_t command, uint8_t value)
{
    if (command < 210) {
        fake_conn_wait(&connection, value * 250u);
    } else if (command < 220) {
        if (is_live()) {
            fake_conn_make_room(&connection, value);
        }
    } else if (command < 230) {
        set_habit(value);
    } else if (!has_ended) {
        send_request(value);
    }
}

static void run_script(struct span script)
{
    struct span bytes;
    uint8_t command;
    uint8_t value;

    while (span_take_u8(&script, &command)) {
        if (command < 200) {
            bytes = span_slice(script, 0, command);
            script = span_slice(script, command, script.len);
            if (!has_ended) {
                fake_conn_push(&connection, bytes.ptr, bytes.len);
            }
        } else if (command >= 250) {
            if (!has_ended && connection.in_len == 0 && is_live()) {
                fake_conn_end(&connection);
                has_ended = true;
            }
        } else if (command >= 240) {
            answer();
        } else if (span_take_u8(&script, &value)) {
            run_command(command, value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > FAKE_CONN_CAP / 512) {
        return 0;
    }
    http_world_start();
    answered = 0;
    has_ended = false;
    require(fake_conn_open(&connection) == 0);
    run_script(span_of(data, size));
    require(connection.out_len < 9 || memcmp(connection.out, "HTTP/1.1 ", 9) == 0);
    fake_conn_drop(&connection);
    require(http_world.kept == NULL);
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        require(p->in_use == 0);
    }
    return 0;
}
