# SPDX-License-Identifier: ISC
"""Sleep and wake of the management engine seen from outside: ARP, ping, TCP and WS-Management on
a tap interface, with a host that is switched by shim_double.py. Needs root. Times are checked
from below only, for the machine may be busy: nothing may come before the model says."""
import ctypes
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import time

import pytest

import console
from conftest import Sim, built
from shim_double import ShimDouble

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/dev/net/tun") or not shutil.which("ping"),
    reason="needs root, /dev/net/tun and ping")
NAME = f"vamts{os.getpid()}"
PASSWORD = "Sleep-Test-1"
US, THEM = "192.168.78.1", "192.168.78.5"
MAC = bytes.fromhex("5254 00a0 0001")
IDLE, WAKE, DIGEST, GET = 0.2, 0.7, 0.02, 0.04
SLACK = 0.002  # the clocks on both sides are read at slightly different moments
PROFILE = f"""profile = sleepy
m3.digest = {DIGEST} s
m3.get = {GET} s
sleep.idle = 1
sleep.minute = {IDLE} s
sleep.extra = 0 s
wake.time = {WAKE} s
"""
S0_ONLY = {"InstanceID": "SCHEME 0", "SchemeGUID": "lE+DEvsQT9yWjh4jKwyQZQ=="}
CLONE_NEWNET = 0x40000000


def run(*command, check=True):
    return subprocess.run(command, check=check, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60)


def inside(*command, check=True):
    return run("ip", "netns", "exec", NAME, *command, check=check)


def in_namespace(make):
    """What make() gives, run in the namespace; a socket made there stays there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as ours, open(f"/run/netns/{NAME}", "rb") as theirs:
        assert libc.setns(theirs.fileno(), CLONE_NEWNET) == 0
        try:
            return make()
        finally:
            assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0


@pytest.fixture(scope="module")
def namespace():
    made = run("ip", "netns", "add", NAME, check=False)
    if made.returncode != 0:
        pytest.skip(f"no network namespaces here: {made.stderr.strip()}")
    try:
        inside("ip", "tuntap", "add", "tap0", "mode", "tap")
        inside("ip", "address", "add", US + "/24", "dev", "tap0")
        inside("ip", "link", "set", "tap0", "up")
        yield NAME
    finally:
        run("ip", "netns", "delete", NAME)


class Device:
    """The firmware, its host, and what a console on the same wire sees of them."""

    def __init__(self, folder, profile):
        seeds = {"admin-password": PASSWORD, "network": f"static {THEM}/24",
                 "latency": PROFILE + profile}
        for name, text in seeds.items():
            (folder / name).write_text(text + "\n")
        self.sim = Sim(built("vamt-sim"), [],
                       ["--tap", "tap0", "--seed-dir", folder, "--hostport", folder / "host"],
                       prefix=["ip", "netns", "exec", NAME], ready="address ")
        try:
            self.host = ShimDouble(folder / "host", folder)
        except BaseException:
            self.sim.stop()
            raise
        assert self.host.ready.wait(10)
        self.wire = in_namespace(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                                       socket.htons(3)))
        self.wire.bind(("tap0", 0))
        self.consoles = []

    def close(self):
        for each in self.consoles:
            each.close()
        self.wire.close()
        self.host.close()
        assert self.sim.stop(), "the firmware has ended by itself:\n" + self.sim.log.decode()

    # --- the log ---
    def wait(self, text, count=1, seconds=10):
        """Until the log holds `text` so many times."""
        end = time.monotonic() + seconds
        while self.count(text) < count:
            assert time.monotonic() < end, f"no {text!r} in:\n{self.sim.log.decode()}"
            self.read_log(0.05)

    def read_log(self, seconds=0.0):
        while select.select([self.sim.process.stderr], [], [], seconds)[0]:
            data = os.read(self.sim.process.stderr.fileno(), 65536)
            assert data, "the firmware has ended:\n" + self.sim.log.decode()
            self.sim.log += data
            seconds = 0

    def count(self, text):
        self.read_log()
        return self.sim.log.count(text.encode())

    # --- the host ---
    def switch(self, is_on):
        self.host.is_on = is_on
        self.host.tell()

    def fall_asleep(self):
        """Off, and asleep; returns how long that took."""
        before = self.count("-> Moff")
        start = time.monotonic()
        self.switch(False)
        self.wait("-> Moff", before + 1)
        return time.monotonic() - start

    # --- the wire ---
    def ping(self, count=1, wait=1):
        out = inside("ping", "-n", "-c", str(count), "-i", "0.2", "-W", str(wait), THEM,
                     check=False).stdout
        return int(re.search(r"(\d+) received", out).group(1))

    def forget_neighbour(self):
        inside("ip", "neighbour", "flush", "dev", "tap0")

    def know_neighbour(self):
        inside("ip", "neighbour", "replace", THEM, "lladdr", MAC.hex(":"), "dev", "tap0")

    def hear(self, seconds, wanted):
        """When the first frame from the firmware came that `wanted` likes; else None."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.wire], [], [], left)[0]:
                return None
            frame = self.wire.recv(2000)
            if frame[6:12] == MAC and wanted(frame):
                return time.monotonic()

    def drain(self):
        """Forget what was heard so far; returns how many frames that were, of both sides."""
        count = 0
        while select.select([self.wire], [], [], 0)[0]:
            self.wire.recv(2000)
            count += 1
        return count

    def ask_arp(self):
        ours = bytes.fromhex("525400090909")
        self.wire.send(b"\xff" * 6 + ours + bytes.fromhex("08060001080006040001") + ours +
                       socket.inet_aton("192.168.78.9") + bytes(6) + socket.inet_aton(THEM))

    def connect(self, port, timeout=20):
        return in_namespace(lambda: socket.create_connection((THEM, port), timeout=timeout))

    def console(self):
        self.consoles.append(console.Console(self, PASSWORD))
        return self.consoles[-1]

    def get(self):
        """How long a Get takes with a connection of its own, 401 included."""
        start = time.monotonic()
        client = self.console()
        assert client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})["InstanceID"] == "AMT"
        client.close()
        return time.monotonic() - start


@pytest.fixture
def device(namespace, tmp_path):
    """device(PROFILE LINES) starts one."""
    made = []

    def make(profile=""):
        inside("ip", "neighbour", "flush", "dev", "tap0")
        made.append(Device(tmp_path, profile))
        return made[0]
    yield make
    for each in made:
        each.close()


def is_arp_reply(frame):
    return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02"


def is_announcement(frame):
    return frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]


# --- asleep ---

def test_card_answers_for_the_sleeper(device):
    d = device()
    assert d.fall_asleep() >= IDLE - SLACK
    d.forget_neighbour()
    assert d.ping(count=3) == 3
    d.ask_arp()
    assert d.hear(5, is_arp_reply)
    time.sleep(0.3)
    assert d.count("waking") == 0


def test_sleeper_causes_no_wake_ups(device):
    d = device()
    d.fall_asleep()
    d.forget_neighbour()  # or the kernel asks after it
    time.sleep(0.5)
    d.drain()
    before = d.sim.wakeups()
    time.sleep(4)
    woken = d.sim.wakeups() - before
    assert woken <= 2 + d.drain()  # Linux speaks on the wire by itself, IPv6 for one
    assert d.count("waking") == 0


def test_mute_card_answers_no_arp(device):
    """... but is woken by it, and then answers."""
    d = device("sleep.arp = off\nsleep.ping = off")
    d.fall_asleep()
    d.drain()
    start = time.monotonic()
    d.ask_arp()
    assert d.hear(10, is_arp_reply) - start >= WAKE - SLACK
    d.wait("waking -> M3")


def test_mute_card_is_woken_by_ping(device):
    d = device("sleep.ping = off")
    d.know_neighbour()
    d.fall_asleep()
    start = time.monotonic()
    assert d.ping(wait=10) == 1
    assert time.monotonic() - start >= WAKE - SLACK
    assert d.count("Moff -> waking") == 1


def test_nothing_is_kept(device):
    """wake.hold = 0: what woke the engine is lost, and the client's own repetition answered."""
    d = device("wake.hold = 0\nsleep.ping = off\nset sleep.minute = 2 s")
    d.know_neighbour()
    d.fall_asleep()
    assert d.ping(wait=1) == 0
    d.wait("waking -> M3")
    assert d.ping(wait=5) == 1
    d.wait("M3 -> Moff", 2)
    start = time.monotonic()
    d.connect(16992).close()
    assert time.monotonic() - start >= 1 - SLACK  # of the kernel's first repetition


# --- waking up ---

def test_first_request_is_slow_and_the_second_fast(device):
    d = device("set sleep.minute = 1.5 s")
    d.fall_asleep()
    assert d.get() >= WAKE + DIGEST + GET - SLACK
    second = d.get()
    assert second >= DIGEST + GET - SLACK
    assert second < WAKE
    assert d.count("Moff -> waking") == 1
    # left alone it sleeps again
    d.wait("M3 -> Moff", 2)
    assert d.get() >= WAKE + DIGEST + GET - SLACK


def test_connection_is_made_after_the_wake_time(device):
    """Also if the client has repeated its SYN meanwhile: one connection, and it works."""
    d = device("set wake.time = 1.6 s")
    d.fall_asleep()
    d.drain()
    start = time.monotonic()
    with d.connect(16992) as sock:
        assert time.monotonic() - start >= 1.6 - SLACK
        answers = 0
        while d.hear(0.1, lambda frame: frame[23:24] == b"\x06" and frame[47] == 0x12):
            answers += 1
        assert answers >= 1
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(1000).startswith(b"HTTP/1.1 ")


def test_neighbours_are_told(device):
    d = device("wake.announce = 2\nset sleep.minute = 2 s")
    d.fall_asleep()
    d.drain()
    d.connect(16992).close()
    assert d.hear(5, is_announcement)
    assert d.hear(5, is_announcement)
    assert not d.hear(0.6, is_announcement)


def test_open_connection_keeps_it_awake(device):
    d = device()
    d.fall_asleep()
    with d.connect(16992):
        d.wait("waking -> M3")
        time.sleep(5 * IDLE)
        assert d.count("-> Moff") == 1
    d.wait("-> Moff", 2, seconds=20)


def test_traffic_keeps_it_awake(device):
    """UDP to no open port is traffic, too."""
    d = device("set sleep.minute = 1 s")
    d.fall_asleep()
    sock = in_namespace(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    with sock:
        sock.sendto(b"up!", (THEM, 623))
        d.wait("waking -> M3")
        for _ in range(20):
            try:
                sock.sendto(b"stay up!", (THEM, 623))
            except ConnectionRefusedError:
                pass
            time.sleep(0.1)
        assert d.count("-> Moff") == 1
        d.wait("-> Moff", 2)


# --- the host ---

def test_host_that_goes_on_wakes_it(device):
    d = device("set wake.time = 9 s")
    d.fall_asleep()
    start = time.monotonic()
    d.switch(True)
    d.wait("-> M0")
    d.get()
    assert time.monotonic() - start < 9
    time.sleep(5 * IDLE)
    assert d.count("-> Moff") == 1
    assert d.count("waking") == 0


def test_host_that_is_on_keeps_it_awake(device):
    d = device()
    time.sleep(5 * IDLE)
    assert d.ping() == 1
    assert d.count("Moff") == 0


def test_on_in_s0_only(device):
    """The other power package: without the host there is no engine, and nothing wakes it."""
    d = device("set sleep.idle = never")
    d.console().invoke("AMT_SystemPowerScheme", "SetPowerScheme", selectors=S0_ONLY)
    client = d.consoles[-1]
    d.fall_asleep()
    assert d.ping() == 1  # standby power
    with pytest.raises((TimeoutError, OSError)):
        d.connect(16992, timeout=2)
    assert d.count("waking") == 0
    d.switch(True)
    d.wait("-> M0")
    d.get()
    # the connection from before is gone, and the client is told so when it speaks
    with pytest.raises((ConnectionError, AssertionError)):
        client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})


@pytest.mark.parametrize("connections", ["keep", "drop"])
def test_network_restart(device, connections):
    down = 1.5
    d = device(f"set sleep.idle = never\nbounce.after = 100 ms\nbounce.down = {down} s\n"
               f"bounce.connections = {connections}")
    d.know_neighbour()
    client = d.console()
    client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})
    sock = client.sock
    d.drain()
    d.switch(False)
    d.wait("-> network restart")
    start = time.monotonic()
    d.drain()
    d.ask_arp()
    assert d.ping() == 0
    assert not d.hear(0.1, is_arp_reply)
    d.wait("network restart -> ")
    assert time.monotonic() - start >= down - 0.1 - SLACK
    assert d.ping() == 1
    if connections == "keep":
        client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})
        assert client.sock is sock
    else:
        with pytest.raises((ConnectionError, AssertionError)):
            client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})
    client.close()
    d.get()


# --- stuck ---

def test_stuck_asleep_until_the_fault_is_cleared(device):
    d = device()
    d.fall_asleep()
    d.host.tune("FAULTS", "asleep")
    d.wait("fault: rule 1: asleep")
    assert d.ping() == 1
    with pytest.raises((TimeoutError, OSError)):
        d.connect(16992, timeout=2)
    assert d.count("waking") == 0
    d.host.tune("FAULTS", "")
    d.wait("Moff -> waking")
    d.get()
