# SPDX-License-Identifier: ISC
"""vamtd between a true libvirt and a firmware played by a double (shim_peer.c): transitions,
one-shot boot, at most once over kills, hostile bytes, domains that change."""
import os
import re
import subprocess
import threading
import time
import uuid

import libvirt
import libvirt_qemu
import pytest

from stage import TOP, Stage, wait_until

ON, OFF, OFF_GRACEFUL, RESET, RESET_GRACEFUL, CYCLE, NMI = range(1, 8)
DEFAULT, NETWORK, DISK, CD = range(4)
OK, FAILED, UNAVAILABLE, NOT_POSSIBLE, UNSUPPORTED, INTERRUPTED, BAD_REQUEST = range(7)
URI = "urn:vamt:link:1"
HOST = """<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>16</memory>
<metadata><x:note xmlns:x='urn:x'>keep</x:note></metadata>
<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os><features><acpi/></features>
<devices><controller type='usb' model='none'/><memballoon model='none'/>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>
<target dev='vda' bus='virtio'/></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk></devices></domain>"""
COMPANION = """<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>16</memory>
<metadata><vamt:link xmlns:vamt='urn:vamt:link:1' host='%s' network='double'/></metadata>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><controller type='usb' model='none'/><memballoon model='none'/>
<video><model type='none'/></video><channel type='unix'>
<source mode='connect' path='%s'/><target type='virtio' name='org.vamt.host.0'/></channel>
</devices></domain>"""


class Peer:
    """The double of a firmware."""

    def __init__(self, program, path):
        self.lines = []
        self.asked = 0
        self.process = subprocess.Popen([program, path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        wait_until("the double's socket", lambda: os.path.exists(path))

    def read(self):
        for line in iter(self.process.stdout.readline, b""):
            self.lines.append(line.decode().strip())

    def send(self, text):
        self.process.stdin.write(text.encode() + b"\n")

    def snapshot(self):
        """The last snapshot as a dict of texts, or {}."""
        found = [line for line in self.lines if line.startswith("snapshot ")]
        return dict(re.findall(r"(\S+?)[=:](\S*)", found[-1])) if found else {}

    def power(self, action, boot=DEFAULT):
        """Ask; the number to wait for."""
        self.asked += 1
        self.send("power %d %d" % (action, boot))
        return self.asked

    def answer(self, number, seconds=20):
        mark = "done %d " % number
        return wait_until("answer %d" % number, lambda: [
            line[len(mark):] for line in self.lines if line.startswith(mark)], seconds)[0]

    def ask(self, action, boot=DEFAULT):
        return int(self.answer(self.power(action, boot)))

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The double, compiled."""
    path = str(tmp_path_factory.mktemp("peer") / "shim_peer")
    libs = ["build/host/libfw.a", "build/host/libdeps.a"]
    subprocess.run(["make", "-s"] + libs, cwd=TOP, check=True)
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-g", "-Wall", "-Ifirmware", "-Ibuild/gen",
                    "-isystem", "build/deps/nanopb", "-DPB_FIELD_32BIT=1", "-o", path,
                    "tests/lab/shim_peer.c", "-Wl,--gc-sections", "-Wl,--start-group"] + libs +
                   ["-Wl,--end-group"], cwd=TOP, check=True)
    return path


@pytest.fixture(scope="module")
def bare():
    lab = Stage("s%d" % os.getpid())
    try:
        yield lab.up("--no-attach")
    finally:
        lab.down()


class Pair:
    """A host domain and a companion whose firmware is the double."""

    def __init__(self, lab, program):
        self.lab = lab
        self.name = "pair%s" % uuid.uuid4().hex[:6]
        self.uuid = str(uuid.uuid4())
        companion = str(uuid.uuid4())
        folder = lab.env["LAB"]
        disk = os.path.join(folder, self.name + ".qcow2")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "77M"], check=True)
        path = os.path.join(os.path.dirname(lab.env["VAMT_SOCKET"]), self.name)
        self.peer = Peer(program, path)
        self.connection = libvirt.open(lab.env["LIBVIRT_URI"])
        self.host = self.connection.defineXML(HOST % (self.name, self.uuid, disk))
        self.plain = self.host.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        self.companion = self.connection.defineXML(COMPANION % (self.name + "-c", companion,
                                                                self.uuid, path))
        self.host.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT,
                              "<link companion='%s'/>" % companion, "vamt", URI,
                              libvirt.VIR_DOMAIN_AFFECT_CONFIG)
        self.stored = self.host.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        self.companion.create()
        wait_until("the first snapshot", self.peer.snapshot)

    def shows(self, **facts):
        wait_until("snapshot with %s" % facts, lambda: all(
            self.peer.snapshot().get(key) == value for key, value in facts.items()))

    def boot_order(self):
        """The targets of the running domain's disks in the order they boot."""
        xml = self.host.XMLDesc(0)
        found = []
        for disk in re.findall(r"<disk .*?</disk>", xml, re.DOTALL):
            order = re.search(r"<boot order='(\d+)'", disk)
            if order:
                found.append((int(order[1]), re.search(r"target dev='(\w+)'", disk)[1]))
        return [target for _, target in sorted(found)]

    def close(self):
        connection = libvirt.open(self.lab.env["LIBVIRT_URI"])
        for each in connection.listAllDomains():
            if each.UUIDString() == self.uuid or each.name() == self.name + "-c":
                is_stored = each.isPersistent()
                if each.isActive():
                    each.destroy()
                if is_stored:
                    each.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
        connection.close()
        self.peer.stop()


@pytest.fixture
def pair(bare, program):
    made = Pair(bare, program)
    yield made
    made.close()


def test_transitions(pair):
    peer = pair.peer
    pair.shows(power="4", actions="1", boot="2,3", vda=str(77 << 20), disks="2")
    assert peer.ask(RESET) == NOT_POSSIBLE
    assert peer.ask(ON) == OK
    assert peer.snapshot()["power"] == "1"
    assert peer.snapshot()["vda"] == str(77 << 20)
    assert peer.ask(ON) == NOT_POSSIBLE
    for action in (RESET, NMI, CYCLE):
        assert peer.ask(action) == OK
        assert pair.host.isActive()
    assert peer.ask(OFF) == OK
    assert not pair.host.isActive()
    assert pair.host.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == pair.stored


def test_paused_and_saved(pair):
    peer = pair.peer
    assert peer.ask(ON) == OK
    pair.host.suspend()
    pair.shows(power="1", actions="1,2,4,6")
    assert peer.ask(OFF_GRACEFUL) == NOT_POSSIBLE
    assert peer.ask(ON) == OK
    assert pair.host.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    pair.host.managedSave()
    pair.shows(power="3", actions="1", boot="")
    assert peer.ask(ON, CD) == NOT_POSSIBLE
    assert pair.host.hasManagedSaveImage()
    assert peer.ask(ON) == OK
    assert not pair.host.hasManagedSaveImage()


def test_boot_once(pair):
    peer = pair.peer
    pair.host.setAutostart(1)
    assert peer.ask(ON, CD) == OK
    assert pair.boot_order() == ["sda", "vda"]
    assert pair.host.isPersistent()
    assert peer.ask(RESET, DISK) == OK
    assert pair.boot_order() == ["vda"]
    assert peer.ask(CYCLE, NETWORK) == UNSUPPORTED
    assert pair.host.isActive(), "refused before the machine was stopped"
    assert peer.ask(CYCLE) == OK
    assert pair.boot_order() == [], "once only"
    assert peer.ask(OFF) == OK
    assert pair.host.autostart()
    assert pair.host.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == pair.stored


def test_transient(pair):
    """A transient domain offers no off, and a cycle brings it back."""
    pair.host.undefine()
    xml = pair.stored
    pair.host = pair.connection.createXML(xml)
    pair.shows(power="1", actions="4,5,6,7")
    assert pair.peer.ask(OFF) == NOT_POSSIBLE
    before = pair.host.ID()
    assert pair.peer.ask(CYCLE) == OK
    again = pair.connection.lookupByUUIDString(pair.uuid)
    assert again.isActive() and again.ID() != before and not again.isPersistent()


def test_changes_are_told(pair):
    generation = int(pair.peer.snapshot()["generation"])
    xml = pair.stored.replace("<memory unit='KiB'>16384</memory>",
                              "<memory unit='KiB'>32768</memory>")
    pair.connection.defineXML(xml)
    pair.shows(memory=str(32 << 20))
    assert int(pair.peer.snapshot()["generation"]) > generation
    pair.host.rename(pair.name + "x")
    pair.shows(name=pair.name + "x")
    assert pair.name + "x" in pair.lab.vamtctl("list")[1]


def test_a_pair_needs_both_links(pair):
    """A companion whose host does not know it is not served."""
    pair.host.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, None, None, URI,
                          libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    wait_until("the pair is dropped", lambda: pair.name not in pair.lab.vamtctl("list")[1])
    answer = pair.peer.answer(pair.peer.power(ON))  # it waits a while: vamtd might restart
    assert answer == str(UNAVAILABLE) or "refused" in answer
    assert not pair.host.isActive()


def test_hostile_bytes(pair):
    for junk in ("5a" * 64, "ff" * 300, os.urandom(256).hex()):
        links = sum("link closed" in line for line in pair.peer.lines)
        pair.peer.send("raw " + junk)
        wait_until("the link is dropped", lambda: sum(
            "link closed" in line for line in pair.peer.lines) > links)
        wait_until("the link is back", lambda: "connected" in pair.lab.vamtctl(
            "status", pair.name)[1])
    assert "firmware dropped" in pair.lab.vamtctl("log", pair.name)[1]
    wait_until("power works", lambda: pair.peer.ask(ON) == OK if not pair.host.isActive()
               else True)


def test_at_most_once_over_kills(pair):
    """Resets while vamtd is killed at other moments: libvirt sees each at most once."""
    assert pair.peer.ask(ON) == OK
    resets = []
    stop = threading.Event()

    def count(connection):
        while not stop.is_set():
            libvirt.virEventRunDefaultImpl()

    libvirt.virEventRegisterDefaultImpl()
    connection = libvirt.open(pair.lab.env["LIBVIRT_URI"])
    libvirt.virEventAddTimeout(50, lambda *_: None, None)
    # QEMU's own event: a BIOS resets by itself too ("guest": true), which does not count.
    libvirt_qemu.qemuMonitorEventRegister(
        connection, connection.lookupByUUIDString(pair.uuid), "RESET",
        lambda _c, _d, _event, _s, _us, details, _o: resets.append(details)
        if "host-qmp-system-reset" in details else None, None)
    thread = threading.Thread(target=count, args=(connection,))
    thread.start()
    answers = []
    try:
        for round_number in range(12):
            wait_until("the link", lambda: "connected" in pair.lab.vamtctl(
                "status", pair.name, check=False)[1])
            number = pair.peer.power(RESET)
            time.sleep(0.004 * round_number)
            pair.lab.lab("stop", "vamtd", "--kill")
            pair.lab.lab("start", "vamtd")
            answers.append(pair.peer.answer(number))
            time.sleep(0.1)
    finally:
        time.sleep(0.3)
        stop.set()
        thread.join()
    done = answers.count(str(OK))
    possible = done + answers.count(str(INTERRUPTED))
    assert set(answers) <= {str(OK), str(INTERRUPTED), str(UNAVAILABLE), "refused -7"}, answers
    assert done <= len(resets) <= possible, (answers, len(resets))
    wait_until("a reset afterwards", lambda: pair.peer.ask(RESET) == OK)


def test_libvirtd_killed(pair):
    assert pair.peer.ask(ON) == OK
    pair.lab.lab("stop", "libvirtd", "--kill")
    try:
        pair.shows(available="0", actions="", power="1", name=pair.name)
        assert pair.peer.ask(RESET) == UNAVAILABLE
    finally:
        pair.lab.lab("start", "libvirtd")
    pair.shows(available="1", power="1")
    assert pair.peer.ask(RESET) == OK
