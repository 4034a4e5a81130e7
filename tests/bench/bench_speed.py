# SPDX-License-Identifier: ISC
"""How fast: requests of the native firmware, and power beside peers on the same machine."""
import time

import bench_peers
import machine
import measure
from bench_lab import STARTED, STOPPED, Rig
from bench_report import Goals, Table, median, percentile, say, spread

PROTOTYPE_MS = 60  # one whole Get from the published research prototype of a virtual AMT
CONNECTIONS = 8
# (name, operation, the one request that it is, or None)
OPERATIONS = (("Identify", measure.identify, measure.IDENTIFY_TEXT),
              ("Get", measure.get, measure.AMT_TEXT),
              ("Enumerate + Pull", measure.enumerate_all, None),
              ("Invoke", measure.invoke,
               measure.invoke_text("CIM_BootConfigSetting", "ChangeBootOrder")))


def in_ms(times):
    return [each * 1000 for each in times]


def quantiles(times):
    return [digits(percentile(times, share)) for share in (0.5, 0.9, 0.99)]


def digits(value):
    """Three, and no exponents."""
    return "%d" % round(value) if value >= 1000 else "%.3g" % value


def requests(report, options, files):
    """Latency and rate of each operation; returns {name: milliseconds}."""
    table = Table("Requests to one companion, native, digest, keep-alive",
                  ("operation", "p50 ms", "p90 ms", "p99 ms", "/s, one connection",
                   "/s, %d connections" % CONNECTIONS))
    times = {}
    with machine.Machine(files, files.image) as guest:
        guest.settle()
        for name, operation, body in OPERATIONS:
            times[name] = in_ms(measure.repeated(guest, operation, options.requests))
            rate = measure.rate(guest, CONNECTIONS, options.seconds, body) if body else None
            table.add(name, *quantiles(times[name]),
                      "%d" % (options.requests / sum(times[name]) * 1000),
                      "%d" % rate if rate else "")
        times["whole Get"] = [measure.fresh(guest, measure.get) * 1000
                              for _ in range(options.requests // 4)]
        table.add("Get: connection, 401, new connection", *quantiles(times["whole Get"]), "", "")
    if files.echo:
        with machine.Machine(files, files.echo, port=machine.ECHO_PORT) as guest:
            guest.wait_console(machine.LISTENING)
            times["TCP echo"] = in_ms(measure.echoes(guest, options.requests))
        table.add("TCP echo by the same firmware", *quantiles(times["TCP echo"]), "", "")
    report.table(table)
    report.csv("speed", ("operation", "share", "ms"),
               [(name, (place + 0.5) / len(values), value) for name, values in times.items()
                for place, value in enumerate(sorted(values))])
    return times


def request_goals(goals, times):
    get = median(times["Get"])
    goals.goal("Get CIM_SoftwareIdentity InstanceID=AMT, keep-alive, digest", get, "ms", 5,
               spread(times["Get"], "ms"))
    whole = median(times["whole Get"])
    goals.goal("the same Get from nothing: two connections and a 401", whole, "ms", 5,
               "%.3g x faster than the published prototype" % (PROTOTYPE_MS / whole))
    if "TCP echo" in times:
        echo = median(times["TCP echo"])
        goals.goal("Get / TCP echo by the same firmware", get / echo, "x", 5,
                   "echo: %.4g ms" % echo)
    else:
        goals.add("Get / TCP echo by the same firmware", "not measured", "", "", "no echo image")


# --- power, beside peers -------------------------------------------------------------------
def statuses(report, options, rig, commands, folder):
    """Is it on? As a command, and within a session."""
    table = Table("Power status of a running virtual machine",
                  ("how", "p50 ms", "p90 ms", "p99 ms"))
    rows = []

    def add(name, times):
        table.add(name, *quantiles(in_ms(times)))
        rows.extend((name, each * 1000) for each in times)

    with bench_peers.Ipmi(folder("ipmi-none")) as bare, \
            bench_peers.Ipmi(folder("ipmi"), rig) as ipmi:
        ways = (("virsh domstate", commands.virsh_status),
                ("curl --digest: Get, vAMT", commands.curl_status),
                ("ipmitool, ipmi_sim without a machine", bare.status),
                ("ipmitool, ipmi_sim with virsh", ipmi.status),
                ("wsl enum (a shell script), vAMT", commands.wsl_status))
        times = {name: [] for name, _ in ways}
        for _ in range(options.commands):  # in turn: load hits all alike
            for name, way in ways:
                times[name].append(measure.timed(way))
        for name, _ in ways:
            add(name, times[name])
        add("session: ipmi_sim without a machine",
            bare.per_query(50, options.commands))
        add("session: ipmi_sim with virsh",
            ipmi.per_query(5, max(2, options.commands // 5)))
    body = measure.get_text("CIM_AssociatedPowerManagementService")
    add("session: Get, vAMT", measure.repeated(
        rig.target, lambda session: session.ask(body, b"PowerState>"), options.requests // 4))
    add("session: Enumerate + Pull, vAMT",
        measure.repeated(rig.target, measure.power_status, options.requests // 4))
    add("session: virDomainGetState, libvirt",
        [measure.timed(rig.domain.state) for _ in range(options.requests // 4)])
    table.note("The first are whole commands, from their start to their end. Session: one query "
               "more over an open session; of ipmitool, what a longer list for exec costs more.")
    report.table(table)
    report.csv("speed-status", ("way", "ms"), rows)
    report.csv("speed-status-p50", ("way", "ms", "ours"),
               [(name, median([ms for way, ms in rows if way == name]), int("vAMT" in name))
                for name in dict.fromkeys(way for way, _ in rows)])


def cycles(report, options, rig, commands, folder):
    table = Table("Power cycle of the running Linux machine, by command",
                  ("how", "command ends, ms", "machine stopped, ms", "runs again, ms"))
    rows = []
    with bench_peers.Ipmi(folder("ipmi-cycle"), rig) as ipmi:
        ways = (("virsh destroy, virsh start", commands.virsh_cycle),
                ("curl, to vAMT", commands.curl_cycle),
                ("wsl, to vAMT", commands.wsl_cycle),
                ("ipmitool, to ipmi_sim with virsh", ipmi.cycle))
        for turn in range(max(2, options.offs // 2)):
            say("power cycles, turn %d" % (turn + 1))
            for name, way in ways:
                rig.started()
                start = time.perf_counter()
                way()
                ends = time.perf_counter() - start
                rows.append((name, ends * 1000, rig.events.wait(STOPPED, start) * 1000,
                             rig.events.wait(STARTED, start) * 1000))
    for name, _ in ways:
        table.add(name, *(digits(median(column)) for column in
                          list(zip(*(row for row in rows if row[0] == name)))[1:]))
    table.note("ipmi_sim waits a second between off and on. The other commands end when the "
               "machine runs again.")
    report.table(table)
    report.csv("speed-cycle", ("way", "ends_ms", "stopped_ms", "started_ms"), rows)


def offs(report, options, rig, commands):
    """When libvirt says that the machine stopped; returns the medians in milliseconds of
    [(machine off, done)] of each way."""
    table = Table("Power off of the running Linux machine",
                  ("how", "machine off, ms", "p90 ms", "done, ms"))
    rows = []
    with measure.Session(rig.target) as session:
        ways = (("RequestPowerStateChange to vAMT",
                 lambda: measure.power(session, measure.POWER_OFF)),
                ("virsh destroy", lambda: commands.virsh("destroy")),
                ("virDomainDestroy, libvirt", rig.domain.destroy))
        for turn in range(options.offs):
            say("power off, turn %d of %d" % (turn + 1, options.offs))
            for name, way in ways:
                rig.started()
                start = time.perf_counter()
                way()
                ends = time.perf_counter() - start
                rows.append((name, rig.events.wait(STOPPED, start) * 1000, ends * 1000))
    result = []
    for name, _ in ways:
        off, done = list(zip(*(row for row in rows if row[0] == name)))[1:]
        result.append((median(off), median(done)))
        table.add(name, digits(median(off)), digits(percentile(off, 0.9)), digits(median(done)))
    table.note("Done: the reply, the end of the command, the return of the call.")
    report.table(table)
    report.csv("speed-off", ("way", "off_ms", "done_ms"), rows)
    return result


def run(report, options, files):
    goals = Goals("Speed: targets")
    times = requests(report, options, files)
    request_goals(goals, times)
    say("starting a lab")
    try:
        with Rig() as rig:
            commands = bench_peers.Commands(rig)
            statuses(report, options, rig, commands, rig.folder)
            cycles(report, options, rig, commands, rig.folder)
            ours, virsh, _ = offs(report, options, rig, commands)
        goals.goal("power-off request -> machine off / virsh destroy", ours[0] / virsh[1], "x",
                   1.2, "%.4g ms; virsh destroy %.4g ms" % (ours[0], virsh[1]))
    finally:
        report.table(goals)
        report.plot("speed")
