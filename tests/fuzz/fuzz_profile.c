/* SPDX-License-Identifier: ISC */
/*
 * The text of a latency profile. Invariants: a refusal says why in plain characters and changes
 * nothing; what is accepted is in range, is written back as a text that fits and gives the
 * same profile; its draws stay within their spread.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "config.h"
#include "latency/latency.h"
#include "latency/latency_key.h"
#include "latency/latency_time.h"

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_refusal(const struct latency_profile_error *error, size_t size)
{
    size_t len = strnlen(error->text, sizeof(error->text));

    require(len > 0 && len < sizeof(error->text) && error->line <= size + 1);
    for (size_t i = 0; i < len; i++) {
        require(error->text[i] >= ' ' && error->text[i] <= '~');
    }
}

static void check_ranges(const struct latency_profile *profile)
{
    require(profile->idle_min >= 1 && profile->idle_min <= LATENCY_PROFILE_IDLE_NEVER);
    require(profile->minute_us > 0 && profile->minute_us <= LATENCY_TIME_MOST_US);
    require(profile->wake_hold <= CONFIG_NET_HOLD_COUNT);
    for (size_t i = 0; i < LATENCY_KEY_COUNT; i++) {
        struct latency_key key = latency_key_get(i);
        const struct latency_spread *spread = latency_key_value(&key, profile);

        for (size_t n = 0; key.kind == LATENCY_KIND_SPREAD && n < LATENCY_SPREAD_POINTS;
             n++) {
            require(spread->us[n] <= LATENCY_TIME_MOST_US);
            require(n == 0 || spread->us[n] >= spread->us[n - 1]);
        }
    }
}

static void check_draws(const struct latency_profile *profile)
{
    const struct latency_job job = {LATENCY_OP_PULL, 2};
    const struct latency_spread *pull = &profile->op[LATENCY_STATE_M0][LATENCY_OP_PULL];
    const struct latency_spread *item =
        &profile->op[LATENCY_STATE_M0][LATENCY_OP_PULL_ITEM];
    uint64_t due;
    uint32_t wake;

    latency_start();
    latency_use(profile);
    due = latency_due(&job, 1000);
    wake = latency_draw(LATENCY_EVENT_WAKE);
    require(due == 0 ? pull->us[4] == 0 && item->us[4] == 0
                     : due >= 1000 + pull->us[0] + 2 * (uint64_t)item->us[0] &&
                           due <= 1000 + pull->us[4] + 2 * (uint64_t)item->us[4]);
    require(wake >= profile->wake.us[0] && wake <= profile->wake.us[4]);
}

static void check_back(const struct latency_profile *profile)
{
    char first[CONFIG_TUNING_CAP - 1];
    char second[CONFIG_TUNING_CAP - 1];
    struct latency_profile again;
    struct latency_profile_error error;
    struct sbuf out;
    struct sbuf other;

    sbuf_init(&out, first, sizeof(first));
    latency_profile_write(profile, &out);
    require(!out.overflow);
    require(latency_profile_parse(sbuf_span(&out), &again, &error) == 0);
    sbuf_init(&other, second, sizeof(second));
    latency_profile_write(&again, &other);
    require(span_equal(sbuf_span(&out), sbuf_span(&other)));
    require(memcmp(profile->op, again.op, sizeof(again.op)) == 0);
    require(profile->seed == again.seed && profile->extra_us == again.extra_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct latency_profile profile;
    struct latency_profile_error error = {0};

    memset(&profile, 0x5a, sizeof(profile));
    if (latency_profile_parse(span_of(data, size), &profile, &error) != 0) {
        struct latency_profile untouched;

        memset(&untouched, 0x5a, sizeof(untouched));
        require(memcmp(&profile, &untouched, sizeof(profile)) == 0);
        check_refusal(&error, size);
        return 0;
    }
    check_ranges(&profile);
    check_draws(&profile);
    check_back(&profile);
    return 0;
}
