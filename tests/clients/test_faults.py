# SPDX-License-Identifier: ISC
"""Each injected fault as clients that others wrote meet it, and that it is gone once cleared."""
import os
import re
import time

import pytest

from stage import TOP, wait_until
from test_curl import IDENTIFY

# curl's exit codes
PARTIAL, TIMED_OUT = 18, 28
GET = ["get", "CIM_SoftwareIdentity", "InstanceID=AMT"]


@pytest.fixture
def fault(stage):
    """Adds a rule; all are cleared in the end."""
    domain = stage.env["DOMAIN"]

    def add(*words):
        stage.vamtctl("fault", domain, "add", *words)
    add.clear = lambda: stage.vamtctl("fault", domain, "clear")
    yield add
    add.clear()


@pytest.fixture(autouse=True)
def running(stage):
    stage.set_active(True)


def log(stage):
    return stage.vamtctl("log", stage.env["DOMAIN"])[1]


def is_well(curl):
    return curl(body=IDENTIFY)[0] == 200


@pytest.mark.parametrize("rule", [["drop"], ["drop", "way=in"], ["drop", "way=out"],
                                  ["silence"], ["hang"], ["hang", "op=identify"], ["asleep"]])
def test_nothing_comes(fault, curl, stage, rule):
    fault(*rule)
    if rule == ["asleep"]:
        wait_until("Moff", lambda: "Moff" in stage.vamtctl("status", stage.env["DOMAIN"])[1])
    curl("--max-time", "2", body=IDENTIFY, code=TIMED_OUT)
    fault.clear()
    wait_until("an answer", lambda: is_well(curl))


def test_a_lossy_line(fault, curl):
    """TCP repeats what is lost: slower, not wrong. With a fifth lost it may give up (1 of 13 did)."""
    fault("drop", "share=10%", "seed=3")
    assert is_well(curl)


def test_a_slow_line(fault, curl):
    fault("delay", "time=300ms", "way=out")
    start = time.monotonic()
    assert is_well(curl)
    assert time.monotonic() - start >= 0.6  # handshake and reply
    fault.clear()
    assert is_well(curl)


@pytest.mark.parametrize("rule", [["close", "op=identify"], ["truncate"]])
def test_a_reply_ends_in_the_middle(fault, curl, rule):
    fault(*rule)
    curl(body=IDENTIFY, code=PARTIAL)
    fault.clear()
    assert is_well(curl)


def test_http_503(fault, curl, wsl):
    fault("http", "number=503", "op=identify")
    assert curl(body=IDENTIFY)[0] == 503
    assert "VersionString>" in wsl(*GET)  # another operation
    fault.clear()
    assert is_well(curl)


def test_soap_fault_for_one_class(fault, wsl):
    fault("soap", "fault=AccessDenied", "class=CIM_SoftwareIdentity")
    assert "AccessDenied" in wsl(*GET)
    assert "VersionString>" not in wsl("enum", "CIM_SoftwareIdentity")
    assert "ManagedSystem" in wsl("enum", "CIM_ComputerSystem")
    fault.clear()
    assert "VersionString>" in wsl(*GET)


def test_status_of_get_and_of_a_method(fault, stage, wsl):
    """A Get fails with AMT-STATUS, a method returns it, and the machine stays as it is."""
    demo = os.path.join(TOP, "tools/demo")
    power = ["invoke", "CIM_PowerManagementService", "RequestPowerStateChange", "-inst",
             os.path.join(demo, "service.xml"), "PowerState=8",
             "ManagedElement=FILE:" + os.path.join(demo, "host.xml")]
    fault("status", "number=2054", "op=get,power")
    assert "AMT-STATUS 2054" in wsl(*GET)
    assert re.search(r"ReturnValue>2054<", wsl(*power))
    assert stage.is_active()
    fault.clear()
    assert "VersionString>" in wsl(*GET)


def test_a_few_times_only(fault, curl):
    fault("http", "number=503", "op=identify", "count=2")
    assert [curl(body=IDENTIFY)[0] for _ in range(4)] == [503, 503, 200, 200]


def test_the_same_seed_fails_the_same_requests(fault, curl):
    def pattern():
        fault("http", "number=503", "op=identify", "share=50%", "seed=11")
        codes = [curl(body=IDENTIFY)[0] for _ in range(12)]
        fault.clear()
        return codes
    first = pattern()
    assert set(first) == {200, 503}
    assert pattern() == first


def test_reset(stage, curl):
    """The firmware boots anew, by itself, and answers again."""
    boots = log(stage).count(" is up")
    stage.vamtctl("fault", stage.env["DOMAIN"], "reset")
    wait_until("another boot", lambda: log(stage).count(" is up") > boots)
    wait_until("an answer", lambda: is_well(curl))


def test_listed_logged_and_cleared_one_by_one(fault, stage, curl):
    fault("http", "number=503", "op=identify")
    fault("hang", "op=put")
    _, listed = stage.vamtctl("fault", stage.env["DOMAIN"])
    assert re.search(r"1\b.*http.*number=503", listed) and re.search(r"2\b.*hang", listed)
    assert curl(body=IDENTIFY)[0] == 503
    wait_until("a log line", lambda: re.search(r"fault: .*503", log(stage)))
    stage.vamtctl("fault", stage.env["DOMAIN"], "clear", "1")
    assert is_well(curl)
    _, listed = stage.vamtctl("fault", stage.env["DOMAIN"])
    assert "http" not in listed and "hang" in listed
    assert re.search(r"^faults: +1", stage.vamtctl("status", stage.env["DOMAIN"])[1], re.M)
