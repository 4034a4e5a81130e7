# SPDX-License-Identifier: ISC
"""A device without a network or a clock: it answers as fake_device.py does, in times drawn from a
profile as firmware/latency/PROFILE.md says they are drawn."""
import re

import calibrate_stats as stats
from calibrate_device import Device
from fake_device import FakeDevice
from siphash import siphash_24

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


class Draws:
    def __init__(self, profile):
        self.profile = profile
        self.key = int(profile["seed"]).to_bytes(8, "little") + bytes(8)
        self.counts = {}

    def next(self, setting):
        number = self.counts.get(setting, 0)
        self.counts[setting] = number + 1
        u = (siphash_24(self.key, setting.encode() + number.to_bytes(8, "little")) >> 32) / 2 ** 32
        line, part = stats.segment(u)
        knots = self.profile[setting]
        return knots[line] + part * (knots[line + 1] - knots[line])


class DrawnDevice(Device):
    NETWORK = 0.005     # its round trip: to be taken off
    loses_frames = False

    def __init__(self, profile):
        super().__init__("drawn", 1, "admin", "pw", tls_port=2)
        self.fake = FakeDevice()
        self.fake.close()
        self.fake.lacks_uuid = False
        idle = profile["sleep.idle"]
        self.fake.idle = 65535 if idle == "never" else int(idle)
        self.draws = Draws(profile)

    def round_trip(self, count=20):
        return self.NETWORK

    def connect(self, port=None):
        self.sock = open("/dev/null", encoding="ascii")

    def tls(self):
        return self.NETWORK + self.draw("tls")

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
