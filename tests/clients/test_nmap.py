# SPDX-License-Identifier: ISC
"""nmap's check for CVE-2017-5689 (INTEL-SA-00075) against the firmware on the sim board, plain and
over TLS, and against a double that has the bug, so that it is known to find it."""
import http.server
import pathlib
import shutil
import socket
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = "http-vuln-cve2017-5689"

pytestmark = pytest.mark.skipif(not shutil.which("nmap"), reason="no nmap")


def scan(*ports):
    """Verdicts by port. The plus sign runs the script on ports that its port rule does not list."""
    done = subprocess.run(
        ["nmap", "-Pn", "-n", "-sT", "-p", ",".join(map(str, ports)), "--script", "+" + SCRIPT,
         "--script-args", "vulns.showall", "127.0.0.1"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found, port = {}, None
    for line in done.stdout.splitlines():
        if "/tcp" in line:
            port = int(line.split("/")[0])
        elif "State:" in line:
            found[port] = line.partition("State:")[2].strip()
    return found, done.stdout


class Vulnerable(http.server.BaseHTTPRequestHandler):
    """Compares as many characters of the response as the client has sent."""
    protocol_version = "HTTP/1.1"
    server_version = "Intel(R) Active Management Technology 9.0.1"
    sys_version = ""

    def do_GET(self):
        header = self.headers.get("Authorization", "")
        given = header.partition('response="')[2].partition('"')[0]
        is_in = "response=" in header and "0123456789abcdef".startswith(given)
        page = b"<html></html>"
        self.send_response(200 if is_in else 401)
        if not is_in:
            self.send_header("WWW-Authenticate", 'Digest realm="Digest:%s", nonce="%s",'
                             'stale="false",qop="auth"' % ("A" * 32, "b" * 32))
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *words):
        pass


def port_for(wanted):
    """The port itself if nobody has it: then this is the command that others type."""
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", wanted))
        except OSError:
            sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def firmware(tmp_path):
    (tmp_path / "admin-password").write_text("Nmap-Test-1\n")
    ports = [port_for(16992), port_for(16993)]
    command = [str(ROOT / "build/sim/vamt-sim"), "--seed-dir", str(tmp_path)]
    for guest, local in zip((16992, 16993), ports):
        command += ["--forward", "%d:%d" % (local, guest)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for line in process.stderr:
        if b"address 10.0.2.15" in line:
            break
    log = []
    threading.Thread(target=lambda: log.extend(process.stderr), daemon=True).start()
    yield dict(zip((16992, 16993), ports)), log
    assert process.poll() is None, "the firmware has ended by itself"
    process.kill()
    process.wait()


def test_the_scanner_finds_the_bug_where_it_is():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vulnerable)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found, text = scan(server.server_address[1])
    server.shutdown()
    server.server_close()
    assert list(found.values()) == ["VULNERABLE"], text


@pytest.mark.parametrize("port", [16992, 16993])
def test_cve_2017_5689_nmap_says_not_vulnerable(firmware, port):
    ports, log = firmware
    found, text = scan(ports[port])
    assert found == {ports[port]: "NOT VULNERABLE"}, text
    # It says so also where it could not ask.
    assert any(b'login refused: user "admin"' in line for line in log), log
