# SPDX-License-Identifier: ISC
"""tools/calibrate against the firmware with a known profile: it must give that profile back. How
closely is for a quiet machine and `make bench` to say; here no number may be too low, and no median
far too high. Its arithmetic to 3 %, and devices that are not ours, are in
tests/tools/test_calibrate.py."""
import os
import re
import subprocess

import pytest

from conftest import ROOT, Sim, built
from shim_double import ShimDouble

PASSWORD = "Slow-Test-1"
BELOW, ABOVE = -0.03, 0.15
KNOWN = (ROOT / "tests/sim/known.profile").read_text()
SAMPLES = ["--count", "40", "--power-count", "20", "--wakes", "20"]


def numbers(text):
    return {key: [float(word) for word in words.split()]
            for key, words in re.findall(r"(?m)^([\w.-]+) = ([\d. ]+) ms", text)}


@pytest.fixture
def place(tmp_path):
    """The firmware with a profile, and its host."""
    (tmp_path / "admin-password").write_text(PASSWORD + "\n")
    (tmp_path / "latency").write_text(KNOWN)
    sim = Sim(built("vamt-sim"), [16992, 16993], ["--seed-dir", tmp_path, "--hostport",
                                           tmp_path / "host"], ready="address 10.0.2.15")
    host = ShimDouble(tmp_path / "host", tmp_path)
    assert host.ready.wait(10)
    yield sim, host
    host.close()
    assert sim.stop(), "the firmware has ended by itself"


def calibrate(sim, *options):
    environment = dict(os.environ, VAMT_PASSWORD=PASSWORD)
    done = subprocess.run([ROOT / "tools/calibrate", "127.0.0.1:%d" % sim.ports[16992], *options],
                          env=environment, capture_output=True, text=True, check=False,
                          timeout=400, stdin=subprocess.DEVNULL)
    return done


def deviations(found):
    """{setting: [relative error of each number]}."""
    known = numbers(KNOWN)
    off = {}
    for key in known:
        if key.startswith(("m0.", "m3.", "wake.time")):
            assert len(found[key]) == 5, key
            off[key] = [(a - b) / b for a, b in zip(found[key], known[key])]
            print(key, " ".join("%+.1f %%" % (100 * each) for each in off[key]))
    return off


def test_a_known_profile_is_given_back(place):
    sim, host = place
    done = calibrate(sim, "--may-power", "--tls-port", str(sim.ports[16993]), "--settle", "0.02",
                     "--sleep-wait", "1.5", *SAMPLES)
    assert done.returncode == 0, done.stderr
    for key, each in deviations(numbers(done.stdout)).items():
        assert min(each) >= BELOW and each[2] <= ABOVE, (key, each)
    assert re.search(r"(?m)^sleep.idle = 5 ", done.stdout)
    assert "# wake.hold: the first frame was kept" in done.stdout
    assert host.is_on
    assert {action for action, _ in host.asked} == {"ON", "OFF"}
