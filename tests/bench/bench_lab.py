# SPDX-License-Identifier: ISC
"""A lab (tests/stage.py) for the bench: the Linux machine, its companion, libvirt's events."""
import contextlib
import os
import signal
import threading
import time

import libvirt

import measure
import stage
from bench_report import TOP, BenchError

STARTED, STOPPED = libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STOPPED
EVENT_S = 30


def forget(name):
    """tools/lab leaves the lock of a lab that is down."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(TOP, "build/lab/.%s.lock" % name))


@contextlib.contextmanager
def undisturbed():
    """Cleaning up is not interrupted a second time."""
    before = {each: signal.signal(each, signal.SIG_IGN)
              for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class Events:
    """When libvirt said that a domain started or stopped, by time.perf_counter()."""
    is_running = False

    def __init__(self, uri, domain):
        if not Events.is_running:
            libvirt.virEventRegisterDefaultImpl()
            threading.Thread(target=self.loop, daemon=True).start()
            Events.is_running = True
        self.seen = []
        self.changed = threading.Condition()
        self.connection = libvirt.open(uri)
        self.domain = self.connection.lookupByName(domain)
        self.callback = self.connection.domainEventRegisterAny(
            self.domain, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self.on_event, None)

    @staticmethod
    def loop():
        # A timer, so that the loop notices what is registered after it began to wait.
        libvirt.virEventAddTimeout(100, lambda *_: None, None)
        while True:
            libvirt.virEventRunDefaultImpl()

    def on_event(self, _connection, _domain, event, _detail, _opaque):
        now = time.perf_counter()
        with self.changed:
            self.seen.append((now, event))
            self.changed.notify_all()

    def wait(self, event, since):
        """Seconds from `since` to the first such event after it."""
        def found():
            return next((at for at, each in self.seen if each == event and at >= since), None)
        with self.changed:
            at = self.changed.wait_for(found, EVENT_S)
        if at is None:
            raise BenchError("libvirt reported no event %d within %d s" % (event, EVENT_S))
        return at - since

    def close(self):
        self.connection.domainEventDeregisterAny(self.callback)
        self.connection.close()


class Rig:
    """The lab with its Linux machine running, and what the bench does to it."""

    def __init__(self):
        self.stage = stage.Stage("bench%d" % os.getpid())
        self.events = None
        self.target = None

    def __enter__(self):
        try:
            self.stage.up()
            env = self.stage.env
            self.target = measure.Target(int(env["VAMT_HTTP_PORT"]), env["VAMT_PASSWORD"],
                                         env["VAMT_HOST"])
            self.events = Events(env["LIBVIRT_URI"], env["DOMAIN"])
            self.started()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with undisturbed():
            if self.events:
                self.events.close()
            self.stage.down()
            forget(self.stage.name)

    def folder(self, name):
        path = os.path.join(self.stage.env["LAB"], name)
        os.makedirs(path, exist_ok=True)
        return path

    @property
    def domain(self):
        return self.events.domain

    def started(self):
        """The Linux machine runs and has finished booting."""
        self.stage.set_active(True)
        # The firmware has heard of it as well, or it would refuse what it is asked.
        with measure.Session(self.target) as session:
            end = time.monotonic() + EVENT_S
            while b"PowerState>2<" not in measure.enumerate_all(
                    session, "CIM_AssociatedPowerManagementService"):
                if time.monotonic() > end:
                    raise BenchError("AMT does not report the machine as running")
                time.sleep(0.1)
