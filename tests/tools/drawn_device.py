# SPDX-License-Identifier: ISC
"""A device without a network or a clock: it answers as fake_device.py does, in times drawn from a
profile as firmware/latency/PROFILE.md says they are drawn."""
import re

import calibrate_stats as stats
from calibrate_device import Device
from fake_device import FakeDevice

MASK = (1 << 64) - 1
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}


def read_profile(text):
    """{setting: [five seconds]} or {setting: text}."""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.partition("#")[0].partition("=")
        if not equals:
            continue
        key = key.strip()
        words = value.split()
        if words[-1] in UNITS:
            times = [float(word) * UNITS[words[-1]] for word in words[:-1]]
            found[key] = times * 5 if len(times) == 1 else times
        else:
            found[key] = value.strip()
    return found


def turn(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def siphash(key, message):
    """SipHash-2-4."""
    k = [int.from_bytes(key[i:i + 8], "little") for i in (0, 8)]
    v = [k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d,
         k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573]

    def mix(times):
        for _ in range(times):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = turn(v[1], 13) ^ v[0]
            v[0] = turn(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = turn(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = turn(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = turn(v[1], 17) ^ v[2]
            v[2] = turn(v[2], 32)

    message += bytes(7 - len(message) % 8) + bytes([len(message) & 255])
    for i in range(0, len(message), 8):
        word = int.from_bytes(message[i:i + 8], "little")
        v[3] ^= word
        mix(2)
        v[0] ^= word
    v[2] ^= 0xff
    mix(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


class Draws:
    def __init__(self, profile):
        self.profile = profile
        self.key = int(profile["seed"]).to_bytes(8, "little") + bytes(8)
        self.counts = {}

    def next(self, setting):
        number = self.counts.get(setting, 0)
        self.counts[setting] = number + 1
        u = (siphash(self.key, setting.encode() + number.to_bytes(8, "little")) >> 32) / 2 ** 32
        line, part = stats.segment(u)
        knots = self.profile[setting]
        return knots[line] + part * (knots[line + 1] - knots[line])


class DrawnDevice(Device):
    NETWORK = 0.005     # its round trip: to be taken off
    loses_frames = False

    def __init__(self, profile):
        super().__init__("drawn", 1, "admin", "pw")
        self.fake = FakeDevice()
        self.fake.close()
        self.fake.lacks_uuid = False
        idle = profile["sleep.idle"]
        self.fake.idle = 65535 if idle == "never" else int(idle)
        self.draws = Draws(profile)

    def round_trip(self, count=20):
        return self.NETWORK

    def connect(self):
        self.sock = open("/dev/null", encoding="ascii")

    def draw(self, operation):
        return self.draws.next(("m0." if self.fake.is_on else "m3.") + operation)

    def exchange(self, message):
        head, _, body = message.decode().partition("\r\n\r\n")
        if "Authorization" not in head:
            return (self.NETWORK + self.draw("digest"), 401,
                    'WWW-Authenticate: Digest realm="r", nonce="n"\r\nServer: drawn', b"")
        action = re.search(r"<a:Action>[^<]*/(\w+)<|<i:(Identify)/>", body)
        action = action.group(1) or action.group(2)
        operation = {"Identify": "identify", "Get": "get", "Put": "put", "Pull": "pull",
                     "Enumerate": "enumerate", "RequestPowerStateChange": "power"}.get(
                         action, "method")
        if action == "Enumerate" and "CIM_ServiceAvailableToElement" in body:
            operation = "association"
        seconds = self.draw(operation)
        status, text = self.fake.answer(body)
        if action == "Pull":
            seconds += sum(self.draw("pull-item")
                           for _ in re.findall(r"<h:(?:CIM_\w+ |X |AMT_\w+ )", text))
        self.fake.requests += 1
        return self.NETWORK + seconds, status, "", text.encode()

    def wake(self):
        is_awake = self.fake.idle != 1 or not self.slept
        self.slept = False
        wake = 0.0 if is_awake else self.draws.next("wake.time")
        return 2 * self.NETWORK + wake + self.draw("digest"), is_awake or not self.loses_frames

    slept = False

    def sleep(self, seconds):
        self.slept = self.slept or seconds >= 60
