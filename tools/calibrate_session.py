# SPDX-License-Identifier: ISC
"""What tools/calibrate does with a device: which requests, how often, in which state, and how all
is put back. Samples are kept in seconds; calibrate_stats.py makes numbers of them."""
import sys
import time

from calibrate_device import IDENTIFY, TRANSFER, WSA, DeviceError, local, uri

MANY, GENERAL = "CIM_SoftwareIdentity", "AMT_GeneralSettings"
PULL_SIZES = (1, 4, 999)
POWER_ON, POWER_OFF = 2, 8
IDLE_TEST_MIN, IDLE_NEVER = 1, 65535
POWER_WAIT_S = 120
AWAKE_LEAST = 20
WAKE_LEAST_S = 0.02
RESTORE_ATTEMPTS = 3    # it may be asleep


class Progress:
    """On stderr: what is being done, how far, how long it will take."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.is_terminal = self.stream.isatty()
        self.steps = []         # [label, count, done, seconds spent, seconds each at a guess]
        self.shown = 0.0

    def plan(self, label, count, guess):
        self.steps.append([label, count, 0, 0.0, guess])

    def left(self):
        return sum((spent / done if done else guess) * (count - done)
                   for _, count, done, spent, guess in self.steps if count > done)

    def did(self, label, seconds):
        for step in self.steps:
            if step[0] == label:
                step[2] += 1
                step[3] += seconds
                self.show(label, step[2], step[1])

    def finish(self, label):
        """It took fewer than planned."""
        for step in self.steps:
            if step[0] == label and step[2] < step[1]:
                step[1] = step[2]
                self.show(label, step[2], step[1])

    def show(self, label, done, count):
        now = time.monotonic()
        if done < count and now - self.shown < (0.2 if self.is_terminal else 5):
            return
        self.shown = now
        left = self.left()
        text = "%s: %d of %d, %s left" % (label, done, count, "%d min" % (left / 60 + 0.5)
                                          if left >= 90 else "%d s" % (left + 0.5))
        self.stream.write("\r%-70s" % text if self.is_terminal else text + "\n")
        self.stream.flush()

    def say(self, text):
        self.stream.write(("\r%-70s\n" if self.is_terminal else "%s\n") % text)
        self.stream.flush()


class Session:
    def __init__(self, device, options, progress):
        self.device, self.options, self.progress = device, options, progress
        self.samples = {}       # (state, operation) -> seconds
        self.pulls = {}         # state -> {instances: seconds}
        self.awake, self.wakes, self.losses = [], [], 0
        self.is_on = self.was_on = None
        self.general = []       # AMT_GeneralSettings as it was found
        self.is_idle_changed = False
        self.version = ""
        self.round_trip = 0.0

    def note(self, state, operation, seconds):
        self.samples.setdefault((state, operation), []).append(
            max(seconds - self.round_trip, 0.0))

    # --- what it is like ---
    def find_out(self):
        self.round_trip = self.device.round_trip()
        self.device.strange()
        _, found = self.device.get(MANY, ("InstanceID", "AMT"))
        self.version = next((each.text or "" for each in found
                             if local(each) == "VersionString"), "")
        _, found = self.device.get(GENERAL)
        self.general = [(local(each), each.text or "") for each in found if not len(each)]
        self.is_on = self.was_on = self.power_state() == POWER_ON

    def idle(self):
        return int(dict(self.general).get("IdleWakeTimeout", IDLE_NEVER))

    def power_state(self):
        _, context = self.device.enumerate("CIM_ServiceAvailableToElement")
        for instance in self.pull_all("CIM_ServiceAvailableToElement", context):
            for each in instance:
                if local(each) == "PowerState":
                    return int(each.text)
        raise DeviceError("it does not tell the power state of its host")

    def pull_all(self, name, context, most=999, note=None):
        instances = []
        while context:
            seconds, found, context = self.device.pull(name, context, most)
            instances += found
            if note:
                note(len(found), seconds)
        return instances

    # --- one operation ---
    def method(self):
        for name, method in (("AMT_SetupAndConfigurationService", "GetUuid"),
                             ("AMT_TimeSynchronizationService", "GetLowAccuracyTimeSynch")):
            try:
                return self.device.invoke(name, method)[0]
            except DeviceError as error:
                if "refused" not in str(error):
                    raise
                refusal = error
        raise refusal

    def association(self):
        seconds, context = self.device.enumerate("CIM_ServiceAvailableToElement")
        self.pull_all("CIM_ServiceAvailableToElement", context)
        return seconds

    def measure(self, state):
        device = self.device
        get = device.envelope(TRANSFER + "/Get", MANY, "", ("InstanceID", "AMT"))
        actions = {
            "digest": device.strange,
            "identify": lambda: device.ask(IDENTIFY)[0],
            "get": lambda: device.answer("Get of " + MANY, get)[0],
            "put": lambda: device.put(GENERAL, self.general)[0],
            "association": self.association,
            "method": self.method,
        }
        if device.tls_port:
            actions["tls"] = device.tls
        for operation, action in actions.items():
            for _ in range(self.options.count):
                start = time.monotonic()
                self.note(state, operation, action())
                self.progress.did("%s %s" % (state, operation), time.monotonic() - start)
        self.measure_pulls(state)

    def measure_pulls(self, state):
        """Pulls of several sizes. A device may bring as many as it likes; those are counted."""
        by_items = self.pulls.setdefault(state, {})

        def add(items, seconds):
            by_items.setdefault(items, []).append(max(seconds - self.round_trip, 0.0))

        for name, sizes in ((MANY, PULL_SIZES), (GENERAL, (999,))):
            if len(by_items) > 1:
                break           # this device heeds MaxElements, or we have both already
            for size in sizes:
                pulls = 0
                while pulls < self.options.count:
                    start = time.monotonic()
                    seconds, context = self.device.enumerate(name)
                    self.note(state, "enumerate", seconds)
                    before = sum(map(len, by_items.values()))
                    self.pull_all(name, context, size, add)
                    pulls += max(sum(map(len, by_items.values())) - before, 1)
                    self.progress.did("%s pull" % state, time.monotonic() - start)
        self.progress.finish("%s pull" % state)

    # --- the host's power ---
    def request_power(self, state):
        epr = ('<a:Address>%s/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>%s'
               '</w:ResourceURI><w:SelectorSet><w:Selector Name="CreationClassName">'
               'CIM_ComputerSystem</w:Selector><w:Selector Name="Name">ManagedSystem'
               "</w:Selector></w:SelectorSet></a:ReferenceParameters>"
               % (WSA, uri("CIM_ComputerSystem")))
        seconds, out = self.device.invoke(
            "CIM_PowerManagementService", "RequestPowerStateChange",
            "<r:PowerState>%d</r:PowerState><r:ManagedElement>%s</r:ManagedElement>"
            % (state, epr))
        if out.get("ReturnValue") != "0":
            raise DeviceError("it refuses to switch the host %s: ReturnValue %s" % (
                "on" if state == POWER_ON else "off", out.get("ReturnValue")))
        return seconds

    def switch(self, on, must_note=True):
        """Switch the host and wait until the device says so and has settled."""
        start = time.monotonic()
        seconds = self.request_power(POWER_ON if on else POWER_OFF)
        if must_note:
            self.note("m3" if on else "m0", "power", seconds)
        self.is_on = on
        while True:
            self.device.close()
            time.sleep(self.options.settle)
            try:
                if (self.power_state() == POWER_ON) == on:
                    break
            except DeviceError:
                pass            # its network restarts
            if time.monotonic() - start > POWER_WAIT_S + self.options.settle:
                raise DeviceError("the host is not %s after %d s" % (
                    "on" if on else "off", POWER_WAIT_S))
        self.progress.did("power", time.monotonic() - start)

    def measure_power(self):
        for _ in range(self.options.power_count):
            self.switch(not self.is_on)
            self.switch(not self.is_on)

    # --- sleep ---
    def set_idle(self, minutes):
        values = [(key, str(minutes) if key == "IdleWakeTimeout" else text)
                  for key, text in self.general]
        self.device.put(GENERAL, values)
        self.is_idle_changed = minutes != self.idle()

    def measure_sleep(self):
        self.is_idle_changed = True
        self.set_idle(IDLE_TEST_MIN)
        for _ in range(max(AWAKE_LEAST, self.options.wakes)):
            start = time.monotonic()
            self.device.close()
            self.awake.append(self.device.wake()[0])
            self.progress.did("awake", time.monotonic() - start)
        for _ in range(self.options.wakes):
            start = time.monotonic()
            self.device.close()
            time.sleep(self.options.sleep_wait)
            seconds, is_first = self.device.wake()
            if seconds <= max(self.awake) + WAKE_LEAST_S:
                raise DeviceError(
                    "it was not asleep after %g s with IdleWakeTimeout 1 minute; see "
                    "--sleep-wait, and whether its power package lets it sleep"
                    % self.options.sleep_wait)
            self.wakes.append(seconds)
            self.losses += not is_first
            self.progress.did("moff wake", time.monotonic() - start)

    # --- all of it ---
    def run(self):
        states = self.options.states
        for state in sorted(set(states) - {"moff"}, key=lambda s: (s == "m3") == self.is_on):
            self.bring("m0" if state == "m0" else "m3")
            self.measure(state)
        if self.options.may_power:
            self.measure_power()
        if "moff" in states:
            self.bring("m3")
            self.measure_sleep()

    def bring(self, state):
        if self.is_on != (state == "m0"):
            self.switch(state == "m0", must_note=self.options.may_power)

    def restore(self):
        """Back to what was found, as far as the device lets us; else the operator is told."""
        self.device.close()     # a reply may still be on its way
        if self.is_idle_changed:
            self.put_back("IdleWakeTimeout of %d" % self.idle(),
                          lambda: self.set_idle(self.idle()))
        if self.is_on != self.was_on:
            self.put_back("host %s" % ("on" if self.was_on else "off"),
                          lambda: self.switch(self.was_on, must_note=False))

    def put_back(self, what, action):
        self.progress.say("putting back: %s" % what)
        for attempt in range(RESTORE_ATTEMPTS):
            try:
                action()
                return
            except KeyboardInterrupt:
                self.progress.say("calibrate: NOT put back: " + what)
                raise
            except DeviceError as error:
                self.device.close()
                if attempt == RESTORE_ATTEMPTS - 1:
                    self.progress.say("calibrate: NOT put back: %s: %s" % (what, error))


def plan(session):
    options, progress = session.options, session.progress
    for state in options.states:
        guess = {"m0": 0.1, "m3": 0.4}.get(state)
        if guess:
            for operation in ("digest", "identify", "get", "put", "method",
                              *(["tls"] if session.device.tls_port else [])):
                progress.plan("%s %s" % (state, operation), options.count, guess)
            progress.plan("%s association" % state, options.count, 2 * guess)
            progress.plan("%s pull" % state, int(options.count * 1.5) + 2, 4 * guess)
    if options.may_power:
        progress.plan("power", 2 * options.power_count + 2, options.settle + 2)
    if "moff" in options.states:
        progress.plan("awake", max(AWAKE_LEAST, options.wakes), 0.4)
        progress.plan("moff wake", options.wakes, options.sleep_wait + 2)
