#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""mutate.py: put each defect of tests/tools/mutations into a copy of the tree, run the unit test that
must fail, and say whether it did. The tree itself is never touched.

The copy lies in build/mutate, with the objects of `make unit`, so that only the defect is compiled.
"""
import argparse
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COPY = os.path.join(TOP, "build/mutate")
TEST_S = 120


class Defect:
    def __init__(self, lines):
        self.name = lines[0]
        self.file = lines[1].removeprefix("file ")
        self.test = lines[2].removeprefix("test ")
        self.old = "".join(line[1:] + "\n" for line in lines[3:] if line.startswith("<"))
        self.new = "".join(line[1:] + "\n" for line in lines[3:] if line.startswith(">"))
        if not self.old or lines[1] == self.file or lines[2] == self.test:
            raise SystemExit(f"mutations: {self.name}: not a block")


def read(path):
    with open(path, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    for block in blocks:
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            yield Defect(lines)


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **more)


def copy_tree():
    """Sources and what was built for unit tests, with their dates; third-party sources by a link."""
    shutil.rmtree(COPY, ignore_errors=True)
    os.makedirs(os.path.join(COPY, "build"))
    sources = [each for each in os.listdir(TOP) if each not in ("build", ".git")]
    run("cp", "-a", *sources, COPY, cwd=TOP)  # files may vanish meanwhile: somebody is building
    run("cp", "-a", "build/unit", "build/gen", os.path.join(COPY, "build"), cwd=TOP)
    os.symlink(os.path.join(TOP, "build/deps"), os.path.join(COPY, "build/deps"))


def build(test):
    return run("make", "-s", f"build/unit/bin/{test}", cwd=COPY)


def passes(test):
    """Does the test program succeed? A crash or a hang is a failure like others."""
    try:
        return run(os.path.join(COPY, "build/unit/bin", test), cwd=COPY,
                   timeout=TEST_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def attempt(defect):
    """"caught", "MISSED", or why it could not be tried."""
    path = os.path.join(COPY, defect.file)
    with open(path, encoding="utf-8") as file:
        sound = file.read()
    # Blocks of several lines may end in the middle of one.
    old, new = defect.old, defect.new
    if sound.count(old) != 1:
        old, new = old.rstrip("\n"), new.rstrip("\n")
    if sound.count(old) != 1:
        return f"STALE: its lines are there {sound.count(old)} times"
    done = build(defect.test)
    if done.returncode != 0:
        return "CANNOT BE BUILT without the defect: " + done.stderr[-300:]
    if not passes(defect.test):
        return "FAILS without the defect"
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(sound.replace(old, new))
        done = build(defect.test)
        if done.returncode != 0:
            return "CANNOT BE BUILT: " + done.stderr[-300:]
        return "MISSED" if passes(defect.test) else "caught"
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(sound)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only defects whose name or test has one of these")
    parser.add_argument("--list", action="store_true", help="print them as a table and end")
    options = parser.parse_args()
    defects = [each for each in read(os.path.join(TOP, "tests/tools/mutations"))
               if not options.words or any(word in each.name + each.test for word in options.words)]
    if options.list:
        for each in defects:
            print(f"| {each.name} | `{os.path.basename(each.file)}` | `unit/{each.test}.c` |")
        return 0
    copy_tree()
    results = []
    for each in defects:
        results.append(attempt(each))
        print(f"{results[-1]:8} {each.name} ({each.test})", flush=True)
    print(f"{results.count('caught')} of {len(results)} caught")
    return 0 if results.count("caught") == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
