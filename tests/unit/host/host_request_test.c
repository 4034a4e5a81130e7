/* SPDX-License-Identifier: ISC */
/* Requests end exactly once, whatever happens to the link. */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "host/host_client.h"
#include "host/host_log.h"
#include "host/host_model.h"
#include "host/shim_world.h"

struct outcome {
    unsigned count;
    vamt_Status status;
};

static void done(void *context, vamt_Status status)
{
    struct outcome *o = context;

    o->count++;
    o->status = status;
}

static int ask(struct outcome *o)
{
    *o = (struct outcome){0, 0};
    return host_request_power(vamt_PowerAction_POWER_ACTION_RESET,
                              vamt_BootDevice_BOOT_DEVICE_NETWORK, done, o);
}

static void request_is_answered_once(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    run();
    assert_int_equal(shim.request_count, 1);
    assert_int_equal(shim.requests[0].id, 1);
    assert_int_equal(shim.requests[0].deadline_ms, CONFIG_HOST_REQUEST_MS);
    assert_int_equal(shim.requests[0].which_body, vamt_Request_power_tag);
    assert_int_equal(shim.requests[0].body.power.action,
                     vamt_PowerAction_POWER_ACTION_RESET);
    assert_int_equal(shim.requests[0].body.power.boot,
                     vamt_BootDevice_BOOT_DEVICE_NETWORK);
    assert_int_equal(o.count, 0);
    shim_answer(&shim, 1, vamt_Status_STATUS_NOT_POSSIBLE);
    shim_answer(&shim, 1, vamt_Status_STATUS_OK);
    shim_answer(&shim, 99, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(o.count, 1);
    assert_int_equal(o.status, vamt_Status_STATUS_NOT_POSSIBLE);
    assert_true(next_us == UINT64_MAX);
}

static void unknown_status_is_a_failure(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    run();
    shim_answer(&shim, 1, (vamt_Status)42);
    run();
    assert_int_equal(o.status, vamt_Status_STATUS_FAILED);
}

static void request_expires(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    run();
    assert_true(next_us == now_us + (uint64_t)CONFIG_HOST_REQUEST_MS * MS);
    now_us = next_us - 1;
    run();
    assert_int_equal(o.count, 0);
    now_us++;
    run();
    assert_int_equal(o.count, 1);
    assert_int_equal(o.status, vamt_Status_STATUS_UNAVAILABLE);
    shim_answer(&shim, 1, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(o.count, 1);
    assert_true(host_client_is_connected());
    assert_int_equal(shim.restarted, 1); /* a slow answer is no reason to start anew */
}

static void requests_in_flight_are_bounded(void **state)
{
    struct outcome o[CONFIG_HOST_REQUESTS + 1];

    (void)state;
    link_up();
    for (unsigned i = 0; i < CONFIG_HOST_REQUESTS; i++) {
        assert_int_equal(ask(&o[i]), 0);
    }
    assert_int_equal(ask(&o[CONFIG_HOST_REQUESTS]), ERR_FULL);
    run();
    for (unsigned i = 0; i < CONFIG_HOST_REQUESTS; i++) {
        assert_int_equal(shim.requests[i].id, i + 1);
        shim_answer(&shim, CONFIG_HOST_REQUESTS - i, vamt_Status_STATUS_OK);
    }
    run();
    for (unsigned i = 0; i < CONFIG_HOST_REQUESTS; i++) {
        assert_int_equal(o[i].count, 1);
    }
    assert_int_equal(ask(&o[CONFIG_HOST_REQUESTS]), 0);
}

static void resumed_link_does_not_repeat_requests(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    (void)host_client_poll(now_us); /* the request is in the pipe, and lost with it */
    shim_close(&shim);
    run();
    now_us += 3000 * MS;
    shim_open(&shim);
    run();
    assert_int_equal(shim.resumed, 1);
    assert_int_equal(shim.request_count, 1);
    shim_close(&shim);
    run();
    shim_open(&shim);
    run();
    assert_int_equal(shim.request_count, 1);
    shim_answer(&shim, 1, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(o.count, 1);
}

static void restarted_shim_gets_unanswered_requests_again(void **state)
{
    struct outcome a;
    struct outcome b;

    (void)state;
    link_up();
    assert_int_equal(ask(&a), 0);
    assert_int_equal(ask(&b), 0);
    run();
    shim_answer(&shim, 1, vamt_Status_STATUS_OK);
    run();
    shim_restart(&shim, 1004);
    run();
    now_us += 4000 * MS;
    shim_open(&shim);
    run();
    assert_int_equal(shim.request_count, 3);
    assert_int_equal(shim.requests[2].id, 2);
    assert_int_equal(shim.requests[2].deadline_ms, CONFIG_HOST_REQUEST_MS - 4000);
    shim_answer(&shim, 2, vamt_Status_STATUS_INTERRUPTED);
    run();
    assert_int_equal(a.count, 1);
    assert_int_equal(b.count, 1);
    assert_int_equal(b.status, vamt_Status_STATUS_INTERRUPTED);
}

/* A request that expired while the shim was away must never reach it. */
static void expired_request_is_not_delivered_late(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    (void)host_client_poll(now_us);
    shim_close(&shim);
    run();
    now_us = next_us;
    run();
    now_us = next_us; /* first the shim counts as gone, then the request expires */
    run();
    assert_int_equal(o.count, 1);
    assert_int_equal(o.status, vamt_Status_STATUS_UNAVAILABLE);
    assert_int_equal(ask(&o), ERR_CLOSED);
    shim_open(&shim);
    run();
    assert_int_equal(shim.restarted, 2);
    assert_int_equal(shim.request_count, 0);
}

/* Asked while vamtd restarts: it waits for the new one and happens once. */
static void request_during_a_restart_waits(void **state)
{
    struct outcome o;

    (void)state;
    link_up();
    shim_close(&shim);
    run();
    assert_int_equal(ask(&o), 0);
    run();
    assert_int_equal(o.count, 0);
    now_us += 1000 * MS;
    shim_restart(&shim, 1003);
    shim_open(&shim);
    run();
    assert_int_equal(shim.request_count, 1);
    shim_answer(&shim, shim.requests[0].id, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(o.count, 1);
    assert_int_equal(o.status, vamt_Status_STATUS_OK);
}

static void request_to_a_shim_that_stays_away_fails_in_time(void **state)
{
    struct outcome o;
    uint64_t asked_us;

    (void)state;
    link_up();
    shim_close(&shim);
    run();
    assert_int_equal(ask(&o), 0);
    asked_us = now_us;
    for (unsigned i = 0; i < 10 && o.count == 0; i++) {
        run();
        assert_true(next_us != UINT64_MAX || o.count == 1);
        now_us = next_us;
    }
    assert_int_equal(o.status, vamt_Status_STATUS_UNAVAILABLE);
    shim_open(&shim);
    run();
    assert_int_equal(shim.request_count, 0);
    assert_true(host_client_poll(asked_us + CONFIG_HOST_REQUEST_MS * MS) == UINT64_MAX);
}

static void forgotten_callback_is_not_called(void **state)
{
    struct outcome o;
    struct outcome other;

    (void)state;
    link_up();
    assert_int_equal(ask(&o), 0);
    assert_int_equal(ask(&other), 0);
    host_request_forget(&o);
    run();
    assert_int_equal(shim.request_count, 2);
    shim_answer(&shim, 1, vamt_Status_STATUS_OK);
    shim_answer(&shim, 2, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(o.count, 0);
    assert_int_equal(other.count, 1);
}

static struct outcome second;

static void ask_again(void *context, vamt_Status status)
{
    done(context, status);
    assert_int_equal(ask(&second), 0);
}

static void callback_may_ask_again(void **state)
{
    struct outcome o = {0, 0};

    (void)state;
    link_up();
    assert_int_equal(host_request_power(vamt_PowerAction_POWER_ACTION_ON,
                                        vamt_BootDevice_BOOT_DEVICE_DEFAULT, ask_again,
                                        &o),
                     0);
    run();
    now_us = next_us;
    run();
    assert_int_equal(o.count, 1);
    assert_int_equal(shim.request_count, 2);
    shim_answer(&shim, 2, vamt_Status_STATUS_OK);
    run();
    assert_int_equal(second.count, 1);
}

/* Breaks, restarts and answers in random order: exactly one `done` each. */
static void each_request_ends_exactly_once(void **state)
{
    static struct outcome o[400];
    uint64_t epoch = 5000;

    for (unsigned seed = 1; seed <= 20; seed++) {
        unsigned asked = 0;
        unsigned answered = 0;

        srand(seed);
        (void)shim_world_reset(state);
        memset(o, 0, sizeof(o));
        link_up();
        while (asked < 400) {
            unsigned dice = (unsigned)rand() % 100;

            if (dice < 50) {
                asked += host_model_is_live() && ask(&o[asked]) == 0;
            } else if (dice < 80) {
                for (unsigned n = dice % 8; n > 0 && answered < shim.request_count; n--) {
                    shim_answer(&shim, shim.requests[answered++].id,
                                vamt_Status_STATUS_OK);
                }
            } else if (dice < 84) {
                shim_close(&shim);
                run();
                shim_open(&shim);
            } else if (dice < 87) {
                shim_restart(&shim, ++epoch);
                shim_open(&shim);
                run();
                shim_snapshot(&shim, vamt_PowerState_POWER_STATE_ON);
            } else if (dice < 90) {
                now_us += 4000 * MS;
            }
            (void)host_client_poll(now_us);
            if (dice % 2 == 0) {
                shim_run(&shim);
            }
            if (answered == shim.request_count) {
                answered = shim.request_count = 0;
            }
        }
        now_us += (uint64_t)CONFIG_HOST_REQUEST_MS * MS;
        run();
        now_us += (uint64_t)CONFIG_HOST_REQUEST_MS * MS;
        run();
        for (unsigned i = 0; i < asked; i++) {
            if (o[i].count != 1) {
                fail_msg("seed %u: request %u ended %u times", seed, i, o[i].count);
            }
        }
    }
}

#define TEST(name) cmocka_unit_test_setup(name, shim_world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request_is_answered_once),
        TEST(unknown_status_is_a_failure),
        TEST(request_expires),
        TEST(requests_in_flight_are_bounded),
        TEST(resumed_link_does_not_repeat_requests),
        TEST(restarted_shim_gets_unanswered_requests_again),
        TEST(expired_request_is_not_delivered_late),
        TEST(request_during_a_restart_waits),
        TEST(request_to_a_shim_that_stays_away_fails_in_time),
        TEST(forgotten_callback_is_not_called),
        TEST(callback_may_ask_again),
        TEST(each_request_ends_exactly_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
