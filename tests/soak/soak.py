#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""soak: mixed load on the flash image in QEMU for a while, and whether anything grows.

Good consoles (plain, and TLS where the image serves it) work among garbage, half-open connections,
guessed passwords, floods of SYN, pings, ARP and IP fragments. The marks that the firmware keeps of
its pools, heap, arena and stack are read from its memory. Needs root: it makes a network namespace
of its own.
"""
import argparse
import ctypes
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import load  # noqa: E402
import wsman  # noqa: E402
from guest import TOP, Guest  # noqa: E402

PASSWORD = "Soak-Test-1"
MAC = bytes.fromhex("525400123456")
CLONE_NEWNET = 0x40000000
SETTLE_S = 150  # idle connections are given up after two minutes
# What a mark may rise in the second half: bytes, of their capacity; objects, which more clients at once
# may need by chance (those that leak show afterwards, when all must be free).
RISE_LIMIT, RISE_OBJECTS, OBJECTS_MOST = 0.02, 2, 64


def private_network():
    """This process and its children get a network of their own, with tap0 in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    for command in ("link set lo up", "tuntap add tap0 mode tap",
                    f"address add {load.US}/{load.MASK} dev tap0",
                    f"address add {load.CROWD}/{load.MASK} dev tap0", "link set tap0 up"):
        subprocess.run(["ip", *command.split()], check=True, stdin=subprocess.DEVNULL)


def serves(port):
    try:
        socket.create_connection((load.THEM, port), 2).close()
        return True
    except OSError:
        return False


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


class Soak:
    def __init__(self, guest, seconds, seed):
        self.guest, self.seconds = guest, seconds
        self.stop = threading.Event()
        self.samples = []  # (seconds, marks)
        self.faults = []
        has_tls = serves(load.HTTPS)
        self.good = [load.Good(self.stop, seed + n, PASSWORD) for n in range(3)]
        if has_tls:
            self.good += [load.GoodSecure(self.stop, seed + 10 + n, PASSWORD) for n in range(2)]
        self.bad = [load.Power(self.stop, seed + 20, PASSWORD), load.Garbage(self.stop, seed + 21),
                    load.WrongPassword(self.stop, seed + 22), load.HalfOpen(self.stop, seed + 23)]
        self.bad += [kind(self.stop, seed + 30, MAC)
                     for kind in (load.SynFlood, load.Pings, load.Arps, load.Fragments)]
        self.has_tls = has_tls

    def median_alone(self, count=20):
        """Of one console's Get with nothing else going on."""
        client = wsman.Wsman(load.THEM, load.HTTP, "admin", PASSWORD, timeout=load.GIVE_UP_S)
        times = []
        for _ in range(count):
            begin = time.monotonic()
            client.get("AMT_GeneralSettings")
            times.append(time.monotonic() - begin)
        client.close()
        return statistics.median(times)

    def sample(self, begin):
        marks = self.guest.marks()
        self.samples.append((time.monotonic() - begin, marks))
        words = " ".join(f"{name}={most}" for name, (most, _) in sorted(marks.items()))
        answered = sum(each.done["answered"] for each in self.good)
        print(f"{self.samples[-1][0]:7.1f} s  {answered} answered  {words}", flush=True)

    def run(self):
        before = self.median_alone()
        start_kib = self.guest.resident_kib()
        begin = time.monotonic()
        for each in self.good + self.bad:
            each.start()
        every = max(2.0, self.seconds / 30)
        while time.monotonic() - begin < self.seconds:
            self.sample(begin)
            time.sleep(min(every, max(0, self.seconds - (time.monotonic() - begin))))
            self.check_alive()
        self.sample(begin)
        self.stop.set()
        for each in self.good + self.bad:
            each.join(30)
        left = self.settle()
        after = self.median_alone()
        self.judge(begin, before, after, left)
        return start_kib, before, after, begin

    def check_alive(self):
        log = self.guest.log()
        if "panic" in log or log.count(" is up") != 1 or self.guest.machine.process.poll() is not None:
            raise SystemExit("the firmware has stopped or started anew:\n" + log[-3000:])

    def settle(self):
        """What is still in use when everybody has gone, given time."""
        end = time.monotonic() + SETTLE_S
        while True:
            left = {name: used for name, (used, _, _) in self.guest.pools().items() if used}
            if not left or time.monotonic() > end:
                return left
            time.sleep(1)

    def judge(self, begin, before, after, left):
        for each in self.good + self.bad:
            if each.failure:
                self.faults.append(each.failure)
            if each.is_alive():
                self.faults.append(f"{each.name}: does not end")
        for name, used in left.items():
            self.faults.append(f"{name}: {used} still in use after {SETTLE_S} s")
        middle = self.at(self.seconds / 2)
        last = self.samples[-1][1]
        for name, (most, capacity) in last.items():
            limit = RISE_OBJECTS if capacity <= OBJECTS_MOST else capacity * RISE_LIMIT
            if most - middle[name][0] > limit:
                self.faults.append(f"{name}: rises from {middle[name][0]} to {most} in the second half")
        if after > 3 * before + 0.01:
            self.faults.append(f"a Get alone takes {after * 1000:.1f} ms, {before * 1000:.1f} before")
        for each in self.good:
            if not each.done["answered"]:
                self.faults.append(f"{each.name}: nothing was answered")
        early, late = self.quarters(begin)
        if late and early and percentile(late, 0.5) > 2 * percentile(early, 0.5) + 0.05:
            self.faults.append("answers become slower")

    def at(self, seconds):
        """The marks at the last sample until then."""
        return [marks for when, marks in self.samples if when <= seconds or when == self.samples[0][0]][-1]

    def quarters(self, begin):
        """Seconds of the answers in the second quarter (after warming up) and in the last."""
        times = [(when - begin, took) for each in self.good for when, took in each.times]
        quarter = self.seconds / 4
        return ([took for when, took in times if quarter <= when < 2 * quarter],
                [took for when, took in times if when >= 3 * quarter])


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(word) for word in row) + " |" for row in rows]) + "\n"


def report(soak, start_kib, before, after, begin, command):
    early, late = soak.quarters(begin)
    last = soak.samples[-1][1]
    points = [soak.at(soak.seconds * part) for part in (0.05, 0.25, 0.5)] + [last]
    left = soak.guest.pools()
    text = "## Soak\n\n" + f"`{command}`, QEMU under {os.environ.get('VAMT_ACCEL', 'tcg').upper()}, " \
        f"{soak.seconds:.0f} s, {'with' if soak.has_tls else 'without'} TLS.\n\n### What went on\n\n"
    text += table(("load", "threads", "count"), [
        (name, sum(each.name == name for each in soak.good + soak.bad),
         ", ".join(f"{count} {what}" for what, count in sorted(sum(
             (each.done for each in soak.good + soak.bad if each.name == name),
             load.collections.Counter()).items())))
        for name in dict.fromkeys(each.name for each in soak.good + soak.bad)])
    text += "\n### The most that was ever in use\n\n"
    text += table(("what", "of", "at 5 %", "at 25 %", "at half time", "at the end", "in use afterwards"), [
        (name, capacity, *(marks[name][0] for marks in points),
         left[name][0] if name in left else soak.guest.arena()[0] if name == "tls arena" else "")
        for name, (_, capacity) in sorted(last.items())])
    text += "\n### Answers to good consoles, ms\n\n"
    text += table(("", "median", "p99", "longest"), [
        (name, *(f"{1000 * value:.1f}" for value in
                 (percentile(times, 0.5), percentile(times, 0.99), max(times, default=float("nan")))))
        for name, times in (("second quarter", early), ("last quarter", late))])
    text += f"\nA Get alone: {before * 1000:.1f} ms before, {after * 1000:.1f} ms after. " \
        f"Private memory of QEMU: {start_kib} KiB before, {soak.guest.resident_kib()} KiB after. " \
        f"TLS allocations refused: {soak.guest.arena()[3]}.\n\n"
    return text + ("".join(f"* FAILED: {each}\n" for each in soak.faults) or
                   "Nothing rose in the second half, nothing stayed behind, no restart.\n")


def write_section(path, text):
    """Replace the section of that name in RESULTS.md, or add it."""
    with open(path, encoding="utf-8") as file:
        old = file.read()
    head, found, rest = old.partition("## Soak\n")
    if found:
        _, more, tail = rest.partition("\n## ")
        rest = more + tail
    with open(path, "w", encoding="utf-8") as file:
        file.write(head.rstrip("\n") + "\n\n" + text.rstrip("\n") + "\n" + rest)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", metavar="FILE", help="write the tables into this file's section Soak")
    options = parser.parse_args()
    os.chdir(TOP)
    private_network()
    seeds = {"admin-password": PASSWORD, "network": f"static {load.THEM}/{load.MASK}",
             "store-key": "%064x" % options.seed}
    with Guest(seeds) as guest:
        time.sleep(1)
        soak = Soak(guest, options.seconds, options.seed)
        found = soak.run()
        text = report(soak, *found, f"make soak SECONDS={options.seconds:.0f}")
        print("\n" + text)
        if options.results:
            write_section(options.results, text)
        if soak.faults:
            print(guest.log()[-3000:])
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
