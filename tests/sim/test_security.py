# SPDX-License-Identifier: ISC
"""Attacks, on the wire. Which test covers which known attack: tests/SECURITY.md. After each one
a good client must still be served."""
import concurrent.futures
import pathlib
import re
import socket
import struct
import time

import pytest

import console
from conftest import Sim, built
from console import md5, read_reply, uri
from wsman import ENUM, SOAP, TRANSFER, WSA, WSMAN

PASSWORD = "Wire-Test-1"
RAM_KIB = 4096  # touched by one attack, pools and arenas for the first time among it
POST = b"POST /wsman HTTP/1.1\r\nHost: x\r\n"
IDENTIFY = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
            b'<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/'
            b'wsmanidentity.xsd"/></s:Body></s:Envelope>')


@pytest.fixture
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("security")
    (folder / "admin-password").write_text(PASSWORD + "\n")
    sim = Sim(built("vamt-sim"), [16992], ["--seed-dir", folder], ready="address 10.0.2.15")
    before = rss_kib(sim)
    yield sim
    assert rss_kib(sim) - before < RAM_KIB  # nothing that grows with what came in
    assert sim.stop(), "the firmware has ended by itself:\n" + sim.log.decode()


@pytest.fixture
def sim(server):
    yield server
    good = console.Console(server, PASSWORD)
    assert good.get("CIM_BootService")["Name"] == "Intel(r) AMT Boot Service"
    good.close()


def is_whole(data):
    """A page that says it is the last: the server would go on reading for two seconds."""
    head, found, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)\r\nConnection: close$", head)
    is_bare = head.endswith(b"\r\nConnection: close") and body.endswith(b"0\r\n\r\n")
    return bool(found) and (is_bare or bool(length) and len(body) >= int(length.group(1)))


def ask(sim, *pieces, to_the_end=False):
    """What comes back until the server closes; sending may be cut short. `to_the_end`: we close
    our side, and read whatever may follow the first page."""
    with sim.connect(16992) as sock:
        data = b""
        try:
            for piece in pieces:
                sock.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if to_the_end:
            sock.shutdown(socket.SHUT_WR)
        try:
            while to_the_end or not is_whole(data):
                part = sock.recv(65536)
                if not part:
                    break
                data += part
        except ConnectionResetError:
            pass
        return data


def status(reply):
    return int(reply.split(b" ", 2)[1]) if reply else 0


def challenge(sim):
    found = dict(re.findall(r'(\w+)="([^"]*)"', ask(sim, POST + b"\r\n").decode("latin-1")))
    return found["realm"], found["nonce"]


class Login:
    """The parts of a good Authorization header, to be spoilt one by one."""

    def __init__(self, sim, count="00000001", path="/wsman", method="POST"):
        self.realm, self.nonce = challenge(sim)
        self.user, self.path, self.method = "admin", path, method
        self.count, self.cnonce = count, "abcdef"
        self.response = self.proof()

    def proof(self):
        return md5(md5(self.user, self.realm, PASSWORD), self.nonce, self.count, self.cnonce,
                   "auth", md5(self.method, self.path))

    def parts(self):
        return {"username": '"%s"' % self.user, "realm": '"%s"' % self.realm,
                "nonce": '"%s"' % self.nonce, "uri": '"%s"' % self.path, "qop": "auth",
                "nc": self.count, "cnonce": '"%s"' % self.cnonce,
                "response": '"%s"' % self.response}

    def header(self, more="", **changed):
        parts = {**self.parts(), **changed}
        return ("Authorization: Digest " + ", ".join(
            "%s=%s" % each for each in parts.items() if each[1] is not None) + more +
                "\r\n").encode("latin-1")

    def post(self, body, more="", headers=b"Connection: close\r\n", **changed):
        return b"%s%s%sContent-Length: %d\r\n\r\n%s" % (
            POST, headers, self.header(more, **changed), len(body), body)


def rss_kib(sim):
    text = pathlib.Path("/proc/%d/status" % sim.process.pid).read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


# --- CVE-2017-5689 and its relatives ---

SPOILT = {
    "empty": lambda good: {"response": '""'},
    "empty unquoted": lambda good: {"response": ""},
    "missing": lambda good: {"response": None},
    "1 character": lambda good: {"response": '"%s"' % good[:1]},
    "31 characters": lambda good: {"response": '"%s"' % good[:31]},
    "33 characters": lambda good: {"response": '"%s0"' % good},
    "wrong case": lambda good: {"response": '"%s"' % good.upper()},
    "wrong in the last": lambda good: {"response": '"%s%x"' % (good[:31], int(good[31], 16) ^ 1)},
    "twice": lambda good: {"more": ', response="%s"' % good},
    "twice, first empty": lambda good: {"response": '""', "more": ', response="%s"' % good},
    "unknown user": lambda good: {"username": '"root"'},
    "empty user": lambda good: {"username": '""'},
    "user with quotes": lambda good: {"username": r'"ad\"min"'},
    "user in UTF-8": lambda good: {"username": '"\xc3\xa4dmin"'},
    "realm of another device": lambda good: {"realm": '"Digest:%s"' % ("0" * 32)},
    "auth-int": lambda good: {"qop": "auth-int"},
    "RFC 2069": lambda good: {"qop": None, "nc": None, "cnonce": None},
    "nonce of our own": lambda good: {"nonce": '"%s"' % ("A" * 32)},
    "other path": lambda good: {"uri": '"/wsman-anon/identify"'},
}


@pytest.mark.parametrize("how", SPOILT)
def test_spoilt_login_is_401(sim, how):
    login = Login(sim)
    good = login.response
    if good.upper() == good:  # no letter in it: nothing to change
        pytest.skip("a response of digits only")
    assert status(ask(sim, login.post(IDENTIFY, **SPOILT[how](good)))) == 401
    assert status(ask(sim, login.post(IDENTIFY))) == 200  # the check can fail


def test_response_of_another_nonce_is_401(sim):
    login, other = Login(sim), Login(sim)
    assert status(ask(sim, login.post(IDENTIFY, response='"%s"' % other.response))) == 401


def test_user_with_nul_is_400(sim):
    assert status(ask(sim, Login(sim).post(IDENTIFY, username='"admin\0"'))) == 400


def test_two_authorizations_are_401(sim):
    login = Login(sim)
    assert status(ask(sim, login.post(IDENTIFY, headers=b"Connection: close\r\n" +
                                      login.header(response='""')))) == 401


@pytest.mark.parametrize("line", [b"Basic YWRtaW46V2lyZS1UZXN0LTE=", b"Basic YWRtaW46", b"Digest",
                                  b"Negotiate TlRMTVNTUAAB", b"Bearer x", b""],
                         ids="basic basic-empty bare negotiate bearer none".split())
def test_other_schemes_are_401(sim, line):
    assert status(ask(sim, POST + b"Authorization: " + line + b"\r\n\r\n")) == 401


def test_scanner_probe_on_the_page_it_asks_for(sim):
    """The request of public scanners: an empty response for GET /index.htm."""
    realm, nonce = challenge(sim)
    reply = ask(sim, (
        'GET /index.htm HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username="admin", '
        'realm="%s", nonce="%s", uri="index.htm",cnonce="qwertyuiop", nc=1, qop="auth", '
        'response=""\r\n\r\n' % (realm, nonce)).encode())
    assert status(reply) == 401


@pytest.mark.parametrize("line", [
    b"X-Forwarded-For: 127.0.0.1", b"X-Server-Addr: 169.254.0.17:", b"X-Original-URL: /index.htm",
    b"X-HTTP-Method-Override: GET", b"X-Authenticated-User: admin", b"Remote-User: admin",
    b"Forwarded: for=127.0.0.1;host=localhost", b"Cookie: user=admin"],
    ids=lambda line: line.split(b":")[0].decode())
def test_no_header_replaces_the_login(sim, line):
    """The class of CVE-2024-54085."""
    assert status(ask(sim, POST + line + b"\r\n\r\n")) == 401


@pytest.mark.parametrize("host", [b"localhost", b"127.0.0.1:16992", b"", b"a" * 4000],
                         ids=["localhost", "loopback", "none", "long"])
def test_no_host_replaces_the_login(sim, host):
    assert status(ask(sim, b"POST /wsman HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")) == 401


# --- digest: use of nonces ---

def test_replay_is_refused_on_any_connection(sim):
    login = Login(sim)
    request = login.post(IDENTIFY, headers=b"")
    with sim.connect(16992) as sock:
        sock.sendall(request)
        assert read_reply(sock)[0] == 200
        sock.sendall(request)
        replay, head, _ = read_reply(sock)
        assert replay == 401 and b'stale="true"' in head
    assert status(ask(sim, login.post(IDENTIFY))) == 401


def test_one_nonce_on_two_connections(sim):
    """Consoles do it; each count is good once, in any order, and none twice."""
    login = Login(sim, count="00000005")
    assert status(ask(sim, login.post(IDENTIFY))) == 200
    for count, wanted in (("00000004", 200), ("5", 401), ("00000004", 401), ("6", 200)):
        login.count = count
        login.response = login.proof()
        assert status(ask(sim, login.post(IDENTIFY))) == wanted, count


def test_flood_of_401_keeps_logins_going(sim):
    amt = console.Console(sim, PASSWORD)
    assert amt.get("CIM_BootService")
    for _ in range(150):
        assert status(ask(sim, POST + b"\r\n")) == 401
    amt.close()  # a new connection with the nonce from before the flood
    assert amt.get("CIM_BootService") and amt.refused == 1
    amt.close()


# --- HTTP ---

def test_a_million_headers(sim):
    before = rss_kib(sim)
    lines = b"".join(b"X-%d: y\r\n" % i for i in range(20000))
    reply = ask(sim, POST, *[lines] * 50, b"\r\n")
    assert status(reply) in (431, 0)  # 0: a TCP reset has overtaken the page
    assert rss_kib(sim) - before < 1024


@pytest.mark.parametrize("head", [
    b"POST /wsman HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 65536,
    b"POST /" + b"w" * 65536 + b" HTTP/1.1\r\nHost: x\r\n",
    b"A" * 65536,
    POST + b"Authorization: Digest " + b"x=y," * 16384,
    POST + b'Authorization: Digest username="' + b"\\" * 65536,
    POST + b"a" * 65536 + b": b"], ids=["header", "path", "method", "digest", "escapes", "name"])
def test_lines_of_64_kib(sim, head):
    assert status(ask(sim, head + b"\r\n\r\n")) == 431


def test_ten_megabytes_without_a_line_end(sim):
    before = rss_kib(sim)
    assert status(ask(sim, *[b"x" * 65536] * 160)) in (431, 0)
    assert rss_kib(sim) - before < 1024


@pytest.mark.parametrize("length", [b"-1", b"+5", b"0x10", b"1e3", b"5, 5", b"", b"5 5",
                                    b"5\r\nContent-Length: 6"],
                         ids="minus plus hex exponent list none blank twice".split())
def test_content_length_that_is_none(sim, length):
    assert status(ask(sim, POST + b"Content-Length: " + length + b"\r\n\r\nhello")) == 400


@pytest.mark.parametrize("length", [b"70000", b"4294967296", b"18446744073709551617", b"9" * 200],
                         ids=["70000", "2^32", "2^64+1", "200 digits"])
def test_content_length_too_large(sim, length):
    head = b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nContent-Length: %s\r\n\r\n" % length
    assert status(ask(sim, head)) == 413


@pytest.mark.parametrize("body, wanted", [
    (b"0\r\n\r\n", 400),                               # an empty document
    (b"%x\r\n%s\r\n0\r\n\r\n" % (len(IDENTIFY), IDENTIFY), 200),
    (b"%x;name=\"v\"\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(IDENTIFY), IDENTIFY), 200),
    (b"00000%x\r\n%s\r\n0\r\n\r\n" % (len(IDENTIFY), IDENTIFY), 200),
    (b"ffffffff\r\n", 413), (b"fffffffff\r\n", 400), (b"-1\r\n", 400), (b"0x5\r\n", 400),
    (b"\r\n", 400), (b"5\r\nhello0\r\n\r\n", 400), (b"5\nhello\r\n0\r\n\r\n", 400),
    (b"1\r\na\r\n" * 65537, 413),
    (b"5;" + b"e" * 9000 + b"\r\n", 400), (b"0\r\n" + b"T: x\r\n" * 3000, 400)],
    ids=["empty", "one", "extension and trailer", "leading zeros", "4 GiB", "nine digits",
         "negative", "0x", "no size", "no end", "lone LF", "65537 of one byte", "long extension",
         "many trailers"])
def test_chunks(sim, body, wanted):
    reply = ask(sim, b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert status(reply) == wanted


@pytest.mark.parametrize("lines", [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    b"Content-Length: 4\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
    b" Transfer-Encoding: chunked\r\n"],
    ids="CL-TE TE-CL CL-CL TE-TE list unknown blank tab folded".split())
def test_smuggling_gets_one_refusal(sim, lines):
    inner = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = ask(sim, POST + lines + b"\r\n0\r\n\r\n" + inner, to_the_end=True)
    assert status(reply) in (400, 501)
    assert reply.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("verb", [b"HEAD", b"OPTIONS", b"GET", b"PUT", b"DELETE", b"TRACE",
                                  b"CONNECT", b"PROPFIND", b"x"])
def test_other_verbs(sim, verb):
    reply = ask(sim, verb + b" /wsman HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status(reply) == 401
    assert (reply.partition(b"\r\n\r\n")[2] == b"") == (verb == b"HEAD")
    login = Login(sim, method=verb.decode())
    reply = ask(sim, verb + b" /wsman HTTP/1.1\r\nHost: x\r\n" + login.header() + b"\r\n")
    assert status(reply) == 405 and b"\r\nAllow: POST\r\n" in reply


def test_pipelining(sim):
    """Thirty requests in one go: thirty replies in order."""
    login = Login(sim)
    requests = b""
    for i in range(1, 31):
        login.count = "%08x" % i
        login.response = login.proof()
        requests += login.post(IDENTIFY, headers=b"Connection: close\r\n" if i == 30 else b"")
    reply = ask(sim, requests)
    assert reply.count(b"HTTP/1.1 200 OK\r\n") == 30
    assert reply.count(b"IdentifyResponse>") == 60


def test_expect_gets_no_continue_without_a_login(sim):
    reply = ask(sim, POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert status(reply) == 401 and b" 100 " not in reply


def test_keep_alive_exhaustion(sim):
    """All connections taken by somebody who has logged in: 503 for others, then places again."""
    held = []
    for _ in range(16):
        held.append(console.Console(sim, PASSWORD))
        assert held[-1].get("CIM_BootService")
    assert status(ask(sim, POST + b"\r\n")) == 503
    for each in held:
        assert each.get("CIM_BootService")  # nobody was thrown out
        each.close()
    time.sleep(0.2)


def test_reset_in_the_middle_of_replies(sim):
    """More often than there are connections, and with replies larger than the send buffer."""
    login = Login(sim)
    body = ('<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:n="%s"><s:Header><a:Action>'
            "%s/Enumerate</a:Action><w:ResourceURI>%s</w:ResourceURI><a:MessageID>%s"
            "</a:MessageID></s:Header><s:Body><n:Enumerate/></s:Body></s:Envelope>"
            % (SOAP, WSA, WSMAN, ENUM, ENUM, uri("CIM_SoftwareIdentity"), "m" * 200)).encode()
    for i in range(1, 41):
        sock = sim.connect(16992)
        requests = b""
        for _ in range(10):
            login.count = "%08x" % (int(login.count, 16) + 1)
            login.response = login.proof()
            requests += login.post(body, headers=b"")
        sock.sendall(requests)
        if i % 2:
            sock.recv(100)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    time.sleep(0.3)


def test_slow_strangers_keep_nobody_out(sim):
    """Fifteen connections that send a byte now and then; their end comes by deadlines, which the
    unit tests check with a clock of their own."""
    slow = [sim.connect(16992) for _ in range(15)]
    for sock in slow:
        sock.sendall(b"POST /wsman HTTP/1.1\r\nHost: ")
    for _ in range(5):
        for sock in slow:
            sock.sendall(b"x")
        assert status(ask(sim, POST + b"\r\n")) == 401
    for sock in slow:
        sock.close()
    time.sleep(0.2)


# --- XML, after the login (before it only Identify is read) ---

def envelope(header="", body="", root=""):
    return ('<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:n="%s"%s><s:Header>%s'
            "</s:Header><s:Body>%s</s:Body></s:Envelope>"
            % (SOAP, WSA, WSMAN, ENUM, root, header, body))


def header(action=TRANSFER + "/Get", resource=uri("CIM_BootService"), more=""):
    return ("<a:Action>%s</a:Action><w:ResourceURI>%s</w:ResourceURI><a:MessageID>1"
            "</a:MessageID>%s" % (action, resource, more))


LAUGHS = "<!DOCTYPE l [<!ENTITY a0 'ha'>%s]>" % "".join(
    "<!ENTITY a%d '%s'>" % (i, "&a%d;" % (i - 1) * 10) for i in range(1, 10))
GOOD = envelope(header())
DOCUMENTS = {
    "nothing": ("", 400),
    "no XML": ("hello", 400),
    "billion laughs": (LAUGHS + envelope(header(), "&a9;"), 400),
    "external entity": ('<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' +
                        envelope(header(), "&x;"), 400),
    "external subset": ('<!DOCTYPE l SYSTEM "http://127.0.0.1:1/">' + GOOD, 400),
    "parameter entity": ('<!DOCTYPE l [<!ENTITY % p "<!ENTITY q \'r\'>">%p;]>' + GOOD, 400),
    "depth 1001": (envelope(header(), "<d>" * 1001 + "</d>" * 1001), 413),
    "depth 9000, open": ("<d>" * 9000, 413),
    "5000 elements": (envelope(header(), "<e/>" * 5000), 413),
    "2000 attributes": (envelope(header(), "<e %s/>" % " ".join(
        "a%d=''" % i for i in range(2000))), 413),
    "2000 namespaces": (envelope(header(), "<e %s/>" % " ".join(
        "xmlns:p%d='u%d'" % (i, i) for i in range(2000))), (200, 413)),
    "60 KiB of text": (envelope(header(), "<e>%s</e>" % ("x" * 60000)), 200),
    "60 KiB of name": (envelope(header(), "<%s/>" % ("e" * 60000)), (200, 413)),
    "unterminated CDATA": (envelope(header(), "<e><![CDATA[ "), 400),
    "unterminated comment": (GOOD[:-10] + "<!-- ", 400),
    "undeclared prefix": (envelope(header(), "<zz:e/>"), 400),
    "attribute twice": (envelope(header(), "<e a='1' a='2'/>"), 400),
    "control character": (envelope(header(), "<e>&#1;</e>"), 400),
    "two roots": (GOOD + GOOD, 400),
    "byte order mark": ("\ufeff" + GOOD, 200),
    "SOAP 1.1": (GOOD.replace(SOAP, "http://schemas.xmlsoap.org/soap/envelope/"), 400),
    "Action twice": (envelope(header(more="<a:Action>x</a:Action>")), 400),
    "MessageID twice": (envelope(header(more="<a:MessageID>2</a:MessageID>")), 400),
    "ResourceURI twice": (envelope(header(more="<w:ResourceURI>x</w:ResourceURI>")), 400),
    "MessageID of 1000": (envelope(header().replace(">1<", ">%s<" % ("1" * 1000))), 400),
    "no Action": (envelope(header(action="")), 400),
    "unknown Action": (envelope(header(action="urn:x")), 400),
    "Action of another class": (envelope(header(action=uri("CIM_BootConfigSetting") +
                                                "/ChangeBootOrder")), 400),
    "unknown class": (envelope(header(resource=uri("CIM_Nonsense"))), 400),
    "class of another namespace": (envelope(header(resource=uri("CIM_BootService").replace(
        "cim-schema", "amt-schema"))), 400),
    "no ResourceURI": (envelope(header(resource="")), 400),
    "empty Source": (envelope(
        header(action=uri("CIM_BootConfigSetting") + "/ChangeBootOrder",
               resource=uri("CIM_BootConfigSetting")),
        '<r:ChangeBootOrder_INPUT xmlns:r="%s"><r:Source></r:Source></r:ChangeBootOrder_INPUT>'
        % uri("CIM_BootConfigSetting")), 400),
    "no header": (envelope(), 400),
    "Pull of nothing": (envelope(header(action=ENUM + "/Pull"), "<n:Pull/>"), 400),
    "Enumerate without its body": (envelope(header(action=ENUM + "/Enumerate")), 400),
    "mandatory header": (envelope(header(more='<x:y xmlns:x="u" s:mustUnderstand="true"/>')), 400),
    "1000 selectors": (envelope(header(more="<w:SelectorSet>%s</w:SelectorSet>" % "".join(
        '<w:Selector Name="k%d">v</w:Selector>' % i for i in range(400)))), 400),
    "references within references": (envelope(header(
        resource=uri("CIM_AssociatedPowerManagementService"),
        more='<w:SelectorSet>%s%s</w:SelectorSet>' % (
            ('<w:Selector Name="UserOfService"><a:EndpointReference><a:ReferenceParameters>'
             "<w:ResourceURI>x</w:ResourceURI><w:SelectorSet>") * 4,
            ("</w:SelectorSet></a:ReferenceParameters></a:EndpointReference></w:Selector>") * 4)
    )), 400),
}


def post_document(sim, document):
    amt = console.Console(sim, PASSWORD)
    found, _, reply = amt.exchange(document)
    amt.close()
    return found, reply


@pytest.mark.parametrize("what", DOCUMENTS)
def test_document(sim, what):
    text, wanted = DOCUMENTS[what]
    started = time.monotonic()
    found, reply = post_document(sim, text.encode())
    assert found in (wanted if isinstance(wanted, tuple) else (wanted,)), reply
    assert found == 200 or b"<a:Fault>" in reply
    assert time.monotonic() - started < 2
    assert b"root:" not in reply


@pytest.mark.parametrize("encoding, wanted", [("utf-16", 200), ("utf-16-le", 400),
                                              ("iso-8859-1", 200), ("utf-7", 400)])
def test_encodings(sim, encoding, wanted):
    """Only what XML can tell by itself; nothing half read."""
    text = '<?xml version="1.0" encoding="%s"?>' % encoding + envelope(
        header(), "<e>\u00e4+AGE-</e>" if encoding != "utf-7" else "<e/>")
    if encoding == "utf-7":
        data = text.encode("ascii")
    else:
        data = text.encode(encoding)
    assert post_document(sim, data)[0] == wanted


def test_documents_at_once(sim):
    """Sixteen askers on sixteen connections do not get each other's replies."""
    def work(amt):
        for i in range(20):
            message = "%d-%d" % (id(amt), i)
            found, _, reply = amt.exchange(envelope(
                header().replace(">1<", ">%s<" % message), "<e/>" * (i * 40)).encode())
            assert found == 200 and b":RelatesTo>%s<" % message.encode() in reply

    askers = [console.Console(sim, PASSWORD) for _ in range(16)]
    for amt in askers:
        amt.get("CIM_BootService")
    before = rss_kib(sim)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(work, askers))
    assert rss_kib(sim) - before < 1024
    for amt in askers:
        assert amt.refused == 1
        amt.close()
    time.sleep(0.2)


def test_anonymous_gets_identify_only(sim):
    target = b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" \
             b"Content-Length: %d\r\n\r\n%s"
    for text in (GOOD, envelope(header(action=ENUM + "/Enumerate"), "<n:Enumerate/>"), LAUGHS,
                 envelope(header(action=uri("CIM_BootService") + "/RequestStateChange"))):
        reply = ask(sim, target % (len(text), text.encode()))
        assert status(reply) == 400 and b"CIM_BootService>" not in reply
