# SPDX-License-Identifier: ISC
"""Many companions on one machine: memory, idling, and latency when all are asked in turn."""
import time

import machine
import measure
from bench_fleet import Fleet
from bench_report import Goals, Table, median, number, percentile, say

MIB = 1024
PROJECTED = 1000
SETTLE_S = 3
MEMORY_LIMIT, IDLE_LIMIT, LATENCY_LIMIT = 1.2, 20, 10


class Point:
    """What was measured with `count` guests."""

    def __init__(self, count):
        self.count = count
        self.private = self.pss = self.cpu = self.daemons = 0.0  # MiB, MiB, % and % of a core
        self.halting = self.halting_cpu = 0.0
        self.start_s = 0.0
        self.times = []


def memory(pids):
    """(private, Pss) of all in MiB; private is what nothing else shares and no file holds."""
    found = [machine.memory_kib(pid) for pid in pids]
    return (sum(each["Pss_Anon"] for each in found) / MIB,
            sum(each["Pss"] for each in found) / MIB)


def busy(pids, seconds):
    """Share of a core that they use together, in percent; one figure for each group."""
    start = time.monotonic()
    before = [sum(map(machine.cpu_seconds, group)) for group in pids]
    time.sleep(seconds)
    after = [sum(map(machine.cpu_seconds, group)) for group in pids]
    took = time.monotonic() - start
    return [(end - begin) / took * 100 for begin, end in zip(before, after)]


def round_robin(targets, requests):
    """Seconds of each Get, one companion after the other, each over its open connection."""
    sessions = [measure.Session(target) for target in targets]
    rounds = max(2, requests // len(sessions))
    for session in sessions:
        session.prepare(rounds + 1)
        measure.get(session)
    times = [measure.timed(measure.get, session) for _ in range(rounds) for session in sessions]
    for session in sessions:
        session.sock.close()
    return times


def companions(fleet, options):
    points = []
    for count in options.guests:
        point = Point(count)
        start = time.monotonic()
        grown = count - len(fleet.targets)
        fleet.grow(count)
        point.start_s = (time.monotonic() - start) / grown
        fleet.settle()
        time.sleep(SETTLE_S)
        pids = fleet.pids("c")
        say("%d companions idle for %d s" % (count, options.seconds * 2))
        point.cpu, point.daemons = busy(
            [pids, [fleet.daemon("vamtd"), fleet.daemon("libvirtd")]], options.seconds * 2)
        point.private, point.pss = memory(pids)
        point.times = [each * 1000 for each in round_robin(fleet.targets, options.load)]
        points.append(point)
    return points


def halting(fleet, options, points):
    fleet.stop()
    for point in points:
        fleet.grow_halting(point.count)
        time.sleep(SETTLE_S)
        pids = fleet.pids("b")
        say("%d halting guests idle for %d s" % (point.count, options.seconds))
        point.halting_cpu, = busy([pids], options.seconds)
        point.halting = memory(pids)[0]


def line(points, value):
    """(slope, start) of the straight line with the least squares through the points."""
    xs, ys = [each.count for each in points], [value(each) for each in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    width = sum((each - x) ** 2 for each in xs)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / width if width else 0.0
    return slope, y - slope * x


def tables(report, points):
    table = Table("Companions on this machine, their hosts off",
                  ("companions", "start, s each", "private MiB each", "Pss MiB each",
                   "halting: private MiB each", "idle: % of a core in all", "halting: % in all",
                   "vamtd + libvirtd %", "Get p50 ms", "Get p99 ms"))
    for each in points:
        table.add(str(each.count), "%.2g" % each.start_s, *(
            "%.1f" % (value / each.count) for value in (each.private, each.pss, each.halting)),
            "%.2f" % each.cpu, "%.1f" % each.halting_cpu, "%.2f" % each.daemons,
            "%.3g" % median(each.times), "%.3g" % percentile(each.times, 0.99))
    report.table(table)
    slopes = Table("What one companion more costs, and %d of them" % PROJECTED,
                   ("what", "each more", "projected to %d" % PROJECTED))
    for what, value, unit, scale, whole in (
            ("private memory", lambda each: each.private, "MiB", 1 / 1024, "GiB"),
            ("Pss", lambda each: each.pss, "MiB", 1 / 1024, "GiB"),
            ("idle companions", lambda each: each.cpu, "% of a core", 1 / 100, "cores"),
            ("vamtd + libvirtd, idle", lambda each: each.daemons, "% of a core", 1 / 100,
             "cores"),
            ("Get p99 in turn", lambda each: percentile(each.times, 0.99), "ms", 1, "ms")):
        slope, start = line(points, value)
        slopes.add(what, number(slope, unit),
                   number((start + slope * PROJECTED) * scale, whole))
    slopes.note("By straight lines of least squares; nothing beyond %d was run." %
                points[-1].count)
    report.table(slopes)


def goals(report, points):
    table = Goals("Scale: targets, with %d companions" % points[-1].count)
    last, first = points[-1], points[0]
    table.goal("private memory / that of as many guests whose image halts at once",
               last.private / last.halting, "x", MEMORY_LIMIT,
               "%.4g MiB and %.4g MiB each" % (last.private / last.count,
                                               last.halting / last.count))
    table.goal("all idle: share of a core", last.cpu, "%", IDLE_LIMIT,
               "the halting guests: %.3g %%" % last.halting_cpu)
    p99 = [percentile(each.times, 0.99) for each in (first, last)]
    table.goal("p99 of a Get, all asked in turn / p99 with %d" % first.count, p99[1] / p99[0],
               "x", LATENCY_LIMIT, "%.3g ms and %.3g ms, %d requests" % (
                   p99[1], p99[0], len(last.times)))
    report.table(table)


def run(report, options, files):
    with Fleet(files) as fleet:
        points = companions(fleet, options)
        halting(fleet, options, points)
    report.csv("scale", ("count", "private_mib", "pss_mib", "halting_mib", "cpu", "halting_cpu",
                         "daemons", "p50_ms", "p99_ms", "start_s"),
               [(each.count, each.private / each.count, each.pss / each.count,
                 each.halting / each.count, each.cpu, each.halting_cpu, each.daemons,
                 median(each.times), percentile(each.times, 0.99), each.start_s)
                for each in points])
    report.csv("scale-get", ("count", "ms"),
               [(each.count, ms) for each in points for ms in each.times])
    tables(report, points)
    goals(report, points)
    report.plot("scale")
