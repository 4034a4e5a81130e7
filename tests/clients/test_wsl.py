# SPDX-License-Identifier: ISC
"""Debian's wsl, a WS-Management shell client over curl."""
import os
import re

import wsman
from stage import BANNER, TOP, wait_until


def values(text, name):
    return re.findall(r"<\w+:%s>([^<]*)</" % name, text)


def test_identify(wsl):
    text = wsl("identify", "check")
    assert values(text, "ProductVendor") == ["Intel(r)"], text


def test_enumerate_software(wsl):
    text = wsl("enum", "CIM_SoftwareIdentity")
    assert "AMT" in values(text, "InstanceID"), text
    assert values(text, "VersionString"), text


def test_power_state(wsl, stage, amt):
    for active, state in ((True, wsman.POWER_ON), (False, wsman.POWER_OFF)):
        stage.set_active(active)
        wait_until("state %d" % state, lambda: amt.power_state() == state)
        text = wsl("enum", "CIM_AssociatedPowerManagementService")
        assert values(text, "PowerState") == [str(state)], text


def test_power_on(wsl, stage, amt):
    """wsl would copy the service's reference with the prefixes of the reply, which its own
    request does not declare, so it is given one; the files are the demo's."""
    demo = os.path.join(TOP, "tools/demo")
    stage.set_active(False)
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)
    mark = stage.mark()
    text = wsl("invoke", "CIM_PowerManagementService", "RequestPowerStateChange", "-inst",
               os.path.join(demo, "service.xml"), "PowerState=2",
               "ManagedElement=FILE:" + os.path.join(demo, "host.xml"))
    assert values(text, "ReturnValue") == ["0"], text
    stage.wait_serial(BANNER, mark)
