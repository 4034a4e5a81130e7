# SPDX-License-Identifier: ISC
"""Clients that others wrote against a companion that is as slow as a PC with AMT 7: they work,
and none of them is answered before the profile says. Nothing here checks that an answer came
soon: machines that run tests are noisy."""
import concurrent.futures
import re
import time

import pytest

import wsman
from stage import wait_until
from test_curl import IDENTIFY

# Medians of the profile's published bars, less the few per cent that a draw may lie below.
ON_S, OFF_S, ASLEEP_S = 0.090, 0.360, 1.9
SLEEP_S = 1.0
TIMED_OUT = 28  # curl's exit code


@pytest.fixture(scope="module")
def slow(stage):
    """The companion under amt7, falling asleep after a second instead of minutes."""
    stage.vamtctl("latency", stage.env["DOMAIN"], "amt7", "--seed", "7", "--set",
                  "sleep.idle=1", "--set", "sleep.minute=%ds" % SLEEP_S, "--set",
                  "sleep.extra=0s")
    yield stage
    stage.vamtctl("latency", stage.env["DOMAIN"], "native")


def engine(stage):
    _, text = stage.vamtctl("status", stage.env["DOMAIN"])
    return re.search(r"^engine: +(\S.*)$", text, re.M).group(1)


def fall_asleep(stage):
    stage.set_active(False)
    wait_until("Moff", lambda: engine(stage).startswith("Moff"))


def timed(call, *words, **more):
    start = time.monotonic()
    result = call(*words, **more)
    return result, time.monotonic() - start


def test_states(slow):
    slow.set_active(True)
    wait_until("M0", lambda: engine(slow).startswith("M0"))
    fall_asleep(slow)
    slow.set_active(True)
    wait_until("M0", lambda: engine(slow).startswith("M0"))
    _, log = slow.vamtctl("log", slow.env["DOMAIN"])
    assert re.search(r"M3 -> Moff", log) and re.search(r"Moff -> ", log)


def test_wsl_get(slow, wsl):
    """One command of a user, as it was measured: a challenge, then the Get."""
    slow.set_active(True)
    text, took = timed(wsl, "get", "CIM_SoftwareIdentity", "InstanceID=AMT")
    assert "VersionString>" in text
    assert took >= ON_S
    fall_asleep(slow)
    text, first = timed(wsl, "get", "CIM_SoftwareIdentity", "InstanceID=AMT")
    assert "VersionString>" in text
    text, second = timed(wsl, "get", "CIM_SoftwareIdentity", "InstanceID=AMT")
    assert "VersionString>" in text
    assert first >= ASLEEP_S and second >= OFF_S


def test_curl_that_does_not_wait_long_enough(slow, curl):
    """A console with a limit of a second gives a sleeping engine up, and finds it awake when
    it tries again."""
    fall_asleep(slow)
    curl("--max-time", "1", body=IDENTIFY, code=TIMED_OUT)
    assert curl(body=IDENTIFY)[0] == 200
    fall_asleep(slow)
    (status, _), took = timed(curl, body=IDENTIFY)
    assert status == 200 and took >= 1.6


def test_meshcentral_modules(slow, node):
    steps = [["enum", "CIM_SoftwareIdentity"], ["get", "AMT_SetupAndConfigurationService"],
             ["get", "AMT_GeneralSettings"]]
    slow.set_active(True)
    results, took = timed(node, "meshcentral.js", steps=steps)
    assert [each["status"] for each in results] == [200] * 3
    assert took >= 4 * 0.05
    fall_asleep(slow)
    results, took = timed(node, "meshcentral.js", steps=steps)
    assert [each["status"] for each in results] == [200] * 3
    assert took >= ASLEEP_S


def test_meshcentral_powers_a_sleeping_machine(slow, node):
    fall_asleep(slow)
    mark = slow.mark()
    on = node("meshcentral.js", steps=[["power", wsman.POWER_ON]])[0]
    assert on["status"] == 200 and on["body"]["ReturnValue"] == 0
    slow.wait_serial(b"Linux version ", mark)
    off = node("meshcentral.js", steps=[["power", wsman.POWER_OFF]])[0]
    assert off["status"] == 200 and off["body"]["ReturnValue"] == 0
    wait_until("shut off", lambda: not slow.is_active())


def test_requests_side_by_side_queue(slow):
    """One slow processor: eight connections are not eight engines."""
    slow.set_active(True)
    wait_until("M0", lambda: engine(slow).startswith("M0"))
    clients = [slow.amt() for _ in range(4)]
    try:
        for client in clients:
            client.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})  # logged in
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            start = time.monotonic()
            list(pool.map(lambda client: client.get("CIM_SoftwareIdentity",
                                                    {"InstanceID": "AMT"}), clients))
            assert time.monotonic() - start >= 4 * 0.05
    finally:
        for client in clients:
            client.close()
