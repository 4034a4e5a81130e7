# SPDX-License-Identifier: ISC
"""The QEMU that the bench starts: the companion's machine without libvirt, the same for each
image that is put into its flash."""
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

HALTED = b"H"
# What the firmware and the echo image log once their ports are open.
LISTENING = rb" is up| is listening"
# The last thing that a new device does of its own accord; TCG takes seconds for it.
HAS_KEYS = rb"own RSA-2048 certificate is made"
ECHO_PORT = 7
HTTP_PORT, TLS_PORT = 16992, 16993
PASSWORD = "Bench+Passw0rd"
ADDRESS = "10.0.2.15"
NVRAM_CAP = 256 * 1024
RAM_KIB = 8 * 1024
SILENT_S = 60  # a search for prime numbers may take long


class MachineError(Exception):
    pass


def accel():
    return "kvm" if os.environ.get("VAMT_ACCEL") == "kvm" else "tcg"


def qemu_version():
    text = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    return "QEMU " + re.search(r"version ([\d.]+)", text).group(1)


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        found = re.search(r"^model name\s*: (.*)$", info.read(), re.M)
    return "%d x %s" % (os.cpu_count(), found.group(1) if found else "unknown CPU")


def halting_image(size):
    """Flash that says "H" on the debug console at the reset vector and halts for good."""
    code = bytes((0xFA,              # cli
                  0xBA, 0x02, 0x04,  # mov dx, 0x402
                  0xB0, HALTED[0],   # mov al, 'H'
                  0xEE,              # out dx, al
                  0xF4,              # hlt
                  0xEB, 0xFD))       # jmp back to hlt
    return b"\xff" * (size - 16) + code + b"\xff" * (16 - len(code))


def cpu_seconds(pid):
    """Used by all threads of a process so far, to the nanosecond."""
    total = 0
    tasks = "/proc/%d/task" % pid
    for task in os.listdir(tasks):
        with open(os.path.join(tasks, task, "schedstat"), encoding="ascii") as stat:
            total += int(stat.read().split()[0])
    return total / 1e9


def memory_kib(pid):
    """{"Pss": ..., "Pss_Anon": ..., "Private_Dirty": ...} of a process."""
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return {name: int(kib) for name, kib in
                re.findall(r"^(\w+):\s+(\d+) kB", file.read(), re.M)}


def largest_kib(pid, size):
    """Anonymous memory in use of the mappings of this size; of the one that has most."""
    with open("/proc/%d/smaps" % pid, encoding="ascii", errors="replace") as file:
        found = re.findall(r"^Size:\s+%d kB$.*?^Anonymous:\s+(\d+) kB$" % size, file.read(),
                           re.M | re.S)
    return max(map(int, found))


class Files:
    """Images and empty NVRAM."""

    def __init__(self, top, out):
        self.image = os.path.join(top, "build/qemu-x86/vamt.fd")
        if not os.path.exists(self.image):
            raise MachineError("%s is not built: run make" % self.image)
        # Of the same size: it maps the same amount of flash.
        self.halt = os.path.join(out, "halt.fd")
        with open(self.halt, "wb") as file:
            file.write(halting_image(os.path.getsize(self.image)))
        echo = os.path.join(top, "build/qemu-x86/tests/echo.fd")
        self.echo = echo if os.path.exists(echo) else None
        peer = os.path.join(top, "build/peer/ssl_server2")
        self.peer = peer if os.path.exists(peer) else None
        self.nvram = os.path.join(out, "nvram.empty")
        with open(self.nvram, "wb") as file:
            file.write(b"\xff" * NVRAM_CAP)
        self.password = os.path.join(out, "password")
        with open(self.password, "w", encoding="ascii") as file:
            file.write(PASSWORD)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    def __init__(self, files, image, port=HTTP_PORT, latency=None):
        """`latency` is the text of a latency profile."""
        self.address, self.password, self.tls = "127.0.0.1", PASSWORD, None
        self.folder = tempfile.mkdtemp(prefix="vamt-bench-")
        self.port, self.tls_port = free_port(), free_port()
        nvram = os.path.join(self.folder, "nvram.fd")
        shutil.copy(files.nvram, nvram)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, "console"))
        self.listener.listen(1)
        command = [
            "qemu-system-x86_64", "-M", "pc-q35-7.2,graphics=off,accel=" + accel(),
            "-m", "%dK" % RAM_KIB,
            "-cpu", "max" if accel() == "tcg" else "host", "-nodefaults", "-no-user-config",
            "-display", "none", "-name", "bench,debug-threads=on",
            "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + image,
            "-drive", "if=pflash,unit=1,format=raw,file=" + nvram,
            "-netdev", "user,id=n,restrict=on" + "".join(
                ",hostfwd=tcp:127.0.0.1:%d-%s:%d" % (outer, ADDRESS, inner)
                for outer, inner in ((self.port, port), (self.tls_port, TLS_PORT))),
            "-device", "virtio-net-pci,netdev=n,romfile=,disable-legacy=on",
            "-device", "virtio-rng-pci,disable-legacy=on",
            "-device", "virtio-serial-pci,disable-legacy=on",
            "-chardev", "socket,id=h,server=on,wait=off,path=" +
            os.path.join(self.folder, "host"),
            "-device", "virtserialport,chardev=h,name=org.vamt.host.0",
            "-chardev", "socket,id=d,path=" + os.path.join(self.folder, "console"),
            "-device", "isa-debugcon,iobase=0x402,chardev=d",
            "-fw_cfg", "name=opt/vamt/network,string=static %s/24 gateway 10.0.2.2" % ADDRESS,
            "-fw_cfg", "name=opt/vamt/admin-password,file=" + files.password]
        if latency is not None:
            with open(os.path.join(self.folder, "latency"), "w", encoding="ascii") as file:
                file.write(latency)
            command += ["-fw_cfg", "name=opt/vamt/latency,file=" + file.name]
        self.errors = open(os.path.join(self.folder, "errors"), "w+b")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=self.errors, stderr=self.errors)
        self.console = None
        self.shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.errors.close()
        self.listener.close()
        if self.console:
            self.console.close()
        shutil.rmtree(self.folder)

    def wait_console(self, pattern, mark=0):
        """Seconds from the start of QEMU until its debug console showed the pattern, beyond
        the first `mark` bytes."""
        while not re.search(pattern, self.shown[mark:]):
            source = self.console or self.listener
            ready, _, _ = select.select([source], [], [], SILENT_S)
            piece = None
            if ready and not self.console:
                self.console, _ = self.listener.accept()
                continue
            if ready:
                piece = self.console.recv(65536)
            if not piece:
                self.errors.seek(0)
                raise MachineError("the machine showed %r, not %r\n%s" % (
                    self.shown[-500:], pattern, self.errors.read().decode()))
            self.shown += piece
        return time.monotonic() - self.started

    def settle(self):
        """Until a new device has made its keys, and is idle."""
        self.wait_console(LISTENING)
        self.wait_console(HAS_KEYS)
        time.sleep(1)

    def attend(self, process):
        """Wait for the end of a process of ours. Meanwhile the console is read: QEMU stops the
        machine when nobody does."""
        while process.poll() is None:
            self.drain(0.1)

    def drain(self, seconds=0):
        """Read what the console shows, if it does so in time."""
        if select.select([self.console], [], [], seconds)[0]:
            self.shown += self.console.recv(65536)

    def private_kib(self):
        """After a second: QEMU frees memory of its own start late."""
        time.sleep(1)
        return memory_kib(self.process.pid)["Pss_Anon"]

    def ram_kib(self):
        """Of the guest's RAM, what was ever touched. (Stacks of threads are as large, and used
        little.)"""
        return largest_kib(self.process.pid, RAM_KIB)

    def cpu_thread(self):
        """The folder in /proc of the thread that runs the guest."""
        tasks = "/proc/%d/task" % self.process.pid
        for task in os.listdir(tasks):
            with open(os.path.join(tasks, task, "comm"), encoding="ascii") as comm:
                if comm.read().startswith("CPU "):
                    return os.path.join(tasks, task)
        raise MachineError("QEMU has no thread named CPU")

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)
