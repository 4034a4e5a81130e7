# SPDX-License-Identifier: ISC
"""Sleep and wake of the whole firmware in QEMU: frame by frame on the wire, requests through
QEMU's network, and a CPU that really sleeps. Times are checked from below only."""
import os
import socket
import struct
import sys
import time

import pytest

from qemu_machine import TOP, WAIT_S, Machine

sys.path.insert(0, os.path.join(TOP, "tests/sim"))
import console  # noqa: E402
from shim_double import ShimDouble  # noqa: E402

IMAGE = os.path.join(TOP, "build/qemu-x86/vamt")
PASSWORD = "Sleep-Test-1"
US, THEM = b"\x52\x54\x00\x09\x09\x09", b"\x52\x54\x00\x12\x34\x56"
OUR_IP, THEIR_IP = bytes([10, 0, 2, 9]), bytes([10, 0, 2, 15])
IDLE, WAKE, DIGEST, GET = 0.2, 0.7, 0.02, 0.04
SLACK = 0.02  # the guest's clock is calibrated, not exact
SYN, RST, ACK = 2, 4, 16
PROFILE = f"""profile = sleepy
m3.digest = {DIGEST} s
m3.get = {GET} s
sleep.idle = 1
sleep.minute = {IDLE} s
sleep.extra = 0 s
wake.time = {WAKE} s
"""
AWAKE_FOR_LONG = "set sleep.minute = 1.5 s\n"  # the test must come before it sleeps again


class Sleeper:
    """A companion with a host that is on, until switch(False)."""

    def __init__(self, folder, profile="", network=None, qemu=()):
        self.port = 0 if network else free_port()
        options = ["--port", str(self.port), "--host-socket", str(folder / "host"),
                   "--seed", "admin-password=" + PASSWORD, "--seed", "latency=" + PROFILE + profile]
        if network:
            options += ["--netdev", network, "--seed", "network=static 10.0.2.15/24"]
        self.machine = Machine(IMAGE, *options, qemu=qemu)
        self.folder = folder

    def __enter__(self):
        self.machine.__enter__()
        self.machine.wait("is up")
        self.machine.wait("net: address")
        self.host = ShimDouble(self.folder / "host", self.folder)
        assert self.host.ready.wait(WAIT_S)
        return self

    def __exit__(self, *exception):
        self.host.close()
        self.machine.__exit__(*exception)

    def count(self, text):
        return self.machine.log().count(text)

    def switch(self, is_on):
        self.host.is_on = is_on
        self.host.tell()

    def fall_asleep(self):
        before = self.count("-> Moff")
        start = time.monotonic()
        self.switch(False)
        self.machine.wait("-> Moff", before + 1)
        assert time.monotonic() - start >= IDLE - SLACK

    def connect(self, _, timeout=WAIT_S):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def get(self):
        """How long a Get takes with a connection of its own, 401 included."""
        start = time.monotonic()
        client = console.Console(self, PASSWORD)
        assert client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})["InstanceID"] == "AMT"
        client.close()
        return time.monotonic() - start


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# --- frames ---

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack(">H", ~total & 0xffff)


def packet(protocol, body):
    head = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(body), 1, 0, 64, protocol)
    rest = OUR_IP + THEIR_IP
    return THEM + US + b"\x08\x00" + head + checksum(head + b"\0\0" + rest) + rest + body


def arp():
    return (b"\xff" * 6 + US + bytes.fromhex("08060001080006040001") + US + OUR_IP + bytes(6) +
            THEIR_IP)


def ping(size=56):
    rest = struct.pack(">HH", 7, 1) + os.urandom(size)
    return packet(1, b"\x08\0" + checksum(b"\x08\0\0\0" + rest) + rest)


def syn(port):
    body = struct.pack(">HHIIBBHHH", port, 16992, 1000, 0, 0x50, SYN, 8000, 0, 0)
    right = checksum(OUR_IP + THEIR_IP + struct.pack(">HH", 6, 20) + body)
    return packet(6, body[:16] + right + body[18:])


def is_arp_reply(frame):
    return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02" and frame[:6] == US


def is_ping_reply(question):
    """Byte for byte what it should be, but for the time to live."""
    def is_it(frame):
        return (frame[:14] == US + THEM + b"\x08\0" and frame[23:24] == b"\x01" and
                frame[34:36] == b"\0\0" and checksum(frame[14:34]) == b"\0\0" and
                checksum(frame[34:]) == b"\0\0" and frame[38:] == question[38:] and
                frame[26:34] == THEIR_IP + OUR_IP)
    return is_it


def is_syn_ack(port):
    def is_it(frame):
        return (frame[12:14] == b"\x08\0" and frame[23:24] == b"\x06" and
                frame[36:38] == struct.pack(">H", port) and frame[47] == SYN | ACK)
    return is_it


class Wire:
    """The machine's network: a pair of datagram sockets, no one else on it."""

    def __init__(self, folder):
        self.backend = ("dgram,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
                        % (folder / "machine", folder / "test"))
        self.peer = str(folder / "machine")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(folder / "test"))

    def send(self, frame):
        """When it was sent."""
        now = time.monotonic()
        self.sock.sendto(frame, self.peer)
        return now

    def hear(self, wanted, seconds=WAIT_S):
        """When a frame came that `wanted` likes; None if none came."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                frame = self.sock.recv(2000)
            except TimeoutError:
                return None
            if wanted(frame):
                return time.monotonic()


@pytest.fixture
def wired(tmp_path):
    """wired(PROFILE LINES): a sleeper and its wire."""
    wire = Wire(tmp_path)
    made = []

    def make(profile=""):
        made.append(Sleeper(tmp_path, profile, network=wire.backend))
        return made[0].__enter__(), wire
    yield make
    for each in made:
        each.__exit__(None, None, None)
    wire.sock.close()


def test_card_answers_for_the_sleeper(wired):
    sleeper, wire = wired()
    sleeper.fall_asleep()
    for size in (0, 1, 56, 1472):
        question = ping(size)
        wire.send(question)
        assert wire.hear(is_ping_reply(question)), size
    wire.send(arp())
    assert wire.hear(is_arp_reply)
    assert sleeper.count("waking") == 0


def test_syn_is_answered_after_the_wake_time(wired):
    """All that came meanwhile is, in its order: the SYNs of two clients, one sent twice."""
    sleeper, wire = wired(AWAKE_FOR_LONG)
    sleeper.fall_asleep()
    start = wire.send(syn(4001))
    wire.send(syn(4001))
    wire.send(syn(4002))
    wire.send(arp())
    assert wire.hear(is_arp_reply)  # the card
    # the engine does not know us any more, and asks
    first = wire.hear(lambda f: f[12:14] == b"\x08\x06" and f[38:42] == OUR_IP)
    assert first - start >= WAKE - SLACK
    sleeper.machine.wait("waking -> M3")
    wire.send(arp())
    for port in (4001, 4002):
        wire.send(syn(port))
        assert wire.hear(is_syn_ack(port)), port
    assert sleeper.count("Moff -> waking") == 1


@pytest.mark.parametrize("question", [arp(), ping()], ids=["arp", "ping"])
def test_mute_card(wired, question):
    """It answers nothing by itself; the question wakes the engine, which answers it."""
    reply = is_arp_reply if question == arp() else is_ping_reply(question)
    sleeper, wire = wired("sleep.arp = off\nsleep.ping = off\n")
    wire.send(arp())  # so that the engine knows us
    assert wire.hear(is_arp_reply)
    sleeper.fall_asleep()
    start = wire.send(question)
    assert wire.hear(reply) - start >= WAKE - SLACK
    assert sleeper.count("Moff -> waking") == 1


# --- requests ---

def test_first_request_is_slow_and_the_second_fast(tmp_path):
    with Sleeper(tmp_path, AWAKE_FOR_LONG) as sleeper:
        sleeper.fall_asleep()
        assert sleeper.get() >= WAKE + DIGEST + GET - SLACK
        assert sleeper.get() >= DIGEST + GET - SLACK
        assert sleeper.count("Moff -> waking") == 1
        # again asleep, and woken by the host this time
        sleeper.machine.wait("-> Moff", 2)
        sleeper.switch(True)
        sleeper.machine.wait("-> M0")
        assert sleeper.get() < WAKE
        time.sleep(2)
        assert sleeper.count("-> Moff") == 2
        assert sleeper.count("Moff -> waking") == 1


def test_on_in_s0_only(tmp_path):
    keys = {"InstanceID": "SCHEME 0", "SchemeGUID": "lE+DEvsQT9yWjh4jKwyQZQ=="}
    with Sleeper(tmp_path, "set sleep.idle = never\n") as sleeper:
        client = console.Console(sleeper, PASSWORD)
        client.invoke("AMT_SystemPowerScheme", "SetPowerScheme", selectors=keys)
        client.close()
        sleeper.switch(False)
        sleeper.machine.wait("-> Moff")
        with pytest.raises((OSError, AssertionError)), sleeper.connect(0, 2) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100)
        sleeper.switch(True)
        sleeper.machine.wait("-> M0")
        sleeper.get()
        assert sleeper.count("waking") == 0


def test_stuck_asleep(tmp_path):
    with Sleeper(tmp_path) as sleeper:
        sleeper.fall_asleep()
        sleeper.host.tune("FAULTS", "asleep")
        sleeper.machine.wait("fault: rule 1: asleep")
        with pytest.raises((OSError, AssertionError)), sleeper.connect(0, 2) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100)
        assert sleeper.count("waking") == 0
        sleeper.host.tune("FAULTS", "")
        sleeper.machine.wait("Moff -> waking")
        sleeper.get()


# --- the CPU ---

@pytest.mark.skipif(os.environ.get("VAMT_ACCEL", "tcg") != "tcg",
                    reason="only TCG logs the interrupts that the CPU takes")
def test_cpu_sleeps_too(tmp_path):
    """Not one wake-up in seconds, and one answer costs but a few."""
    log = tmp_path / "int"
    wire = Wire(tmp_path)

    def interrupts():
        return log.read_text(errors="replace").count("Servicing hardware INT")

    with wire.sock, Sleeper(tmp_path, network=wire.backend,
                            qemu=["-d", "int", "-D", str(log)]) as sleeper:
        sleeper.fall_asleep()
        time.sleep(1)
        before = interrupts()
        time.sleep(4)
        assert interrupts() - before <= 1
        question = ping()
        wire.send(question)
        assert wire.hear(is_ping_reply(question))
        time.sleep(1)
        assert 1 <= interrupts() - before <= 8
        assert sleeper.count("waking") == 0
