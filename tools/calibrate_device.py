# SPDX-License-Identifier: ISC
"""The device under tools/calibrate: HTTP, digest and WS-Management, timed at the socket. A time
is that from the last byte of a request to the first byte of its reply, on a connection that
was open before and with a login computed before."""
import errno
import hashlib
import itertools
import os
import re
import selectors
import socket
import ssl
import time
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
IDENTIFY = ('<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s" xmlns:i="http://'
            'schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body>'
            "<i:Identify/></s:Body></s:Envelope>" % SOAP).encode()
ATTEMPTS = 3
TLS_HANDSHAKE = b"\x16"  # type of a record (RFC 8446, 5.1)
CALM_S = 0.01   # from connecting to a request whose time counts: both ends are ready then
# To wake a sleeping device: a first connection, and more behind it in case its frames are lost.
# The first one stays, of the others only the newest: they tell when it was awake.
WAKE_MORE_AFTER_S, WAKE_MORE_EACH_S, WAKE_PENDING = 0.5, 0.05, 10
IN_PROGRESS = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class DeviceError(Exception):
    """Why it cannot be measured, in words for the operator."""


class Dropped(Exception):
    """The connection has ended; another one may do."""


def uri(name):
    return SCHEMAS[name[:3]] + name


def local(element):
    return element.tag.rpartition("}")[2]


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def parse_challenge(head):
    """(realm, nonce) of a 401."""
    line = re.search(r"(?im)^WWW-Authenticate:\s*Digest\s+(.*)$", head)
    found = dict(re.findall(r'(\w+)="?([^",\r\n]*)"?', line.group(1))) if line else {}
    if "realm" not in found or "nonce" not in found:
        raise DeviceError("it offers no digest login: is it an AMT device?")
    return found["realm"], found["nonce"]


def unchunk(data):
    """The decoded body, or None if it is not complete."""
    body = b""
    while True:
        size, found, data = data.partition(b"\r\n")
        if not found:
            return None
        try:
            size = int(size.split(b";")[0], 16)
        except ValueError:
            raise DeviceError("its reply is no HTTP (chunk)") from None
        if size == 0:
            return body if data.startswith(b"\r\n") else None
        if len(data) < size + 2:
            return None
        body, data = body + data[:size], data[size + 2:]


def parse_reply(data, ended):
    """(status, head, body) once all of it is there, else None."""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        if len(data) >= 5 and not data.startswith(b"HTTP/"):
            raise DeviceError("its reply is no HTTP: is it an AMT device?")
        return None
    head = head.decode("latin-1")
    try:
        status = int(head.split(" ", 2)[1])
    except (IndexError, ValueError):
        raise DeviceError("its reply is no HTTP: is it an AMT device?") from None
    length = re.search(r"(?im)^Content-Length:\s*(\d+)", head)
    if re.search(r"(?im)^Transfer-Encoding:\s*chunked", head):
        body = unchunk(rest)
    elif length:
        body = rest[:int(length.group(1))] if len(rest) >= int(length.group(1)) else None
    else:
        body = rest if ended else None
    return None if body is None else (status, head, body)


class Device:
    def __init__(self, host, port, user, password, timeout=60, tls_port=None):
        self.host, self.port, self.tls_port = host, port, tls_port
        self.user, self.password = user, password
        self.timeout = timeout
        self.sock = None
        self.challenge = None
        self.count = 0
        self.is_known = False   # it has accepted our login before
        self.ids = itertools.count(1)
        self.server = ""

    # --- connections ---
    def close(self):
        if self.sock is not None:
            self.sock.close()
        self.sock = None

    def connect(self, port=None):
        self.close()
        port = port or self.port
        try:
            self.sock = socket.create_connection((self.host, port), timeout=self.timeout)
        except OSError as error:
            raise DeviceError("cannot connect to %s port %d: %s" % (
                self.host, port, error.strerror or error)) from None
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def round_trip(self, count=20):
        """Seconds to the device and back: the shortest of some connects, calmly: real engines
        have few connections."""
        least = self.timeout
        for _ in range(count):
            start = time.perf_counter()
            self.connect()
            least = min(least, time.perf_counter() - start)
            self.close()
            time.sleep(CALM_S)
        return least

    # --- TLS ---
    def tls(self):
        """Seconds from a ClientHello to the answer with the device's certificate. The handshake
        goes no further."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        hello = ssl.MemoryBIO()
        try:
            context.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.connect(self.tls_port)
        time.sleep(CALM_S)
        try:
            self.sock.sendall(hello.read())
            sent = time.perf_counter()
            answer = self.sock.recv(1)
            seconds = time.perf_counter() - sent
        except OSError as error:
            raise DeviceError("no TLS handshake on port %d: %s" % (
                self.tls_port, error.strerror or error)) from None
        finally:
            self.close()
        if answer != TLS_HANDSHAKE:
            raise DeviceError("no TLS handshake on port %d" % self.tls_port)
        return seconds

    # --- HTTP ---
    def message(self, body, with_login):
        host = "[%s]" % self.host if ":" in self.host else self.host
        lines = ["POST /wsman HTTP/1.1", "Host: %s:%d" % (host, self.port),
                 "Content-Type: application/soap+xml;charset=UTF-8"]
        if with_login:
            lines.append("Authorization: " + self.login())
        lines.append("Content-Length: %d" % len(body))
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def login(self):
        self.count += 1
        realm, nonce = self.challenge
        number, own = "%08x" % self.count, os.urandom(8).hex()
        proof = md5(md5(self.user, realm, self.password), nonce, number, own, "auth",
                    md5("POST", "/wsman"))
        return ('Digest username="%s",realm="%s",nonce="%s",uri="/wsman",qop=auth,response="%s",'
                'nc=%s,cnonce="%s"' % (self.user, realm, nonce, proof, number, own))

    def exchange(self, message):
        """(seconds, status, head, body) on the open connection. Dropped if that has ended."""
        try:
            self.sock.sendall(message)
            sent = time.perf_counter()
            data = self.sock.recv(65536)
            seconds = time.perf_counter() - sent
            ended = not data
            while True:
                reply = parse_reply(data, ended)
                if reply is not None:
                    break
                if ended:
                    raise Dropped
                part = self.sock.recv(65536)
                ended = not part
                data += part
        except socket.timeout:
            raise DeviceError("no reply within %g s" % self.timeout) from None
        except OSError:
            raise Dropped from None
        if re.search(r"(?im)^Connection:\s*close", reply[1]):
            self.close()
        return (seconds, *reply)

    def strange(self, body=IDENTIFY):
        """A request without a login: seconds to the 401. Its challenge is kept."""
        for _ in range(ATTEMPTS):
            if self.sock is None:
                self.connect()
                time.sleep(CALM_S)
            try:
                seconds, status, head, _ = self.exchange(self.message(body, False))
            except Dropped:
                self.close()
                continue
            self.close()
            if status != 401:
                raise DeviceError("it asks for no login (HTTP %d): is it an AMT device?" % status)
            server = re.search(r"(?im)^Server:\s*(.*?)\s*$", head)
            self.server = server.group(1) if server else ""
            self.challenge, self.count = parse_challenge(head), 0
            return seconds
        raise DeviceError("it drops every connection")

    def ask(self, body):
        """A request with a login: (seconds, status, body)."""
        is_fresh = False
        for _ in range(ATTEMPTS):
            if self.challenge is None:
                self.strange()
                is_fresh = True
            if self.sock is None:
                self.connect()
            try:
                seconds, status, _, reply = self.exchange(self.message(body, True))
            except Dropped:
                self.close()
                continue
            if status != 401:
                self.is_known = True
                return seconds, status, reply
            self.close()
            if is_fresh or not self.is_known:   # no more guesses: it may lock us out
                raise DeviceError("wrong user or password")
            self.challenge = None       # its nonce may have become stale
        raise DeviceError("it drops every connection")

    def wake(self):
        """Seconds from the first packet of a new connection to the first byte of a 401, and
        whether that came on this first connection. If not, they are only sure to half of
        WAKE_MORE_EACH_S."""
        message = self.message(IDENTIFY, False)
        address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
        waiting = selectors.DefaultSelector()
        opened = []
        start = time.perf_counter()
        due = start
        try:
            while True:
                now = time.perf_counter()
                if now - start > self.timeout:
                    raise DeviceError("it did not wake up within %g s" % self.timeout)
                if now >= due:
                    if len(opened) == WAKE_PENDING:
                        self.forget(waiting, opened.pop(1))
                    due = now + (WAKE_MORE_EACH_S if opened else WAKE_MORE_AFTER_S)
                    sock = socket.socket(*address[:3])
                    opened.append(sock)
                    sock.setblocking(False)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    if sock.connect_ex(address[4]) in IN_PROGRESS:
                        waiting.register(sock, selectors.EVENT_WRITE)
                for key, events in waiting.select(min(max(due - now, 0.001), 0.25)):
                    if self.wake_step(waiting, key.fileobj, events, message):
                        seconds = time.perf_counter() - start
                        is_first = key.fileobj is opened[0]
                        return seconds - (0 if is_first else WAKE_MORE_EACH_S / 2), is_first
        finally:
            for sock in opened:
                sock.close()
            waiting.close()

    @staticmethod
    def forget(waiting, sock):
        if sock in waiting.get_map():
            waiting.unregister(sock)
        sock.close()

    @staticmethod
    def wake_step(waiting, sock, events, message):
        """True if the reply has begun."""
        try:
            if events & selectors.EVENT_WRITE:
                if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    sock.send(message)
                    waiting.modify(sock, selectors.EVENT_READ)
                    return False
            elif sock.recv(65536):
                return True
        except OSError:
            pass
        waiting.unregister(sock)
        return False

    # --- WS-Management ---
    def envelope(self, action, name, body, selector=None):
        chosen = ('<w:SelectorSet><w:Selector Name="%s">%s</w:Selector></w:SelectorSet>' % (
            selector[0], escape(selector[1]))) if selector else ""
        return (
            '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="%s" xmlns:a="%s" '
            'xmlns:w="%s"><s:Header><a:Action>%s</a:Action><a:To>/wsman</a:To>'
            "<w:ResourceURI>%s</w:ResourceURI><a:MessageID>%d</a:MessageID><a:ReplyTo>"
            "<a:Address>%s/role/anonymous</a:Address></a:ReplyTo>%s</s:Header><s:Body>%s"
            "</s:Body></s:Envelope>" % (SOAP, WSA, WSMAN, action, uri(name), next(self.ids), WSA,
                                        chosen, body)).encode()

    def answer(self, what, envelope):
        """(seconds, first element of the body); anything but 200 is an error."""
        seconds, status, reply = self.ask(envelope)
        if status != 200:
            reason = re.search(rb":Text[^>]*>([^<]*)<", reply)
            raise DeviceError("%s is refused: HTTP %d %s" % (
                what, status, reason.group(1).decode() if reason else ""))
        try:
            return seconds, ET.fromstring(reply).find("{%s}Body" % SOAP)[0]
        except (ET.ParseError, TypeError, IndexError):
            raise DeviceError("the reply to %s is no SOAP" % what) from None

    def get(self, name, selector=None):
        return self.answer("Get of " + name, self.envelope(TRANSFER + "/Get", name, "", selector))

    def put(self, name, values):
        """`values`: [(property, text)]."""
        inside = "".join("<h:%s>%s</h:%s>" % (key, escape(text), key) for key, text in values)
        return self.answer("Put of " + name, self.envelope(
            TRANSFER + "/Put", name,
            '<h:%s xmlns:h="%s">%s</h:%s>' % (name, uri(name), inside, name)))

    def enumerate(self, name):
        """(seconds, context)."""
        seconds, body = self.answer("Enumerate of " + name, self.envelope(
            ENUM + "/Enumerate", name, '<Enumerate xmlns="%s"/>' % ENUM))
        return seconds, body.findtext("{%s}EnumerationContext" % ENUM) or ""

    def pull(self, name, context, most):
        """(seconds, instances, context or None after the last)."""
        seconds, body = self.answer("Pull of " + name, self.envelope(
            ENUM + "/Pull", name, '<Pull xmlns="%s"><EnumerationContext>%s</EnumerationContext>'
            "<MaxElements>%d</MaxElements></Pull>" % (ENUM, escape(context), most)))
        items = body.find("{%s}Items" % ENUM)
        return (seconds, [] if items is None else list(items),
                body.findtext("{%s}EnumerationContext" % ENUM))

    def invoke(self, name, method, inside=""):
        """(seconds, {output: text})."""
        seconds, body = self.answer("%s.%s" % (name, method), self.envelope(
            "%s/%s" % (uri(name), method), name, '<r:%s_INPUT xmlns:r="%s">%s</r:%s_INPUT>'
            % (method, uri(name), inside, method)))
        return seconds, {local(each): each.text or "" for each in body}
