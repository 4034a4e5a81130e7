# SPDX-License-Identifier: ISC
"""Fixtures for whole-stack tests on the sim board (the firmware as a Linux process)."""
import os
import pathlib
import select
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sim:
    """A running sim process; `ports` maps a guest port to the local port forwarded to it."""

    def __init__(self, program, guest_ports, args=(), prefix=(), ready="listening"):
        self.ports = {guest: free_port() for guest in guest_ports}
        command = [*prefix, str(program), *map(str, args)]
        for guest, local in self.ports.items():
            command += ["--forward", f"{local}:{guest}"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.log = b""
        if ready:
            self.wait_log(ready)

    def wait_log(self, text, seconds=10):
        """Read the log until `text` has appeared."""
        end = time.monotonic() + seconds
        fd = self.process.stderr.fileno()
        while text.encode() not in self.log:
            left = end - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise AssertionError(f"no {text!r} in log:\n{self.log.decode()}")
            data = os.read(fd, 65536)
            if not data:
                raise AssertionError(f"sim ended; log:\n{self.log.decode()}")
            self.log += data

    def connect(self, guest_port, timeout=10):
        s = socket.create_connection(("127.0.0.1", self.ports[guest_port]), timeout=timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def wakeups(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("voluntary_ctxt_switches:")[1].split()[0])

    def stop(self):
        alive = self.process.poll() is None
        if alive:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        return alive


def built(name):
    """VAMT_SIM_DIR: a folder with other builds of the programs, e.g. with sanitizers."""
    if "VAMT_SIM_DIR" in os.environ:
        return pathlib.Path(os.environ["VAMT_SIM_DIR"], name).resolve()
    program = ROOT / "build" / "sim" / name
    if not program.exists():
        subprocess.run(["make", "-s", str(program.relative_to(ROOT))], cwd=ROOT, check=True)
    return program


@pytest.fixture(scope="session")
def echo_program():
    return built("vamt-sim-echo")


@pytest.fixture
def echo(echo_program):
    sim = Sim(echo_program, [7, 9, 19])
    sim.wait_log("address 10.0.2.15")
    yield sim
    assert sim.stop(), f"the firmware ended by itself:\n{sim.log.decode()}"
