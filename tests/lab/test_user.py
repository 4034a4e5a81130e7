# SPDX-License-Identifier: ISC
"""vamtd without root: a lab of another user, without a single capability, does the same; and what
vamtd has given up, seen from outside."""
import os
import pwd
import re
import subprocess

import pytest

from stage import TOP, wait_until

NOBODY = pwd.getpwnam("nobody")
LAB = os.path.join(TOP, "tools/lab")
VAMTCTL = os.path.join(TOP, "build/host-shim/vamtctl")


def facts_of(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return dict(re.findall(r"^(\w+):\s+(.*)$", status.read(), re.M))


def pid_in(path):
    import json
    with open(path, encoding="utf-8") as file:
        return json.load(file)["vamtd"][0]


@pytest.fixture(scope="module")
def nobodys(tmp_path_factory):
    """tools/lab as nobody, with an empty bounding set; its environment."""
    if os.geteuid() != 0:
        pytest.skip("root becomes another user here")
    folder = "/tmp/vamt-nobody-%d" % os.getpid()
    os.mkdir(folder, 0o700)
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    env = dict(os.environ, VAMT_LABS=folder, HOME=folder)

    def lab(*words):
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=%d" % NOBODY.pw_gid,
                               "--clear-groups", "--bounding-set=-all", "--no-new-privs", LAB,
                               *words, "--name", "n"], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
    try:
        lab("up")
        yield dict(line.split("=", 1) for line in lab("env").splitlines())
    finally:
        lab("down")
        subprocess.run(["rm", "-rf", folder], check=True)


def test_all_without_root(nobodys):
    env = dict(os.environ, **nobodys)
    facts = facts_of(pid_in(os.path.join(nobodys["LAB"], "facts.json")))
    assert facts["Uid"].split()[1] == str(NOBODY.pw_uid)
    for key in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(facts[key], 16) == 0
    text = wait_until("the status", lambda: re.search(r"^store: .*$", subprocess.run(
        [VAMTCTL, "status", "demo"], env=env, stdout=subprocess.PIPE,
        check=True).stdout.decode(), re.M))
    assert text
    subprocess.run([VAMTCTL, "latency", "demo", "amt7"], env=env, check=True)
    subprocess.run([VAMTCTL, "detach", "demo"], env=env, check=True)


def test_what_vamtd_gives_up(stage):
    """Root's vamtd in the lab: CAP_NET_RAW and CAP_DAC_OVERRIDE are left, and a filter."""
    facts = facts_of(pid_in(os.path.join(stage.env["LAB"], "facts.json")))
    allowed = 1 << 13 | 1 << 1
    assert int(facts["CapEff"], 16) & ~allowed == 0
    assert int(facts["CapPrm"], 16) & ~allowed == 0
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert stage.env["LIBVIRT_URI"].count("socket=") == 1


def test_unknown_user_is_refused(tmp_path):
    done = subprocess.run([os.path.join(TOP, "build/host-shim/vamtd"), "--user", "nosuchuser",
                           "--socket", str(tmp_path / "s"), "--state", str(tmp_path / "d")],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20,
                          check=False)
    assert done.returncode == 1
    assert b"user" in done.stderr


def test_root_becomes_the_user(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    folder = "/tmp/vamt-become-%d" % os.getpid()
    os.mkdir(folder, 0o755)
    process = subprocess.Popen([os.path.join(TOP, "build/host-shim/vamtd"), "--user", "nobody",
                                "--connect", "qemu+unix:///system?socket=/nonexistent",
                                "--socket", folder + "/r/s", "--state", folder + "/d"],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until("its socket", lambda: os.path.exists(folder + "/r/s"))
        facts = facts_of(process.pid)
        assert facts["Uid"].split() == [str(NOBODY.pw_uid)] * 4
        assert int(facts["CapEff"], 16) == 1 << 13
        assert int(facts["CapBnd"], 16) == 1 << 13
        assert facts["Seccomp"] == "2"
        for part in ("/d", "/r"):
            assert os.stat(folder + part).st_uid == NOBODY.pw_uid
    finally:
        process.terminate()
        process.wait()
        subprocess.run(["rm", "-rf", folder], check=True)
