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
ECHO_PORT = 7
HTTP_PORT = 16992
PASSWORD = "Bench+Passw0rd"
ADDRESS = "10.0.2.15"
NVRAM_CAP = 256 * 1024
READY_S = 30


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
        self.address, self.password = "127.0.0.1", PASSWORD
        self.folder = tempfile.mkdtemp(prefix="vamt-bench-")
        self.port = free_port()
        nvram = os.path.join(self.folder, "nvram.fd")
        shutil.copy(files.nvram, nvram)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, "console"))
        self.listener.listen(1)
        command = [
            "qemu-system-x86_64", "-M", "pc-q35-7.2,graphics=off,accel=" + accel(), "-m", "8M",
            "-cpu", "max" if accel() == "tcg" else "host", "-nodefaults", "-no-user-config",
            "-display", "none", "-name", "bench,debug-threads=on",
            "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + image,
            "-drive", "if=pflash,unit=1,format=raw,file=" + nvram,
            "-netdev", "user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:%d-%s:%d" % (
                self.port, ADDRESS, port),
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
            ready, _, _ = select.select([source], [], [], READY_S)
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

    def attend(self, process):
        """Wait for the end of a process of ours. Meanwhile the console is read: QEMU stops the
        machine when nobody does."""
        while process.poll() is None:
            if select.select([self.console], [], [], 0.1)[0]:
                self.shown += self.console.recv(65536)

    def private_kib(self):
        """After a second: QEMU frees memory of its own start late."""
        time.sleep(1)
        return memory_kib(self.process.pid)["Pss_Anon"]

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
