# SPDX-License-Identifier: ISC
"""HTTP and SOAP in the manners of several consoles, down to quotes and white space. None of
their code is here: the requests are written by us after what is documented of each."""
import hashlib
import re
import socket
import uuid
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from wsman import ENUM, SOAP, TRANSFER, WSA, WSMAN, local, plain, uri

ANONYMOUS = WSA + "/role/anonymous"
BINDING = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
USER = "admin"


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def read_reply(sock):
    """(status, head, body) of one reply; body is None if the connection ended early."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            return 0, data, None
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status == 100:
        return (100, head, rest)
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    body = b""
    while True:
        if length:
            if len(rest) >= int(length.group(1)):
                return status, head, rest[:int(length.group(1))]
        else:
            size, found, more = rest.partition(b"\r\n")
            size = int(size, 16) if found else None
            if size == 0 and more.startswith(b"\r\n"):
                return status, head, body
            if size and len(more) >= size + 2:
                body += more[:size]
                rest = more[size + 2:]
                continue
        part = sock.recv(65536)
        if not part:
            return status, head, None
        rest += part


class Console:
    """One manner of speaking. Subclasses say what is peculiar."""
    HEADERS = ("Content-Type: application/soap+xml;charset=UTF-8",)
    QUALIFIED_NAME = False           # wsman:Name="..." in selectors
    ADDRESS = ANONYMOUS              # in endpoint references
    CHUNKED = False
    EXPECT = False
    CLOSES = False                   # a new connection for each request
    ENUMERATE = ""                   # inside Enumerate
    PULL = "<n:MaxElements>999</n:MaxElements><n:MaxCharacters>99999</n:MaxCharacters>"

    def __init__(self, sim, password):
        self.sim, self.password = sim, password
        self.sock = None
        self.challenge = None
        self.count = 0
        self.number = 0
        self.refused = 0

    # --- HTTP ---
    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def directives(self, realm, nonce):
        self.count += 1
        count = self.nc()
        cnonce = "0a4f113b"
        proof = md5(md5(USER, realm, self.password), nonce, count, cnonce, "auth",
                    md5("POST", "/wsman"))
        return self.digest(realm, nonce, count, cnonce, proof)

    def nc(self):
        return "%08x" % self.count

    def digest(self, realm, nonce, count, cnonce, proof):
        return ('Digest username="%s", realm="%s", nonce="%s", uri="/wsman", cnonce="%s", nc=%s, '
                'qop=auth, response="%s"' % (USER, realm, nonce, cnonce, count, proof))

    def send(self, body):
        lines = ["POST /wsman HTTP/1.1", "Host: 127.0.0.1:16992", *self.HEADERS]
        if self.challenge:
            lines.append("Authorization: " + self.directives(*self.challenge))
        if self.CHUNKED:
            lines.append("Transfer-Encoding: chunked")
            half = len(body) // 2
            body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:half], body[half:]) if p)
            body += b"0\r\n\r\n"
        else:
            lines.append("Content-Length: %d" % len(body))
        if self.CLOSES:
            lines.append("Connection: close")
        if self.EXPECT:
            lines.append("Expect: 100-continue")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        if not self.EXPECT:
            self.sock.sendall(head + body)
            return read_reply(self.sock)
        self.sock.sendall(head)
        status, got, rest = read_reply(self.sock)
        if status != 100:
            return status, got, rest
        assert rest == b""
        self.sock.sendall(body)
        return read_reply(self.sock)

    def exchange(self, body):
        if self.sock is None:
            self.sock = self.sim.connect(16992)
        status, head, reply = self.send(body)
        if status == 401:
            self.refused += 1
            assert head.endswith(b"\r\nConnection: close") and reply.endswith(b"</html>")
            self.close()
            found = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
            self.challenge, self.count = (found["realm"], found["nonce"]), 0
            self.sock = self.sim.connect(16992)
            status, head, reply = self.send(body)
        if self.CLOSES or b"\r\nConnection: close" in head:
            self.close()
        return status, head, reply

    # --- SOAP ---
    def message_id(self):
        self.number += 1
        return str(self.number)

    def selector(self, name, value):
        inner = value if value.startswith("<") else escape(value)
        return '<w:Selector %sName="%s">%s</w:Selector>' % (
            "w:" if self.QUALIFIED_NAME else "", name, inner)

    def selector_set(self, selectors):
        return "<w:SelectorSet>%s</w:SelectorSet>" % "".join(
            self.selector(*each) for each in selectors.items())

    def reference(self, name, selectors):
        return ("<a:Address>%s</a:Address><a:ReferenceParameters><w:ResourceURI>%s</w:ResourceURI>"
                "%s</a:ReferenceParameters>"
                % (self.ADDRESS, uri(name), self.selector_set(selectors)))

    def endpoint(self, name, selectors):
        """As the value of a selector."""
        return "<a:EndpointReference>%s</a:EndpointReference>" % self.reference(name, selectors)

    def envelope(self, action, resource, selectors, body, message):
        chosen = self.selector_set(selectors) if selectors else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:n="%s">\n'
            '  <s:Header>\n    <a:Action s:mustUnderstand="true">%s</a:Action>\n'
            '    <a:To s:mustUnderstand="true">http://127.0.0.1:16992/wsman</a:To>\n'
            '    <w:ResourceURI s:mustUnderstand="true">%s</w:ResourceURI>\n'
            '    <a:MessageID s:mustUnderstand="true">%s</a:MessageID>\n'
            "    <a:ReplyTo>\n      <a:Address>%s</a:Address>\n    </a:ReplyTo>\n"
            "    <w:OperationTimeout>PT60.000S</w:OperationTimeout>\n"
            "    %s\n  </s:Header>\n  <s:Body>%s</s:Body>\n</s:Envelope>\n"
            % (SOAP, WSA, WSMAN, ENUM, action, resource, message, ANONYMOUS, chosen, body))

    def ask(self, action, resource, body="", selectors=None):
        """(status, Body of the reply). Checks what every reply must have."""
        message = self.message_id()
        document = self.envelope(action, resource, selectors, body, message)
        status, head, reply = self.exchange(document.encode())
        assert b"\r\nContent-Type: application/soap+xml; charset=UTF-8\r\n" in head, (head, reply)
        assert b"\r\nTransfer-Encoding: chunked" in head
        root = ET.fromstring(reply)
        assert root.find("{%s}Header/{%s}RelatesTo" % (SOAP, WSA)).text == message
        return status, root.find("{%s}Body" % SOAP)

    def call(self, *words, **more):
        status, body = self.ask(*words, **more)
        assert status == 200, ET.tostring(body)
        return body

    def get(self, name, selectors=None):
        found = self.call(TRANSFER + "/Get", uri(name), selectors=selectors)[0]
        assert found.tag == "{%s}%s" % (uri(local(found)), local(found))
        return plain(found)

    def put(self, name, values, selectors=None):
        """`values` as get returned them: text, list, or a reference (left out)."""
        inside = ""
        for key, value in values.items():
            for each in value if isinstance(value, list) else [value]:
                inside += "<r:%s>%s</r:%s>" % (key, escape(each), key)
        return plain(self.call(TRANSFER + "/Put", uri(name), '<r:%s xmlns:r="%s">%s</r:%s>' % (
            name, uri(name), inside, name), selectors)[0])

    def enumerate(self, name, pages_max=25):
        """Every item element, pulled until no context comes any more."""
        resource = uri(name)
        body = self.call(ENUM + "/Enumerate", resource, "<n:Enumerate>%s</n:Enumerate>"
                         % self.ENUMERATE)
        items = []
        for _ in range(pages_max):
            context = body[0].find("{%s}EnumerationContext" % ENUM)
            is_end = body[0].find("{%s}EndOfSequence" % ENUM) is not None
            assert (context is None) == is_end
            if context is None:
                return items
            body = self.call(ENUM + "/Pull", resource, "<n:Pull><n:EnumerationContext>%s"
                             "</n:EnumerationContext>%s</n:Pull>" % (context.text, self.PULL))
            items += list(body[0].find("{%s}Items" % ENUM))
        raise AssertionError("the enumeration of %s does not end" % name)

    def invoke(self, name, method, arguments="", selectors=None):
        body = self.call("%s/%s" % (uri(name), method), uri(name),
                         '<r:%s_INPUT xmlns:r="%s">%s</r:%s_INPUT>'
                         % (method, uri(name), arguments, method), selectors)
        assert body[0].tag == "{%s}%s_OUTPUT" % (uri(name), method)
        return plain(body[0])

    # --- what nearly all of them do ---
    HOST = {"Name": "ManagedSystem"}
    POWER_KEYS = {"Name": "Intel(r) AMT Power Management Service"}
    BOOT_KEYS = {"InstanceID": "Intel(r) AMT: Boot Configuration 0"}
    ROLE_KEYS = {"Name": "Intel(r) AMT Boot Service"}

    def power(self, state):
        out = self.invoke("CIM_PowerManagementService", "RequestPowerStateChange",
                          "<r:PowerState>%d</r:PowerState><r:ManagedElement>%s</r:ManagedElement>"
                          % (state, self.reference("CIM_ComputerSystem", self.HOST)),
                          self.POWER_KEYS)
        assert out == {"ReturnValue": "0"}  # one child: no Job

    def order(self, source):
        inside = "<r:Source>%s</r:Source>" % self.reference(
            "CIM_BootSourceSetting", {"InstanceID": "Intel(r) AMT: Force %s Boot" % source}
        ) if source else ""
        assert self.invoke("CIM_BootConfigSetting", "ChangeBootOrder", inside,
                           self.BOOT_KEYS) == {"ReturnValue": "0"}

    def role(self):
        assert self.invoke(
            "CIM_BootService", "SetBootConfigRole",
            "<r:BootConfigSetting>%s</r:BootConfigSetting><r:Role>1</r:Role>" % self.reference(
                "CIM_BootConfigSetting", {"InstanceID": "Intel(r) AMT: Boot Configuration 0"}),
            self.ROLE_KEYS) == {"ReturnValue": "0"}

    def power_state(self):
        return self.get("CIM_AssociatedPowerManagementService")["PowerState"]


class MeshCommander(Console):
    """Default namespaces, no Content-Type, everything on one line, one nonce for ever."""
    HEADERS = ()
    ADDRESS = WSA
    PULL = ""
    POWER_KEYS = BOOT_KEYS = ROLE_KEYS = None
    HOST = {"CreationClassName": "CIM_ComputerSystem", "Name": "ManagedSystem"}

    def digest(self, realm, nonce, count, cnonce, proof):
        return ('Digest username="%s",realm="%s",nonce="%s",uri="/wsman",qop=auth,response="%s",'
                'nc=%s,cnonce="%s"' % (USER, realm, nonce, proof, count, cnonce))

    def reference(self, name, selectors):
        chosen = "".join('<Selector Name="%s">%s</Selector>' % (key, escape(value))
                         for key, value in selectors.items())
        return ('<Address xmlns="%s">%s</Address><ReferenceParameters xmlns="%s"><ResourceURI '
                'xmlns="%s">%s</ResourceURI><SelectorSet xmlns="%s">%s</SelectorSet>'
                "</ReferenceParameters>"
                % (WSA, self.ADDRESS, WSA, WSMAN, uri(name), WSMAN, chosen))

    def envelope(self, action, resource, selectors, body, message):
        chosen = self.selector_set(selectors) if selectors else ""
        return (
            '<?xml version="1.0" encoding="utf-8"?><Envelope '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:a="%s" xmlns:w="%s" xmlns="%s">'
            "<Header><a:Action>%s</a:Action><a:To>/wsman</a:To><w:ResourceURI>%s</w:ResourceURI>"
            "<a:MessageID>%s</a:MessageID><a:ReplyTo><a:Address>%s</a:Address></a:ReplyTo>"
            '<w:OperationTimeout>PT60S</w:OperationTimeout>%s</Header><Body xmlns:n="%s">%s</Body>'
            "</Envelope>" % (WSA, WSMAN, SOAP, action, resource, message, ANONYMOUS, chosen, ENUM,
                             body))


class Requests(Console):
    """SD: python-requests, selectors with a qualified Name."""
    QUALIFIED_NAME = True
    HEADERS = ("User-Agent: python-requests/2.28.1", "Accept-Encoding: gzip, deflate",
               "Accept: */*", "Connection: keep-alive", "Content-Type: application/soap+xml")

    def message_id(self):
        return "uuid:%s" % uuid.uuid4()


class Openwsman(Console):
    """IR, FE, MA, K3: openwsman on libcurl."""
    HEADERS = ("Accept: */*", "User-Agent: OpenWSMAN",
               "Content-Type: application/soap+xml;charset=UTF-8")
    QUALIFIED_NAME = True
    EXPECT = True

    def message_id(self):
        return "uuid:%s" % uuid.uuid4()


class Fence(Openwsman):
    ADDRESS = WSA
    EXPECT = False


class Wsmancli(Openwsman):
    QUALIFIED_NAME = False
    EXPECT = False
    ENUMERATE = "<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>"
    POWER_KEYS = {"CreationClassName": "CIM_PowerManagementService",
                  "Name": "Intel(r) AMT Power Management Service",
                  "SystemCreationClassName": "CIM_ComputerSystem",
                  "SystemName": "Intel(r) AMT"}
    HOST = {"CreationClassName": "CIM_ComputerSystem", "Name": "ManagedSystem"}


class Iamt(Console):
    """IA: asks with an empty body first; the mode stands in Enumerate and in Pull."""
    ADDRESS = ""
    ENUMERATE = ("<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>"
                 "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
    PULL = ("<n:MaxElements>32000</n:MaxElements>"
            "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")


class Rps(Console):
    """RPS: chunked, a connection per request, every directive quoted and nc not padded."""
    CHUNKED = True
    CLOSES = True

    def nc(self):
        return "%x" % self.count

    def digest(self, realm, nonce, count, cnonce, proof):
        return ('Digest username="%s",realm="%s",nonce="%s",uri="/wsman",qop="auth",'
                'response="%s",nc="%s",cnonce="%s"' % (USER, realm, nonce, proof, count, cnonce))


class Vtul(Console):
    ADDRESS = "default"


class Dash(Console):
    ENUMERATE = "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>"
