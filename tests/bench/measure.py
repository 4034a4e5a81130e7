# SPDX-License-Identifier: ISC
"""The client that measures. Requests go over bare sockets and are made before the clock runs,
so that the client's own time is small; it is part of the result all the same."""
import hashlib
import re
import selectors
import socket
import time

from machine import MachineError

WARM_UP = 20
READY_S = 30
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
ENUM = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
POWER_ON, POWER_CYCLE, POWER_OFF = 2, 5, 8


class Target:
    """Where a firmware listens."""

    def __init__(self, port, password, address="127.0.0.1", tls=None):
        """`tls`: an ssl.SSLContext, if it is spoken there."""
        self.address, self.port, self.password, self.tls = address, port, password, tls


# --- what is said --------------------------------------------------------------------------
def selector_set(selectors):
    return "<w:SelectorSet>%s</w:SelectorSet>" % "".join(
        '<w:Selector Name="%s">%s</w:Selector>' % each for each in selectors.items()
    ) if selectors else ""


def envelope(action, name, body="", selectors=None):
    return (
        '<?xml version="1.0" encoding="utf-8"?><Envelope xmlns="%s" xmlns:a="%s" xmlns:w="%s">'
        "<Header><a:Action>%s</a:Action><a:To>/wsman</a:To><w:ResourceURI>%s</w:ResourceURI>"
        "<a:MessageID>1</a:MessageID><a:ReplyTo><a:Address>%s/role/anonymous</a:Address>"
        "</a:ReplyTo>%s</Header><Body>%s</Body></Envelope>" % (
            SOAP, WSA, WSMAN, action, CIM + name, WSA, selector_set(selectors), body)).encode()


def get_text(name, selectors=None):
    return envelope(TRANSFER + "/Get", name, selectors=selectors)


def enumerate_text(name):
    return envelope(ENUM + "/Enumerate", name, '<Enumerate xmlns="%s"/>' % ENUM)


def pull_text(name, context):
    return envelope(ENUM + "/Pull", name, '<Pull xmlns="%s"><EnumerationContext>%s'
                    "</EnumerationContext><MaxElements>999</MaxElements></Pull>" % (
                        ENUM, context))


def invoke_text(name, method, arguments=""):
    return envelope("%s%s/%s" % (CIM, name, method), name, '<r:%s_INPUT xmlns:r="%s%s">%s'
                    "</r:%s_INPUT>" % (method, CIM, name, arguments, method))


def power_text(state):
    host = selector_set({"CreationClassName": "CIM_ComputerSystem", "Name": "ManagedSystem"})
    return invoke_text(
        "CIM_PowerManagementService", "RequestPowerStateChange",
        "<r:PowerState>%d</r:PowerState><r:ManagedElement><a:Address>%s/role/anonymous"
        "</a:Address><a:ReferenceParameters><w:ResourceURI>%sCIM_ComputerSystem"
        "</w:ResourceURI>%s</a:ReferenceParameters></r:ManagedElement>" % (
            state, WSA, CIM, host))


IDENTIFY_TEXT = ('<s:Envelope xmlns:s="%s" xmlns:i="%s"><s:Header/><s:Body><i:Identify/>'
                 "</s:Body></s:Envelope>" % (SOAP, IDENTITY)).encode()
AMT_TEXT = get_text("CIM_SoftwareIdentity", {"InstanceID": "AMT"})


# --- HTTP ----------------------------------------------------------------------------------
def connect(target):
    sock = socket.create_connection((target.address, target.port), timeout=READY_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return target.tls.wrap_socket(sock) if target.tls else sock


def post(body, authorization=""):
    return ("POST /wsman HTTP/1.1\r\nHost: 127.0.0.1:16992\r\n%sContent-Length: %d\r\n\r\n" % (
        authorization, len(body))).encode() + body


def receive(sock):
    piece = sock.recv(65536)
    if not piece:
        raise MachineError("connection closed in a reply")
    return piece


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock)
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def status(head):
    return int(head.split(b" ", 2)[1])


def is_whole(data):
    """Is it one counted or chunked reply?"""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return False
    counted = re.search(rb"(?i)^content-length: *(\d+)", head, re.M)
    return (len(rest) >= int(counted.group(1)) if counted else rest.endswith(b"0\r\n\r\n"))


def read_reply(sock):
    data = receive(sock)
    while not is_whole(data):
        data += receive(sock)
    head, _, rest = data.partition(b"\r\n\r\n")
    return status(head), rest


def refusal(target, body=b""):
    """The challenge of a 401, asked for on a connection of its own."""
    with connect(target) as sock:
        sock.sendall(post(body))
        head, _ = read_head(sock)
    if status(head) != 401:
        raise MachineError("expected 401, got %r" % head[:80])
    return dict(re.findall(r'(\w+)="([^"]*)"', head.decode("latin-1")))


def digest(target, found, count):
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    secret = md5("admin:%s:%s" % (found["realm"], target.password))
    proof = md5(":".join((secret, found["nonce"], "%08x" % count, "bench", "auth",
                          md5("POST:/wsman"))))
    return ('Authorization: Digest username="admin",realm="%s",nonce="%s",uri="/wsman",qop='
            'auth,nc=%08x,cnonce="bench",response="%s"\r\n' % (
                found["realm"], found["nonce"], count, proof))


class Session:
    """One keep-alive connection that is logged in."""

    def __init__(self, target):
        self.target = target
        self.found = refusal(target)
        self.count = 0
        self.logins = []
        self.sock = connect(target)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def prepare(self, count):
        """Work out so many logins now."""
        self.logins = [digest(self.target, self.found, self.count + number)
                       for number in range(count, 0, -1)]
        self.count += count

    def text(self, body):
        if not self.logins:
            self.prepare(1)
        return post(body, self.logins.pop())

    def ask(self, body, expected=b""):
        self.sock.sendall(self.text(body))
        code, reply = read_reply(self.sock)
        if code != 200 or expected not in reply:
            raise MachineError("a request failed: %d %r" % (code, reply[:400]))
        return reply


# --- operations: each is one thing that a console wants --------------------------------------
def identify(session):
    session.ask(IDENTIFY_TEXT, b"Intel(r)")


def get(session):
    session.ask(AMT_TEXT, b">AMT<")


def enumerate_all(session, name="CIM_SoftwareIdentity", expected=b""):
    reply = session.ask(enumerate_text(name))
    while b"EndOfSequence" not in reply:
        context = re.search(rb"EnumerationContext>([^<]+)<", reply)
        if not context:
            raise MachineError("an enumeration without a context: %r" % reply[:400])
        reply = session.ask(pull_text(name, context.group(1).decode()), expected)
    return reply


def invoke(session):
    """A method that changes nothing: no boot source for the next start, as it was."""
    session.ask(invoke_text("CIM_BootConfigSetting", "ChangeBootOrder"), b"ReturnValue>0<")


def power_status(session):
    """As consoles ask for it."""
    enumerate_all(session, "CIM_AssociatedPowerManagementService", b"PowerState>")


def power(session, state):
    session.ask(power_text(state), b"ReturnValue>0<")


def cpu_information(session):
    """Several requests through an association, after the published measurement."""
    enumerate_all(session, "CIM_Realizes", b"CIM_Processor")
    session.ask(get_text("CIM_Chip", {"Tag": "CPU 0"}), b"CIM_Chip")
    session.ask(get_text("CIM_Processor", {"DeviceID": "CPU 0"}), b"CIM_Processor")


# --- times ---------------------------------------------------------------------------------
def timed(operation, *words):
    """Seconds that it took."""
    start = time.perf_counter()
    operation(*words)
    return time.perf_counter() - start


def repeated(target, operation, count, logins=4):
    """Seconds of each of `count` operations over one connection; each needs `logins` at most."""
    with Session(target) as session:
        session.prepare((WARM_UP + count) * logins)
        return [timed(operation, session) for _ in range(WARM_UP + count)][WARM_UP:]


def fresh(target, operation, *words):
    """Seconds of a whole operation from nothing, as a program that runs once does it: a
    connection and its 401, then the operation over a new connection."""
    return timed(lambda: whole(target, operation, *words))


def whole(target, operation, *words):
    with Session(target) as session:
        operation(session, *words)


def rate(target, connections, seconds, body=AMT_TEXT):
    """Requests per second, each connection asking again as soon as it is answered."""
    chooser = selectors.DefaultSelector()
    sessions = [Session(target) for _ in range(connections)]
    for session in sessions:
        session.prepare(int(seconds * 4000 / connections))
        chooser.register(session.sock, selectors.EVENT_READ, [session, b""])
    done = 0
    start = time.perf_counter()
    for session in sessions:
        session.sock.sendall(session.text(body))
    while time.perf_counter() - start < seconds:
        for key, _ in chooser.select(READY_S):
            session = key.data[0]
            key.data[1] += receive(session.sock)
            if is_whole(key.data[1]):
                if status(key.data[1]) != 200:
                    raise MachineError("a request failed: %r" % key.data[1][:300])
                key.data[1] = b""
                done += 1
                session.sock.sendall(session.text(body))
    took = time.perf_counter() - start
    for session in sessions:
        session.sock.close()
    chooser.close()
    return done / took


def first_401(guest):
    """Seconds from the start of QEMU to the first 401."""
    refusal(guest)
    return time.monotonic() - guest.started


def echo(sock, text):
    sock.sendall(text)
    back = b""
    while len(back) < len(text):
        back += receive(sock)
    if back != text:
        raise MachineError("the echo is not what was sent")


def echoes(guest, count, size=64):
    """Seconds of each round trip of a few bytes, over one connection."""
    with connect(guest) as sock:
        return [timed(echo, sock, (b"%08d" % number).ljust(size, b"."))
                for number in range(WARM_UP + count)][WARM_UP:]


# --- processes -----------------------------------------------------------------------------
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
