# SPDX-License-Identifier: ISC
"""TLS as the clients of OpenSSL, GnuTLS, curl and node see it (tests/clients/tls_table.py, which
also makes the table of tests/clients/TLS.md), and what nobody's session may do to another's."""
import pathlib
import socket
import ssl
import sys
import time

import pytest

from conftest import Sim, built

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
import tls_table  # noqa: E402  (after its folder is known)

PASSWORD = "Wire-Test-1"
SESSIONS = 4  # CONFIG_TLS_SESSIONS


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    """With its RSA pair made, which takes a while."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "admin-password").write_text(PASSWORD + "\n")
    sim = Sim(built("vamt-sim"), [16992, 16993],
              ["--seed-dir", folder, "--nvram", folder / "nvram"], ready="address 10.0.2.15")
    sim.wait_log("own RSA-2048 certificate is made", 120)
    yield sim
    assert sim.stop(), sim.log.decode()


def test_table(device):
    """Every row of the table is as it is wanted."""
    wrong = [row for row in tls_table.rows(tls_table.Server("127.0.0.1", device.ports[16993]))
             if row[2] != bool(row[3])]
    assert not wrong


def connect(device, **more):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(device.connect(16993), **more)


def answers(session):
    session.sendall(b"GET /index.htm HTTP/1.1\r\nHost: x\r\n\r\n")
    return session.recv(12) == b"HTTP/1.1 401"


def test_one_session_more_is_refused_cleanly(device):
    sessions = [connect(device) for _ in range(SESSIONS)]
    start = time.monotonic()
    with pytest.raises((ConnectionError, ssl.SSLError, socket.timeout)):
        connect(device)
    assert time.monotonic() - start < 5
    for session in sessions:
        assert answers(session)
        session.close()
    deadline = time.monotonic() + 10
    while True:
        try:
            with connect(device) as session:
                assert answers(session)
                return
        except (ConnectionError, ssl.SSLError):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_client_hello_in_segments_of_one_byte(device):
    """Each byte of the handshake and of the request is a segment of its own."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_bio(incoming, outgoing)
    with device.connect(16993) as wire:
        wire.settimeout(10)

        def send():
            for byte in outgoing.read():
                wire.sendall(bytes([byte]))

        def step(what):
            while True:
                try:
                    result = what()
                    send()
                    return result
                except ssl.SSLWantReadError:
                    send()
                    incoming.write(wire.recv(4096))

        step(client.do_handshake)
        step(lambda: client.write(b"GET /index.htm HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert step(lambda: client.read(12)) == b"HTTP/1.1 401"


def test_alert_flood_and_garbage_harm_nobody(device):
    good = connect(device)
    for noise in (b"\x15\x03\x03\x00\x02\x01\x00" * 1000, b"\x16\x03\x01\x40\x00" + b"\1" * 9000,
                  b"POST /wsman HTTP/1.1\r\n\r\n", bytes(5000)):
        with device.connect(16993) as bad:
            try:
                bad.sendall(noise)
                bad.settimeout(5)
                while bad.recv(4096):
                    pass
            except OSError:
                pass
    assert answers(good)
    good.close()


def test_idle_handshakes_give_way(device):
    """Silent connections in all places: a real client gets in after a moment."""
    silent = [device.connect(16993) for _ in range(SESSIONS)]
    deadline = time.monotonic() + 15
    while True:
        try:
            with connect(device) as session:
                assert answers(session)
                break
        except (ConnectionError, ssl.SSLError):
            assert time.monotonic() < deadline
            time.sleep(0.5)
    for each in silent:
        each.close()
