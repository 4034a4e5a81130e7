# SPDX-License-Identifier: ISC
"""From the reset vector to running devices, on both machines, without a BIOS."""
import re
import time

import pytest

from qemu_machine import Machine

DEVICES = ("virtio network", "virtio serial", "virtio entropy")


def assert_devices(machine):
    machine.wait("test: started")
    for device in DEVICES:
        assert re.search(device + r" at [0-9a-f:.]+: ok", machine.log()), machine.log()


@pytest.mark.parametrize("kind", ["q35", "pc"])
def test_boots_and_finds_its_devices(kind):
    with Machine("boot", "--machine", kind) as machine:
        assert_devices(machine)


def test_too_little_ram():
    """Instead of failing later, when many clients come at once."""
    with Machine("boot", "--memory", "4") as machine:
        machine.wait("4096 KiB of RAM, 8192 are needed (QEMU: -m 8)")


def test_devices_behind_root_ports():
    with Machine("boot", "--root-ports") as machine:
        assert_devices(machine)
        assert "network at 01:00.0" in machine.log()


def test_devices_behind_a_bridge_behind_a_root_port():
    bridges = ["-device", "pcie-root-port,id=r,chassis=9",
               "-device", "pcie-pci-bridge,id=b,bus=r", "-device", "pci-bridge,id=c,bus=b,chassis_nr=9,addr=1",
               "-netdev", "user,id=second", "-device", "virtio-net-pci,bus=c,addr=3,netdev=second,romfile="]
    with Machine("boot", qemu=bridges) as machine:
        assert_devices(machine)
        # Found, although another one came first; both cannot be bus 0.
        machine.wait("test: mac")


def test_enters_flash_without_a_bios(tmp_path):
    """QEMU finds no firmware file at all in an empty data folder."""
    with Machine("boot", qemu=["-L", str(tmp_path)]) as machine:
        machine.wait("test: started")


@pytest.mark.parametrize("kilobytes", [64, 256])
def test_boots_with_a_second_flash_unit(tmp_path, kilobytes):
    nvram = tmp_path / "nvram.fd"
    nvram.write_bytes(bytes(kilobytes * 1024))
    with Machine("boot", "--nvram", str(nvram)) as machine:
        machine.wait("test: started")


def test_warm_resets_start_clean():
    """The log clock begins again, and what .bss held is gone: devices are found anew."""
    with Machine("boot") as machine:
        machine.wait("test: started")
        for number in range(2, 7):
            machine.command_qmp("system_reset")
            line = machine.wait("test: started", number)
            assert float(re.match(r"\[ *([0-9.]+)\]", line).group(1)) < 1
        assert machine.log().count("virtio network at") == 6
        assert machine.log().count("PANIC") == 0


def test_seeds_and_uuid():
    uuid = "00112233-4455-6677-8899-aabbccddeeff"
    with Machine("boot", "--seed", "word=a,b", "--uuid", uuid) as machine:
        machine.wait("test: seed 3 a,b")
        machine.wait("uuid " + uuid.replace("-", ""))


def test_missing_seed_is_not_found():
    with Machine("boot") as machine:
        machine.wait("test: seed -2")


def test_seed_larger_than_its_buffer_is_refused():
    with Machine("boot", "--seed", "word=" + 33 * "x") as machine:
        machine.wait("test: seed -4")


def test_wall_clock_is_the_hosts():
    with Machine("boot") as machine:
        wall = int(machine.wait("test: wall").split()[-1])
        assert abs(wall - time.time()) <= 3


def test_clock_runs_at_the_right_rate():
    with Machine("boot") as machine:
        machine.wait("test: wakes", 1)
        start = time.monotonic()
        machine.wait("test: wakes", 4)
        assert 2.7 < time.monotonic() - start < 3.6


def test_entropy_differs_between_boots():
    seen = set()
    for _ in range(2):
        with Machine("boot") as machine:
            seen.add(machine.wait("test: entropy").split()[-1])
    assert len(seen) == 2 and all(re.fullmatch("[0-9a-f]{32}", value) for value in seen)


def test_entropy_without_a_source_is_an_error():
    with Machine("boot", "--no-entropy", qemu=["-cpu", "qemu64,-rdrand"]) as machine:
        machine.wait("test: entropy none")


def test_entropy_from_the_cpu_alone():
    with Machine("boot", "--no-entropy", qemu=["-cpu", "max"]) as machine:
        assert re.search(r"entropy [0-9a-f]{32}", machine.wait("test: entropy"))
