/* SPDX-License-Identifier: ISC */
/* An RSA pair for a console, which waits for it. */
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "pki/pki_priv.h"

static struct {
    bool is_wanted;
    bool is_searching; /* the search is ours, not one for the device's own pair */
    unsigned bits;
    void (*done)(void *context, int result);
    void *context;
} job;

bool pki_generate_is_busy(void)
{
    return job.is_wanted;
}

int pki_generate_key(unsigned bits, void (*done)(void *context, int result),
                     void *context)
{
    if (bits != 2048 && bits != 3072 && bits != 4096) {
        return ERR_INVALID;
    }
    if (job.is_wanted) {
        return ERR_BUSY;
    }
    if (pki_table_count_keys() == CONFIG_PKI_KEYS) {
        return ERR_FULL;
    }
    job.is_wanted = true;
    job.is_searching = false;
    job.bits = bits;
    job.done = done;
    job.context = context;
    return 0;
}

void pki_generate_reset(void)
{
    if (job.is_wanted && job.is_searching) {
        keypair_rsa_stop();
    }
    job.is_wanted = false;
}

void pki_generate_cancel(void *context)
{
    if (job.is_wanted && job.context == context) {
        pki_generate_reset();
    }
}

static void finish(int result)
{
    job.is_wanted = false;
    if (result < 0) {
        log_error("pki", "no RSA-%u pair: %s", job.bits, err_name(result));
    }
    job.done(job.context, result);
}

uint64_t pki_generate_poll(uint64_t now_us)
{
    static uint8_t bytes[CONFIG_PKI_KEY_CAP];
    uint8_t public_der[KEYPAIR_PUBLIC_CAP];
    struct sbuf der;
    struct sbuf public;
    int result = 0;

    if (!job.is_wanted) {
        return UINT64_MAX;
    }
    if (!job.is_searching) {
        result = keypair_rsa_start(job.bits);
        job.is_searching = result == 0;
    }
    sbuf_init(&der, bytes, sizeof(bytes));
    sbuf_init(&public, public_der, sizeof(public_der));
    if (result == 0) {
        result = keypair_rsa_step(&der, &public);
    }
    if (result == 1) {
        result = pki_add_key(sbuf_span(&der));
        bytes_wipe(bytes, sizeof(bytes));
        finish(result);
    } else if (result < 0) {
        finish(result);
    }
    return job.is_wanted ? now_us : UINT64_MAX;
}
