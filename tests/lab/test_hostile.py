# SPDX-License-Identifier: ISC
"""One companion that was taken over (hostile_peer.c), beside a good one (shim_peer.c), against one
vamtd: the other machine and its companion never change, the daemon lives and stays small, its log
stays readable."""
import os
import re
import subprocess
import time

import pytest

from stage import TOP, wait_until
from test_shim_link import ON, OFF, OK, Pair, bare, program  # noqa: F401 (fixtures)

MEMORY_KIB = 4096   # more than this over all the attacks is a leak


@pytest.fixture(scope="module")
def hostile_program(tmp_path_factory, program):  # noqa: F811
    path = str(tmp_path_factory.mktemp("hostile") / "hostile_peer")
    libs = ["build/host/libfw.a", "build/host/libdeps.a"]
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-g", "-Wall", "-Ifirmware", "-Ibuild/gen",
                    "-isystem", "build/deps/nanopb", "-DPB_FIELD_32BIT=1", "-o", path,
                    "tests/lab/hostile_peer.c", "-Wl,--gc-sections", "-Wl,--start-group"] + libs +
                   ["-Wl,--end-group"], cwd=TOP, check=True)
    return path


class Stand:
    """Two pairs: `bad` (hostile) and `good`."""

    def __init__(self, lab, hostile, good):
        self.lab = lab
        self.bad = Pair(lab, hostile)
        self.good = Pair(lab, good)
        wait_until("the good one", lambda: self.good.peer.snapshot().get("power") == "4")
        self.good_xml = self.good.host.XMLDesc(0)
        self.good_companion = self.good.companion.XMLDesc(0)
        self.daemon = lab_pid(lab)
        self.memory = resident(self.daemon)

    def settle(self):
        """After an attack: the daemon is the same process and serves both."""
        assert lab_pid(self.lab) == self.daemon
        wait_until("the hostile link is back or refused in order", lambda: self.lab.vamtctl(
            "status", self.bad.name)[0] == 0)
        text = self.lab.vamtctl("status", self.good.name)[1]
        assert "connected" in text, text
        assert self.good.host.XMLDesc(0) == self.good_xml
        assert self.good.companion.XMLDesc(0) == self.good_companion
        assert not self.good.host.isActive()
        assert resident(self.daemon) - self.memory < MEMORY_KIB

    def lines(self, mark):
        return [line for line in self.bad.peer.lines if line.startswith(mark)]

    def connected(self):
        wait_until("a session with the hostile one", lambda: "connected" in self.lab.vamtctl(
            "status", self.bad.name)[1])


def lab_pid(lab):
    import json
    with open(os.path.join(lab.env["LAB"], "facts.json"), encoding="utf-8") as facts:
        pid = json.load(facts)["vamtd"][0]
    assert os.path.exists("/proc/%d" % pid), "vamtd is gone"
    return pid


def resident(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


@pytest.fixture(scope="module")
def stand(bare, hostile_program, program):  # noqa: F811
    made = Stand(bare, hostile_program, program)
    yield made
    for pair in (made.bad, made.good):
        pair.peer.stop()
        for domain in (pair.companion, pair.host):
            if domain.isActive():
                domain.destroy()
            domain.undefine()


def test_foreign_ids(stand):
    """Ids of nobody, repeated and going back; only its own machine may ever move."""
    stand.connected()
    for number in (4294967295, 1, 7, 7, 3, 4294967294):
        stand.bad.peer.send("request %d %d 0" % (number, 7))
    time.sleep(0.5)
    stand.settle()


def test_actions_that_are_none(stand):
    stand.connected()
    for at, action in enumerate((-1, 0, 8, 9, 31, 127, 255, 65536, 2147483647, -2147483648)):
        stand.bad.peer.send("request %d %d %d" % (100 + at, action, at))
    wait_until("the refusals", lambda: len(stand.lines("response 10")) >= 10)
    assert {line.split()[2] for line in stand.lines("response 10")} == {"6"}, "BAD_REQUEST"
    assert not stand.bad.host.isActive()
    stand.settle()


@pytest.mark.parametrize("junk", ["5a" * 600, "ff" * 4000, "76414d546c696e6b" * 200, "00" * 8000],
                         ids=["letters", "ones", "hello", "zeroes"])
def test_garbage_frames(stand, junk):
    stand.connected()
    stand.bad.peer.send("raw " + junk)
    time.sleep(0.3)
    stand.settle()


@pytest.mark.parametrize("channel", [1, 2, 3])
def test_other_channels(stand, channel):
    stand.connected()
    stand.bad.peer.send("data %d %s" % (channel, "41" * 4000))
    wait_until("the link is dropped", lambda: "dropped" in stand.lab.vamtctl(
        "log", stand.bad.name)[1])
    stand.settle()


def test_oversized_message(stand):
    stand.connected()
    stand.bad.peer.send("data 0 ffffff7f" + "41" * 200)
    time.sleep(0.3)
    stand.settle()


def test_log_with_escapes(stand):
    stand.connected()
    text = b"\x1b[2J\x1b]0;owned\x07\r\nvamtd: %s: host is on" % stand.good.name.encode()
    line = "log 3 " + (text + b"A" * 255)[:255].hex()  # again: a session may just have ended
    wait_until("the line", lambda: stand.bad.peer.send(line) or "owned" in stand.lab.vamtctl(
        "log", stand.bad.name)[1])
    for shown in (stand.lab.vamtctl("log", stand.bad.name)[1], daemon_log(stand.lab)):
        assert "\x1b" not in shown and "\x07" not in shown and "\r" not in shown
        assert not re.search(r"^(vamtd: )?%s: host is on" % stand.good.name, shown, re.M)
    assert "owned" not in stand.lab.vamtctl("log", stand.good.name)[1]
    stand.settle()


def daemon_log(lab):
    with open(os.path.join(lab.env["LAB"], "vamtd.log"), encoding="utf-8",
              errors="replace") as log:
        return log.read()


def test_status_lies(stand):
    """The other's name in every text: shown as its own words, and nothing else."""
    stand.connected()
    before = stand.lab.vamtctl("status", stand.good.name)[1]
    stand.bad.peer.send("status " + stand.good.name)
    wait_until("the lie", lambda: "version:    " + stand.good.name in stand.lab.vamtctl(
        "status", stand.bad.name)[1])
    text = stand.lab.vamtctl("status", stand.bad.name)[1]
    assert "\x1b" not in text and "\r" not in text
    assert re.search(r"^domain: +%s$" % stand.bad.name, text, re.M)
    code, consent = stand.lab.vamtctl("consent", stand.bad.name, check=False)
    assert code == 1 and "\x1b" not in consent and "no digits" in consent
    after = stand.lab.vamtctl("status", stand.good.name)[1]
    assert re.sub("uptime.*", "", after) == re.sub("uptime.*", "", before)
    stand.settle()


def test_flood(stand):
    """Thousands of requests of all kinds: the log grows by a few lines, the good one is served."""
    stand.connected()
    before = len(daemon_log(stand.lab))
    stand.bad.peer.send("flood 5000")
    assert stand.good.peer.ask(ON) == OK
    assert stand.good.peer.ask(OFF) == OK
    wait_until("the good one is off", lambda: not stand.good.host.isActive())
    stand.good_xml = stand.good.host.XMLDesc(0)
    stand.settle()
    assert len(daemon_log(stand.lab)) - before < 60000


def test_reconnect_storm(stand):
    stand.connected()
    before = len(daemon_log(stand.lab))
    stand.bad.peer.send("storm 50")
    time.sleep(3)
    stand.bad.peer.send("storm 0")
    stand.settle()
    assert len(daemon_log(stand.lab)) - before < 20000
