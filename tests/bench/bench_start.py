# SPDX-License-Identifier: ISC
"""Start, memory, image, idling: the firmware beside the same QEMU holding an image that halts
at once."""
import os

import machine
import measure
from bench_report import Goals, median, spread

KIB = 1024


def starts(table, report, options, files):
    """Start and memory, the two machines taking turns so that load hits both alike."""
    rows = []
    for _ in range(options.rounds):
        with machine.Machine(files, files.halt) as halting:
            halt = halting.wait_console(machine.HALTED) * 1000
            halt_kib = halting.private_kib()
        with machine.Machine(files, files.image) as guest:
            guest.wait_console(machine.LISTENING)
            start = measure.first_401(guest) * 1000
            rows.append((start, halt, guest.private_kib(), halt_kib))
    report.csv("start", ("ms", "halting_ms", "kib", "halting_kib"), rows)
    start, halt, kib, halt_kib = (median(column) for column in zip(*rows))
    table.goal("QEMU start -> first 401 / start of the halting image", start / halt, "x", 3,
               "halting image: %.4g ms" % halt)
    table.goal("QEMU start -> first 401", start, "ms", 250,
               spread([row[0] for row in rows], "ms"))
    table.goal("private memory over the halting image", (kib - halt_kib) / KIB, "MiB", 4,
               "%d KiB over %d KiB" % (kib, halt_kib))


def idling(table, options, files):
    with machine.Machine(files, files.image) as guest:
        guest.settle()
        measure.first_401(guest)
        wakes, busy = measure.idle(guest, options.seconds)
    with machine.Machine(files, files.halt) as halting:
        halting.wait_console(machine.HALTED)
        halt_wakes, halt_busy = measure.idle(halting, options.seconds)
    table.goal("idle: wake-ups of the CPU", wakes, "/s", 5,
               "over %d s; halting image: %.3g" % (options.seconds, halt_wakes))
    table.goal("idle: share of a core", busy * 100, "%", 0.5,
               "whole QEMU; halting image: %.3g %%" % (halt_busy * 100))


def run(report, options, files):
    table = Goals("One companion: start, memory, idling")
    starts(table, report, options, files)
    table.goal("image", os.path.getsize(files.image) / KIB, "KiB", 1024)
    idling(table, options, files)
    report.table(table)
