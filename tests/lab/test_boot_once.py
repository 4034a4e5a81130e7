# SPDX-License-Identifier: ISC
"""One-shot boot: the device is used once, the stored configuration stays as it was."""
import pytest

import wsman
from stage import UP, wait_until

DISK_UP = b"booted from disk"
CD_UP = b"booted from cd"
PXE = b"Configuring (net0"
CD_SOURCE = "Intel(r) AMT: Force CD/DVD Boot"
PXE_SOURCE = "Intel(r) AMT: Force PXE Boot"
DISK_SOURCE = "Intel(r) AMT: Force Hard-drive Boot"


@pytest.fixture
def stored(stage):
    """The stored XML before; compared after the test, whatever it did."""
    before = stage.stored_xml()
    yield stage
    assert stage.stored_xml() == before
    # The next test wants an ordinary machine, not a transient copy of it.
    stage.set_active(False)


def start(stage, amt, source, expected):
    """From off, through AMT."""
    stage.set_active(False)
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)
    mark = stage.mark()
    amt.boot_once(source)
    assert amt.power(wsman.POWER_ON) == 0
    stage.wait_serial(expected, mark)
    return mark


@pytest.mark.parametrize("source, expected", [(CD_SOURCE, CD_UP), (DISK_SOURCE, DISK_UP),
                                              (PXE_SOURCE, PXE)], ids=["cd", "disk", "pxe"])
def test_once_then_as_configured(stored, amt, source, expected):
    start(stored, amt, source, expected)
    # Off and on again without a choice: the configured disk.
    assert amt.power(wsman.POWER_OFF) == 0
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)
    mark = stored.mark()
    assert amt.power(wsman.POWER_ON) == 0
    stored.wait_serial(DISK_UP, mark)
    assert PXE not in stored.serial()[mark:]


@pytest.mark.parametrize("state", [wsman.POWER_CYCLE, wsman.POWER_RESET],
                         ids=["cycle", "reset"])
def test_restart_from_cd_and_back(stored, amt, state):
    stored.set_active(True)
    wait_until("on", lambda: amt.power_state() == wsman.POWER_ON)
    mark = stored.mark()
    amt.boot_once(CD_SOURCE)
    assert amt.power(state) == 0
    stored.wait_serial(CD_UP, mark)
    mark = stored.mark()
    assert amt.power(wsman.POWER_CYCLE) == 0
    stored.wait_serial(UP, mark)
    assert DISK_UP in stored.serial()[mark:]


def test_machine_stays_defined_and_manageable(stored, amt):
    start(stored, amt, CD_SOURCE, CD_UP)
    with stored.libvirt() as connection:
        domain = connection.lookupByName(stored.env["DOMAIN"])
        assert domain.isPersistent()
        assert domain.isActive()
