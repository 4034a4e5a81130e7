# SPDX-License-Identifier: ISC
"""A host shim for the sim board, written after firmware/host/FORMAT.md: it says that the host
is on or off, does every power request at once and remembers it."""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import zlib

PROTO = pathlib.Path(__file__).resolve().parents[2] / "firmware/host/hostlink.proto"
HELLO, DATA, ACK = range(3)
MAGIC = b"vAMTlink"
WINDOW = 65536
CHANNELS = 4
UUID = bytes(range(16))


def messages(folder):
    """The module that protoc makes of hostlink.proto."""
    subprocess.run(["protoc", "-I", str(PROTO.parent), "--python_out", str(folder), PROTO.name],
                   check=True, stdin=subprocess.DEVNULL, timeout=30)
    sys.path.insert(0, str(folder))
    try:
        import hostlink_pb2
    finally:
        sys.path.pop(0)
    return hostlink_pb2


class ShimDouble:
    """Connects to the sim's --hostport socket. `asked` holds (action, boot device) by name. While
    `holding` is set, requests wait in `held` until release(). `status` is what the firmware said
    last of itself."""

    def __init__(self, path, folder):
        self.pb = messages(folder)
        self.is_on = True
        self.asked = []
        self.holding = False
        self.held = []
        self.generation = 0
        self.tunings = 0
        self.status = None
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.token = int.from_bytes(os.urandom(7), "little") + 1
        self.echo = 0
        self.received = [0] * CHANNELS
        self.sent = 0
        self.stream = b""
        self.ready = threading.Event()
        self.hello(waiting=True)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(5)
        self.sock.close()

    # --- frames ---
    def frame(self, kind, channel, offset, payload):
        head = struct.pack("<HBB8s", len(payload), kind, channel, offset)
        self.sock.sendall(head + struct.pack("<I", zlib.crc32(head)) + payload +
                          struct.pack("<I", zlib.crc32(payload)))

    def hello(self, waiting):
        payload = struct.pack("<HHBBHIIQQQQQ", 1, 1, CHANNELS, 1 if waiting else 0, 0, WINDOW, 0,
                              4711, self.token, self.echo, 0, 0)
        payload += struct.pack("<QQ", 0, WINDOW) * CHANNELS
        self.frame(HELLO, 0, MAGIC, payload)

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.sock.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def run(self):
        try:
            while True:
                size, kind, channel, offset, _ = struct.unpack("<HBB8sI", self.read(16))
                payload = self.read(size + 4)[:-4]
                if kind == HELLO:
                    self.on_hello(payload)
                elif kind == DATA:
                    self.on_data(channel, payload)
        except (EOFError, OSError):
            pass

    def on_hello(self, payload):
        flags = payload[5]
        token, echo = struct.unpack_from("<QQ", payload, 24)
        is_new = token != self.echo
        self.echo = token
        if echo != self.token:
            self.hello(waiting=True)
        elif not self.ready.is_set():
            self.hello(waiting=False)
            self.tell()
            self.ready.set()
        elif is_new or flags & 1:
            self.hello(waiting=False)

    def on_data(self, channel, payload):
        self.received[channel] += len(payload)
        self.frame(ACK, channel, struct.pack("<Q", self.received[channel]),
                   struct.pack("<Q", self.received[channel] + WINDOW))
        if channel != 0:
            return
        self.stream += payload
        while len(self.stream) >= 4:
            size = struct.unpack_from("<I", self.stream)[0]
            if len(self.stream) < 4 + size:
                return
            message = self.pb.ToShim.FromString(self.stream[4:4 + size])
            self.stream = self.stream[4 + size:]
            if message.HasField("status"):
                self.status = message.status
            if message.HasField("request"):
                self.on_request(message.request)

    def send(self, message):
        data = message.SerializeToString()
        data = struct.pack("<I", len(data)) + data
        self.frame(DATA, 0, struct.pack("<Q", self.sent), data)
        self.sent += len(data)

    # --- the host ---
    def tell(self):
        pb = self.pb
        self.generation += 1
        message = pb.ToFirmware()
        host = message.snapshot
        host.generation = self.generation
        host.hypervisor_available = True
        host.power = pb.POWER_STATE_ON if self.is_on else pb.POWER_STATE_OFF
        names = ("OFF OFF_GRACEFUL RESET RESET_GRACEFUL CYCLE NMI" if self.is_on else "ON")
        host.actions.extend(pb.PowerAction.Value("POWER_ACTION_" + each)
                            for each in names.split())
        host.boot_devices.extend([0, 1, 2, 3])
        host.inventory.name = "double"
        host.inventory.uuid = UUID
        processor = host.inventory.processor
        processor.model, processor.vendor = "Skylake-Client-IBRS", "GenuineIntel"
        processor.sockets, processor.cores, processor.threads, processor.mhz = 1, 2, 1, 3400
        self.send(message)

    def tune(self, kind, text):
        """Another latency profile ("LATENCY") or other faults ("FAULTS"); the answer is ignored."""
        self.tunings += 1
        message = self.pb.ToFirmware()
        message.tuning.id = self.tunings
        message.tuning.kind = self.pb.TuningKind.Value("TUNING_KIND_" + kind)
        message.tuning.text = text
        self.send(message)

    def on_request(self, request):
        if self.holding:
            self.held.append(request)
        else:
            self.serve(request)

    def release(self):
        self.holding = False
        while self.held:
            self.serve(self.held.pop(0))

    def serve(self, request):
        pb = self.pb
        action = pb.PowerAction.Name(request.power.action)[len("POWER_ACTION_"):]
        self.asked.append((action, pb.BootDevice.Name(request.power.boot)[len("BOOT_DEVICE_"):]))
        self.is_on = not action.startswith("OFF")
        self.tell()
        answer = pb.ToFirmware()
        answer.response.id = request.id
        answer.response.status = pb.STATUS_OK
        self.send(answer)
