# SPDX-License-Identifier: ISC
"""What a console has written is there after every way in which the firmware can end: the whole
firmware, its store, the flash driver, QEMU's flash and its file."""
import os
import random
import re
import signal
import socket
import sys
import threading
import time

import pytest

from qemu_machine import TOP, WAIT_S, Machine
from test_migration import wait_completed

sys.path.insert(0, os.path.join(TOP, "tests/sim"))
import console  # noqa: E402

IMAGE = os.path.join(TOP, "build/qemu-x86/vamt")
PASSWORD = "Store-Test-1"
ROUNDS = 20
REPLY_S = 3


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Device:
    """A companion whose NVRAM is the file nvram.fd of the folder."""

    def __init__(self, folder, qemu=(), seeds=()):
        self.nvram = folder / "nvram.fd"
        if not self.nvram.exists():
            self.nvram.write_bytes(b"\xff" * (256 * 1024))
        self.port = free_port()
        options = ["--port", str(self.port), "--nvram", str(self.nvram),
                   "--host-socket", str(folder / ("host%d" % self.port)),
                   "--seed", "admin-password=" + PASSWORD, "--seed", "store-key=" + "k" * 32]
        for seed in seeds:
            options += ["--seed", seed]
        self.machine = Machine(IMAGE, *options, qemu=qemu)

    def __enter__(self):
        self.machine.__enter__()
        return self

    def __exit__(self, *exception):
        self.machine.__exit__(*exception)

    def wait_up(self, count=1):
        self.machine.wait("is up", count)
        self.machine.wait("net: address", count)
        return self

    def connect(self, _, timeout=WAIT_S):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def name(self):
        client = console.Console(self, PASSWORD)
        try:
            return client.get("AMT_GeneralSettings")["HostName"]
        finally:
            client.close()

    def rename(self, name):
        client = console.Console(self, PASSWORD)
        put_name(client, client.get("AMT_GeneralSettings"), name)
        client.close()

    def kill(self):
        os.kill(self.machine.process.pid, signal.SIGKILL)
        self.machine.process.wait()


def put_name(client, settings, name):
    client.put("AMT_GeneralSettings", {**settings, "HostName": name})


def check(device, name, boots=1):
    device.wait_up(boots)
    assert device.name() == name
    assert "store: good" in device.machine.wait("store: ", boots)
    assert not re.search("factory|ruined|damaged", device.machine.log())


def test_settings_survive_reset_and_power_cut(tmp_path):
    with Device(tmp_path) as device:
        device.wait_up().rename("reset")
        device.machine.command_qmp("system_reset")
        check(device, "reset", 2)
        device.rename("cut")
        device.kill()
    with Device(tmp_path) as device:
        device.wait_up()
        check(device, "cut")


def test_settings_survive_migration(tmp_path):
    stream = "unix:%s" % (tmp_path / "migration")
    with Device(tmp_path) as here:
        here.wait_up().rename("before")
        with Device(tmp_path, qemu=["-incoming", stream]) as there:
            there.machine.command_qmp("query-status")
            here.machine.command_qmp("migrate", uri=stream)
            wait_completed(here.machine)
            here.kill()
            there.machine.wait("") if there.machine.log() else None
            there.rename("after")
            assert there.name() == "after"
            assert "is up" not in there.machine.log()
            there.kill()
    with Device(tmp_path) as device:
        device.wait_up()
        check(device, "after")


class Writer(threading.Thread):
    """Puts one name after the other until the connection ends."""

    def __init__(self, device, number):
        super().__init__(daemon=True)
        self.client = console.Console(device, PASSWORD)
        self.settings = self.client.get("AMT_GeneralSettings")
        self.number = self.tried = self.done = number
        self.client.sock.settimeout(REPLY_S)

    def run(self):
        try:
            while True:
                self.tried = self.done + 1
                put_name(self.client, self.settings, "n%d" % self.tried)
                self.done = self.tried
        except (OSError, AssertionError, TypeError):  # no reply, or half of one
            pass


def test_power_cut_at_any_moment(tmp_path):
    """kill -9 while a console writes: the old value or the new one, never neither, and what was
    confirmed is not lost."""
    moments = random.Random(4)
    number = 0
    puts = 0
    with Device(tmp_path) as device:
        device.wait_up().rename("n0")
        device.kill()
    for turn in range(ROUNDS):
        with Device(tmp_path) as device:
            device.wait_up()
            found = device.name()
            assert found in ("n%d" % number, "n%d" % (number + 1)), turn
            assert "store: good" in device.machine.wait("store: ")
            writer = Writer(device, int(found[1:]))
            writer.start()
            time.sleep(moments.uniform(0, 0.3))
            device.kill()
            writer.join(WAIT_S)
            assert not writer.is_alive()
            number = writer.done
            puts += writer.done - writer.number
    with Device(tmp_path) as device:
        assert device.wait_up().name() in ("n%d" % number, "n%d" % (number + 1))
    print("confirmed writes:", puts)
    assert puts > ROUNDS  # so that there was something to cut


def test_hung_firmware_keeps_its_settings(tmp_path):
    """A reset by QEMU, as the watchdog's is, while a console writes."""
    with Device(tmp_path) as device:
        device.wait_up().rename("n0")
        for turn in range(3):
            writer = Writer(device, int(device.name()[1:]))
            writer.start()
            time.sleep(0.1)
            device.machine.command_qmp("system_reset")
            device.wait_up(turn + 2)
            writer.client.close()
            writer.join(WAIT_S)
            assert device.name() in ("n%d" % writer.done, "n%d" % writer.tried)


def nonce(device):
    with device.connect(0) as sock:
        sock.sendall(b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        return re.search(rb'nonce="([^"]+)"', sock.recv(4096))[1]


def link(device):
    """The shim's end of the host port."""
    options = device.machine.command
    end = socket.socket(socket.AF_UNIX)
    end.connect(options[options.index("--host-socket") + 1])
    return end


def test_copies_of_one_machine_part(tmp_path):
    """Two machines restored from the same saved state: once the link is connected they have
    seeded their random numbers anew, and before it they are apart by their clocks."""
    state = tmp_path / "state"
    with Device(tmp_path) as device:
        device.wait_up()
        nonce(device)
        device.machine.command_qmp("migrate", uri="exec:cat >%s" % state)
        wait_completed(device.machine)
    seen = set()
    for _ in range(2):
        with Device(tmp_path, qemu=["-incoming", "exec:cat %s" % state]) as copy:
            end = time.monotonic() + WAIT_S
            while not copy.machine.command_qmp("query-status")["running"]:
                assert time.monotonic() < end
                time.sleep(0.05)
            seen.add(nonce(copy))
            with link(copy):
                copy.machine.wait("random numbers seeded anew")
                seen.add(nonce(copy))
    assert len(seen) == 4
