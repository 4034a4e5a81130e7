# SPDX-License-Identifier: ISC
"""What the bench measures on a running machine. Requests go over a bare socket, so that the
client's own time is small; it is part of the result all the same."""
import hashlib
import re
import socket
import time

from machine import PASSWORD, MachineError

WARM_UP = 20
CLASS_URI = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_SoftwareIdentity"
ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><Envelope xmlns="http://www.w3.org/2003/05/soap-'
    'envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://'
    'schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><Header><a:Action>http://schemas.xmlsoap.org/ws/'
    "2004/09/transfer/Get</a:Action><a:To>/wsman</a:To><w:ResourceURI>%s</w:ResourceURI>"
    "<a:MessageID>1</a:MessageID><a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/"
    'addressing/role/anonymous</a:Address></a:ReplyTo><w:SelectorSet><w:Selector Name="'
    'InstanceID">AMT</w:Selector></w:SelectorSet></Header><Body/></Envelope>' % CLASS_URI
).encode()


def connect(guest):
    sock = socket.create_connection(("127.0.0.1", guest.port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def post(body, authorization=""):
    return ("POST /wsman HTTP/1.1\r\nHost: 127.0.0.1:16992\r\n%sContent-Length: %d\r\n\r\n" % (
        authorization, len(body))).encode() + body


def read_head(sock, data=b""):
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            raise MachineError("connection closed in a reply: %r" % data[:200])
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def status(head):
    return int(head.split(b" ", 2)[1])


def first_401(guest):
    """Seconds from the start of QEMU to the first 401."""
    with connect(guest) as sock:
        sock.sendall(post(b""))
        head, _ = read_head(sock)
    took = time.monotonic() - guest.started
    if status(head) != 401:
        raise MachineError("expected 401, got %r" % head[:80])
    return took


def challenge(guest):
    with connect(guest) as sock:
        sock.sendall(post(b""))
        head, _ = read_head(sock)
    return dict(re.findall(r'(\w+)="([^"]*)"', head.decode("latin-1")))


def digest(found, count):
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    secret = md5("admin:%s:%s" % (found["realm"], PASSWORD))
    proof = md5(":".join((secret, found["nonce"], "%08x" % count, "bench", "auth",
                          md5("POST:/wsman"))))
    return ('Authorization: Digest username="admin",realm="%s",nonce="%s",uri="/wsman",qop='
            'auth,nc=%08x,cnonce="bench",response="%s"\r\n' % (
                found["realm"], found["nonce"], count, proof))


def read_reply(sock):
    """One chunked or counted reply."""
    head, rest = read_head(sock)
    counted = re.search(rb"(?i)^content-length: *(\d+)", head, re.M)
    if counted:
        while len(rest) < int(counted.group(1)):
            rest += sock.recv(65536)
    else:
        while not rest.endswith(b"0\r\n\r\n"):
            rest += sock.recv(65536)
    return status(head), rest


def requests(guest, count):
    """Seconds of each Get, over one connection."""
    found = challenge(guest)
    texts = [post(ENVELOPE, digest(found, number)) for number in range(1, WARM_UP + count + 1)]
    times = []
    with connect(guest) as sock:
        for text in texts:
            start = time.perf_counter()
            sock.sendall(text)
            code, body = read_reply(sock)
            times.append(time.perf_counter() - start)
            if code != 200 or b">AMT<" not in body:
                raise MachineError("the Get failed: %d %r" % (code, body[:300]))
    return times[WARM_UP:]


def echoes(guest, count, size=64):
    """Seconds of each round trip of a few bytes, over one connection."""
    times = []
    with connect(guest) as sock:
        for number in range(WARM_UP + count):
            text = (b"%08d" % number).ljust(size, b".")
            start = time.perf_counter()
            sock.sendall(text)
            back = b""
            while len(back) < size:
                piece = sock.recv(65536)
                if not piece:
                    raise MachineError("the echo closed the connection")
                back += piece
            times.append(time.perf_counter() - start)
            if back != text:
                raise MachineError("the echo is not what was sent")
    return times[WARM_UP:]


def switches(thread):
    with open(thread + "/status", encoding="ascii") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))


def idle(guest, seconds):
    """(times per second that the guest's CPU woke up and halted again, share of a core)."""
    time.sleep(2)  # connections and announcements of the start are over
    thread = guest.cpu_thread()
    before, used, start = switches(thread), guest.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - start
    return (switches(thread) - before) / took, (guest.cpu_seconds() - used) / took
