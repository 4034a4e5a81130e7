# SPDX-License-Identifier: ISC
"""A plain WS-Management client for tests: one keep-alive connection, HTTP digest, XML in and
out. It is a measuring tool, so it hides nothing: a dropped connection or a status other than
200 is an error. What real clients make of the firmware is tested in tests/clients.
"""
import hashlib
import http.client
import itertools
import os
import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
ENUM = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
SCHEMAS = {"AMT": "http://intel.com/wbem/wscim/1/amt-schema/1/",
           "IPS": "http://intel.com/wbem/wscim/1/ips-schema/1/",
           "CIM": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"}

POWER_ON, POWER_CYCLE, POWER_OFF, POWER_RESET = 2, 5, 8, 10
POWER_NMI, POWER_OFF_GRACEFUL, POWER_RESET_GRACEFUL = 11, 12, 14


class WsmanError(Exception):
    """A reply other than 200; .status and .body say which."""

    def __init__(self, status, body):
        reason = re.search(rb":Text[^>]*>([^<]*)<", body)
        text = reason.group(1).decode() if reason else body[:200].decode("utf-8", "replace")
        super().__init__("HTTP %d: %s" % (status, text))
        self.status, self.body = status, body


def uri(name):
    return SCHEMAS[name[:3]] + name


def local(element):
    return element.tag.rpartition("}")[2]


def endpoint(name, selectors):
    """The inside of an endpoint reference, for method arguments."""
    chosen = "".join('<w:Selector Name="%s">%s</w:Selector>' % (key, escape(value))
                     for key, value in selectors.items())
    return ("<a:Address>%s/role/anonymous</a:Address><a:ReferenceParameters>"
            "<w:ResourceURI>%s</w:ResourceURI><w:SelectorSet>%s</w:SelectorSet>"
            "</a:ReferenceParameters>" % (WSA, uri(name), chosen))


HOST_EPR = endpoint("CIM_ComputerSystem", {"CreationClassName": "CIM_ComputerSystem",
                                           "Name": "ManagedSystem"})
BOOT_EPR = endpoint("CIM_BootConfigSetting",
                    {"InstanceID": "Intel(r) AMT: Boot Configuration 0"})


def plain(element):
    """An instance as a dict: text, list of texts for arrays, dict for nested elements."""
    result = {}
    for child in element:
        value = plain(child) if len(child) else (child.text or "")
        name = local(child)
        if name in result:
            if not isinstance(result[name], list):
                result[name] = [result[name]]
            result[name].append(value)
        else:
            result[name] = value
    return result


class Wsman:
    def __init__(self, host, port, user, password, timeout=30):
        self.http = http.client.HTTPConnection(host, int(port), timeout=timeout)
        self.user, self.password = user, password
        self.challenge = None
        self.count = 0
        self.connects = 0
        self.ids = itertools.count(1)

    @classmethod
    def of(cls, env, **more):
        return cls(env["VAMT_HOST"], env["VAMT_HTTP_PORT"], env["VAMT_USER"],
                   env["VAMT_PASSWORD"], **more)

    def close(self):
        self.http.close()

    def authorization(self):
        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        self.count += 1
        realm, nonce = self.challenge
        nc, cnonce = "%08x" % self.count, os.urandom(8).hex()
        secret = md5("%s:%s:%s" % (self.user, realm, self.password))
        proof = md5(":".join((secret, nonce, nc, cnonce, "auth", md5("POST:/wsman"))))
        return ('Digest username="%s", realm="%s", nonce="%s", uri="/wsman", qop=auth, nc=%s, '
                'cnonce="%s", response="%s"' % (self.user, realm, nonce, nc, cnonce, proof))

    def exchange(self, body):
        """One POST; returns (status, headers, body). Connects only if nothing is connected."""
        headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        if self.challenge:
            headers["Authorization"] = self.authorization()
        if self.http.sock is None:
            self.http.connect()
            self.connects += 1
        self.http.request("POST", "/wsman", body=body, headers=headers)
        reply = self.http.getresponse()
        return reply.status, reply.headers, reply.read()

    def post(self, body):
        status, headers, reply = self.exchange(body)
        if status == 401:
            found = dict(re.findall(r'(\w+)="([^"]*)"', headers["WWW-Authenticate"]))
            self.challenge, self.count = (found["realm"], found["nonce"]), 0
            self.http.close()
            status, headers, reply = self.exchange(body)
        if status != 200:
            raise WsmanError(status, reply)
        return reply

    def call(self, action, name, body, selectors=None):
        chosen = "".join('<w:Selector Name="%s">%s</w:Selector>' % (key, escape(value))
                         for key, value in (selectors or {}).items())
        envelope = (
            '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s" xmlns:a="%s" '
            'xmlns:w="%s"><s:Header><a:Action>%s</a:Action><a:To>/wsman</a:To>'
            "<w:ResourceURI>%s</w:ResourceURI><a:MessageID>%d</a:MessageID><a:ReplyTo>"
            "<a:Address>%s/role/anonymous</a:Address></a:ReplyTo>"
            "<w:OperationTimeout>PT60S</w:OperationTimeout>%s</s:Header><s:Body>%s</s:Body>"
            "</s:Envelope>" % (SOAP, WSA, WSMAN, action, uri(name), next(self.ids), WSA,
                               "<w:SelectorSet>%s</w:SelectorSet>" % chosen if chosen else "",
                               body))
        return ET.fromstring(self.post(envelope.encode())).find("{%s}Body" % SOAP)

    def get(self, name, selectors=None):
        return plain(self.call(TRANSFER + "/Get", name, "", selectors)[0])

    def enumerate(self, name):
        """Every instance, page by page, as (class, dict)."""
        body = self.call(ENUM + "/Enumerate", name, '<Enumerate xmlns="%s"/>' % ENUM)
        items = []
        for _ in range(100):
            context = body[0].find("{%s}EnumerationContext" % ENUM)
            if context is None:
                return items
            body = self.call(ENUM + "/Pull", name, '<Pull xmlns="%s"><EnumerationContext>%s'
                             "</EnumerationContext><MaxElements>999</MaxElements></Pull>"
                             % (ENUM, escape(context.text)))
            found = body[0].find("{%s}Items" % ENUM)
            items += [(local(each), plain(each)) for each in found]
        raise AssertionError("the enumeration of %s does not end" % name)

    def invoke(self, name, method, arguments="", selectors=None):
        """Arguments: XML with prefix r. Returns the output parameters."""
        body = self.call("%s/%s" % (uri(name), method), name, '<r:%s_INPUT xmlns:r="%s">%s'
                         "</r:%s_INPUT>" % (method, uri(name), arguments, method), selectors)
        return plain(body[0])

    # --- power, as consoles do it ---
    def power_state(self):
        instances = self.enumerate("CIM_ServiceAvailableToElement")
        return int(instances[0][1]["PowerState"])

    def legal_states(self):
        value = self.enumerate("CIM_ServiceAvailableToElement")[0][1].get(
            "AvailableRequestedPowerStates", [])
        return {int(each) for each in (value if isinstance(value, list) else [value])}

    def power(self, state):
        """RequestPowerStateChange; returns its ReturnValue."""
        out = self.invoke("CIM_PowerManagementService", "RequestPowerStateChange",
                          "<r:PowerState>%d</r:PowerState><r:ManagedElement>%s"
                          "</r:ManagedElement>" % (state, HOST_EPR))
        return int(out["ReturnValue"])

    def boot_once(self, source):
        """Next start from a CIM_BootSourceSetting, e.g. "Intel(r) AMT: Force PXE Boot"."""
        arguments = "<r:Source>%s</r:Source>" % endpoint(
            "CIM_BootSourceSetting", {"InstanceID": source}) if source else ""
        out = self.invoke("CIM_BootConfigSetting", "ChangeBootOrder", arguments)
        assert int(out["ReturnValue"]) == 0, out
        out = self.invoke("CIM_BootService", "SetBootConfigRole",
                          "<r:BootConfigSetting>%s</r:BootConfigSetting><r:Role>1</r:Role>"
                          % BOOT_EPR)
        assert int(out["ReturnValue"]) == 0, out
