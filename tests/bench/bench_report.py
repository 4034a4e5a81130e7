# SPDX-License-Identifier: ISC
"""What the bench leaves behind: tables on standard output and in NAME.txt, raw numbers in
NAME.csv, plots by gnuplot as NAME.svg and NAME.png, all in build/bench, and RESULTS.md."""
import csv
import os
import re
import shutil
import subprocess
import sys
import time

import libvirt

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.join(TOP, "build/bench")
SOAK = "## Soak"  # `make soak` writes it, and not we
TERMINALS = {"svg": "svg size 960,560 font 'DejaVu Sans,14' background '#ffffff'",
             "png": "pngcairo size 1200,700 font 'DejaVu Sans,14'"}


class BenchError(Exception):
    """It cannot be measured here, and why."""


def say(text):
    """Progress, for whoever waits."""
    print("bench: " + text, file=sys.stderr, flush=True)


def percentile(values, share):
    """By straight lines between the sorted values."""
    ranked = sorted(values)
    place = (len(ranked) - 1) * share
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def median(values):
    return percentile(values, 0.5)


def spread(values, unit):
    return "%d runs, %.4g to %.4g %s" % (len(values), min(values), max(values), unit)


def number(value, unit=""):
    """Four digits, and no exponents."""
    text = "%d" % round(value) if abs(value) >= 1000 else "%.4g" % value
    return (text + " " + unit).strip()


class Table:
    def __init__(self, title, columns):
        self.title = title
        self.columns = list(columns)
        self.rows = []
        self.notes = []

    def add(self, *cells):
        self.rows.append([each if isinstance(each, str) else number(each) for each in cells])

    def note(self, text):
        self.notes.append(text)

    def text(self):
        rows = [self.columns] + self.rows
        widths = [max(len(row[at]) for row in rows) for at in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
                 for row in rows]
        lines.insert(1, "-" * max(map(len, lines)))
        return "\n".join([self.title, ""] + lines + self.notes) + "\n"

    def markdown(self):
        rows = [self.columns, ["---"] * len(self.columns)] + self.rows
        lines = ["| %s |" % " | ".join(each.replace("|", "\\|") for each in row) for row in rows]
        return "\n".join(["### " + self.title, ""] + lines +
                         (["", " ".join(self.notes)] if self.notes else [])) + "\n"


class Goals(Table):
    """Values with targets."""

    def __init__(self, title):
        super().__init__(title, ("what", "value", "target", "", "remark"))

    def goal(self, what, value, unit, target=None, note=""):
        """A target of None makes it a plain fact."""
        verdict = "" if target is None else "met" if value <= target else "MISSED"
        self.add(what, number(value, unit),
                 "" if target is None else ("<= %g %s" % (target, unit)).strip(), verdict, note)


def commit():
    """What was measured, if git knows."""
    def git(*words):
        done = subprocess.run(["git", "-C", TOP] + list(words), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout.decode().strip() if done.returncode == 0 else ""
    try:
        name = git("rev-parse", "--short", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no")
    except OSError:
        return "unknown"
    return (name + (" and changes" if changed else "")) if name else "unknown"


def libvirt_version():
    value = libvirt.getVersion()
    return "libvirt %d.%d.%d" % (value // 1000000, value // 1000 % 1000, value % 1000)


def section_of(path, title):
    """That section of a file from earlier, or nothing."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        found = re.search(r"(?ms)^%s\n.*?(?=^## |\Z)" % re.escape(title), file.read())
    return "\n" + found.group() if found else ""


class Report:
    def __init__(self, command):
        os.makedirs(OUT, exist_ok=True)
        self.command = command
        self.started = time.time()
        self.commit = commit()
        self.parts = []
        self.gnuplot = shutil.which("gnuplot")
        self.section = None

    def begin(self, section, title):
        self.section = section
        self.parts.append("## %s\n" % title)
        with open(self.path(section + ".txt"), "w", encoding="utf-8"):
            pass
        say("%s ..." % title)

    @staticmethod
    def path(name):
        return os.path.join(OUT, name)

    def table(self, table):
        print(table.text(), flush=True)
        with open(self.path(self.section + ".txt"), "a", encoding="utf-8") as out:
            out.write(table.text() + "\n")
        self.parts.append(table.markdown())

    def remark(self, text):
        print(text + "\n", flush=True)
        with open(self.path(self.section + ".txt"), "a", encoding="utf-8") as out:
            out.write(text + "\n\n")
        self.parts.append(text + "\n")

    def csv(self, name, columns, rows):
        """Numbers as they were measured; returns the path."""
        path = self.path(name + ".csv")
        with open(path, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([("%.9g" % each if isinstance(each, float) else each)
                              for each in row] for row in rows)
        return path

    def plot(self, name, **values):
        """NAME.gp reads build/bench/*.csv and draws to where the terminal is set."""
        if not self.gnuplot:
            say("no gnuplot: %s is not drawn" % name)
            return
        settings = "".join("%s='%s';" % each for each in values.items())
        for kind, terminal in TERMINALS.items():
            done = subprocess.run(
                [self.gnuplot, "-e", "set terminal %s; set output '%s.%s';%s" % (
                    terminal, name, kind, settings), os.path.join(HERE, name + ".gp")],
                cwd=OUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                say("gnuplot did not draw %s: %s" % (name, done.stdout.decode().strip()))
                return

    def markdown(self):
        head = ["# Results of `make bench`", "",
                "Written by `tests/bench/run`; `README.md` says how each number is measured.", "",
                "| | |", "|---|---|",
                "| machine | %s, %d MiB, Linux %s |" % (
                    machine.cpu_name(),
                    os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
                    ".".join(os.uname().release.split(".")[:2])),
                "| virtual machines | %s, %s, %s |" % (
                    machine.qemu_version(), machine.accel(), libvirt_version()),
                "| date | %s |" % time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self.started)),
                "| source | %s |" % self.commit,
                "| command | `%s` |" % self.command,
                "| took | %d s |" % (time.time() - self.started), ""]
        return "\n".join(head) + "\n" + "\n".join(self.parts)

    def write(self, keep):
        kept = os.path.join(HERE, "RESULTS.md")
        for path, more in [(self.path("RESULTS.md"), "")] + (
                [(kept, section_of(kept, SOAK))] if keep else []):
            with open(path, "w", encoding="utf-8") as out:
                out.write(self.markdown() + more)
            say("wrote " + os.path.relpath(path, TOP))
