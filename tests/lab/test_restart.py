# SPDX-License-Identifier: ISC
"""libvirtd and vamtd die and come back. Consoles must not notice: every request is answered
on the connection it was sent on, and each power action happens once."""
import threading
import time

import pytest

import wsman
from stage import BIOS, UP, wait_until

LIBVIRT_AWAY = 5  # exit code of vamtctl
DELAYS = [0.0, 0.002, 0.01, 0.03, 0.1, 0.3]


@pytest.fixture
def whole(stage):
    """Whatever a test killed is started again."""
    stage.set_active(True)
    yield stage
    stage.lab("start", "libvirtd")
    stage.lab("start", "vamtd")


class Stream:
    """Requests one after the other over one connection, in the background."""

    def __init__(self, stage):
        self.client = stage.amt(timeout=60)
        self.client.get("AMT_GeneralSettings")  # the 401 round closes a connection
        self.connects = self.client.connects
        self.answered = 0
        self.slowest = 0.0
        self.error = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while not self.stop.is_set():
                start = time.monotonic()
                self.client.get("AMT_GeneralSettings")
                self.client.power_state()
                self.slowest = max(self.slowest, time.monotonic() - start)
                self.answered += 1
        except Exception as err:  # whatever it is, the test shows it
            self.error = err

    def finish(self):
        self.stop.set()
        self.thread.join()
        self.client.close()
        assert self.error is None, self.error
        assert self.client.connects == self.connects, "a connection was dropped"
        assert self.answered > 0


def test_vamtd_killed_during_requests(whole):
    stream = Stream(whole)
    for _ in range(3):
        time.sleep(0.5)
        whole.lab("stop", "vamtd", "--kill")
        seen = stream.answered
        wait_until("answers without vamtd", lambda: stream.answered > seen + 3)
        whole.lab("start", "vamtd")
    seen = stream.answered
    wait_until("answers after the restart", lambda: stream.answered > seen + 3)
    stream.finish()
    assert stream.slowest < 5


def test_power_works_after_vamtd_was_killed(whole, amt):
    whole.lab("stop", "vamtd", "--kill")
    whole.lab("start", "vamtd")
    mark = whole.mark()
    wait_until("on", lambda: amt.power_state() == wsman.POWER_ON)
    assert amt.power(wsman.POWER_RESET) == 0
    whole.wait_serial(UP, mark)


def test_change_while_vamtd_is_away_is_seen(whole, amt):
    whole.lab("stop", "vamtd", "--kill")
    whole.set_active(False)
    whole.lab("start", "vamtd")
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)


@pytest.mark.parametrize("delay", DELAYS)
def test_each_power_action_happens_once(whole, delay):
    """vamtd dies so many seconds after a reset was sent, and comes back. A reset that is
    reported as done happened once; one that is not, at most once; none happens later."""
    stream = Stream(whole)
    client = whole.amt(timeout=60)
    wait_until("on", lambda: client.power_state() == wsman.POWER_ON)
    mark = whole.mark()
    results = []
    asking = threading.Thread(target=lambda: results.append(client.power(wsman.POWER_RESET)))
    asking.start()
    time.sleep(delay)
    whole.kill("vamtd")
    time.sleep(0.5)
    whole.lab("start", "vamtd")
    asking.join()
    assert client.connects == 2, "the 401 round and one more"
    # Long enough for a second reset to show.
    time.sleep(4)
    boots = whole.serial()[mark:].count(BIOS)
    assert len(results) == 1
    assert boots == 1 if results[0] == 0 else boots <= 1, results
    wait_until("works as before", lambda: client.power_state() == wsman.POWER_ON)
    stream.finish()
    client.close()


def test_reset_sent_just_before_the_kill_is_done(whole):
    """Sent, not yet read by vamtd: the next vamtd finds it and does it."""
    client = whole.amt(timeout=60)
    wait_until("on", lambda: client.power_state() == wsman.POWER_ON)
    mark = whole.mark()
    whole.freeze("vamtd")
    results = []
    asking = threading.Thread(target=lambda: results.append(client.power(wsman.POWER_RESET)))
    asking.start()
    time.sleep(0.5)
    assert not results
    whole.kill("vamtd")
    whole.lab("start", "vamtd")
    asking.join()
    assert results == [0]
    time.sleep(4)
    assert whole.serial()[mark:].count(BIOS) == 1
    client.close()


def test_libvirtd_killed_and_restarted(whole, amt):
    wait_until("on", lambda: amt.power_state() == wsman.POWER_ON)
    stream = Stream(whole)
    whole.lab("stop", "libvirtd", "--kill")
    seen = stream.answered
    wait_until("answers without libvirtd", lambda: stream.answered > seen + 3)
    whole.lab("start", "libvirtd")
    assert whole.is_active(), "the machine must outlive libvirtd"
    mark = whole.mark()
    # vamtd finds libvirt again by itself.
    wait_until("power works again", lambda: amt.power(wsman.POWER_RESET) == 0, 30)
    whole.wait_serial(UP, mark)
    whole.set_active(False)
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)
    stream.finish()


def test_power_without_libvirtd_is_refused_in_time(whole, amt):
    whole.lab("stop", "libvirtd", "--kill")
    start = time.monotonic()
    assert amt.power(wsman.POWER_RESET) != 0
    assert time.monotonic() - start < 15
    code, text = whole.vamtctl("status", whole.env["DOMAIN"], check=False)
    assert "libvirt" in text.lower(), text
    assert code == LIBVIRT_AWAY
