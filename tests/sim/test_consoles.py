# SPDX-License-Identifier: ISC
"""What the minimal clients and the T0 part of the large consoles ask, in their own manner.
The requests are written by us after the documented form of each client (console.py); real
clients are driven in tests/clients. The host behind it is shim_double.py."""
import select
import time

import pytest

import console
from conftest import Sim, built
from console import BINDING, ENUM, local, plain, uri
from shim_double import ShimDouble

PASSWORD = "Wire-Test-1"
READ_ONLY = ("WinREBootEnabled", "UEFILocalPBABootEnabled", "UEFIHTTPSBootEnabled",
             "SecureBootControlEnabled", "BootguardStatus", "OptionsCleared", "BIOSLastStatus",
             "UefiBootParametersArray")
IDENTIFY = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsmid="http://'
            'schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body>'
            "<wsmid:Identify/></s:Body></s:Envelope>")
ALL_BOOT_SETTINGS = ("RPEEnabled", "PlatformErase", "UefiBootNumberOfParams")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The firmware, and a host whose requests can be read."""
    folder = tmp_path_factory.mktemp("consoles")
    (folder / "admin-password").write_text(PASSWORD + "\n")
    sim = Sim(built("vamt-sim"), [16992], ["--seed-dir", folder, "--hostport", folder / "host"],
              ready="address 10.0.2.15")
    host = ShimDouble(folder / "host", folder)
    assert host.ready.wait(10)
    yield sim, host
    host.close()
    assert sim.stop(), "the firmware has ended by itself:\n" + sim.log.decode()


@pytest.fixture
def host(place):
    """On, and asked for nothing yet."""
    host = place[1]
    host.asked.clear()
    host.is_on = True
    host.tell()
    return host


@pytest.fixture
def start(place):
    """start(manner) gives a console; at the end it must have logged in once only."""
    made = []

    def make(manner):
        made.append(manner(place[0], PASSWORD))
        return made[0]
    yield make
    for each in made:
        each.close()
        assert each.refused == 1


# --- section 6: minimal clients ---

def test_sd(start, host):
    sd = start(console.Requests)
    assert sd.power_state() == "2"
    sd.power(8)
    assert sd.power_state() == "8"
    sd.order("PXE")
    sd.role()
    sd.power(2)
    assert host.asked == [("OFF", "DEFAULT"), ("ON", "NETWORK")]
    sd.put("IPS_KVMRedirectionSettingData",
           {"Is5900PortEnabled": "true", "OptInPolicy": "false", "SessionTimeout": "0",
            "RFBPassword": "Aa1!Aa1!"})
    assert sd.invoke("CIM_KVMRedirectionSAP", "RequestStateChange",
                     "<r:RequestedState>2</r:RequestedState>") == {"ReturnValue": "0"}
    sd.invoke("CIM_KVMRedirectionSAP", "RequestStateChange",
              "<r:RequestedState>3</r:RequestedState>")


def test_ir(start, host):
    ir = start(console.Openwsman)
    assert ir.power_state() == "2"
    ir.order("PXE")
    ir.role()
    ir.power(8)
    ir.power(2)
    ir.power(5)
    assert host.asked == [("OFF", "DEFAULT"), ("ON", "NETWORK"), ("CYCLE", "DEFAULT")]


def test_fe(start, host):
    fe = start(console.Fence)
    assert fe.get("CIM_AssociatedPowerManagementService")["PowerState"] == "2"
    fe.order("PXE")  # no SetBootConfigRole
    fe.power(8)
    assert fe.get("CIM_AssociatedPowerManagementService")["PowerState"] == "8"
    fe.power(2)
    assert host.asked[-1] == ("ON", "NETWORK")


def test_ia(start, host):
    ia = start(console.Iamt)
    status, _, body = ia.exchange(b"")  # looks for a challenge only
    assert status == 400 and b"SchemaValidationError" in body and ia.refused == 1
    for name, count in (("CIM_ComputerSystem", 2), ("CIM_BootConfigSetting", 1),
                        ("CIM_BootSourceSetting", 3)):
        items = ia.enumerate(name)
        assert [each.tag for each in items] == \
            ["{%s}EndpointReference" % console.WSA] * count
        key = plain(items[-1])["ReferenceParameters"]
        assert key["ResourceURI"] == uri(name) and key["SelectorSet"]["Selector"]
    ia.ENUMERATE = ia.PULL = ""
    state = plain(ia.enumerate("CIM_AssociatedPowerManagementService")[0])
    assert "5" in state["AvailableRequestedPowerStates"]
    settings = ia.get("AMT_BootSettingData")
    for name in READ_ONLY:
        settings.pop(name, None)
    ia.put("AMT_BootSettingData", {**settings, **{each: "0" for each in ALL_BOOT_SETTINGS}})
    ia.role()
    ia.order("PXE")
    ia.power(5)
    assert host.asked == [("CYCLE", "NETWORK")]


def test_ma(start, host):
    ma = start(console.Wsmancli)
    status, _, body = ma.exchange(IDENTIFY.encode())
    assert status == 200 and b"ProductVersion>AMT 11." in body
    items = ma.enumerate("CIM_AssociatedPowerManagementService")
    assert [local(each) for each in items] == ["CIM_AssociatedPowerManagementService"]
    ma.order("PXE")
    ma.role()
    ma.power(10)
    ma.power(8)
    assert host.asked == [("RESET", "NETWORK"), ("OFF", "DEFAULT")]
    assert plain(ma.enumerate("CIM_AssociatedPowerManagementService")[0])["PowerState"] == "8"


def test_k3(start, host):
    k3 = start(console.Wsmancli)
    for name in ("CIM_PowerManagementCapabilities", "CIM_AssociatedPowerManagementService",
                 "AMT_BootCapabilities", "AMT_BootSettingData", "CIM_KVMRedirectionSAP",
                 "IPS_KVMRedirectionSettingData"):
        assert k3.get(name)
    k3.order("Hard-drive")
    k3.role()
    k3.power(10)
    for state in (2, 3):
        assert k3.invoke("CIM_KVMRedirectionSAP", "RequestStateChange",
                         "<r:RequestedState>%d</r:RequestedState>" % state) == {"ReturnValue": "0"}
    assert host.asked == [("RESET", "DISK")]
    # everything there is, without a filter: no capture says what AMT answers; a fault is safe
    status, body = k3.ask(ENUM + "/Enumerate", "http://schemas.dmtf.org/wbem/wscim/1/*",
                          "<n:Enumerate/>")
    assert status == 400 and local(body[0]) == "Fault"


def test_vt(start, host):
    vt = start(console.Vtul)
    assert len(vt.enumerate("CIM_ComputerSystem")) == 2
    chosen = {"UserOfService": vt.endpoint("CIM_ComputerSystem", {"Name": "ManagedSystem"})}
    assert vt.get("CIM_AssociatedPowerManagementService", chosen)["PowerState"] == "2"
    service = vt.get("AMT_RedirectionService")
    assert vt.put("AMT_RedirectionService", {**service, "ListenerEnabled": "true"})[
        "ListenerEnabled"] == "true"
    vt.put("AMT_RedirectionService", service)
    vt.order("CD/DVD")
    settings = {key: value for key, value in vt.get("AMT_BootSettingData").items()
                if key not in READ_ONLY}
    vt.put("AMT_BootSettingData", settings)
    vt.role()
    vt.power(10)
    assert host.asked == [("RESET", "CD")]


def test_an(start, host):
    an = start(console.Requests)
    for name, key in (("AMT_GeneralSettings", "Intel(r) AMT: General Settings"),
                      ("AMT_BootCapabilities", "Intel(r) AMT:BootCapabilities 0"),
                      ("AMT_BootSettingData", "Intel(r) AMT:BootSettingData 0")):
        assert an.get(name, {"InstanceID": key})["InstanceID"] == key
    an.order(None)
    settings = {key: value for key, value in an.get("AMT_BootSettingData").items()
                if key not in READ_ONLY}
    an.put("AMT_BootSettingData", {**settings, "BIOSSetup": "true"})
    assert an.get("AMT_BootSettingData")["BIOSSetup"] == "true"
    an.role()
    an.order("PXE")
    an.power(10)
    assert host.asked == [("RESET", "NETWORK")]
    assert an.get("AMT_BootSettingData")["BIOSSetup"] == "false"  # used up
    # an empty Source breaks the schema (seen on 16.1.30)
    status, body = an.ask(uri("CIM_BootConfigSetting") + "/ChangeBootOrder",
                          uri("CIM_BootConfigSetting"),
                          '<r:ChangeBootOrder_INPUT xmlns:r="%s"><r:Source/></r:ChangeBootOrder'
                          "_INPUT>" % uri("CIM_BootConfigSetting"))
    assert status == 400 and "e:SchemaValidationError" in "".join(body.itertext())


def test_dc(start, host):
    dc = start(console.Dash)
    status, _, body = dc.exchange(IDENTIFY.encode())
    assert status == 200 and b"DASHVersion>1.0.0<" in body
    items = dc.enumerate("CIM_SoftwareIdentity")
    assert len(items) == 11
    for item in items:
        assert [local(each) for each in item] == ["CIM_SoftwareIdentity", "EndpointReference"]
    dc.ENUMERATE = ""
    for instance in dc.enumerate("CIM_PowerManagementService"):
        found = plain(instance)
        keys = {key: found[key] for key in ("CreationClassName", "Name",
                                            "SystemCreationClassName", "SystemName")}
        assert dc.get("CIM_PowerManagementService", keys) == found
    keys = {"ServiceProvided": dc.endpoint("CIM_PowerManagementService", keys),
            "UserOfService": dc.endpoint("CIM_ComputerSystem", dc.HOST)}
    assert dc.get("CIM_AssociatedPowerManagementService", keys)["PowerState"] == "2"
    # association queries: no class of this version needs them; the answer is a clear fault
    status, body = dc.ask(
        ENUM + "/Enumerate", uri("CIM_ComputerSystem"),
        '<n:Enumerate><w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/'
        'associationFilter"><b:AssociatedInstances xmlns:b="%s"/></w:Filter></n:Enumerate>'
        % BINDING)
    assert status == 400 and "e:FilterDialectRequestedUnavailable" in "".join(body.itertext())


# --- section 1: the T0 part of MeshCommander, and of what speaks otherwise ---

def connect_as_meshcommander(mc):
    versions = {plain(each)["InstanceID"]: plain(each)["VersionString"]
                for each in mc.enumerate("CIM_SoftwareIdentity")}
    assert versions["AMT"].startswith("11.")
    mc.get("AMT_SetupAndConfigurationService")
    assert plain(mc.enumerate("CIM_ServiceAvailableToElement")[0])["PowerState"] == "2"
    assert mc.get("AMT_GeneralSettings")["DigestRealm"] == mc.challenge[0]
    for name in ("AMT_RedirectionService", "AMT_BootCapabilities", "CIM_KVMRedirectionSAP",
                 "IPS_KVMRedirectionSettingData"):
        assert mc.get(name)


def boot_as_meshcommander(mc, source, state):
    settings = {key: value for key, value in mc.get("AMT_BootSettingData").items()
                if key not in READ_ONLY}
    mc.order(None)
    mc.put("AMT_BootSettingData", {**settings, "UseSOL": "false", "BIOSPause": "false"})
    mc.role()
    mc.order(source)
    mc.power(state)
    return mc.power_state()


@pytest.mark.parametrize("manner", [console.MeshCommander, console.Rps],
                         ids=["MeshCommander", "RPS"])
def test_large_consoles(start, host, manner):
    mc = start(manner)
    connect_as_meshcommander(mc)
    assert boot_as_meshcommander(mc, None, 8) == "8"
    assert boot_as_meshcommander(mc, "PXE", 2) == "2"
    assert boot_as_meshcommander(mc, None, 10) == "2"
    assert host.asked == [("OFF", "DEFAULT"), ("ON", "NETWORK"), ("RESET", "DEFAULT")]
    service = mc.get("AMT_RedirectionService")
    assert mc.invoke("AMT_RedirectionService", "RequestStateChange",
                     "<r:RequestedState>32771</r:RequestedState>") == {"ReturnValue": "0"}
    changed = mc.put("AMT_RedirectionService", {**mc.get("AMT_RedirectionService"),
                                                "ListenerEnabled": "true"})
    assert (changed["EnabledState"], changed["ListenerEnabled"]) == ("32771", "true")
    assert mc.put("AMT_RedirectionService", service) == service
    settings = mc.get("AMT_GeneralSettings")
    assert mc.put("AMT_GeneralSettings", settings) == settings


def test_requests_that_wait_for_the_host(place, host):
    """Ten power requests wait, two more than there is room for; four of the askers go away; others
    are served meanwhile. Then each one that is left gets its own answer."""
    sim = place[0]
    askers = [console.MeshCommander(sim, PASSWORD) for _ in range(10)]
    for asker in askers:
        asker.get("CIM_BootService")
    host.holding = True
    for number, asker in enumerate(askers):
        asker.number = 1000 * (number + 1)
        asker.sock.sendall(power_request(asker, 10))
    wait_until(lambda: len(host.held) == 8)
    late = [asker for asker in askers if not is_silent(asker)]
    assert len(late) == 2
    waiting = [asker for asker in askers if asker not in late]
    for asker in late:
        status, _, reply = console.read_reply(asker.sock)
        assert (status, b"e:QuotaLimit" in reply) == (400, True)
    other = console.Requests(sim, PASSWORD)
    for _ in range(20):
        assert other.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})["InstanceID"] == "AMT"
    for asker in waiting[:4]:
        asker.close()
    assert other.power_state() == "2"
    host.release()
    for asker in waiting[4:]:
        status, _, reply = console.read_reply(asker.sock)
        assert status == 200 and b":RelatesTo>%d<" % asker.number in reply
        assert b"ReturnValue>0<" in reply
    assert host.asked == [("RESET", "DEFAULT")] * 8
    other.power(8)  # nothing is left behind: room for all again
    for asker in [other, *askers]:
        asker.close()


def power_request(asker, state):
    """The bytes of a request that is not waited for."""
    name = "CIM_PowerManagementService"
    body = ('<r:RequestPowerStateChange_INPUT xmlns:r="%s"><r:PowerState>%d</r:PowerState>'
            "<r:ManagedElement>%s</r:ManagedElement></r:RequestPowerStateChange_INPUT>"
            % (uri(name), state, asker.reference("CIM_ComputerSystem", asker.HOST)))
    document = asker.envelope(uri(name) + "/RequestPowerStateChange", uri(name), None, body,
                              str(asker.number)).encode()
    return ("POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n"
            % (asker.directives(*asker.challenge), len(document))).encode() + document


def is_silent(asker):
    return not select.select([asker.sock], [], [], 0.1)[0]


def wait_until(check, seconds=5):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_meshcommander_survives_what_we_lack(start):
    """Classes of later tiers: 400 and no other status, or it disconnects."""
    mc = start(console.MeshCommander)
    for name in ("AMT_WiFiPortConfigurationService", "IPS_ScreenConfigurationService", "AMT_8021XProfile"):
        status, body = mc.ask(console.TRANSFER + "/Get", uri(name))
        assert status == 400 and "b:DestinationUnreachable" in "".join(body.itertext())
    status, body = mc.ask(ENUM + "/Pull", uri("CIM_BootService"), "<n:Pull><n:EnumerationContext>"
                          "99000000-0000-0000-0000-000000000000</n:EnumerationContext></n:Pull>")
    assert status == 400 and "c:InvalidEnumerationContext" in "".join(body.itertext())
