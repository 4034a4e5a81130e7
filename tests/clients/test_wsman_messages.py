# SPDX-License-Identifier: ISC
"""Requests that Open AMT's library for JavaScript builds, carried by curl. The replies must be
well formed, of the right kind, and related to the request."""
import re
import xml.etree.ElementTree as ET

import pytest

import wsman
from stage import BANNER, wait_until

SINGLE = ["AMT_GeneralSettings", "AMT_SetupAndConfigurationService", "AMT_RedirectionService",
          "AMT_BootSettingData", "AMT_BootCapabilities", "CIM_BootService",
          "CIM_KVMRedirectionSAP", "CIM_PowerManagementService",
          "IPS_KVMRedirectionSettingData"]
MANY = ["CIM_SoftwareIdentity", "CIM_BootSourceSetting", "CIM_ServiceAvailableToElement"]


@pytest.fixture
def requests(node):
    return node("requests.js", *(SINGLE + MANY))


@pytest.fixture
def send(curl):
    """POST one request; returns the parsed body of the reply."""
    def run(request):
        status, reply = curl(body=request.encode())
        assert status == 200, reply
        envelope = ET.fromstring(reply)
        asked = re.search(r"<a:MessageID>([^<]*)<", request).group(1)
        assert envelope.findtext(".//{%s}RelatesTo" % wsman.WSA) == asked
        return envelope.find("{%s}Body" % wsman.SOAP)
    return run


def test_get(requests, send):
    for name in SINGLE:
        body = send(requests[name + ".Get"])
        assert wsman.local(body[0]) == name
        assert len(body[0]) > 0


def test_enumerate(requests, send):
    for name in SINGLE + MANY:
        found = send(requests[name + ".Enumerate"])[0]
        context = found.findtext("{%s}EnumerationContext" % wsman.ENUM)
        pulled = send(requests[name + ".Pull"].replace("CONTEXT", context))[0]
        assert wsman.local(pulled) == "PullResponse"
        items = pulled.find("{%s}Items" % wsman.ENUM)
        assert len(items) >= (2 if name in MANY[:2] else 1), name
        # These clients pull once: everything must be there.
        assert pulled.find("{%s}EndOfSequence" % wsman.ENUM) is not None, name


def returned(body):
    return int(next(each.text for each in body.iter() if wsman.local(each) == "ReturnValue"))


def test_power(requests, send, stage):
    stage.set_active(True)
    assert returned(send(requests["PowerOff"])) == 0
    wait_until("shut off", lambda: not stage.is_active())
    mark = stage.mark()
    assert returned(send(requests["PowerOn"])) == 0
    stage.wait_serial(BANNER, mark)


def test_boot_choice(requests, send):
    for name in ("BootOrderCd", "BootRole", "BootOrderNone"):
        assert returned(send(requests[name])) == 0, name
