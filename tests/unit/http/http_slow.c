/* SPDX-License-Identifier: ISC */
/* A slow server and two clients. */
#include "http_slow.h"

#include "unit.h"

#include "base/pool.h"
#include "fake_board.h"
#include "latency/latency.h"

struct fake_conn http_slow_one;
struct fake_conn http_slow_two;

static void set_time(struct latency_profile *profile, enum latency_op op, uint32_t ms)
{
    for (unsigned i = 0; i < LATENCY_SPREAD_POINTS; i++) {
        profile->op[LATENCY_STATE_M0][op].us[i] = ms * 1000;
    }
}

static void be_slow(void)
{
    struct latency_profile profile;

    latency_profile_init(&profile);
    set_time(&profile, LATENCY_OP_GET, HTTP_SLOW_GET_MS);
    set_time(&profile, LATENCY_OP_PULL, HTTP_SLOW_PULL_MS);
    set_time(&profile, LATENCY_OP_PULL_ITEM, HTTP_SLOW_ITEM_MS);
    set_time(&profile, LATENCY_OP_DIGEST, HTTP_SLOW_DIGEST_MS);
    set_time(&profile, LATENCY_OP_POWER, HTTP_SLOW_POWER_MS);
    latency_use(&profile);
    http_world.job = (struct latency_job){.op = LATENCY_OP_GET};
}

int http_slow_open(void **state)
{
    (void)state;
    http_world_start();
    assert_int_equal(fake_conn_open(&http_slow_one), 0);
    assert_int_equal(fake_conn_open(&http_slow_two), 0);
    be_slow();
    return 0;
}

/* After every test all pools are empty. */
int http_slow_close(void **state)
{
    (void)state;
    fake_conn_drop(&http_slow_one);
    fake_conn_drop(&http_slow_two);
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        assert_int_equal(p->in_use, 0);
    }
    return 0;
}

void http_slow_ask(struct fake_conn *conn, const char *body)
{
    fake_conn_push_text(conn, http_world_request("POST", "/wsman", "", body));
}

void http_slow_ask_without_login(struct fake_conn *conn)
{
    fake_conn_push_text(conn, "POST /wsman HTTP/1.1\r\nHost: a\r\n"
                              "Content-Length: 0\r\n\r\n");
}

void http_slow_expect(struct fake_conn *conn, uint64_t ms, const char *status)
{
    fake_conn_clear(conn);
    fake_conn_wait(conn, ms - 1);
    assert_int_equal(conn->out_len, 0);
    fake_conn_wait(conn, 1);
    assert_memory_equal(fake_conn_text(conn), status, strlen(status));
}

size_t http_slow_in_use(const char *name)
{
    for (const struct pool *p = pool_first(); p != NULL; p = p->next) {
        if (strcmp(p->name, name) == 0) {
            return p->in_use;
        }
    }
    fail();
    return 0;
}
