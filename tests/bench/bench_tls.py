# SPDX-License-Identifier: ISC
"""TLS: handshakes of the firmware beside those of Mbed TLS's own program under QEMU's user-mode
emulation, a Get with and without TLS, and the memory of as many sessions as there may be."""
import contextlib
import os
import select
import shutil
import socket
import ssl
import subprocess
import tempfile
import time

import machine
import measure
from bench_fidelity import Host
from bench_report import BenchError, Goals, Table, median, percentile, spread

KIB = 1024
SESSIONS = 4  # CONFIG_TLS_SESSIONS
WARM_UP = 3
READY_S = 30
REST_S = 0.03  # between connections: what belongs to the last one is over
GROUP = "prime256v1"
SUITE = "ECDHE-ECDSA-AES128-GCM-SHA256"  # of TLS 1.2; in TLS 1.3 the server chooses
# In a certificate: an EC public key on P-256.
P256_KEY = bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107")
VERSIONS = (("TLS 1.2", ssl.TLSVersion.TLSv1_2), ("TLS 1.3", ssl.TLSVersion.TLSv1_3))
FULL, RESUMED = "full", "resumed"
ASK = b"GET /index.htm HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def client(version):
    """P-256 for everything; the certificate is nobody's business but for its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(SUITE)
    context.set_ecdh_curve(GROUP)
    return context


def finish(sock):
    """The handshake. What comes is acknowledged at once: a server that writes its messages one
    by one would else wait for the 40 ms that a client may take, and look slow."""
    sock.setblocking(False)
    while True:
        try:
            sock.do_handshake()
            break
        except ssl.SSLWantReadError:
            if not select.select([sock], [], [], READY_S)[0]:
                raise BenchError("a handshake does not end") from None
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    sock.settimeout(READY_S)


def handshake(port, context, session=None):
    """(seconds of the handshake, the session's ticket, the suite)."""
    time.sleep(REST_S)
    plain = measure.connect(measure.Target(port, None))
    with context.wrap_socket(plain, do_handshake_on_connect=False, session=session) as sock:
        took = measure.timed(finish, sock)
        if sock.session_reused != (session is not None):
            raise BenchError("a session was resumed that should not be, or the reverse")
        if P256_KEY not in sock.getpeercert(True):
            raise BenchError("the server's key is not of P-256")
        sock.sendall(ASK)  # in TLS 1.3 the ticket comes after the handshake
        if not sock.recv(65536).startswith(b"HTTP/"):
            raise BenchError("no HTTP over TLS")
        ticket, suite = sock.session, sock.cipher()[0]
        with contextlib.suppress(OSError):
            sock.unwrap().close()
    return took, ticket, suite


class Peer:
    """Mbed TLS's ssl_server2 as its authors configure it, compiled with -O2, under qemu-x86_64,
    with a key and certificate like ours."""

    def __init__(self, program):
        self.program, self.port = program, machine.free_port()
        self.folder = tempfile.mkdtemp(prefix="vamt-bench-")
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        key, certificate = (os.path.join(self.folder, each) for each in ("key", "certificate"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:" + GROUP, "-nodes", "-days", "3650", "-subj", "/CN=vamt",
             "-keyout", key, "-out", certificate], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        self.process = subprocess.Popen(
            ["qemu-x86_64", "-cpu", "max", self.program, "server_addr=127.0.0.1",
             "server_port=%d" % self.port, "crt_file=" + certificate, "key_file=" + key],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + READY_S
        while True:
            try:
                return handshake(self.port, client(VERSIONS[0][1]))
            except ConnectionRefusedError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise BenchError("ssl_server2 does not listen") from None

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)


def compared(servers, options):
    """[(server, version, kind, milliseconds, suite)]; the servers, and full and resumed
    handshakes, take turns so that load hits all alike."""
    rows = []
    for version, number in VERSIONS:
        context = client(number)
        for turn in range(WARM_UP + options.handshakes):
            for name, port in servers:
                full, ticket, suite = handshake(port, context)
                resumed, _, _ = handshake(port, context, ticket)
                if turn >= WARM_UP:
                    rows.append((name, version, FULL, full * 1000, suite))
                    rows.append((name, version, RESUMED, resumed * 1000, suite))
    return rows


def times(rows, *wanted):
    return [row[3] for row in rows if row[:3] == wanted]


def handshakes(goals, report, options, files, guest):
    with contextlib.ExitStack() as stack:
        servers = [("vAMT", guest.tls_port)]
        if files.peer:
            servers.append(("ssl_server2", stack.enter_context(Peer(files.peer)).port))
        rows = compared(servers, options)
    report.csv("tls", ("server", "version", "kind", "ms", "suite"), rows)
    table = Table("TLS handshakes with P-256 and ECDSA, one at a time, ClientHello to the client's "
                  "Finished", ("handshake", "server", "p50 ms", "p90 ms", "p99 ms"))
    for version, _ in VERSIONS:
        suite = next(row[4] for row in rows if row[1] == version)
        for kind in (FULL, RESUMED):
            for name, _ in servers:
                found = times(rows, name, version, kind)
                table.add("%s %s, %s" % (version, suite, kind), name,
                          *(percentile(found, share) for share in (0.5, 0.9, 0.99)))
    table.note("ssl_server2: of Mbed TLS's own programs and configuration, -O2, under qemu-x86_64. "
               "Resumed: with a ticket; in TLS 1.3 with a fresh exchange of keys.")
    report.table(table)
    handshake_goals(goals, rows, files)


def handshake_goals(goals, rows, files):
    for version, _ in VERSIONS:
        ours = times(rows, "vAMT", version, FULL)
        resumed = median(times(rows, "vAMT", version, RESUMED)) / median(ours)
        note = ""
        if files.peer:
            theirs = median(times(rows, "ssl_server2", version, FULL))
            goals.goal("full handshake, %s / Mbed TLS's ssl_server2" % version,
                       median(ours) / theirs, "x", 4,
                       "%.4g ms; ssl_server2: %.4g ms" % (median(ours), theirs))
            note = "ssl_server2: %.3g x" % (
                median(times(rows, "ssl_server2", version, RESUMED)) / theirs)
        else:
            goals.add("full handshake, %s / Mbed TLS's ssl_server2" % version, "not measured",
                      "", "", "ssl_server2 is not built")
        goals.goal("resumed / full handshake, " + version, resumed, "x", 0.25, note)


def gets(goals, report, options, guest):
    over = {"HTTP": guest}
    over.update((version, measure.Target(guest.tls_port, guest.password, tls=client(number)))
                for version, number in VERSIONS)
    table = Table("Get CIM_SoftwareIdentity InstanceID=AMT, keep-alive, digest",
                  ("over", "p50 ms", "p90 ms", "p99 ms"))
    found = {}
    for name, target in over.items():
        found[name] = [each * 1000 for each in
                       measure.repeated(target, measure.get, options.requests)]
        table.add(name, *(percentile(found[name], share) for share in (0.5, 0.9, 0.99)))
    report.table(table)
    report.csv("tls-get", ("over", "ms"),
               [(name, ms) for name, values in found.items() for ms in values])
    plain = median(found["HTTP"])
    for version, _ in VERSIONS:
        goals.goal("Get over %s / over HTTP" % version, median(found[version]) / plain, "x",
                   note="%.4g ms; HTTP: %.4g ms" % (median(found[version]), plain))


def pools(report, guest, host):
    """What the firmware says of its own fixed resources."""
    end = time.monotonic() + READY_S
    while not host.status or host.status.tls_sessions != SESSIONS:
        if time.monotonic() > end:
            raise BenchError("the firmware does not report its %d sessions" % SESSIONS)
        guest.drain()
        time.sleep(0.2)
    table = Table("The firmware's fixed resources after %d TLS sessions" % SESSIONS,
                  ("what", "at most", "of"))
    for each in host.status.pools:
        table.add(each.name, "%d" % each.most, "%d" % each.count)
    report.table(table)


def memory(goals, report, options, files):
    """With all sessions open and used; the halting image takes turns."""
    rows = []
    for turn in range(max(1, options.rounds // 3)):
        with machine.Machine(files, files.halt) as halting:
            halting.wait_console(machine.HALTED)
            halt_kib = halting.private_kib()
        with machine.Machine(files, files.image) as guest, contextlib.ExitStack() as stack:
            guest.settle()
            target = measure.Target(guest.tls_port, guest.password, tls=client(VERSIONS[1][1]))
            for _ in range(SESSIONS):
                measure.get(stack.enter_context(measure.Session(target)))
            rows.append((guest.ram_kib(), guest.private_kib(), halt_kib))
            if turn == 0:
                with contextlib.closing(Host(guest, True)) as host:
                    pools(report, guest, host)
    report.csv("tls-memory", ("ram_kib", "private_kib", "halting_kib"), rows)
    ram, kib, halt_kib = (median(column) for column in zip(*rows))
    name = "with %d TLS sessions open" % SESSIONS
    goals.goal("RAM of the guest in use " + name, ram / KIB, "MiB", 4,
               spread([row[0] for row in rows], "KiB"))
    goals.goal("private memory over the halting image " + name, (kib - halt_kib) / KIB, "MiB",
               note="%d KiB over %d KiB; of it %d KiB RAM of the guest, the rest is QEMU's own" % (
                   kib, halt_kib, ram))
    goals.goal("image", os.path.getsize(files.image) / KIB, "KiB", 1024)


def run(report, options, files):
    goals = Goals("TLS: targets")
    try:
        with machine.Machine(files, files.image) as guest:
            guest.settle()
            handshakes(goals, report, options, files, guest)
            gets(goals, report, options, guest)
        memory(goals, report, options, files)
    finally:
        report.table(goals)
