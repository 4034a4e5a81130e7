# SPDX-License-Identifier: ISC
"""Memory rights, and what the firmware says and does when it fails."""
import re

import pytest

from qemu_machine import Machine

# Fault, and the page fault's error code: 1 present, 2 write, 10 instruction fetch.
FAULTS = {"write-text": "3", "write-constant": "3", "write-page-table": "3", "run-data": "11",
          "run-constant": "11", "run-stack": "11", "run-heap": "11", "run-nvram": "11",
          "run-device": "11", "run-null": "10", "read-null": "0", "write-null": "2",
          "write-reset-page": "3", "exhaust-stack": "2"}


@pytest.mark.parametrize("fault", FAULTS)
def test_forbidden_access_faults(fault):
    with Machine("crash", "--seed", "fault=" + fault, "--seed", "panic=halt") as machine:
        machine.wait("test: trying " + fault)
        line = machine.wait("PANIC")
        assert "page fault (exception 14, error %s) at " % FAULTS[fault] in line
        assert "went through" not in machine.log()


def test_smashed_stack_is_noticed():
    with Machine("crash", "--seed", "fault=smash-stack", "--seed", "panic=halt") as machine:
        assert "stack smashed" in machine.wait("PANIC")


def test_panic_says_file_line_and_registers():
    with Machine("crash", "--seed", "fault=panic", "--seed", "panic=halt") as machine:
        machine.wait("  calls")
        log = machine.log()
        assert re.search(r"PANIC tests/qemu/images/crash\.c:\d+: told to, 42\n", log)
        for register in ("rip", "rsp", "rax", "r15"):
            assert re.search(register + r" +[0-9a-f]{16}", log)


def test_panic_restarts_the_firmware():
    with Machine("crash", "--seed", "fault=panic") as machine:
        machine.wait("test: trying panic", 2)


def test_panic_halts_when_told_to():
    with Machine("crash", "--seed", "fault=panic", "--seed", "panic=halt",
                 qemu=["-no-reboot"]) as machine:
        machine.wait("  calls")
        assert machine.command_qmp("query-status")["running"]


@pytest.mark.parametrize("fault", ["write-text", "run-data", "run-stack", "read-null", "run-null",
                                   "exhaust-stack", "smash-stack"])
def test_violation_restarts_the_firmware(fault):
    with Machine("crash", "--seed", "fault=" + fault) as machine:
        machine.wait("test: trying " + fault, 2)
        assert machine.log().index("PANIC") < machine.log().rindex("trying")
        assert "watchdog" not in machine.log()


def test_canary_differs_from_boot_to_boot():
    canaries = set()
    with Machine("crash", "--seed", "fault=none") as machine:
        for boot in range(1, 4):
            canaries.add(machine.wait("test: canary", boot).split()[-1])
            machine.command_qmp("system_reset")
    assert len(canaries) == 3
    assert all(canary.endswith("00") and int(canary, 16) for canary in canaries)


def test_stack_high_water_mark():
    with Machine("crash", "--seed", "fault=none") as machine:
        most, _, size = machine.wait("test: end, stack").split()[-3:]
        assert 256 < int(most) < int(size) / 4


def test_no_fault_no_panic():
    """The other side of the tests above: the same image without a forbidden thing to do."""
    with Machine("crash", "--seed", "fault=none") as machine:
        machine.wait("test: end")
        assert "PANIC" not in machine.log()
