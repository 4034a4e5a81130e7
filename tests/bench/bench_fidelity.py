# SPDX-License-Identifier: ISC
"""The one published measurement of a PC with AMT 7 and of a research prototype, ours beside it:
the firmware under the profiles amt7 and prototype, its host a double that speaks hostlink."""
import os
import pathlib
import random
import re
import subprocess
import sys

import machine
import measure
from bench_report import OUT, TOP, BenchError, Goals, Table, median, percentile, say

sys.path.append(os.path.join(TOP, "tests/sim"))
import shim_double

PROFILES = os.path.join(TOP, "firmware/latency/profiles")
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60}
QUANTILES = (0, 0.1, 0.5, 0.9, 1)
# Sleep soon, and not for its own sake; nothing else of the profile is touched.
SLEEPS_SOON = "set sleep.minute = 200 ms\nset sleep.extra = 0 s\n"
ASLEEP = rb"-> Moff"
READY_S = 10
# (bar, seconds as published, profile, is the host on, is the engine asleep first)
BARS = (("PC off, engine asleep", 2.1, "amt7", False, True),
        ("PC off, engine awake", 0.4, "amt7", False, False),
        ("PC on", 0.1, "amt7", True, False),
        ("prototype", 0.06, "prototype", True, False))
CPU_RATIO = 1.9
POWER_LIMIT = 1.5
ERROR_LIMIT, RATIO_LIMIT, CALIBRATE_LIMIT = 2, 5, 3  # percent
CALIBRATE_SCALE = 3  # of tests/sim/known.profile: QEMU adds more of its own than a process does
CALIBRATE = ("--may-power", "--states", "m0,m3", "--settle", "0.05", "--count", "40",
             "--power-count", "20")


class Host(shim_double.ShimDouble):
    """The other end of hostlink, on or off from the beginning."""

    def __init__(self, guest, is_on):
        self.is_on_at_first = is_on
        folder = pathlib.Path(OUT, "pb")
        folder.mkdir(exist_ok=True)
        super().__init__(os.path.join(guest.folder, "host"), folder)
        if not self.ready.wait(READY_S):
            raise BenchError("the firmware does not speak hostlink")

    def tell(self):
        if self.is_on_at_first is not None:
            self.is_on, self.is_on_at_first = self.is_on_at_first, None
        super().tell()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Engine:
    """Context: a firmware under a profile, and its host."""

    def __init__(self, files, profile, is_on, more=""):
        """`profile`: the name of one that comes with vAMT, or a file."""
        if "/" not in profile:
            profile = os.path.join(PROFILES, profile + ".profile")
        with open(profile, encoding="ascii") as file:
            self.profile = file.read() + more
        self.files, self.is_on = files, is_on
        self.guest = self.host = None

    def __enter__(self):
        self.guest = machine.Machine(self.files, self.files.image, latency=self.profile)
        try:
            self.guest.settle()
            if b"latency: profile" not in self.guest.shown:
                raise BenchError("the firmware did not take the profile: %s" %
                                 self.guest.shown[-300:].decode())
            self.host = Host(self.guest, self.is_on)
        except BaseException:
            self.__exit__()
            raise
        return self.guest

    def __exit__(self, *_):
        if self.host:
            self.host.close()
        self.guest.__exit__()


def bar(files, gets, profile, is_on, is_asleep):
    """Seconds of each whole Get."""
    times = []
    with Engine(files, profile, is_on, SLEEPS_SOON if is_asleep else "") as guest:
        mark = 0
        for _ in range(gets):
            if is_asleep:
                guest.wait_console(ASLEEP, mark)
                mark = len(guest.shown)
            times.append(measure.fresh(guest, measure.get))
    return times


# --- what the profile says ------------------------------------------------------------------
def settings(profile):
    """{key: five quantiles in seconds} of the settings that are times."""
    found = {}
    with open(os.path.join(PROFILES, profile + ".profile"), encoding="ascii") as file:
        for key, numbers, unit in re.findall(
                r"^([\w.-]+) *= *([\d. ]+?) *(us|ms|s|min)\b", file.read(), re.M):
            times = [float(each) * UNITS[unit] for each in numbers.split()]
            found[key] = times * 5 if len(times) == 1 else times
    return found


def draw(times, dice):
    share = dice.random()
    at = max(place for place in range(4) if QUANTILES[place] <= share)
    return times[at] + (times[at + 1] - times[at]) * (share - QUANTILES[at]) / (
        QUANTILES[at + 1] - QUANTILES[at])


def modelled(profile, is_on, is_asleep, count=20000):
    """Whole Gets drawn by the profile alone, without a firmware."""
    dice = random.Random(1)
    found = settings(profile)
    state = "m0" if is_on else "m3"
    keys = [state + ".digest", state + ".get"] + (["wake.time"] if is_asleep else [])
    return [sum(draw(found[key], dice) for key in keys) for _ in range(count)]


def deciles(times):
    return "%.4f .. %.4f" % (percentile(times, 0.1), percentile(times, 0.9))


# --- tables ----------------------------------------------------------------------------------
def figure(report, options, files, summary):
    table = Table("One whole Get of CIM_SoftwareIdentity (connection, 401, new connection, Get), "
                  "seconds", ("", "published", "ours, median", "error", "target", "",
                              "p10 .. p90", "by the profile", "on top, ms"))
    rows = []
    for name, published, profile, is_on, is_asleep in BARS:
        say("%s: %d requests" % (name, options.gets))
        times = bar(files, options.gets, profile, is_on, is_asleep)
        error = (median(times) / published - 1) * 100
        drawn = modelled(profile, is_on, is_asleep)
        table.add(name, "%.4g" % published, "%.4f" % median(times), "%+.2f %%" % error,
                  "%d %%" % ERROR_LIMIT, "met" if abs(error) <= ERROR_LIMIT else "MISSED",
                  deciles(times), deciles(drawn),
                  "%.2f" % ((median(times) - median(drawn)) * 1000))
        rows.append((name, published, median(times), percentile(times, 0.1),
                     percentile(times, 0.9)))
        summary.append((name, times))
    table.note("On top of the profile's own median: client, network, and what the firmware does "
               "before a request is understood and after its time is over.")
    report.table(table)
    report.csv("fidelity", ("bar", "published", "ours", "p10", "p90"), rows)


def cpu_information(report, options, files, goals, summary):
    """Requests through an association: 401, Enumerate + Pull CIM_Realizes, two Gets."""
    table = Table("CPU information with the PC on, seconds",
                  ("", "median", "p10 .. p90", "of one whole Get"))
    found = {}
    for profile in ("amt7", "prototype"):
        say("CPU information, %s: %d times" % (profile, options.gets))
        with Engine(files, profile, True) as guest:
            times = [measure.fresh(guest, measure.cpu_information) for _ in range(options.gets)]
            single = [measure.fresh(guest, measure.get) for _ in range(options.gets)]
        found[profile] = median(times)
        table.add(profile, "%.4f" % found[profile], deciles(times),
                  "%.3g x" % (found[profile] / median(single)))
        summary.append(("CPU information, " + profile, times))
    report.table(table)
    ratio = found["amt7"] / found["prototype"]
    goals.goal("CPU information, amt7 : prototype, off the published %.2g" % CPU_RATIO,
               abs(ratio / CPU_RATIO - 1) * 100, "%", RATIO_LIMIT, "%.4g x" % ratio)
    return ratio


def power_off(report, options, files, goals, summary):
    """Each on a firmware of its own: afterwards the network restarts."""
    table = Table("Power off of a PC that is on, seconds", ("", "median", "p10 .. p90"))
    found = {}
    for profile in ("amt7", "prototype"):
        count = max(3, options.gets // 5)
        say("power off, %s: %d times" % (profile, count))
        times = []
        for number in range(count):
            with Engine(files, profile, True, "set seed = %d\n" % number) as guest:
                times.append(measure.fresh(guest, measure.power, measure.POWER_OFF))
        found[profile] = median(times)
        table.add(profile, "%.4f" % found[profile], deciles(times))
        summary.append(("power off, " + profile, times))
        goals.goal("power off, " + profile, found[profile], "s", POWER_LIMIT,
                   "published: below %g s" % POWER_LIMIT)
    report.table(table)
    goals.goal("power off, prototype : amt7", found["prototype"] / found["amt7"], "x", 1,
               "published: about the same, the prototype slightly faster")
    return found


def repeated(options, files, goals):
    """The same seed twice; another one, to see that it matters."""
    say("the same seed twice")
    runs = []
    for more in ("", "", "set seed = 4711\n"):
        with Engine(files, "amt7", True, more) as guest:
            runs.append([measure.fresh(guest, measure.get) * 1000 for _ in range(options.gets)])
    apart = [max(abs(one - other) for one, other in zip(runs[0], run)) for run in runs[1:]]
    middle = median([abs(one - other) for one, other in zip(*runs[:2])])
    goals.goal("the same seed twice: median difference of the same Get", middle, "ms", 1,
               "greatest %.3g ms; with another seed %.3g ms; the machine's own jitter is in it"
               % tuple(apart))


# --- the way back: tools/calibrate ----------------------------------------------------------
def scaled(text, factor):
    """The profile with all modelled times so much longer."""
    def longer(line):
        times = " ".join("%g" % (float(each) * factor) for each in line.group(2).split())
        return "%s = %s ms" % (line.group(1), times)
    return re.sub(r"(?m)^((?:m\d\.|wake\.time)[\w.-]*) = ([\d. ]+) ms", longer, text)


def five(text):
    """{setting: five numbers}."""
    found = re.findall(r"(?m)^((?:m\d\.|wake\.time)[\w.-]*) = ([\d. ]+) ms", text)
    return {key: [float(each) for each in numbers.split()] for key, numbers in found}


def calibrated(files, goals):
    """A known profile, measured by tools/calibrate: how far off are its numbers?"""
    say("calibrate: a known profile is measured, some minutes")
    known, found = (os.path.join(OUT, name) for name in ("known.profile", "calibrated.profile"))
    with open(os.path.join(TOP, "tests/sim/known.profile"), encoding="ascii") as file:
        text = scaled(file.read(), CALIBRATE_SCALE)
    with open(known, "w", encoding="ascii") as file:
        file.write(text)
    with Engine(files, known, True) as guest:
        with open(found, "wb") as out, open(found + ".log", "wb") as log:
            process = subprocess.Popen(
                [os.path.join(TOP, "tools/calibrate"), "127.0.0.1:%d" % guest.port,
                 "--tls-port", str(guest.tls_port), *CALIBRATE],
                env=dict(os.environ, VAMT_PASSWORD=machine.PASSWORD), stdin=subprocess.DEVNULL,
                stdout=out, stderr=log)
            try:
                guest.attend(process)
            finally:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise BenchError("tools/calibrate failed, see %s.log" % found)
    with open(found, encoding="utf-8") as file:
        measured = file.read()
    want, got = five(text), five(measured)
    want = {key: each for key, each in want.items() if not key.startswith("wake")}
    if not set(want) <= set(got):
        raise BenchError("tools/calibrate left out " + " ".join(sorted(set(want) - set(got))))
    off = [(100 * (b - a) / a, key, at) for key in want
           for at, (a, b) in enumerate(zip(want[key], got[key]))]
    worst = max(off, key=lambda each: abs(each[0]))
    middles = [each for each in off if each[2] == 2]
    goals.goal("tools/calibrate: greatest error of %d numbers of a known profile" % len(off),
               abs(worst[0]), "%", CALIBRATE_LIMIT, "%s, number %d of 5: %+.2g %%; medians: %.2g %%"
               % (worst[1], worst[2] + 1, worst[0], max(abs(each[0]) for each in middles)))


def run(report, options, files):
    goals = Goals("Fidelity: comparisons")
    summary = []
    figure(report, options, files, summary)
    ratio = cpu_information(report, options, files, goals, summary)
    powers = power_off(report, options, files, goals, summary)
    repeated(options, files, goals)
    calibrated(files, goals)
    report.table(goals)
    report.csv("fidelity-times", ("what", "s"),
               [(name, each) for name, times in summary for each in times])
    report.csv("fidelity-more", ("what", "published", "ours"),
               [("CPU information, amt7 : prototype", CPU_RATIO, ratio),
                ("power off, amt7, s", POWER_LIMIT, powers["amt7"]),
                ("power off, prototype, s", POWER_LIMIT, powers["prototype"])])
    report.plot("fidelity")
