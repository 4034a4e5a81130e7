# SPDX-License-Identifier: ISC
"""Latency profiles and faults by vamtctl, in a true companion: switched while it runs, kept over
restarts of everything, refused without harm."""
import http.client
import re
import time

import pytest

import wsman
from stage import wait_until

FAILED, USAGE, NOT_FOUND, SILENT = 1, 2, 3, 7
# Draws far apart, and a reset that is quickly over.
WIDE = """profile = wide
m0.get = 60 100 200 300 400 ms
m3.get = 60 100 200 300 400 ms
reset.down = 500 ms
"""
NEAR = 0.035  # s: draws are compared over the clock of a busy build machine


def status(stage):
    return dict(re.findall(r"^([a-z]+): +(.*)$", stage.vamtctl("status", stage.env["DOMAIN"])[1],
                           re.M))


@pytest.fixture
def tuned(stage):
    """As after attach, before and after."""
    stage.set_active(True)
    yield stage
    stage.lab("start", "vamtd")
    wait_until("the firmware", lambda: status(stage).get("firmware") == "connected")
    stage.vamtctl("fault", stage.env["DOMAIN"], "clear")
    stage.vamtctl("latency", stage.env["DOMAIN"], "native")


@pytest.fixture
def wide(tuned, tmp_path):
    """A file for `vamtctl latency`."""
    path = tmp_path / "wide.profile"
    path.write_text(WIDE)
    return str(path)


def ctl(stage, command, *words, **more):
    return stage.vamtctl(command, stage.env["DOMAIN"], *words, **more)


def get(client):
    return client.get("AMT_GeneralSettings")


def times(client, count):
    """How long so many Gets take, one after the other."""
    result = []
    for _ in range(count):
        start = time.monotonic()
        get(client)
        result.append(time.monotonic() - start)
    return result


def are_near(one, other):
    return len(one) == len(other) and all(abs(a - b) < NEAR for a, b in zip(one, other))


def restart_vamtd(stage):
    stage.kill("vamtd")
    stage.lab("start", "vamtd")
    wait_until("the firmware", lambda: status(stage).get("firmware") == "connected")


def log(stage):
    return ctl(stage, "log")[1]


def test_switched_while_it_runs(tuned, amt):
    get(amt)
    fast = min(times(amt, 5))
    assert ctl(tuned, "latency", "amt7", "--seed", "3", "--set", "m0.get=250 ms")[1] == \
        "latency: amt7, seed 3\n"
    now = times(amt, 4)
    assert fast < 0.06 and all(0.245 < each < 0.35 for each in now), (fast, now)
    assert status(tuned)["latency"].startswith("amt7, seed 3")
    assert status(tuned)["engine"] == "M0"
    shown = ctl(tuned, "latency")[1]
    assert re.search(r"^profile: +amt7$", shown, re.M)  # changed by hand: not calibrated
    assert re.search(r"^seed: +3$", shown, re.M)
    assert "\nm0.get = 250 ms\n" in shown
    assert "latency: profile amt7, seed 3" in log(tuned)
    ctl(tuned, "latency", "native")
    assert min(times(amt, 5)) < 0.06
    assert status(tuned)["latency"] == "native, seed 0"
    assert amt.connects <= 2, "a connection was dropped"


def test_draws_go_on_over_a_restart_of_vamtd(tuned, wide, amt):
    """A command begins them anew; the same seed gives the same delays."""
    get(amt)
    ctl(tuned, "latency", wide)
    first = times(amt, 4)
    restart_vamtd(tuned)
    assert status(tuned)["latency"].startswith("wide, seed 0")
    first += times(amt, 4)
    ctl(tuned, "latency", wide)
    again = times(amt, 8)
    assert are_near(first, again), (first, again)
    assert not are_near(first[4:], again[:4]), "this seed shows nothing"
    ctl(tuned, "latency", wide, "--seed", "1")
    assert not are_near(times(amt, 4), first[:4])


def test_reset_comes_back_the_same(tuned, wide, amt):
    get(amt)
    ctl(tuned, "latency", wide)
    ctl(tuned, "fault", "add", "hang", "class=CIM_Chassis")
    before = times(amt, 3)
    boots = log(tuned).count(" is up\n")
    assert ctl(tuned, "fault", "reset")[1] == "the firmware resets\n"
    wait_until("the reset", lambda: log(tuned).count(" is up\n") == boots + 1)
    wait_until("the firmware", lambda: status(tuned).get("firmware") == "connected" and
               status(tuned)["latency"].startswith("wide") and "faults" in status(tuned))
    assert "asked for by the operator" in log(tuned)
    client = tuned.amt()
    try:
        wait_until("an answer", lambda: answers(client))
        ctl(tuned, "latency", wide)  # whatever was drawn while waiting
        assert are_near(times(client, 3), before)
    finally:
        client.close()
    assert ctl(tuned, "fault")[1] == " 1  hang class=CIM_Chassis\n"


def answers(client):
    try:
        return get(client) is not None
    except (OSError, http.client.HTTPException):
        client.close()
        return False


def test_refused_changes_nothing(tuned, wide, tmp_path):
    ctl(tuned, "latency", wide)
    ctl(tuned, "fault", "add", "hang", "class=CIM_Chassis")
    before = ctl(tuned, "latency")[1], ctl(tuned, "fault")[1]
    bad = tmp_path / "bad.profile"
    bad.write_text(WIDE + "# three\nm0.got = 1 s\n")
    for code, words, message in [
            (NOT_FOUND, ("latency", "nope"), "no profile nope (see: vamtctl profiles)"),
            (USAGE, ("latency", str(bad)), "%s:6: 'm0.got' is not a setting" % bad),
            (USAGE, ("latency", wide, "--set", "m0.get=soon"), "--set m0.get=soon: "),
            (USAGE, ("fault", "add", "drop", "share=200%"), "share= takes "),
            (USAGE, ("fault", "add", "explode"), "'explode' is no kind of fault"),
            (NOT_FOUND, ("fault", "clear", "2"), "no rule has the number 2"),
            (NOT_FOUND, ("fault", "clear", "0"), "no rule has the number 0"),
            (USAGE, ("fault", "explode"), "unknown: fault explode")]:
        result, text = ctl(tuned, *words, check=False)
        assert result == code and text.startswith("vamtctl: " + message), (words, result, text)
    assert (ctl(tuned, "latency")[1], ctl(tuned, "fault")[1]) == before
    assert tuned.vamtctl("latency", "nobody", check=False)[0] == NOT_FOUND


def test_faults_come_and_go(tuned, amt):
    get(amt)
    assert ctl(tuned, "fault")[1] == "no faults\n"
    assert "faults" not in status(tuned)
    assert ctl(tuned, "fault", "add", "http", "number=503", "op=get", "count=2")[1] == \
        "faults: 1\n"
    ctl(tuned, "fault", "add", "hang", "class=CIM_Chassis")
    assert ctl(tuned, "fault")[1] == \
        " 1  http number=503 op=get count=2\n 2  hang class=CIM_Chassis\n"
    assert status(tuned)["faults"].startswith("2 ")
    assert "fault: rule 2: hang class=CIM_Chassis" in log(tuned)
    with pytest.raises(wsman.WsmanError) as caught:
        get(amt)
    assert caught.value.status == 503
    restart_vamtd(tuned)  # its hits are not forgotten: one is left of two
    with pytest.raises(wsman.WsmanError):
        get(amt)
    get(amt)
    assert ctl(tuned, "fault", "clear", "1")[1] == "faults: 1\n"
    assert ctl(tuned, "fault")[1] == " 1  hang class=CIM_Chassis\n"
    assert ctl(tuned, "fault", "clear")[1] == "faults: 0\n"
    assert ctl(tuned, "fault")[1] == "no faults\n"
    assert "faults" not in status(tuned)


def test_no_more_than_fit(tuned):
    for _ in range(16):
        ctl(tuned, "fault", "add", "hang", "class=CIM_Chassis")
    result, text = ctl(tuned, "fault", "add", "hang", check=False)
    assert (result, text) == (FAILED, "vamtctl: there are 16 rules already: no more fit\n")
    assert ctl(tuned, "fault")[1].count("\n") == 16


def test_companion_that_is_off(tuned, wide):
    companion = tuned.env["COMPANION"]
    with tuned.libvirt() as connection:
        domain = connection.lookupByName(companion)
        domain.destroy()
        try:
            wait_until("off", lambda: status(tuned).get("firmware") == "off")
            assert ctl(tuned, "latency", wide, "--seed", "5")[1] == \
                "latency: wide, seed 5\nthe firmware is off: it takes effect when it starts\n"
            assert ctl(tuned, "fault", "add", "hang", "class=CIM_Chassis")[0] == 0
            assert status(tuned)["latency"] == "wide, seed 5"
            assert ctl(tuned, "fault", "reset", check=False) == \
                (SILENT, "vamtctl: the firmware is off\n")
            restart = tuned.vamtctl("latency", companion)[1]  # by the companion's name
            assert re.search(r"^seed: +5$", restart, re.M)
        finally:
            domain.create()
    wait_until("the profile", lambda: status(tuned).get("firmware") == "connected" and
               status(tuned)["latency"].startswith("wide, seed 5") and
               status(tuned).get("faults", "").startswith("1 "))


def test_frozen_firmware(tuned):
    """It is there and says nothing: the command ends, and the daemon works on."""
    with tuned.libvirt() as connection:
        companion = connection.lookupByName(tuned.env["COMPANION"])
        companion.suspend()
        try:
            start = time.monotonic()
            result, text = ctl(tuned, "latency", "amt7", check=False)
            assert result == FAILED and "has not answered within 5 s" in text
            assert 4.5 < time.monotonic() - start < 8
            result, text = ctl(tuned, "fault", "add", "hang", check=False)
            assert result == FAILED and "another command is under way" in text
        finally:
            companion.resume()
    wait_until("the late answer", lambda: status(tuned)["latency"].startswith("amt7, seed"))
