# SPDX-License-Identifier: ISC
"""HTTP and WS-Management on the wire, through lwIP, on the sim board without a host shim:
bytes as consoles see them. The client is a raw socket or curl (not written here)."""
import concurrent.futures
import re
import subprocess
import threading
import time

import pytest

import wsman
from conftest import Sim, built

PASSWORD = "Wire-Test-1"


@pytest.fixture(scope="module")
def amt_sim(tmp_path_factory):
    seeds = tmp_path_factory.mktemp("seeds")
    (seeds / "admin-password").write_text(PASSWORD + "\n")
    sim = Sim(built("vamt-sim"), [16992], ["--seed-dir", seeds], ready="address 10.0.2.15")
    yield sim
    assert sim.stop(), "the firmware has ended by itself"


def read_all(sock):
    data = b""
    while True:
        part = sock.recv(65536)
        if not part:
            return data
        data += part


def ask(sim, request):
    with sim.connect(16992) as sock:
        sock.sendall(request)
        return read_all(sock)


def client(sim, password=PASSWORD):
    return wsman.Wsman("127.0.0.1", sim.ports[16992], "admin", password)


def curl(sim, *words, password=PASSWORD):
    return subprocess.run(
        ["curl", "-sS", "--max-time", "20", "--digest", "-u", "admin:" + password, *words,
         "http://127.0.0.1:%d/wsman" % sim.ports[16992]],
        capture_output=True, check=True).stdout


IDENTIFY = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
            b'<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/'
            b'wsmanidentity.xsd"/></s:Body></s:Envelope>')


def test_401_is_byte_for_byte_of_amt_shape(amt_sim):
    reply = ask(amt_sim, b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert re.fullmatch(
        rb'HTTP/1\.1 401 Unauthorized\r\n'
        rb'WWW-Authenticate: Digest realm="Digest:[0-9A-F]{32}", nonce="[A-Za-z0-9+/]{32}",'
        rb'stale="false",qop="auth"\r\n'
        rb'Content-Type: text/html\r\n'
        rb'Server: Intel\(R\) Active Management Technology \d+\.\d+\.\d+\.\d+\r\n'
        rb'Content-Length: %d\r\n'
        rb'Connection: close' % len(body), head), head
    assert body.rstrip().endswith(b"</html>") and body.count(b"</html>") == 1


def test_reply_is_chunked_with_four_digits(amt_sim):
    raw = curl(amt_sim, "--raw", "-i", "-d", IDENTIFY.decode())
    head, _, body = raw.split(b"HTTP/1.1 200 OK\r\n")[1].partition(b"\r\n\r\n")
    assert re.fullmatch(
        rb'Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n'
        rb'Server: Intel\(R\) Active Management Technology [\d.]+\r\n'
        rb'X-Frame-Options: DENY\r\n'
        rb'Content-Type: application/soap\+xml; charset=UTF-8\r\n'
        rb'Transfer-Encoding: chunked', head), head
    seen = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if size == b"0":
            assert body == b"\r\n"
            break
        assert re.fullmatch(rb"[0-9A-F]{4}", size)
        length = int(size, 16)
        seen += body[:length]
        assert body[length:length + 2] == b"\r\n"
        body = body[length + 2:]
    assert seen.startswith(b'<?xml version="1.0" encoding="UTF-8"?><a:Envelope')


@pytest.mark.parametrize("words", [
    ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"],
    ["-H", "Content-Type:"], ["--http1.0"], ["-H", "Connection: close"]],
    ids=["chunked", "expect", "no-content-type", "http-1.0", "close"])
def test_curl_in_many_manners(amt_sim, words):
    assert b"IdentifyResponse" in curl(amt_sim, *words, "-d", IDENTIFY.decode())


def test_first_request_of_two_segments_is_not_delayed(amt_sim):
    """A sender in slow start waits for the acknowledgement of its first segment; it must not
    have to wait for the timer of delayed ones (a quarter of a second)."""
    body = IDENTIFY.replace(b"<s:Header/>", b"<s:Header>" + b" " * 2000 + b"</s:Header>")
    request = b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" \
              b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert b"IdentifyResponse" in ask(amt_sim, request)
        times.append(time.perf_counter() - start)
    assert sorted(times)[2] < 0.1, times


def test_anonymous_identify_and_nothing_else(amt_sim):
    target = b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" \
             b"Content-Length: %d\r\n\r\n%s"
    assert b"IdentifyResponse" in ask(amt_sim, target % (len(IDENTIFY), IDENTIFY))
    get = IDENTIFY.replace(
        b"<s:Header/>", b'<s:Header><a:Action xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/'
        b'addressing">http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action></s:Header>'
    ).replace(b"i:Identify", b"i:Other")
    reply = ask(amt_sim, target % (len(get), get))
    assert reply.startswith(b"HTTP/1.1 400 ") and b"e:AccessDenied" in reply


@pytest.mark.parametrize("request_, status", [
    (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 401),
    (b"NONSENSE\r\n\r\n", 400),
    (b"POST /wsman HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9000 + b"\r\n\r\n", 431),
    (b"POST /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", 413),
    (b"PUT /wsman-anon/identify HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
    (b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"
     b"\r\n\r\n", 400)], ids="stranger nonsense long-line long-body verb smuggling".split())
def test_errors(amt_sim, request_, status):
    assert ask(amt_sim, request_).startswith(b"HTTP/1.1 %d " % status)


def test_wrong_password(amt_sim):
    assert b"<h2" in curl(amt_sim, "-d", IDENTIFY.decode(), password="Wrong-Pass-1")


def test_one_connection_serves_many_requests(amt_sim):
    amt = client(amt_sim)
    for _ in range(50):
        instance = amt.get("CIM_SoftwareIdentity", {"InstanceID": "AMT"})
        assert re.fullmatch(r"\d+\.\d+\.\d+", instance["VersionString"])
    assert amt.connects == 2  # the 401 closes the first
    amt.close()


def test_every_class_of_tier_0_enumerates(amt_sim):
    amt = client(amt_sim)
    counts = {name: len(amt.enumerate(name)) for name in (
        "CIM_AssociatedPowerManagementService", "CIM_PowerManagementService", "CIM_BootService",
        "CIM_BootConfigSetting", "CIM_BootSourceSetting", "AMT_BootSettingData",
        "AMT_BootCapabilities", "CIM_ComputerSystem", "CIM_KVMRedirectionSAP",
        "IPS_KVMRedirectionSettingData", "AMT_RedirectionService",
        "CIM_ServiceAvailableToElement", "CIM_PowerManagementCapabilities",
        "AMT_GeneralSettings", "CIM_SoftwareIdentity", "AMT_SetupAndConfigurationService")}
    assert counts.pop("CIM_SoftwareIdentity") == 11
    assert counts.pop("CIM_ComputerSystem") == 2
    assert counts.pop("CIM_BootSourceSetting") == 3
    assert set(counts.values()) == {1}, counts
    realm = amt.get("AMT_GeneralSettings")["DigestRealm"]
    assert realm == amt.challenge[0]
    amt.close()


def test_sixteen_clients_at_once(amt_sim):
    door = threading.Lock()  # libslirp listens with a backlog of one: log in one by one

    def work(_):
        amt = client(amt_sim)
        with door:
            assert amt.get("CIM_BootService")
        names = [amt.get("CIM_BootService")["Name"] for _ in range(20)]
        amt.close()
        return names

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(16)))
    assert results == [["Intel(r) AMT Boot Service"] * 20] * 16


def test_power_request_without_a_shim_fails_and_says_so(amt_sim):
    amt = client(amt_sim)
    assert amt.power(wsman.POWER_ON) != 0
    amt.close()
