# SPDX-License-Identifier: ISC
"""The NVRAM flash: what the image flasher.c writes is in the file, after any way of ending."""
import binascii
import re

import pytest

from qemu_machine import Machine, connect
from test_migration import wait_completed

BLOCK = 4096
KIB = 1024


def content(size, turn):
    return bytes((at * 7 + at // 256 + turn) & 0xff for at in range(size))


def blank(tmp_path, size=64 * KIB, fill=b"\xff"):
    path = tmp_path / "nvram.fd"
    path.write_bytes(fill * size)
    return path


def nvram(path, *options, **more):
    return Machine("flasher", "--nvram", str(path), *options, **more)


def said(machine, count=1):
    """blocks, size of each, checksum"""
    found = re.search(r"flash (\d+) of (\d+), crc (\w+)", machine.wait("test: flash", count))
    return int(found[1]), int(found[2]), int(found[3], 16)


def expected(size, turn):
    return size // BLOCK, BLOCK, binascii.crc32(content(size, turn))


@pytest.mark.parametrize("machine", ["q35", "pc"])
@pytest.mark.parametrize("size", [8 * KIB, 192 * KIB, 256 * KIB, 1024 * KIB])
def test_all_of_it_is_written(tmp_path, machine, size):
    """Blocks of 4 KiB; sizes that are no power of two too, which the chip's table does not know."""
    path = blank(tmp_path, size, b"\x00")
    with nvram(path, "--machine", machine, "--seed", "nvram=fill", "--seed", "turn=A") as m:
        assert said(m) == expected(size, ord("A"))
    assert path.read_bytes() == content(size, ord("A"))


def test_without_a_unit():
    with Machine("flasher") as m:
        m.wait("board: warning: no NVRAM (not found)")
        m.wait("test: flash none")
        assert "PANIC" not in m.log()


def test_read_only_unit_panics_but_does_not_hang(tmp_path):
    path = blank(tmp_path)
    unit = "if=pflash,unit=1,format=raw,readonly=on,file=%s" % path
    with Machine("flasher", "--seed", "nvram=fill", "--seed", "panic=halt",
                 qemu=["-drive", unit]) as m:
        m.wait("board: NVRAM: 16 blocks")
        m.wait("PANIC")
    assert path.read_bytes() == b"\xff" * 64 * KIB


def test_survives_reset_and_kill(tmp_path):
    path = blank(tmp_path)
    with nvram(path, "--seed", "nvram=fill", "--seed", "turn=B") as m:
        assert said(m) == expected(64 * KIB, ord("B"))
        m.process.kill()
        m.process.wait()
    with nvram(path) as m:
        assert said(m) == expected(64 * KIB, ord("B"))
        m.command_qmp("system_reset")
        assert said(m, 2) == expected(64 * KIB, ord("B"))


def test_survives_reset_in_the_middle_of_a_command(tmp_path):
    """The chip may be asked for anything but memory when the reset comes."""
    with nvram(blank(tmp_path), "--seed", "nvram=count") as m:
        for turn in range(5):
            m.wait("test: counted 0", turn + 1)
            m.command_qmp("system_reset")
        m.wait("test: counted 1024", 1)
        assert "PANIC" not in m.log()


def test_survives_migration_while_it_writes(tmp_path):
    """There and back again, on one file, as libvirt does it with shared storage."""
    path = blank(tmp_path)
    stream = "unix:%s" % (tmp_path / "migration")
    with nvram(path, "--seed", "nvram=count", qemu=["-incoming", stream]) as there:
        with nvram(path, "--seed", "nvram=count") as here:
            here.wait("test: counted 0")
            there.command_qmp("query-status")
            here.command_qmp("migrate", uri=stream)
            wait_completed(here)
        there.wait("test: counted", 2)
        assert "PANIC" not in there.log()


def test_survives_migration(tmp_path):
    path = blank(tmp_path)
    stream = "unix:%s" % (tmp_path / "migration")
    port = str(tmp_path / "there")
    with nvram(path, "--host-socket", port, qemu=["-incoming", stream]) as there:
        with nvram(path, "--seed", "nvram=fill", "--seed", "turn=C") as here:
            assert said(here) == expected(64 * KIB, ord("C"))
            there.command_qmp("query-status")
            here.command_qmp("migrate", uri=stream)
            wait_completed(here)
        with connect(port):
            there.command_qmp("system_reset")
        assert said(there) == expected(64 * KIB, ord("C"))
