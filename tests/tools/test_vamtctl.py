# SPDX-License-Identifier: ISC
"""The command line of vamtctl, without a vamtd: what it asks for, what it refuses, what its
help says. A listener in this process takes its request."""
import os
import re
import socket
import subprocess
import threading
import urllib.parse

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VAMTCTL = os.path.join(TOP, "build/host-shim/vamtctl")
USAGE, NOT_FOUND, NO_DAEMON = 2, 3, 8

SLOW = """# Slow in everything.
profile = slow
seed = 5          # any
m0.get = 100 ms
"""


class Ctl:
    def __init__(self, folder):
        self.folder = folder
        self.profiles = folder / "profiles"
        self.profiles.mkdir()
        self.socket = str(folder / "socket")
        self.env = dict(os.environ, VAMT_SOCKET=self.socket, VAMT_PROFILES=str(self.profiles))

    def shipped(self, name, text):
        (self.profiles / (name + ".profile")).write_text(text)

    def run(self, *words):
        done = subprocess.run([VAMTCTL, *words], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=20, check=False, cwd=self.folder)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def asks(self, *words):
        """The request that it sends: command and keys."""
        got = []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.socket)
            listener.listen()
            listener.settimeout(10)

            def serve():
                with listener.accept()[0] as client, client.makefile("r") as lines:
                    got.append(lines.readline())
                    client.sendall(b"say fine\nend 0 \n")
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            result = self.run(*words)
            assert result == (0, "fine\n", ""), result
            thread.join()
        os.unlink(self.socket)
        command, *pairs = got[0].rstrip("\n").split(" ")
        return command, {key: urllib.parse.unquote(value) for key, value in
                         (pair.split("=", 1) for pair in pairs)}

    def refused(self, code, *words):
        """Its message, without its name; nothing was asked."""
        status, out, err = self.run(*words)
        assert (status, out) == (code, ""), (status, out, err)
        assert err.startswith("vamtctl: ") and err.count("\n") == 1, err
        return err[len("vamtctl: "):-1]


@pytest.fixture
def ctl(tmp_path):
    return Ctl(tmp_path)


def test_latency(ctl):
    ctl.shipped("slow", SLOW)
    assert ctl.asks("latency", "demo") == ("latency", {"domain": "demo"})
    command, keys = ctl.asks("latency", "demo", "slow")
    assert command == "latency" and sorted(keys) == ["domain", "text"]
    assert keys["text"] == "profile = slow\nseed = 5\nm0.get = 100 ms\n"


def test_latency_of_a_file(ctl):
    other = SLOW.replace("slow", "other")
    (ctl.folder / "mine").write_text(other)
    wanted = "profile = other\nseed = 5\nm0.get = 100 ms\n"
    for name in "mine", "./mine", str(ctl.folder / "mine"):
        assert ctl.asks("latency", "demo", name)[1]["text"] == wanted
    ctl.shipped("mine", SLOW)  # a shipped name is meant unless a path is given
    assert "profile = slow" in ctl.asks("latency", "demo", "mine")[1]["text"]
    assert ctl.asks("latency", "demo", "./mine")[1]["text"] == wanted
    (ctl.folder / "mine").write_text(wanted.rstrip("\n"))  # no newline at the end
    assert ctl.asks("latency", "demo", "./mine", "--seed", "6")[1]["text"] == \
        wanted.replace("5", "6")


def test_latency_changed(ctl):
    ctl.shipped("slow", SLOW)
    text = ctl.asks("latency", "--seed=9", "demo", "slow", "--set", "m0.get=200 ms",
                    "--set=m3.put = 1 s", "--set", "m0.get = 300 ms")[1]["text"]
    assert text == "profile = slow\nseed = 9\nm0.get = 300 ms\nm3.put = 1 s\n"


def test_long_comments_are_free(ctl):
    ctl.shipped("slow", "# word\n" * 5000 + SLOW)
    assert ctl.asks("latency", "demo", "slow")[1]["text"].startswith("profile = slow\n")
    ctl.shipped("slow", "# word\n" * 20000 + SLOW)
    assert ctl.refused(USAGE, "latency", "demo", "slow").endswith("slow.profile: too large")


def test_latency_refused(ctl):
    ctl.shipped("slow", SLOW)
    ctl.shipped("bad", SLOW + "\nm0.got = 1 s\n")
    assert ctl.refused(NOT_FOUND, "latency", "demo", "nope") == \
        "no profile nope (see: vamtctl profiles)"
    assert ctl.refused(NOT_FOUND, "latency", "demo", "./nope") == \
        "./nope: No such file or directory"
    assert ctl.refused(USAGE, "latency", "demo", ".") == ".: Is a directory"
    (ctl.folder / "empty").write_text("")
    assert ctl.asks("latency", "demo", "./empty")[1]["text"] == "profile = native\n"
    assert re.match(r"%s/bad\.profile:6: 'm0\.got' " % ctl.profiles,
                    ctl.refused(USAGE, "latency", "demo", "bad"))
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--set", "a=1").startswith(
        "--set a=1: 'a' is not a setting")
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--seed", "1", "--set",
                       "m0.get=soon").startswith("--set m0.get=soon: ")
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--seed", "x").startswith(
        "--seed x: seed takes ")
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--set", "a") == "--set takes KEY=VALUE"
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--set", "a=1\nb=2") == \
        "--set takes KEY=VALUE"
    assert ctl.refused(USAGE, "latency", "demo", "--seed", "1") == "--seed needs a PROFILE"
    assert ctl.refused(USAGE, "latency", "demo", "slow", "x") == "unexpected argument: x"
    assert ctl.refused(USAGE, "latency", "demo", "slow", "--foo").startswith(
        "unknown option for latency: --foo")
    assert ctl.refused(USAGE, "latency").startswith("latency needs a domain")


def test_fault(ctl):
    assert ctl.asks("fault", "demo") == ("fault", {"domain": "demo"})
    assert ctl.asks("fault", "demo", "add", "drop", "way=in", "share=10.0%") == (
        "fault", {"domain": "demo", "do": "add", "rule": "drop way=in share=10%"})
    assert ctl.asks("fault", "demo", "add", "drop way=in")[1]["rule"] == "drop way=in"
    assert ctl.asks("fault", "demo", "clear")[1] == {"domain": "demo", "do": "clear"}
    assert ctl.asks("fault", "demo", "clear", "2")[1] == {"domain": "demo", "do": "clear",
                                                         "number": "2"}
    assert ctl.asks("fault", "demo", "reset")[1] == {"domain": "demo", "do": "reset"}


def test_fault_refused(ctl):
    assert ctl.refused(USAGE, "fault", "demo", "add").startswith("add needs a rule")
    assert ctl.refused(USAGE, "fault", "demo", "add", "foo").startswith("'foo' is no kind")
    assert "share= takes" in ctl.refused(USAGE, "fault", "demo", "add", "drop", "share=1")
    assert ctl.refused(USAGE, "fault", "demo", "kill").startswith("unknown: fault kill")
    assert ctl.refused(USAGE, "fault", "demo", "clear", "1", "2") == "unexpected argument: 2"
    assert ctl.refused(USAGE, "fault", "demo", "reset", "1") == "unexpected argument: 1"
    assert ctl.refused(USAGE, "fault", "demo", "add", "drop " + "x" * 2000) == \
        "the rule is too long"
    assert ctl.refused(USAGE, "fault").startswith("fault needs a domain")


def test_profiles(ctl):
    ctl.shipped("slow", SLOW)
    ctl.shipped("fast", "profile = fast\ncalibrated = yes\n")
    ctl.shipped("bad", "profile = bad\n\nm0.got = 1 s\n")
    (ctl.profiles / "README").write_text("no profile")
    status, out, err = ctl.run("profiles")  # needs no vamtd
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["bad", "fast", "slow"]
    assert re.fullmatch(r"bad +bad +line 3: 'm0\.got' .*", lines[0])
    assert re.fullmatch(r"fast +calibrated *", lines[1])
    assert re.fullmatch(r"slow +uncalibrated +Slow in everything\.", lines[2])
    ctl.env["VAMT_PROFILES"] = "/nonexistent"
    assert ctl.refused(1, "profiles") == "/nonexistent: No such file or directory"
    assert ctl.refused(USAGE, "profiles", "x") == "unexpected argument: x"


def test_shipped_profiles(ctl):
    """Those of this tree, found from where vamtctl was built."""
    del ctl.env["VAMT_PROFILES"]
    status, out, _ = ctl.run("profiles")
    listed = {line.split()[0]: line.split(None, 2) for line in out.splitlines()}
    assert status == 0
    assert set(listed) >= {"native", "amt7", "amt11", "amt16"}
    assert listed["amt7"][1] == "calibrated"
    assert {listed[name][1] for name in ("amt11", "amt16")} == {"uncalibrated"}
    for name, words in listed.items():
        assert len(words) == 3 and len(words[2]) > 10, "%s has no description" % name
        assert ctl.asks("latency", "demo", name)[1]["text"].startswith("profile = %s\n" % name)


@pytest.mark.parametrize("command", ["attach", "detach", "list", "status", "log", "latency",
                                     "profiles", "fault"])
def test_help(ctl, command):
    status, out, err = ctl.run(command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith("Usage: vamtctl %s" % command)
    assert "Exit codes: " in out
    assert re.search(r"^  %s " % command, ctl.run("--help")[1], re.M)


def test_manual_has_every_command_and_option(ctl):
    with open(os.path.join(TOP, "host-shim/vamtctl.1"), encoding="ascii") as file:
        manual = file.read().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")
    text = ctl.run("--help")[1]
    for command in re.findall(r"^  ([a-z]+) ", text, re.M):
        assert re.search(r"^\.B %s$" % command, manual, re.M), command
        for option in re.findall(r"^  (--[a-z-]+)", ctl.run(command, "--help")[1], re.M):
            assert option in manual, option


def test_no_daemon(ctl):
    assert ctl.refused(NO_DAEMON, "fault", "demo").startswith("cannot reach vamtd at ")
