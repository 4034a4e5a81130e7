# SPDX-License-Identifier: ISC
"""A live migration to another QEMU: the firmware goes on, announces itself, keeps its port."""
import time

from qemu_machine import Machine, connect


def wait_completed(machine):
    end = time.monotonic() + 30
    while machine.command_qmp("query-migrate").get("status") != "completed":
        assert time.monotonic() < end, machine.command_qmp("query-migrate")
        time.sleep(0.05)


def test_firmware_goes_on_in_another_qemu(tmp_path):
    stream = "unix:%s" % (tmp_path / "migration")
    with Machine("reflect", "--host-socket", str(tmp_path / "there"),
                 qemu=["-incoming", stream]) as there:
        with Machine("reflect", "--host-socket", str(tmp_path / "here")) as here:
            here.wait("test: started")
            with connect(str(tmp_path / "here")) as port:
                here.wait("hostport open, opens 1")
                there.command_qmp("query-status")  # it listens
                here.command_qmp("migrate", uri=stream)
                wait_completed(here)
        with connect(str(tmp_path / "there")) as port:
            there.wait("test: announce")
            port.sendall(b"still here")
            assert port.recv(100) == b"still here"
        assert "test: started" not in there.log()
