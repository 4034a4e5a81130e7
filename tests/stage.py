# SPDX-License-Identifier: ISC
"""A lab (tools/lab) as tests see it: its environment, its Linux machine through libvirt, its
serial port, its companion."""
import contextlib
import json
import os
import signal
import subprocess
import time

import libvirt

import wsman

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VAMTCTL = os.path.join(TOP, "build/host-shim/vamtctl")
BOOT_S = 90          # a start of the Linux machine under TCG, on a busy build machine
BANNER = b"Linux version "
UP = b"vAMT demo Linux "
BIOS = b"SeaBIOS (version "

libvirt.registerErrorHandler(lambda *_: None, None)


def wait_until(what, check, seconds=30):
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        assert time.monotonic() < end, "%s: not within %d s" % (what, seconds)
        time.sleep(0.05)


class Stage:
    def __init__(self, name):
        self.name = name
        self.env = {}

    def lab(self, *words):
        done = subprocess.run([os.path.join(TOP, "tools/lab"), words[0],
                               "--name", self.name] + list(words[1:]), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def up(self, *words):
        self.lab("up", *words)
        lines = self.lab("env").splitlines()
        self.env = dict(line.split("=", 1) for line in lines)
        return self

    def down(self):
        self.lab("down")

    def environ(self):
        return dict(os.environ, **self.env)

    def signal(self, part, number):
        """At once; tools/lab stop takes longer than what is to be interrupted."""
        with open(os.path.join(self.env["LAB"], "facts.json"), encoding="utf-8") as facts:
            os.kill(json.load(facts)[part][0], number)

    def kill(self, part):
        self.signal(part, signal.SIGKILL)

    def freeze(self, part):
        """As a process that is busy elsewhere; end it with kill."""
        self.signal(part, signal.SIGSTOP)

    # --- the machine ---
    @contextlib.contextmanager
    def libvirt(self):
        connection = libvirt.open(self.env["LIBVIRT_URI"])
        try:
            yield connection
        finally:
            connection.close()

    def is_active(self, domain=None):
        with self.libvirt() as connection:
            return bool(connection.lookupByName(domain or self.env["DOMAIN"]).isActive())

    def stored_xml(self, domain=None):
        with self.libvirt() as connection:
            return connection.lookupByName(domain or self.env["DOMAIN"]).XMLDesc(
                libvirt.VIR_DOMAIN_XML_INACTIVE)

    def set_active(self, active):
        """By libvirt itself; a machine that was started has finished booting."""
        mark = self.mark()
        with self.libvirt() as connection:
            domain = connection.lookupByName(self.env["DOMAIN"])
            if not active:
                if domain.isActive():
                    domain.destroy()
                return
            if domain.isActive():
                mark = max(0, self.serial().rfind(BIOS))  # it may be booting
            else:
                domain.create()
        self.wait_serial(UP, mark)

    # --- its serial port ---
    def serial(self):
        try:
            with open(self.env["SERIAL_LOG"], "rb") as log:
                return log.read()
        except FileNotFoundError:
            return b""

    def mark(self):
        return len(self.serial())

    def wait_serial(self, text, mark, seconds=BOOT_S):
        try:
            wait_until("%r on the serial port" % text, lambda: text in self.serial()[mark:],
                       seconds)
        except AssertionError as err:
            raise AssertionError("%s; it showed:\n%s" % (
                err, self.serial()[mark:][-2000:].decode("utf-8", "replace"))) from None

    # --- the companion ---
    def amt(self, **more):
        return wsman.Wsman.of(self.env, **more)

    def vamtctl(self, *words, check=True, seconds=60):
        done = subprocess.run([VAMTCTL] + list(words), env=self.environ(), timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False)
        text = done.stdout.decode()
        assert not check or done.returncode == 0, text
        return done.returncode, text
