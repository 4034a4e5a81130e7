# SPDX-License-Identifier: ISC
"""Power of the Linux machine, asked for over AMT and watched from both sides: the state that
AMT reports, libvirt's, and what the machine's own serial port shows."""
import pytest

import wsman
from stage import BANNER, BIOS, UP, wait_until


@pytest.fixture
def running(stage):
    stage.set_active(True)
    return stage


@pytest.fixture
def stopped(stage):
    stage.set_active(False)
    return stage


def wait_state(amt, state):
    wait_until("AMT reports power state %d" % state, lambda: amt.power_state() == state)


def test_states_agree(running, amt):
    wait_state(amt, wsman.POWER_ON)
    running.set_active(False)
    wait_state(amt, wsman.POWER_OFF)
    running.set_active(True)
    wait_state(amt, wsman.POWER_ON)


def test_legal_transitions(running, amt):
    wait_state(amt, wsman.POWER_ON)
    on = amt.legal_states()
    assert {wsman.POWER_OFF, wsman.POWER_CYCLE, wsman.POWER_RESET} <= on
    assert wsman.POWER_ON not in on
    running.set_active(False)
    wait_state(amt, wsman.POWER_OFF)
    off = amt.legal_states()
    assert wsman.POWER_ON in off
    assert not off & {wsman.POWER_CYCLE, wsman.POWER_RESET, wsman.POWER_NMI,
                      wsman.POWER_OFF_GRACEFUL, wsman.POWER_RESET_GRACEFUL}


def test_illegal_transition_is_refused(stopped, amt):
    wait_state(amt, wsman.POWER_OFF)
    assert amt.power(wsman.POWER_RESET) != 0
    assert not stopped.is_active()


def test_off(running, amt):
    assert amt.power(wsman.POWER_OFF) == 0
    wait_until("libvirt says shut off", lambda: not running.is_active())
    wait_state(amt, wsman.POWER_OFF)


def test_on_shows_the_kernel_banner(stopped, amt):
    wait_state(amt, wsman.POWER_OFF)
    mark = stopped.mark()
    assert amt.power(wsman.POWER_ON) == 0
    wait_until("libvirt says running", stopped.is_active)
    stopped.wait_serial(BANNER, mark)
    wait_state(amt, wsman.POWER_ON)
    stopped.wait_serial(UP, mark)


def test_cycle(running, amt):
    mark = running.mark()
    assert amt.power(wsman.POWER_CYCLE) == 0
    running.wait_serial(UP, mark)
    assert running.serial()[mark:].count(BIOS) == 1
    wait_state(amt, wsman.POWER_ON)


def test_reset(running, amt):
    mark = running.mark()
    assert amt.power(wsman.POWER_RESET) == 0
    running.wait_serial(UP, mark)
    assert b"power button" not in running.serial()[mark:]
    wait_state(amt, wsman.POWER_ON)


def test_nmi_reaches_the_kernel(running, amt):
    mark = running.mark()
    assert amt.power(wsman.POWER_NMI) == 0
    running.wait_serial(b"NMI received", mark, 15)
    assert running.is_active()


def test_graceful_off_is_the_guests_own(running, amt):
    mark = running.mark()
    assert amt.power(wsman.POWER_OFF_GRACEFUL) == 0
    wait_until("libvirt says shut off", lambda: not running.is_active())
    shown = running.serial()[mark:]
    assert b"power button" in shown and b"reboot: Power down" in shown
    wait_state(amt, wsman.POWER_OFF)


def test_graceful_reset_is_the_guests_own(running, amt):
    mark = running.mark()
    assert amt.power(wsman.POWER_RESET_GRACEFUL) == 0
    running.wait_serial(UP, mark)
    assert b"power button" in running.serial()[mark:]
    wait_state(amt, wsman.POWER_ON)
