# SPDX-License-Identifier: ISC
"""MeshCentral's AMT modules: the way it connects, reads the hardware of tier T0, and powers
the machine."""
import wsman
from stage import BANNER, wait_until

T0_GET = ["CIM_PowerManagementService", "CIM_BootService", "CIM_BootConfigSetting",
          "AMT_BootSettingData", "AMT_BootCapabilities", "CIM_KVMRedirectionSAP",
          "IPS_KVMRedirectionSettingData", "AMT_RedirectionService", "AMT_GeneralSettings",
          "CIM_PowerManagementCapabilities", "AMT_SetupAndConfigurationService"]
T0_ENUM = ["CIM_AssociatedPowerManagementService", "CIM_ServiceAvailableToElement",
           "CIM_BootSourceSetting", "CIM_ComputerSystem", "CIM_SoftwareIdentity"]


def test_connect(node):
    """E CIM_SoftwareIdentity, G AMT_SetupAndConfigurationService, then the realm check."""
    software, setup, general = node("meshcentral.js", steps=[
        ["enum", "CIM_SoftwareIdentity"], ["get", "AMT_SetupAndConfigurationService"],
        ["get", "AMT_GeneralSettings"]])
    assert [each["status"] for each in (software, setup, general)] == [200, 200, 200]
    versions = {each["InstanceID"]: each["VersionString"] for each in software["items"]}
    assert versions["AMT"]
    assert len(software["items"]) == 11
    assert setup["body"]["ProvisioningState"] == 2
    assert general["body"]["DigestRealm"] == general["realm"]
    # The Server header is where MeshCentral takes the version from.
    assert str(versions["AMT"]).startswith(str(general["version"] or "?").split(".")[0])


def test_realm_check(node):
    """With the realm it remembers from AMT_GeneralSettings, MeshCentral goes on."""
    realm = node("meshcentral.js", steps=[["get", "AMT_GeneralSettings"]])[0]["realm"]
    again = node("meshcentral.js", steps=[["get", "AMT_GeneralSettings"]], REALM=realm)[0]
    assert again["status"] == 200


def test_t0_in_one_batch(node, stage):
    for active in (True, False):
        stage.set_active(active)
        result = node("meshcentral.js", steps=[
            ["batch", ["*" + name for name in T0_GET] + T0_ENUM]])[0]
        assert result["status"] == 200
        for name in T0_GET + T0_ENUM:
            assert result["results"][name]["status"] == 200, name
            assert result["results"][name]["responses"], name
        boot = result["results"]["CIM_BootSourceSetting"]["responses"]
        assert len(boot) >= 3
        systems = result["results"]["CIM_ComputerSystem"]["responses"]
        assert {each["Name"] for each in systems} == {"Intel(r) AMT", "ManagedSystem"}


def test_power_state_follows(node, stage, amt):
    for active, state in ((True, wsman.POWER_ON), (False, wsman.POWER_OFF)):
        stage.set_active(active)
        wait_until("state %d" % state, lambda: amt.power_state() == state)
        items = node("meshcentral.js", steps=[["enum", "CIM_ServiceAvailableToElement"]])[0]["items"]
        assert items[0]["PowerState"] == state


def test_power_off_and_on(node, stage):
    stage.set_active(True)
    off = node("meshcentral.js", steps=[["power", wsman.POWER_OFF]])[0]
    assert off["status"] == 200 and off["body"]["ReturnValue"] == 0
    wait_until("shut off", lambda: not stage.is_active())
    mark = stage.mark()
    on = node("meshcentral.js", steps=[["power", wsman.POWER_ON]])[0]
    assert on["status"] == 200 and on["body"]["ReturnValue"] == 0
    stage.wait_serial(BANNER, mark)


def test_boot_to_cd(node, stage):
    """Boot data read and written back, role, order, power: the console's whole chain."""
    stage.set_active(False)
    data = node("meshcentral.js", steps=[["get", "AMT_BootSettingData"]])[0]["body"]
    for name in ("WinREBootEnabled", "UEFILocalPBABootEnabled", "UEFIHTTPSBootEnabled",
                 "SecureBootControlEnabled", "BootguardStatus", "OptionsCleared",
                 "BIOSLastStatus", "UefiBootParametersArray", "RPEEnabled"):
        data.pop(name, None)
    mark = stage.mark()
    results = node("meshcentral.js", steps=[
        ["order", None], ["put", "AMT_BootSettingData", data], ["role", 1],
        ["order", "Intel(r) AMT: Force CD/DVD Boot"], ["power", wsman.POWER_ON]])
    assert [each["status"] for each in results] == [200] * 5
    for number in (0, 2, 3, 4):
        assert results[number]["body"]["ReturnValue"] == 0, results[number]
    stage.wait_serial(b"booted from cd", mark)
    stage.set_active(False)
