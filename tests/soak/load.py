# SPDX-License-Identifier: ISC
"""The loads of the soak, each a thread: good consoles over TCP and TLS, and everything that is not.
Hostile ones come from addresses of their own."""
import collections
import http.client
import os
import random
import socket
import ssl
import struct
import threading
import time

import wsman

US, THEM, MASK = "192.168.79.1", "192.168.79.5", 24
CROWD = "192.168.79.66"  # where strangers come from
HTTP, HTTPS = 16992, 16993
CLASSES = ("CIM_SoftwareIdentity", "CIM_AssociatedPowerManagementService", "AMT_GeneralSettings",
           "CIM_BootSourceSetting", "CIM_Processor", "AMT_AuditLog", "AMT_RedirectionService")
TIMEOUT_S = 5
# A good console that gets no answer for so long has been let down. A burst of SYN may push its
# handshake out (firmware/net/tcp_flood.h), strangers may hold all connections: it tries again.
GIVE_UP_S = 8


class Load(threading.Thread):
    """Repeats step() until told to stop; counts what it did."""
    pause = 0.05

    def __init__(self, stop, seed):
        super().__init__(daemon=True, name=type(self).__name__)
        self.stop, self.random = stop, random.Random(seed)
        self.done = collections.Counter()
        self.failure = None

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
                self.stop.wait(self.pause * self.random.uniform(0.5, 1.5))
            self.end()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = f"{self.name}: {type(error).__name__}: {error}"

    def end(self):
        pass


# --- good consoles ---
class Secure(wsman.Wsman):
    """The same client over TLS; a device's first certificate is its own, so nobody checks it."""

    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.http = http.client.HTTPSConnection(words[0], int(words[1]), timeout=more["timeout"],
                                                context=context)


class Good(Load):
    """One console: gets, enumerations, and now and then a new connection. `times` holds (when,
    seconds) of each answer."""
    kind, port, pause = wsman.Wsman, HTTP, 0.1

    def __init__(self, stop, seed, password):
        super().__init__(stop, seed)
        self.client = self.kind(THEM, self.port, "admin", password, timeout=TIMEOUT_S)
        self.times = []
        self.since = None  # when it was first refused

    def step(self):
        name = self.random.choice(CLASSES)
        begin = time.monotonic()
        try:
            if name.startswith("AMT"):
                self.client.get(name)
            else:
                self.client.enumerate(name)
        except (OSError, http.client.HTTPException, wsman.WsmanError) as error:
            if isinstance(error, wsman.WsmanError) and error.status not in (401, 503):
                raise
            # All connections may be in use for a moment, or this one too old.
            self.client.close()
            self.done["refused"] += 1
            self.since = self.since or begin
            if time.monotonic() - self.since > GIVE_UP_S:
                raise AssertionError(f"no answer for {GIVE_UP_S} s: {error}") from error
            return
        self.since = None
        self.times.append((begin, time.monotonic() - begin))
        self.done["answered"] += 1
        if self.random.random() < 0.05:
            self.client.close()

    def end(self):
        self.client.close()


class GoodSecure(Good):
    kind, port, pause = Secure, HTTPS, 0.3


class Power(Good):
    """Power cycles; the host's double does them at once."""
    pause = 2.0

    def step(self):
        begin = time.monotonic()
        try:
            self.client.power(wsman.POWER_CYCLE)
            self.done["answered"] += 1
        except (OSError, http.client.HTTPException, wsman.WsmanError):
            self.client.close()
            self.done["refused"] += 1
        self.times.append((begin, time.monotonic() - begin))


# --- strangers ---
def dial(port, timeout=2):
    return socket.create_connection((THEM, port), timeout, source_address=(CROWD, 0))


class Garbage(Load):
    """Noise, and requests with something in them turned round."""
    pause = 0.2
    REQUEST = (b"POST /wsman HTTP/1.1\r\nHost: a\r\nAuthorization: Digest username=\"x\", "
               b"realm=\"y\", nonce=\"z\", uri=\"/wsman\", response=\"0\"\r\n"
               b"Content-Length: 20\r\n\r\n<s:Envelope></broken")
    HELLO = bytes.fromhex("16030100310100002d0303") + bytes(32) + bytes.fromhex("000002130101000000")

    def spoil(self, data):
        data = bytearray(data)
        for _ in range(self.random.randint(1, 8)):
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)

    def step(self):
        port = self.random.choice((HTTP, HTTPS))
        data = self.random.choice((os.urandom(self.random.randint(1, 3000)),
                                   self.spoil(self.REQUEST), self.spoil(self.HELLO)))
        try:
            with dial(port) as sock:
                sock.sendall(data)
                sock.settimeout(0.2)
                while sock.recv(4096):
                    pass
        except OSError:
            pass
        self.done["sent"] += 1


class WrongPassword(Load):
    """Somebody who guesses, slowly."""
    pause = 3.0

    def step(self):
        client = wsman.Wsman(THEM, HTTP, f"guest{self.random.randrange(100)}", "Guess-1234",
                             timeout=5)
        client.http.source_address = (CROWD, 0)
        try:
            client.get("AMT_GeneralSettings")
            raise AssertionError("a stranger was let in")
        except (OSError, http.client.HTTPException, wsman.WsmanError):
            self.done["refused"] += 1
        finally:
            client.close()


class HalfOpen(Load):
    """Connections that stop in the middle, that nobody closes, and now and then more of them than
    there are."""
    pause = 1.0

    def __init__(self, stop, seed):
        super().__init__(stop, seed)
        self.held = collections.deque()

    def step(self):
        is_first = not self.done  # the pools of connections are used up from the start
        crowd = 20 if is_first or self.random.random() < 0.1 else self.random.randint(1, 4)
        for _ in range(crowd):
            try:
                sock = dial(HTTP if is_first else self.random.choice((HTTP, HTTPS)), 1)
                sock.sendall(self.random.choice((b"", b"P", b"POST /wsman HTTP/1.1\r\n", b"\x16")))
                self.held.append(sock)
                self.done["opened"] += 1
            except OSError:
                self.done["refused"] += 1
        while len(self.held) > (0 if crowd > 10 else 6):
            sock = self.held.popleft()
            if self.random.random() < 0.5:  # a reset instead of an end
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def end(self):
        for sock in self.held:
            sock.close()


# --- frames ---
def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(source, protocol, payload, ident=0, fragment=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, fragment, 64, protocol, 0,
                       source, socket.inet_aton(THEM))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


class Frames(Load):
    """On the wire itself."""
    pause = 0.5

    def __init__(self, stop, seed, mac, tap="tap0"):
        super().__init__(stop, seed)
        self.mac = mac
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.sock.bind((tap, 0))

    def send(self, kind, payload, source=b"\x02\0\0\0\0\x09", target=None):
        try:
            self.sock.send((target or self.mac) + source + kind + payload)
            self.done["frames"] += 1
        except OSError:
            self.done["lost"] += 1

    def stranger(self):
        return bytes([10, self.random.randrange(256), self.random.randrange(256),
                      self.random.randrange(1, 255)])

    def end(self):
        self.sock.close()


class SynFlood(Frames):
    """From addresses that do not exist: nobody will ever answer."""
    pause = 1.0

    def step(self):
        for _ in range(0 if self.stop.is_set() else 60):
            source = self.stranger()
            segment = struct.pack("!HHIIBBHHH", self.random.randrange(1024, 65536),
                                  self.random.choice((HTTP, HTTPS)), self.random.getrandbits(32), 0,
                                  0x50, 2, 65535, 0, 0)
            pseudo = source + socket.inet_aton(THEM) + struct.pack("!BBH", 0, 6, len(segment))
            segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
            self.send(b"\x08\0", ip_packet(source, 6, segment))


class Pings(Frames):
    def step(self):
        for _ in range(5):
            body = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + os.urandom(self.random.choice((0, 56, 1400)))
            body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
            self.send(b"\x08\0", ip_packet(socket.inet_aton(US), 1, body))


class Arps(Frames):
    """Questions, and answers that nobody asked for."""

    def step(self):
        for _ in range(10):
            source = self.random.randbytes(6)
            operation = self.random.choice((1, 1, 2, self.random.randrange(65536)))
            payload = struct.pack("!HHBBH", 1, 0x800, 6, 4, operation) + source + self.stranger() + \
                bytes(6) + socket.inet_aton(self.random.choice((THEM, US)))
            self.send(b"\x08\x06", payload, target=b"\xff" * 6)


class Fragments(Frames):
    """Beginnings without an end, ends without a beginning, overlaps, and noise."""

    def step(self):
        for _ in range(6):
            ident = self.random.randrange(65536)
            for _ in range(self.random.randint(1, 3)):
                place = self.random.randrange(0, 200) | self.random.choice((0, 0x2000))
                self.send(b"\x08\0", ip_packet(self.stranger(), self.random.choice((1, 6, 17)),
                                               os.urandom(8 * self.random.randint(1, 60)), ident, place))
        self.send(self.random.choice((b"\x08\0", b"\x86\xdd", b"\x08\x06")), os.urandom(100))
