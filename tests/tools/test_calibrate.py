# SPDX-License-Identifier: ISC
"""tools/calibrate: its arithmetic on samples of known spreads, its profiles as the firmware's
own parser reads them, and what it does with devices and operators that disagree.
tests/sim/test_calibrate.py measures the firmware with it."""
import importlib.machinery
import importlib.util
import io
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALIBRATE = ROOT / "tools" / "calibrate"
sys.path.insert(0, str(ROOT / "tools"))
import calibrate_stats as stats  # noqa: E402
from drawn_device import DrawnDevice, read_profile  # noqa: E402
from fake_device import PASSWORD, FakeDevice  # noqa: E402

USUAL = [[66, 68, 70, 72, 76], [380, 390, 400, 410, 430], [28, 29, 30, 31, 33],
         [9.5, 9.8, 10, 10.3, 11]]
PROBE = """
#include <stdio.h>
#include "latency/latency_profile.h"
static char text[65536];
static char out[65536];
int main(void)
{
    struct latency_profile profile;
    struct latency_profile_error error;
    struct sbuf b;
    size_t len = fread(text, 1, sizeof(text), stdin);
    if (latency_profile_parse(span_of(text, len), &profile, &error) != 0) {
        printf("line %u: %s\\n", error.line, error.text);
        return 1;
    }
    sbuf_init(&b, out, sizeof(out));
    latency_profile_write(&profile, &b);
    fwrite(out, 1, b.len, stdout);
    return 0;
}
"""


def draw(chance, knots):
    line, part = stats.segment(chance.random())
    return knots[line] + part * (knots[line + 1] - knots[line])


def errors(found, known):
    return [abs(a - b) / b for a, b in zip(found, known)]


# --- one operation alone ---
@pytest.mark.parametrize("known", USUAL, ids=str)
def test_hundred_samples_give_all_five_numbers(known):
    chance = random.Random(3)
    wrong = 0
    for _ in range(100):
        found = stats.fit([draw(chance, known) for _ in range(100)])
        assert found == sorted(found)
        wrong += max(errors(found, known)) > 0.03
    assert wrong <= 2


@pytest.mark.parametrize("known", USUAL, ids=str)
def test_fifty_samples_give_the_middle_three(known):
    chance = random.Random(4)
    wrong = 0
    for _ in range(100):
        found = stats.fit([draw(chance, known) for _ in range(50)])
        wrong += max(errors(found, known)[1:4]) > 0.03
    assert wrong <= 2


def test_a_wide_spread_takes_more_samples():
    chance = random.Random(9)
    known = [90, 95, 100, 110, 130]
    wrong = 0
    for _ in range(100):
        found = stats.fit([draw(chance, known) for _ in range(200)])
        wrong += max(errors(found, known)) > 0.03
    assert wrong <= 8


def test_exact_quantiles_are_found_exactly():
    known = [10, 20, 40, 45, 90]
    samples = []
    for k in range(199):
        line, part = stats.segment((k + 1) / 200)
        samples.append(known[line] + part * (known[line + 1] - known[line]))
    assert stats.fit(samples) == pytest.approx(known, rel=1e-6)


def test_equal_samples():
    assert stats.fit([0.02] * 50) == [0.02] * 5
    assert stats.fit([0.0] * 50) == [0.0] * 5


def test_nothing_is_negative_or_falls():
    chance = random.Random(5)
    for _ in range(50):
        found = stats.fit([max(chance.gauss(0.0001, 0.0002), 0) for _ in range(20)])
        assert found == sorted(found) and found[0] >= 0


def test_one_far_off_in_fifty_is_left_out_and_more_are_not():
    chance = random.Random(6)
    known = USUAL[0]
    samples = [draw(chance, known) for _ in range(100)]
    assert stats.fit(samples + [700]) == pytest.approx(stats.fit(samples))
    assert stats.count_text(samples + [700]) == "101 samples, 1 far off left out"
    assert stats.moments(samples[:5] + [700])[0] < 80
    slow = [draw(chance, known) for _ in range(90)] + [700 + i for i in range(10)]
    assert stats.fit(slow)[4] > 600
    assert len(stats.without_outliers(slow)) == 100
    assert stats.without_outliers([5, 1, 2, 3]) == [1, 2, 3, 5]
    for count in (40, 50, 200):     # and chance makes none
        far = sum(count - len(stats.without_outliers([draw(chance, known) for _ in range(count)]))
                  for _ in range(100))
        assert far <= 1


# --- what is only seen in sums ---
def pulls(chance, pull, item, counts):
    return {items: [draw(chance, pull) + sum(draw(chance, item) for _ in range(items))
                    for _ in range(count)] for items, count in counts.items()}


@pytest.mark.parametrize("pull,item", [([19, 19.5, 20, 20.5, 21.5], [5.7, 5.85, 6, 6.15, 6.5]),
                                       ([38, 39, 40, 41, 43], [9.5, 9.75, 10, 10.25, 10.75])])
def test_pull_and_its_instances(pull, item):
    chance = random.Random(7)
    wrong = 0
    for _ in range(50):
        base, each = stats.split_pull(pulls(chance, pull, item, {1: 100, 4: 67, 3: 33, 11: 200}),
                                      stats.relative_variance(USUAL))
        shape = stats.common_shape(USUAL)
        found = stats.from_moments(*base, shape) + stats.from_moments(*each, shape)
        wrong += max(errors(found, pull + item)) > 0.03
    assert wrong <= 3


def test_pulls_without_spread():
    base, each = stats.split_pull({1: [3.0] * 9, 4: [6.0] * 9, 11: [13.0] * 9}, 0.0)
    assert base[0] == pytest.approx(2) and each[0] == pytest.approx(1)
    assert base[1] == pytest.approx(0, abs=1e-9) and each[1] == pytest.approx(0, abs=1e-9)


def test_instances_that_cost_nothing():
    base, each = stats.split_pull({1: [2.0, 2.1, 2.2, 1.9], 11: [1.9, 2.0, 2.1, 2.0]}, 0.01)
    assert each == (0.0, pytest.approx(0, abs=1e-3)) and base[0] == pytest.approx(2.03, abs=0.1)


@pytest.mark.parametrize("by_items", [{}, {11: [1.0, 1.1, 1.2]}, {1: [1.0], 11: [2.0]}])
def test_pulls_that_say_nothing(by_items):
    with pytest.raises(ArithmeticError):
        stats.split_pull(by_items, 0.01)


def test_few_samples_lean_on_what_is_expected():
    shape = stats.common_shape(USUAL)
    relative = stats.relative_variance(USUAL[:1])
    known = [10 * each for each in USUAL[0]]
    assert stats.few(*stats.spread_moments(known), 5, relative, shape) == pytest.approx(
        known, rel=0.02)
    flat = stats.few(700, 0.0, 2, relative, shape)      # two equal ones prove little
    assert flat[4] - flat[0] > 0.5 * (known[4] - known[0])
    sure = stats.few(700, 0.0, 10000, relative, shape)
    assert sure[4] - sure[0] < 0.05 * (known[4] - known[0])


def test_wake_is_what_comes_on_top():
    chance = random.Random(8)
    wake, reply = [1600, 1650, 1700, 1750, 1850], USUAL[1]
    found = stats.difference([draw(chance, wake) + draw(chance, reply) for _ in range(200)],
                             [draw(chance, reply) for _ in range(100)],
                             stats.relative_variance(USUAL), stats.common_shape(USUAL))
    assert max(errors(found, wake)) < 0.03


def test_shape_keeps_mean_and_variance():
    mean, variance = stats.spread_moments(USUAL[0])
    found = stats.from_moments(mean, variance, stats.common_shape(USUAL[:1]))
    assert found == pytest.approx(USUAL[0])
    assert stats.common_shape([[5] * 5]) == [0.0] * 5
    assert stats.from_moments(1, 0.01, stats.common_shape([]))[2] == pytest.approx(1)


# --- the text, as the firmware reads it ---
@pytest.fixture(scope="module")
def parse(tmp_path_factory):
    """The firmware's own parser: text -> (accepted, what it says or the same profile again)."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.c").write_text(PROBE)
    firmware = ROOT / "firmware"
    sources = [*(firmware / "latency").glob("*.c"),
               *(firmware / "base" / name for name in
                 ("sbuf.c", "span.c", "bytes.c", "siphash.c", "err.c"))]
    subprocess.run(["gcc", "-std=gnu11", "-I", firmware, "-o", folder / "probe",
                    folder / "probe.c", *sources], check=True)

    def run(text):
        done = subprocess.run([folder / "probe"], input=text, text=True, capture_output=True,
                              check=False)
        return done.returncode == 0, done.stdout
    return run


def test_profile_is_read_back(parse):
    text = stats.profile_text("office-pc.1", 2 ** 64 - 1, ["Measured today", "AMT 7.1.4"], [
        ("m0.get", stats.spread_text([0.0661234, 0.068, 0.07, 0.072, 0.0761]), "50 samples"),
        ("m0.pull-item", stats.spread_text([0.000512, 0.0006, 0.0007, 0.0008, 0.0009]), ""),
        ("m3.get", stats.spread_text([0.4] * 5), ""),
        ("", "", "moff: not measured"),
        ("sleep.idle", "never", "its IdleWakeTimeout"),
        ("wake.time", stats.spread_text([1.6, 1.65, 1.7, 1.75, 12.345678]), "5 sleeps")])
    accepted, said = parse(text)
    assert accepted, said
    assert "m0.get = 66.12 68 70 72 76.1 ms" in said
    assert re.search(r"m0.pull-item = (0.512 0.6 0.7 0.8 0.9 ms|512 600 700 800 900 us)", said)
    assert re.search(r"m3.get = (400 ms|0.4 s)", said)
    assert "seed = 18446744073709551615" in said and "profile = office-pc.1" in said
    assert "calibrated = yes" in said


def test_every_operation_is_known_to_the_firmware(parse):
    operations = re.search(r"OPERATIONS = \((.*?)\)", CALIBRATE.read_text(), re.S).group(1)
    names = re.findall(r'"([a-z-]+)"', operations)
    settings = [("%s.%s" % (state, name), "1 2 3 4 5 ms", "")
                for state in ("m0", "m3") for name in names]
    accepted, said = parse(stats.profile_text("all", 1, [], settings))
    assert accepted, said
    assert said.count("1 2 3 4 5 ms") == 2 * len(names)
    header = (ROOT / "firmware/latency/latency_op.h").read_text()
    assert sorted(names) == sorted(re.findall(r'/\* "([a-z-]+)"', header))


def test_comments_give_way_to_the_limit(parse):
    settings = [("m0.get", "1 2 3 4 5 ms", "why " * 300), ("m3.get", "6 ms", "why " * 900)]
    text = stats.profile_text("long", 1, ["first"], settings)
    assert len(text) <= stats.TEXT_CAP and "# first" in text and text.count("why") == 300
    assert parse(text)[0]


def test_the_parser_is_asked_in_earnest(parse):
    assert not parse("profile = x\nm0.got = 1 ms\n")[0]


@pytest.mark.parametrize("seconds,text", [
    (0.0, "0"), (0.0000004, "0"), (0.000001, "0.001"), (0.0012345, "1.234"), (0.0123456, "12.35"),
    (0.1, "100"), (0.4321, "432.1"), (12.3456, "12345.6")])
def test_milliseconds(seconds, text):
    assert stats.milliseconds(seconds) == text


# --- a whole session ---
def load_program():
    loader = importlib.machinery.SourceFileLoader("calibrate_program", str(CALIBRATE))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    program = importlib.util.module_from_spec(spec)
    loader.exec_module(program)
    return program


def give_back(profile, monkeypatch, *options, loses_frames=False):
    """The profile that is measured on a device with this one, and the relative error of each
    number: {setting: [five]}."""
    program = load_program()
    device = DrawnDevice(profile)
    device.loses_frames = loses_frames
    monkeypatch.setattr(program, "Device", lambda *args: device)
    monkeypatch.setattr(program.time, "sleep", device.sleep)
    monkeypatch.setenv("VAMT_PASSWORD", "pw")
    chosen = program.parser().parse_args(["drawn", "--may-power", *options])
    text = program.calibrate(chosen, program.Progress(io.StringIO()))
    found = read_profile(text)
    wrong = {key: errors(found[key], known) for key, known in profile.items()
             if key.startswith(("m0.", "m3.", "wake.time"))}
    return text, wrong


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ["amt7", "amt11", "amt16"])
def test_shipped_profiles_are_given_back(name, seed, monkeypatch, parse):
    profile = read_profile((ROOT / "firmware/latency/profiles" / (name + ".profile")).read_text())
    profile["seed"] = seed
    text, wrong = give_back(profile, monkeypatch, "--power-count", "20", "--wakes", "20")
    assert parse(text)[0]
    assert ("sleep.idle = %s" % profile["sleep.idle"]) in text
    assert len(wrong) == 2 * 11 + 1
    assert "round trip of 5.000 ms taken off" in text
    assert "wake.hold" not in read_profile(text)
    assert {key: max(off) for key, off in wrong.items() if max(off) > 0.03} == {}


def test_lost_frames_are_told(monkeypatch):
    profile = read_profile((ROOT / "firmware/latency/profiles/amt7.profile").read_text())
    text, _ = give_back(profile, monkeypatch, loses_frames=True)
    assert read_profile(text)["wake.hold"] == "0"


# --- devices and operators ---
@pytest.fixture
def device():
    device = FakeDevice()
    yield device
    device.close()


@pytest.fixture
def password(tmp_path):
    (tmp_path / "pw").write_text(PASSWORD + "\n")
    return tmp_path / "pw"


def command(device, password, *more):
    return [CALIBRATE, "--password-file", password, "--count", "40", "--settle", "0",
            "--sleep-wait", "0.1", "127.0.0.1:%d" % getattr(device, "port", device), *more]


def run(device, password, *more):
    done = subprocess.run(command(device, password, *more), text=True, capture_output=True,
                          check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_profile_of_a_fake(device, password, parse):
    device.stale_every = 50
    done = run(device, password, "--name", "fake", "--seed", "5")
    assert done.returncode == 0, done.stderr
    accepted, said = parse(done.stdout)
    assert accepted, said
    assert "profile = fake" in done.stdout and "seed = 5" in done.stdout
    assert "# Device: AMT 9.9.9 (Intel(R) Active Management Technology 9.9.9)" in done.stdout
    assert "sleep.idle = never" in done.stdout
    for name in "digest identify get put enumerate association pull pull-item method".split():
        assert "\nm0.%s = " % name in done.stdout
    assert "m3." not in done.stdout and not device.powers
    assert device.idle == 65535 and len(device.puts) == 40
    assert "a&amp;b" in device.puts[0]
    assert "m0 pull" in done.stderr and "left" in done.stderr


def test_a_device_that_ignores_the_size_of_a_pull(device, password):
    device.ignores_max = True
    done = run(device, password)
    assert done.returncode == 0, done.stderr
    assert re.search(r"m0.pull = .*Pulls of 1 11 instances", done.stdout)


def test_output_file(device, password, tmp_path):
    done = run(device, password, "-o", tmp_path / "out.profile")
    assert done.returncode == 0 and done.stdout == ""
    assert (tmp_path / "out.profile").read_text().startswith("# Measured ")
    assert run(device, password, "-o", tmp_path / "none" / "x").returncode == 1


def test_power_is_switched_only_if_allowed(device, password):
    done = run(device, password, "--states", "m0,m3")
    assert done.returncode == 1 and "takes --may-power" in done.stderr
    assert not device.powers and device.puts == []
    done = run(device, password, "--states", "m0,m3", "--may-power", "--power-count", "2")
    assert done.returncode == 0, done.stderr
    assert device.powers == [8, 2, 8, 2, 8, 2] and device.is_on
    assert "\nm3.power = " in done.stdout and "\nm0.power = " in done.stdout


def test_a_host_that_is_off_stays_off(device, password):
    device.is_on = False
    done = run(device, password, "--states", "m3")
    assert done.returncode == 0 and "\nm3.get = " in done.stdout
    done = run(device, password, "--states", "m0", "--may-power", "--power-count", "1")
    assert done.returncode == 0 and not device.is_on


def test_refused_power(device, password):
    device.refuses_power = True
    done = run(device, password, "--states", "m3", "--may-power")
    assert done.returncode == 1
    assert "refuses to switch the host off: ReturnValue 16" in done.stderr


def test_a_device_that_does_not_sleep(device, password):
    device.is_on = False
    device.idle = 7
    done = run(device, password, "--states", "moff")
    assert done.returncode == 1 and "was not asleep after 0.1 s" in done.stderr
    assert device.idle == 7 and len(device.puts) == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_the_operator(device, password, how):
    process = subprocess.Popen(
        command(device, password, "--states", "moff", "--may-power", "--sleep-wait", "60"),
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    end = time.monotonic() + 20
    while device.idle != 1 and time.monotonic() < end:
        time.sleep(0.02)
    assert device.idle == 1 and not device.is_on
    time.sleep(0.5)
    process.send_signal(how)
    out, said = process.communicate(timeout=20)
    assert process.returncode == 130 and out == "" and "Traceback" not in said
    assert device.idle == 65535 and device.is_on
    assert "putting back: IdleWakeTimeout of 65535" in said


def test_stopped_while_a_put_is_under_way(device, password):
    device.is_on = False
    device.hangs_at_idle = 1
    process = subprocess.Popen(command(device, password, "--states", "moff"),
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    end = time.monotonic() + 20
    while device.idle != 1 and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and device.idle == 65535, said


def test_wrong_password(device, tmp_path):
    (tmp_path / "wrong").write_text("guess\n")
    done = run(device, tmp_path / "wrong")
    assert done.returncode == 1 and "wrong user or password" in done.stderr
    assert device.requests == 2       # the 401 and one guess


def test_no_digest(device, password):
    device.refuses_digest = True
    done = run(device, password)
    assert done.returncode == 1 and "offers no digest login" in done.stderr


def test_unreachable(password):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = run(free.getsockname()[1], password)
    assert done.returncode == 1
    assert "cannot connect to 127.0.0.1 port" in done.stderr and "refused" in done.stderr


@pytest.mark.parametrize("reply,said", [(b"220 mail ready\r\n", "is no HTTP"),
                                        (b"", "drops every connection"),
                                        (None, "no reply within 1 s")])
def test_something_else_listens(password, reply, said):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            kept = []
            while True:
                try:
                    sock, _ = server.accept()
                    kept.append(sock)
                    if reply is not None and sock.recv(10):
                        sock.sendall(reply)
                        sock.close()
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
        # Connections that only time the network send nothing.
        done = run(server.getsockname()[1], password, "--timeout", "1")
        server.close()
    assert done.returncode == 1 and said in done.stderr, done.stderr


@pytest.mark.parametrize("options,said", [
    (["--states", "m0,s3"], "takes some of m0,m3,moff"), (["--count", "39"], "takes 40 to"),
    (["--name", "a b"], "letters, digits"), (["--seed", "-1"], "takes 0 to")])
def test_wrong_options(device, password, options, said):
    done = run(device, password, *options)
    assert done.returncode == 2 and said in done.stderr
    assert device.requests == 0


@pytest.mark.parametrize("host", ["a:b:c", "host:0", "host:99999", "[::1", ""])
def test_wrong_host(host, password):
    done = subprocess.run([CALIBRATE, "--password-file", password, host], text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and "is not HOST" in done.stderr


def test_help_is_whole():
    said = subprocess.run([CALIBRATE, "--help"], text=True, capture_output=True, check=True).stdout
    for word in ("--may-power", "OFF AT ONCE", "exit status", "examples:", "wake.time"):
        assert word in said
