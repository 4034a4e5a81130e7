# SPDX-License-Identifier: ISC
"""A firmware that hangs is reset; one that idles is not. 30 s is the shortest that the device's
reserve allows, so these tests wait."""
import time

import pytest

from qemu_machine import Machine

FIRES_S = 30  # CONFIG_WATCHDOG_MS
IDLE_S = FIRES_S + 8


@pytest.mark.parametrize("fault", ["hang", "hang-halted"])
def test_hung_firmware_is_reset(fault):
    """hang: a loop, which never enables interrupts; hang-halted: no instruction at all."""
    with Machine("crash", "--seed", "fault=" + fault) as machine:
        machine.wait("test: trying " + fault)
        start = time.monotonic()
        machine.wait("test: trying " + fault, 2, FIRES_S + 10)
        assert FIRES_S - 3 <= time.monotonic() - start <= FIRES_S + 5
        machine.wait("board: error: the watchdog has restarted the firmware: no sign of life for")


def test_idle_firmware_is_not_reset():
    with Machine("reflect") as idle, Machine("boot") as second:
        idle.wait("test: started")
        second.wait("test: started")
        time.sleep(IDLE_S)
        for machine in (idle, second):
            assert machine.log().count("test: started") == 1


def test_other_restarts_are_not_its_doing():
    with Machine("boot") as machine:
        machine.wait("test: started")
        machine.command_qmp("system_reset")
        machine.wait("test: started", 2)
        assert "watchdog" not in machine.log()


def test_halted_panic_stays():
    """panic=halt asks for a machine that can be looked at."""
    with Machine("crash", "--seed", "fault=panic", "--seed", "panic=halt") as machine:
        machine.wait("  calls")
        time.sleep(FIRES_S + 3)
        assert machine.log().count("trying panic") == 1


def test_machine_without_one():
    with Machine("boot", "--no-watchdog") as machine:
        machine.wait("test: wakes")
