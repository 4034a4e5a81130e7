/* SPDX-License-Identifier: ISC */
/* Domain XML for the shim's tests, as libvirt writes it: one machine shut off, the same
 * machine running. */
#ifndef VAMT_TEST_SHIM_FIXTURE_H
#define VAMT_TEST_SHIM_FIXTURE_H

#define SHIM_FIXTURE_UUID "6c3e57f4-98b0-4c6b-8f2e-1d2a3b4c5d6e"

extern const char shim_fixture_off[];
extern const char shim_fixture_running[];
extern const char shim_fixture_plain[]; /* hardly anything is said */

#endif
