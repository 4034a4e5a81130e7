# SPDX-License-Identifier: ISC
"""Many companions under one private libvirt, as a lab (tools/lab) starts it: their hosts are
defined and off. Beside them as many guests of the same XML whose image halts at once."""
import importlib.machinery
import importlib.util
import os
import re
import shutil
import time
import uuid
import xml.etree.ElementTree as ET

import libvirt

import machine
import measure
from bench_lab import forget, undisturbed
from bench_report import TOP, BenchError, say

DOMAIN_UP_S = 60
KEYS_S = 1200  # until all new companions have made theirs, on a small machine
QEMU_NS = "{http://libvirt.org/schemas/domain/qemu/1.0}"
HOST = """<domain type='%s'><name>%s</name><memory unit='MiB'>16</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><controller type='usb' model='none'/><memballoon model='none'/>
<video><model type='none'/></video></devices></domain>"""


def lab_module():
    path = os.path.join(TOP, "tools/lab")
    loader = importlib.machinery.SourceFileLoader("lab", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lab", loader))
    loader.exec_module(module)
    return module


def halting_xml(text, folder, name, files, port):
    """The companion's XML as that of a guest of no concern to vamtd, with another image, and
    with the translation cache that libvirt and QEMU give every guest."""
    root = ET.fromstring(text)
    for each in root.findall("features/tcg"):
        root.find("features").remove(each)
    for each in ("metadata", "title"):
        root.remove(root.find(each))
    root.find("name").text = name
    root.find("uuid").text = str(uuid.uuid4())
    root.find("os/loader").text = files.halt
    nvram = os.path.join(folder, name + ".nvram")
    shutil.copy(files.nvram, nvram)
    root.find("os/nvram").text = nvram
    root.find("devices/serial/source").set("path", os.path.join(folder, name + ".log"))
    for arg in root.iter(QEMU_NS + "arg"):
        arg.set("value", re.sub(r"(hostfwd=tcp:[\d.]+):\d+", r"\1:%d" % port,
                                arg.get("value")))
    channel = root.find("devices/channel/source")
    if channel is not None:  # libvirt chooses its path
        root.find("devices/channel").remove(channel)
    return ET.tostring(root, encoding="unicode")


class Fleet:
    """Context: a libvirtd and a vamtd. Guests are added and removed by number."""

    def __init__(self, files):
        self.files = files
        self.module = lab_module()
        self.lab = self.module.Lab("fleet%d" % os.getpid())
        self.connection = None
        self.targets = []
        self.settled = 0
        self.halting = []

    def __enter__(self):
        try:
            self.lab.make_folders()
            self.lab.start_libvirtd()
            self.lab.start_vamtd()
            self.connection = libvirt.open(self.lab.uri)
            # libvirt looks at the QEMU binary for seconds before it runs the first machine.
            self.connection.getDomainCapabilities(None, "x86_64", "q35",
                                                  self.module.accel_type())
            with open(self.lab.path("password"), "w", encoding="ascii") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(machine.PASSWORD + "\n")
        except self.module.LabError as err:
            self.__exit__()
            raise BenchError(str(err)) from None
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with undisturbed():
            if self.connection:
                self.connection.close()
            self.lab.down()
            forget(self.lab.name)

    def daemon(self, part):
        return self.lab.facts()[part][0]

    def domains(self, prefix):
        return [each for each in self.connection.listAllDomains()
                if each.name().startswith(prefix)]

    def pids(self, prefix):
        folder = self.lab.path("r/libvirt/qemu/run")
        found = []
        for each in self.domains(prefix):
            if each.isActive():
                with open(os.path.join(folder, each.name() + ".pid"), encoding="ascii") as file:
                    found.append(int(file.read()))
        return found

    # --- companions: "c0001" of host "h0001" ---
    def grow(self, count):
        while len(self.targets) < count:
            number = len(self.targets) + 1
            host = "h%04d" % number
            self.connection.defineXML(HOST % (self.module.accel_type(), host))
            port = machine.free_port()
            try:
                self.lab.vamtctl("attach", host, "--forward", "127.0.0.1:%d" % port,
                                 "--name", "c%04d" % number, "--password-file",
                                 self.lab.path("password"))
            except self.module.LabError as err:
                raise BenchError(str(err)) from None
            target = measure.Target(port, machine.PASSWORD)
            self.wait(target)
            self.targets.append(target)
            if number % 10 == 0:
                say("%d companions" % number)

    def settle(self):
        """Until the new companions have made their keys, and are idle."""
        end = time.monotonic() + KEYS_S
        say("waiting for new companions to make their keys")
        while self.settled < len(self.targets):
            domain = self.connection.lookupByName("c%04d" % (self.settled + 1))
            log = ET.fromstring(domain.XMLDesc(0)).find("devices/serial/source").get("path")
            while True:
                with open(log, "rb") as file:
                    if re.search(machine.HAS_KEYS, file.read()):
                        break
                if time.monotonic() > end:
                    raise BenchError("a companion does not make its keys: " + log)
                time.sleep(1)
            self.settled += 1

    @staticmethod
    def wait(target):
        end = time.monotonic() + DOMAIN_UP_S
        while True:
            try:
                measure.refusal(target)
                return
            except (OSError, machine.MachineError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def stop(self):
        """All companions off, still defined."""
        for each in self.domains("c"):
            if each.isActive():
                each.destroy()

    # --- guests that halt: "b0001", from the XML of c0001 ---
    def grow_halting(self, count):
        while len(self.halting) < count:
            number = len(self.halting) + 1
            twin = self.connection.lookupByName("c%04d" % number)
            xml = halting_xml(twin.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), self.lab.folder,
                              "b%04d" % number, self.files, machine.free_port())
            domain = self.connection.defineXML(xml)
            domain.create()
            self.halting.append(domain)
            if number % 10 == 0:
                say("%d halting guests" % number)
