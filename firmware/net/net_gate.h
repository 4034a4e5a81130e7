/* SPDX-License-Identifier: ISC */
/*
 * A network card in front of the board's: passes frames between it and lwIP as the power
 * state of the management engine allows, and loses or delays some when faults are injected.
 * lwIP sees an ordinary struct nic.
 */
#ifndef VAMT_NET_GATE_H
#define VAMT_NET_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/nic.h"
#include "net/net.h"

/* Stand before `nic`, which stays in use. Mode NET_MODE_ON, offloads on, nothing kept. */
struct nic *net_gate_start(struct nic *nic);
/* The address that offloads answer for and frames are matched with; zeroes: none. */
void net_gate_set_address(const uint8_t address[4]);
/* See net.h. */
void net_gate_set_mode(enum net_mode mode, const struct net_sleep *sleep);
bool net_gate_take_wake(void);
uint64_t net_gate_traffic_us(void);
/* Answer for the card in NET_MODE_DOZE and NET_MODE_HOLD, send delayed frames that are due. True
 * if frames may be waiting. `now_us` is the clock for frames until the next call. */
bool net_gate_poll(uint64_t now_us);
/* When net_gate_poll must be called next; UINT64_MAX: when a frame comes. */
uint64_t net_gate_deadline(void);

#endif
