/* SPDX-License-Identifier: ISC */
/*
 * Names of keys and certificates as consoles know them: "Intel(r) AMT Key: Handle: 0". They count
 * from 0, handles from 1. The device's own are not named: AMT has none, and consoles remove
 * certificates that they do not know.
 */
#ifndef VAMT_PROVIDERS_PKI_NAME_H
#define VAMT_PROVIDERS_PKI_NAME_H

#include <stdint.h>

#include "cim/cim.h"

enum { PKI_NAME_CAP = 48 };

void pki_name_of_key(uint32_t handle, char text[PKI_NAME_CAP]);
void pki_name_of_certificate(uint32_t handle, char text[PKI_NAME_CAP]);
/* The handle in a reference to a pair / a certificate; 0: it names none. */
uint32_t pki_name_key(const struct cim_path *path);
uint32_t pki_name_certificate(const struct cim_path *path);
/* Set a reference. */
void pki_name_set_key(struct cim_bag *bag, const char *field, uint32_t handle);
void pki_name_set_certificate(struct cim_bag *bag, const char *field, uint32_t handle);

#endif
