# SPDX-License-Identifier: ISC
"""The shipped latency profiles: what they promise, and PROFILE.md's rule of drawing, written
here a second time and compared with the firmware's own code."""
import pathlib
import re
import struct
import subprocess

import pytest

from siphash import siphash_24

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = sorted((ROOT / "firmware" / "latency" / "profiles").glob("*.profile"))
UNITS = {"us": 1, "ms": 10**3, "s": 10**6, "min": 60 * 10**6}
EVENTS = ("wake.time", "bounce.after", "bounce.down", "reset.down")
PLACES = (0, 429496730, 2147483648, 3865470566, 4294967296)


def settings(path):
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        line = line.split("#")[0].strip()
        if line:
            key, value = (part.strip() for part in line.split("=", 1))
            found[key] = value
    return found


def spread(value):
    """Five times in microseconds."""
    numbers, unit = re.fullmatch(r"([\d. ]+?) ?(us|ms|s|min)", value).groups()
    times = [round(float(number) * UNITS[unit]) for number in numbers.split()]
    return times * 5 if len(times) == 1 else times


def draw(seed, key, n, times):
    """Draw n of a setting, as PROFILE.md says."""
    message = key.encode() + struct.pack("<Q", n)
    u = siphash_24(struct.pack("<QQ", seed, 0), message) >> 32
    i = max(i for i in range(4) if u >= PLACES[i])
    rise = times[i + 1] - times[i]
    return times[i] + rise * (u - PLACES[i]) // (PLACES[i + 1] - PLACES[i])


PROBE = r"""
#include <stdio.h>
#include <stdlib.h>

#include "latency/latency.h"

int main(int argc, char **argv)
{
    static char text[5000];
    struct latency_profile profile;
    struct latency_profile_error error = {0};
    size_t len = fread(text, 1, sizeof(text), stdin);

    (void)argc;
    latency_start();
    if (latency_profile_parse(span_of(text, len), &profile, &error) != 0) {
        printf("line %u: %s\n", error.line, error.text);
        return 1;
    }
    printf("name %s %d\n", profile.name, profile.is_calibrated);
    latency_use(&profile);
    for (int n = 0; n < atoi(argv[1]); n++) {
        for (int state = 0; state < LATENCY_STATE_COUNT; state++) {
            latency_set_state((enum latency_state)state);
            for (int op = 0; op < LATENCY_OP_COUNT; op++) {
                struct latency_job job = {(enum latency_op)op, 0};
                unsigned long long from = latency_busy_until();
                unsigned long long due = latency_due(&job, from);
                printf("m%d.%s %d %llu\n", 3 * state, latency_op_name(job.op), n,
                       due == 0 ? 0 : due - from);
            }
        }
        static const char *const names[] = {"wake.time", "bounce.after", "bounce.down",
                                            "reset.down"};
        for (int event = 0; event < LATENCY_EVENT_COUNT; event++) {
            printf("%s %d %u\n", names[event], n,
                   (unsigned)latency_draw((enum latency_event)event));
        }
    }
}
"""


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "probe.c").write_text(PROBE)
    base = [ROOT / "firmware" / "base" / f"{name}.c"
            for name in ("bytes", "sbuf", "siphash", "span")]
    sources = sorted((ROOT / "firmware" / "latency").glob("*.c"))
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-I", ROOT / "firmware", folder / "probe.c",
                    *base, *sources, "-o", folder / "probe"], check=True)
    return folder / "probe"


def ask(probe, text, count=0):
    done = subprocess.run([probe, str(count)], input=text, capture_output=True, check=False)
    return done.returncode, done.stdout.decode().splitlines()


def test_the_five_are_there():
    assert [path.stem for path in PROFILES] == ["amt11", "amt16", "amt7", "native", "prototype"]


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_firmware_takes_it(probe, path):
    """Its name is the file's, and `--set` lines still fit behind it."""
    status, lines = ask(probe, path.read_bytes())
    assert status == 0, lines
    assert lines[0] == f"name {path.stem} {int(path.stem in ('amt7', 'native', 'prototype'))}"
    assert path.stat().st_size < 4096 - 256


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_number_has_a_source(path):
    """At the end of its line, or in the comment above its group."""
    group = ""
    for line in path.read_text(encoding="ascii").splitlines():
        if not line.strip():
            group = ""
        elif line.startswith("#"):
            group += line
        elif any(c.isdigit() for c in line.split("#")[0].split("=")[1]):
            key = line.split("=")[0].strip()
            words = group + line.partition("#")[2]
            assert key in ("profile", "seed") or re.search(
                r"published|public|ours|assumed|derived", words, re.I), line


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_draws_follow_the_rule(probe, path, seed):
    text = path.read_bytes() + f"\nset seed = {seed}\n".encode()
    status, lines = ask(probe, text, 20)
    assert status == 0, lines
    given, compared = settings(path), 0
    for key, n, time in (line.split() for line in lines[1:]):
        times = spread(given.get(key, "0 us"))
        assert int(time) == draw(seed, key, int(n), times), (key, n)
        compared += int(time) > 0
    assert compared > 100 or path.stem == "native"


def medians(name):
    given = settings(ROOT / "firmware" / "latency" / "profiles" / f"{name}.profile")
    return {key: spread(value)[2] / 1000 for key, value in given.items()
            if key[:3] in ("m0.", "m3.") or key in EVENTS}


CLIENT_MS = 3  # of a published Get: connections and network, as make bench finds them here


def one_get(times, state):
    return CLIENT_MS + times[f"{state}.digest"] + times[f"{state}.get"]


def cpu_information(times, state):
    """One 401, an association search with one instance, Get CIM_Chip and CIM_Processor."""
    parts = ("digest", "association", "pull", "pull-item", "get", "get")
    return sum(times[f"{state}.{part}"] for part in parts)


def test_the_published_figures():
    """A Get on, off, first after sleep, on the prototype, in milliseconds; CPU information."""
    amt7, prototype = medians("amt7"), medians("prototype")
    assert one_get(amt7, "m0") == 100
    assert one_get(amt7, "m3") == 400
    assert one_get(amt7, "m3") + amt7["wake.time"] == 2100
    assert one_get(prototype, "m0") == one_get(prototype, "m3") == 60
    ratio, to = (2 * CLIENT_MS + cpu_information(each, "m0") for each in (amt7, prototype))
    ratio /= to
    assert ratio == pytest.approx(1.9, rel=0.005)
    assert cpu_information(amt7, "m0") < 1500
    power = [times["m0.digest"] + times["m0.power"] for times in (amt7, prototype)]
    assert power[1] < power[0] < 1.1 * power[1] and power[0] < 1500


@pytest.mark.parametrize("name, older", [("amt11", "amt7"), ("amt16", "amt11")])
def test_newer_engines_are_faster(name, older):
    newer, older = medians(name), medians(older)
    assert newer.keys() == older.keys()
    for key, time in newer.items():
        assert time < older[key] or key.startswith("bounce.") or key == "reset.down", key
