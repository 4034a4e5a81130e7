# SPDX-License-Identifier: ISC
"""A machine that is shut off is described as fully as a running one."""
import pytest

import wsman
from stage import wait_until

T0 = """
CIM_AssociatedPowerManagementService CIM_PowerManagementService CIM_BootService
CIM_BootConfigSetting CIM_BootSourceSetting AMT_BootSettingData AMT_BootCapabilities
CIM_ComputerSystem CIM_KVMRedirectionSAP IPS_KVMRedirectionSettingData AMT_RedirectionService
CIM_ServiceAvailableToElement CIM_PowerManagementCapabilities AMT_GeneralSettings
CIM_SoftwareIdentity AMT_SetupAndConfigurationService
""".split()
# What a power state is made of; all else must be the same.
MOVING = {"PowerState", "AvailableRequestedPowerStates", "EnabledState", "RequestedState",
          "OperationalStatus", "HealthState", "PowerSource", "OtherPowerState"}


def described(amt):
    """Every T0 class: its instances without the values that follow the power state."""
    return {name: [(kind, {key: value for key, value in instance.items() if key not in MOVING})
                   for kind, instance in amt.enumerate(name)] for name in T0}


@pytest.mark.parametrize("name", T0)
def test_every_t0_class_answers_while_off(stage, amt, name):
    stage.set_active(False)
    assert amt.enumerate(name), "no instance"


def test_same_description_on_and_off(stage, amt):
    stage.set_active(True)
    wait_until("on", lambda: amt.power_state() == wsman.POWER_ON)
    on = described(amt)
    stage.set_active(False)
    wait_until("off", lambda: amt.power_state() == wsman.POWER_OFF)
    off = described(amt)
    assert on == off
