# SPDX-License-Identifier: ISC
"""A QEMU that runs one of the small images of this folder: its log, its monitor, its host
port, its network."""
import json
import os
import socket
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IMAGES = os.path.join(TOP, "build/qemu-x86/tests")
WAIT_S = 20  # a boot takes a tenth of a second; the build machine may be busy


class Machine:
    """with Machine("boot") as m: m.wait("started")"""

    def __init__(self, image, *options, qemu=()):
        self.folder = tempfile.TemporaryDirectory(prefix="vamt-qemu-")
        self.log_path = self.path("log")
        self.monitor = None
        self.buffer = b""
        open(self.log_path, "w", encoding="ascii").close()
        self.command = [os.path.join(TOP, "tools/run-qemu"),
                        "--image", os.path.join(IMAGES, image + ".fd"), "--port", "0",
                        "--log", self.log_path, *options, "--",
                        "-qmp", "unix:%s,server=on,wait=off" % self.path("qmp"), *qemu]

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def __enter__(self):
        with open(self.path("stderr"), "wb") as stderr:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                            stdout=stderr, stderr=stderr)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.monitor:
            self.monitor.close()
        self.folder.cleanup()

    def log(self):
        with open(self.log_path, encoding="ascii", errors="replace") as file:
            return file.read()

    def wait(self, text, count=1, seconds=WAIT_S):
        """Until the log holds `text` at least `count` times; the last such line."""
        end = time.monotonic() + seconds
        while True:
            whole = self.log().rpartition("\n")[0]
            lines = [line for line in whole.splitlines() if text in line]
            if len(lines) >= count:
                return lines[-1]
            if time.monotonic() > end or self.process.poll() is not None and count > len(lines):
                with open(self.path("stderr"), encoding="utf-8", errors="replace") as stderr:
                    raise AssertionError("%r is not %d times in the log:\n%s\n%s" %
                                         (text, count, self.log(), stderr.read()))
            time.sleep(0.01)

    def wait_exit(self, seconds=WAIT_S):
        return self.process.wait(seconds)

    # --- monitor (QMP) ---
    def command_qmp(self, name, /, **arguments):
        if self.monitor is None:
            self.monitor = connect(self.path("qmp"))
            self.read_reply()
            self.monitor.sendall(b'{"execute": "qmp_capabilities"}\n')
            self.read_reply()
        request = {"execute": name, "arguments": arguments}
        self.monitor.sendall(json.dumps(request).encode() + b"\n")
        while True:
            reply = self.read_reply()
            assert "error" not in reply, reply
            if "return" in reply:
                return reply["return"]

    def read_reply(self):
        while b"\n" not in self.buffer:
            piece = self.monitor.recv(65536)
            assert piece, "QEMU has closed its monitor"
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)


def connect(path):
    """A connection to a Unix socket that QEMU is about to make."""
    end = time.monotonic() + WAIT_S
    while True:
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(WAIT_S)
        try:
            stream.connect(path)
            return stream
        except OSError:
            stream.close()
            assert time.monotonic() < end, path
            time.sleep(0.01)
