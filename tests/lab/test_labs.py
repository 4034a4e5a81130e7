# SPDX-License-Identifier: ISC
"""tools/lab itself: several labs side by side, `up` twice, `down` ends all of one and only it."""
import os
import subprocess

import pytest

import wsman
from stage import TOP, Stage, wait_until


@pytest.fixture
def second():
    lab = Stage("b%d" % os.getpid())
    try:
        yield lab.up()
    finally:
        lab.down()


def test_two_labs_side_by_side(stage, second, amt):
    assert second.env["VAMT_HTTP_PORT"] != stage.env["VAMT_HTTP_PORT"]
    assert second.env["VAMT_PASSWORD"] != stage.env["VAMT_PASSWORD"]
    other = second.amt()
    stage.set_active(True)
    wait_until("on", lambda: amt.power_state() == wsman.POWER_ON)
    assert other.power(wsman.POWER_OFF) == 0
    wait_until("the second is off", lambda: not second.is_active())
    assert stage.is_active()
    assert amt.power_state() == wsman.POWER_ON
    other.close()


def test_password_of_one_opens_no_other(stage, second):
    wrong = wsman.Wsman(stage.env["VAMT_HOST"], stage.env["VAMT_HTTP_PORT"],
                        stage.env["VAMT_USER"], second.env["VAMT_PASSWORD"])
    with pytest.raises(wsman.WsmanError) as error:
        wrong.get("AMT_GeneralSettings")
    assert error.value.status == 401
    wrong.close()


def processes_of(folder):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                if folder.encode() in file.read():
                    found.append(pid)
        except OSError:
            continue
    return found


def test_down_ends_all_of_it_and_only_it(stage, second):
    folder = second.env["LAB"]
    assert processes_of(folder)
    second.down()
    wait_until("nothing of the lab runs", lambda: not processes_of(folder), 5)
    assert not os.path.exists(folder)
    assert stage.amt().get("AMT_GeneralSettings")


def test_up_twice_changes_nothing(stage):
    before = stage.lab("env")
    stage.lab("up")
    assert stage.lab("env") == before


def test_env_without_up():
    done = subprocess.run([os.path.join(TOP, "tools/lab"), "env", "--name", "absent"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode != 0
    assert b"is not up" in done.stderr
    assert done.stdout == b""
