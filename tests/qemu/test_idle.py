# SPDX-License-Identifier: ISC
"""Wake-ups, counted from outside: QEMU's own log of the interrupts that the CPU takes."""
import os
import time

import pytest

from qemu_machine import Machine

WATCH_S = 3
pytestmark = pytest.mark.skipif(os.environ.get("VAMT_ACCEL", "tcg") != "tcg",
                                reason="only TCG logs the interrupts that the CPU takes")


def interrupts(machine, path):
    """Interrupts taken during WATCH_S seconds after the boot."""
    machine.wait("test: started")
    time.sleep(0.5)
    before = path.read_text(errors="replace").count("Servicing hardware INT")
    time.sleep(WATCH_S)
    return path.read_text(errors="replace").count("Servicing hardware INT") - before


def test_nothing_to_do_no_wake_ups(tmp_path):
    path = tmp_path / "int"
    with Machine("reflect", qemu=["-d", "int", "-D", str(path)]) as machine:
        assert interrupts(machine, path) <= 1


def test_deadline_wakes_once(tmp_path):
    """The boot image sleeps for a second at a time."""
    path = tmp_path / "int"
    with Machine("boot", qemu=["-d", "int", "-D", str(path)]) as machine:
        assert WATCH_S - 1 <= interrupts(machine, path) <= WATCH_S + 2
