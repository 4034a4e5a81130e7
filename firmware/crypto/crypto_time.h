/* SPDX-License-Identifier: ISC */
/* Mbed TLS's clock, for the age of session tickets alone: the time since start. */
#ifndef VAMT_CRYPTO_CRYPTO_TIME_H
#define VAMT_CRYPTO_CRYPTO_TIME_H

/* Hand it to Mbed TLS. crypto_start does this. */
void crypto_time_start(void);

#endif
