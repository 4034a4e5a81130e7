# SPDX-License-Identifier: ISC
"""States other than on and off, on a real libvirt: paused, asleep, hibernated, crashed, killed.
What AMT reports, which transitions it offers, and that these do what they say. The guest is a
BIOS without anything to boot; its ports are written through QEMU's monitor."""
import os
import signal
import socket

import libvirt
import libvirt_qemu
import pytest

import wsman
from stage import Stage, wait_until

SLEEP_DEEP, HIBERNATE = 4, 7
PASSWORD = "Passw0rd+xyz"
HOST = """<domain type='qemu'><name>states</name><memory unit='MiB'>16</memory>
<os><type arch='x86_64' machine='q35'>hvm</type><bios useserial='yes'/></os>
<features><acpi/></features>
<on_crash>%s</on_crash><pm><suspend-to-mem enabled='yes'/></pm>
<devices><controller type='usb' model='none'/><memballoon model='none'/>
<serial type='file'><source path='%s' append='on'/></serial><panic model='isa'/></devices></domain>"""
CRASH = "o /b 0x505 1"         # pvpanic: the guest has panicked
SUSPEND = "o /w 0x604 0x2400"  # PM1a_CNT: SLP_EN, SLP_TYP of S3


@pytest.fixture(scope="module")
def lab():
    made = Stage("p%d" % os.getpid())
    try:
        yield made.up("--no-attach")
    finally:
        made.down()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Guest:
    """A host domain with its companion."""

    def __init__(self, lab):
        self.lab = lab
        self.log = os.path.join(lab.env["LAB"], "states.log")
        self.connection = libvirt.open(lab.env["LIBVIRT_URI"])
        demo = self.connection.lookupByName(lab.env["DOMAIN"])
        if demo.isActive():
            demo.destroy()
        self.domain = self.define("preserve")
        password = os.path.join(lab.env["LAB"], "states-password")
        with open(password, "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(PASSWORD + "\n")
        port = free_port()
        lab.vamtctl("attach", "states", "--forward", "127.0.0.1:%d" % port,
                    "--password-file", password)
        self.amt = wsman.Wsman("127.0.0.1", port, "admin", PASSWORD)
        wait_until("the companion", self.is_answering)

    def define(self, on_crash):
        """Its configuration, with the link to its companion if it has one."""
        xml = HOST % (on_crash, self.log)
        try:
            old = self.connection.lookupByName("states").XMLDesc(
                libvirt.VIR_DOMAIN_XML_INACTIVE)
            xml = old.replace("<on_crash>preserve<", "<on_crash>%s<" % on_crash)
        except libvirt.libvirtError:
            pass
        return self.connection.defineXML(xml)

    def is_answering(self):
        try:
            return self.amt.power_state() == wsman.POWER_OFF
        except KeyError:  # it does not know its host yet
            return False
        except OSError:
            self.amt.close()
            return False

    def start(self):
        """On; the BIOS has found that there is nothing to boot."""
        mark = len(self.logged())
        self.domain.create()
        wait_until("the BIOS", lambda: b"No bootable device" in self.logged()[mark:])
        self.shows(wsman.POWER_ON)

    def logged(self):
        try:
            with open(self.log, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def monitor(self, command):
        libvirt_qemu.qemuMonitorCommand(self.domain, command,
                                        libvirt_qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP)

    def state(self):
        return self.domain.state()[0]

    def shows(self, state, *legal):
        """AMT reports this state, and exactly these transitions if any are given."""
        wait_until("AMT reports power state %d" % state,
                   lambda: self.amt.power_state() == state)
        if legal:
            assert self.amt.legal_states() == set(legal)

    def pid(self):
        path = os.path.join(self.lab.env["LAB"], "r/libvirt/qemu/run/states.pid")
        with open(path, encoding="ascii") as file:
            return int(file.read())

    def close(self):
        self.amt.close()
        self.lab.vamtctl("detach", "states", check=False)
        if self.domain.isActive():
            self.domain.destroy()
        self.domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
        self.connection.close()


@pytest.fixture(scope="module")
def attached(lab):
    made = Guest(lab)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def guest(attached):
    """On."""
    if attached.domain.isActive():
        attached.domain.destroy()
    attached.shows(wsman.POWER_OFF, wsman.POWER_ON)
    attached.start()
    return attached


def refuses(guest, *states):
    before = guest.state()
    for state in states:
        assert guest.amt.power(state) != 0, state
    assert guest.state() == before


def test_paused(guest):
    guest.domain.suspend()
    wait_until("paused is told", lambda: guest.amt.legal_states() == {
        wsman.POWER_ON, wsman.POWER_OFF, wsman.POWER_RESET, wsman.POWER_CYCLE})
    guest.shows(wsman.POWER_ON)
    refuses(guest, wsman.POWER_NMI, wsman.POWER_OFF_GRACEFUL, wsman.POWER_RESET_GRACEFUL)
    assert guest.amt.power(wsman.POWER_ON) == 0
    wait_until("it runs", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
    guest.domain.suspend()
    wait_until("paused is told", lambda: wsman.POWER_ON in guest.amt.legal_states())
    mark = len(guest.logged())
    assert guest.amt.power(wsman.POWER_RESET) == 0
    wait_until("it runs", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
    wait_until("it boots", lambda: b"No bootable device" in guest.logged()[mark:])


def test_hibernated(guest):
    guest.domain.managedSave()
    guest.shows(HIBERNATE, wsman.POWER_ON)
    refuses(guest, wsman.POWER_OFF, wsman.POWER_RESET, wsman.POWER_CYCLE, wsman.POWER_NMI)
    assert guest.domain.hasManagedSaveImage()
    mark = len(guest.logged())
    assert guest.amt.power(wsman.POWER_ON) == 0
    wait_until("it runs", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
    assert not guest.domain.hasManagedSaveImage()
    guest.shows(wsman.POWER_ON)
    assert b"SeaBIOS" not in guest.logged()[mark:], "it goes on where it was"


def test_asleep(guest):
    guest.monitor(SUSPEND)
    wait_until("it sleeps", lambda: guest.state() == libvirt.VIR_DOMAIN_PMSUSPENDED)
    guest.shows(SLEEP_DEEP, wsman.POWER_ON, wsman.POWER_OFF, wsman.POWER_CYCLE)
    refuses(guest, wsman.POWER_NMI, wsman.POWER_OFF_GRACEFUL)
    assert guest.amt.power(wsman.POWER_ON) == 0
    wait_until("it wakes", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
    guest.shows(wsman.POWER_ON)


@pytest.mark.parametrize("way", [wsman.POWER_OFF, wsman.POWER_CYCLE])
def test_asleep_and_cut(guest, way):
    guest.monitor(SUSPEND)
    wait_until("it sleeps", lambda: guest.state() == libvirt.VIR_DOMAIN_PMSUSPENDED)
    guest.shows(SLEEP_DEEP)
    assert guest.amt.power(way) == 0
    guest.shows(way if way == wsman.POWER_OFF else wsman.POWER_ON)
    assert bool(guest.domain.isActive()) == (way == wsman.POWER_CYCLE)


@pytest.mark.parametrize("way", [wsman.POWER_OFF, wsman.POWER_CYCLE])
def test_crashed_and_kept(guest, way):
    guest.monitor(CRASH)
    wait_until("it has crashed", lambda: guest.state() == libvirt.VIR_DOMAIN_CRASHED)
    guest.shows(wsman.POWER_ON, wsman.POWER_OFF, wsman.POWER_CYCLE)
    refuses(guest, wsman.POWER_RESET, wsman.POWER_NMI, wsman.POWER_OFF_GRACEFUL)
    assert guest.amt.power(way) == 0
    if way == wsman.POWER_OFF:
        guest.shows(wsman.POWER_OFF, wsman.POWER_ON)
    else:
        wait_until("it runs", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
        wait_until("running is told", lambda: wsman.POWER_NMI in guest.amt.legal_states())


def test_crashed_and_gone(attached):
    """on_crash destroy: it is off, and can be started."""
    if attached.domain.isActive():
        attached.domain.destroy()
    attached.define("destroy")
    try:
        attached.start()
        attached.monitor(CRASH)
        wait_until("it is off", lambda: not attached.domain.isActive())
        attached.shows(wsman.POWER_OFF, wsman.POWER_ON)
        assert attached.amt.power(wsman.POWER_ON) == 0
        wait_until("it runs", lambda: attached.state() == libvirt.VIR_DOMAIN_RUNNING)
    finally:
        attached.define("preserve")


def test_qemu_killed(guest):
    os.kill(guest.pid(), signal.SIGKILL)
    guest.shows(wsman.POWER_OFF, wsman.POWER_ON)
    assert guest.state() == libvirt.VIR_DOMAIN_SHUTOFF
    assert guest.amt.power(wsman.POWER_ON) == 0
    wait_until("it runs", lambda: guest.state() == libvirt.VIR_DOMAIN_RUNNING)
    guest.shows(wsman.POWER_ON)


def test_nmi_is_accepted(guest):
    assert guest.amt.power(wsman.POWER_NMI) == 0
    assert guest.state() == libvirt.VIR_DOMAIN_RUNNING
    guest.shows(wsman.POWER_ON)


def test_what_libvirt_does_not_announce(guest):
    """libvirt has no event for saved memory that is thrown away; vamtd looks by itself."""
    guest.domain.managedSave()
    guest.shows(HIBERNATE, wsman.POWER_ON)
    guest.domain.managedSaveRemove(0)
    guest.shows(wsman.POWER_OFF, wsman.POWER_ON)
