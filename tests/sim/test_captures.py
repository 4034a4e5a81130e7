# SPDX-License-Identifier: ISC
"""Replies on the wire against replies captured from real firmware: the same namespaces in the
same order, the same headers, the same form of the body. Names and forms of properties are
compared by tests/unit/providers/conformance_test.c. The captures are not in the tree: they
are read from $VAMT_SHARED/reference/wsman/responses (../shared beside the checkout)."""
import os
import pathlib
import re

import pytest

import console
from conftest import ROOT, Sim, built
from console import uri
from shim_double import ShimDouble

PASSWORD = "Wire-Test-1"
FOLDER = pathlib.Path(os.environ.get("VAMT_SHARED") or ROOT.parent / "shared",
                      "reference/wsman/responses")
T0 = """CIM_AssociatedPowerManagementService CIM_PowerManagementService CIM_BootService
    CIM_BootConfigSetting CIM_BootSourceSetting AMT_BootSettingData AMT_BootCapabilities
    CIM_ComputerSystem CIM_KVMRedirectionSAP IPS_KVMRedirectionSettingData
    AMT_RedirectionService CIM_ServiceAvailableToElement CIM_PowerManagementCapabilities
    AMT_GeneralSettings CIM_SoftwareIdentity AMT_SetupAndConfigurationService
    AMT_SystemPowerScheme CIM_Chip AMT_AuthorizationService AMT_AuditLog
    AMT_TLSSettingData""".split()
READ_ONLY = ("WinREBootEnabled", "UEFILocalPBABootEnabled", "UEFIHTTPSBootEnabled",
             "SecureBootControlEnabled", "BootguardStatus", "OptionsCleared", "BIOSLastStatus",
             "UefiBootParametersArray")
SEVERAL = ("AMT_TLSSettingData",)     # a Put needs to name the instance
STATE = "<r:RequestedState>%d</r:RequestedState>"
ARGUMENTS = {
    ("AMT_RedirectionService", "RequestStateChange"): STATE % 32768,
    ("CIM_KVMRedirectionSAP", "RequestStateChange"): STATE % 3,
    ("CIM_BootService", "RequestStateChange"): STATE % 32768,
    ("AMT_SetupAndConfigurationService", "SetMEBxPassword"): "<r:Password>Aa1!Aa1!</r:Password>",
    ("AMT_SetupAndConfigurationService", "Unprovision"):
        "<r:ProvisioningMode>1</r:ProvisioningMode>",
}

ENTRY = ("<r:DigestUsername>%s</r:DigestUsername><r:DigestPassword>AQIDBAUGBwgJCgsMDQ4PEA=="
         "</r:DigestPassword><r:AccessPermission>2</r:AccessPermission><r:Realms>5</r:Realms>")
ARGUMENTS.update({("AMT_AuthorizationService", method): arguments for method, arguments in {
    "AddUserAclEntryEx": ENTRY % "bob",
    "EnumerateUserAclEntries": "<r:StartIndex>1</r:StartIndex>",
    "GetAclEnabledState": "<r:Handle>1</r:Handle>",
    "GetUserAclEntryEx": "<r:Handle>1</r:Handle>",
    "RemoveUserAclEntry": "<r:Handle>9</r:Handle>",
    "SetAclEnabledState": "<r:Handle>9</r:Handle><r:Enabled>true</r:Enabled>",
    "SetAdminAclEntryEx": "<r:Username></r:Username><r:DigestPassword>AQ==</r:DigestPassword>",
}.items()})

# What we do otherwise: (file, part) -> what we send, with the reason.
JUSTIFIED = {
    # No page of CIM_PhysicalMemory follows yet.
    ("CIM_Chip/pull.xml", "body"): [
        "g:PullResponse", "g:PullResponse/g:Items", "g:PullResponse/g:Items/h:CIM_Chip",
        "g:PullResponse/g:Items/h:CIM_Chip/h", "g:PullResponse/g:EndOfSequence"],
}
# That page itself; records, which a new device has none of (tests/clients/test_audit.py reads some).
NOT_YET = {"CIM_Chip/pull-2.xml", "AMT_AuditLog/ReadRecords.xml"}


def captures():
    index = FOLDER / "INDEX.tsv"
    if not index.exists():
        return []
    rows = [line.split("\t") for line in index.read_text().splitlines()[1:]]
    return [row[0] for row in rows if row[1] in T0 and row[3] == "as-captured"
            and row[0] not in NOT_YET]


class Device:
    """A device that is provisioned, again if a test has unprovisioned it."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "admin-password").write_text(PASSWORD + "\n")
        self.start()

    def start(self):
        self.sim = Sim(built("vamt-sim"), [16992],
                       ["--seed-dir", self.folder, "--hostport", self.folder / "host"],
                       ready="address 10.0.2.15")
        self.host = ShimDouble(self.folder / "host", self.folder)
        assert self.host.ready.wait(10)
        self.asker = Asker(self.sim, PASSWORD)

    def stop(self):
        self.asker.close()
        self.host.close()
        assert self.sim.stop(), "the firmware has ended by itself"


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    device = Device(tmp_path_factory.mktemp("captures"))
    yield device
    device.stop()


@pytest.fixture
def asker(device, name):
    yield device.asker
    if "Unprovision" in name:
        device.stop()
        device.start()


class Asker(console.Console):
    """Keeps the text of the last reply."""

    def exchange(self, body):
        status, head, reply = super().exchange(body)
        self.text = reply.decode()
        return status, head, reply

    def ask_like(self, name, action, text):
        """The request that `text` answers."""
        key = re.search(r":InstanceID>([^<]*)<", text)
        chosen = {"InstanceID": key.group(1).strip()} if key and (
            action == "get" or (action == "put" and name in SEVERAL)) else None
        if action == "get":
            self.get(name, chosen)
        elif action in ("enumerate", "pull"):
            mode = "EnumerateObjectAndEPR" if ":Item>" in text else "EnumerateObject"
            self.ENUMERATE = "<w:EnumerationMode>%s</w:EnumerationMode>" % mode
            if action == "pull":
                self.enumerate(name)
            else:
                self.call(console.ENUM + "/Enumerate", uri(name), "<n:Enumerate/>")
        elif action == "put":
            values = {key: value for key, value in self.get(name, chosen).items()
                      if key not in READ_ONLY and not isinstance(value, dict)}
            self.put(name, values, chosen)
        elif action == "RequestPowerStateChange":
            self.invoke(name, action, "<r:PowerState>2</r:PowerState><r:ManagedElement>%s"
                        "</r:ManagedElement>" % self.reference("CIM_ComputerSystem", self.HOST))
        else:
            self.invoke(name, action, ARGUMENTS.get((name, action), ""))


def namespaces(text):
    return re.findall(r'xmlns:(\w+)="([^"]*)"', re.search(r"<a:Envelope[^>]*>", text).group())


def headers(text):
    """(start tag, text) of each; what differs from reply to reply is blanked."""
    inside = re.search(r"<a:Header>(.*?)</a:Header>", text, re.S).group(1)
    found = re.findall(r"<([^/>]+)>([^<]*)<", inside)
    blanked = []
    for tag, value in found:
        if tag == "b:RelatesTo":
            value = ""
        elif tag == "b:MessageID":
            assert re.fullmatch(r"uuid:00000000-8086-8086-8086-[0-9A-F]{12}", value.strip()), value
            value = ""
        blanked.append((tag, value.strip()))
    return blanked


def skeleton(text):
    """The paths of tags in the body, with prefixes, each once. Of properties only the prefix and
    what is inside (references); their names are compared elsewhere."""
    inside = re.search(r"<a:Body>(.*)</a:Body>", text, re.S).group(1)
    result = []
    tags = []
    for end, tag, empty in re.findall(r"<(/?)([\w:]+)[^>]*?(/?)>", inside):
        if end:
            tags.pop()
            continue
        tags.append(tag)
        instance = [i for i, each in enumerate(tags) if re.search(r":(AMT|CIM|IPS)_", each)]
        path = list(tags)
        if instance and len(tags) > instance[0] + 1:
            path[instance[0] + 1] = tags[instance[0] + 1].split(":")[0]
        path = "/".join(path)
        if path not in result:
            result.append(path)
        if empty:
            tags.pop()
    return result


@pytest.mark.skipif(not captures(), reason="no captures in %s" % FOLDER)
@pytest.mark.parametrize("name", captures())
def test_reply_has_the_form_of_the_captured_one(asker, name):
    text = (FOLDER / name).read_text().replace('= "', '="')  # as an editor has left some
    cls, _, action = name[:-len(".xml")].partition("/")
    asker.ask_like(cls, action.partition("-")[0], text)
    ours = asker.text
    assert re.match(r'<\?xml version="1.0" encoding="UTF-8"\?><a:Envelope xmlns', ours)
    assert not re.search(r">\s+<|/>|xsi:", ours.replace("xmlns:xsi", ""))
    assert namespaces(ours) == JUSTIFIED.get((name, "namespaces"), namespaces(text))
    assert headers(ours) == JUSTIFIED.get((name, "headers"), headers(text))
    assert skeleton(ours) == JUSTIFIED.get((name, "body"), skeleton(text))
