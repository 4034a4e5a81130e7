#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a TLS server takes and what it refuses, found out with the clients of four libraries:
openssl s_client, gnutls-cli, curl and node. Run as a program it prints the table of TLS.md:

    tests/clients/tls_table.py HOST PORT
"""
import re
import subprocess
import sys

LIMIT = 20
ANY = "DEFAULT:@SECLEVEL=0"


def run(*command, text=b"", limit=LIMIT):
    """Exit code and all output."""
    try:
        done = subprocess.run([str(word) for word in command], input=text, timeout=limit,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode("utf-8", "replace")
    return done.returncode, done.stdout.decode("utf-8", "replace")


class Server:
    def __init__(self, host, port):
        self.host = host
        self.port = str(port)

    # --- one connection each; what was agreed, or "" if there was none ---
    def openssl(self, *options, text=b""):
        _, out = run("openssl", "s_client", "-connect", f"{self.host}:{self.port}", *options,
                     text=text)
        found = re.search(r"^(?:New|Reused), (\S+), Cipher is (\S+)", out, re.M)
        if not found or found[2] == "(NONE)":
            return ""
        return f"{found[1]} {found[2]}"

    def gnutls(self, priority):
        _, out = run("gnutls-cli", "--insecure", "--priority", priority, "-p", self.port,
                     self.host)
        found = re.search(r"^- Description: \((.*)\)", out, re.M)
        return found[1] if found and "Handshake was completed" in out else ""

    def curl(self, *options):
        code, out = run("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", *options,
                        f"https://{self.host}:{self.port}/")
        return out if code == 0 else ""

    def node(self, options):
        script = ("const t = require('tls').connect({host: '%s', port: %s, "
                  "rejectUnauthorized: false, %s}, () => { console.log(t.getProtocol(), "
                  "t.getCipher().name); t.destroy(); }); t.on('error', () => {});" %
                  (self.host, self.port, options))
        _, out = run("node", "-e", script)
        return out.strip()


VERSIONS = (("TLS 1.0", "-tls1", "VERS-TLS1.0", "TLSv1", "1.0", False),
            ("TLS 1.1", "-tls1_1", "VERS-TLS1.1", "TLSv1.1", "1.1", False),
            ("TLS 1.2", "-tls1_2", "VERS-TLS1.2", "TLSv1.2", "1.2", True),
            ("TLS 1.3", "-tls1_3", "VERS-TLS1.3", "TLSv1.3", "1.3", True))
SUITES_1_2 = (("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
              ("ECDHE-ECDSA-CHACHA20-POLY1305", True), ("ECDHE-RSA-AES128-GCM-SHA256", True),
              ("ECDHE-RSA-AES256-GCM-SHA384", True), ("ECDHE-RSA-CHACHA20-POLY1305", True),
              ("ECDHE-ECDSA-AES128-SHA", False), ("ECDHE-ECDSA-AES128-CCM", False),
              ("ECDHE-RSA-AES256-SHA384", False), ("AES128-GCM-SHA256", False),
              ("AES256-SHA", False), ("DHE-RSA-AES256-GCM-SHA384", False),
              ("NULL-SHA256", False), ("AECDH-AES128-SHA", False), ("PSK-AES128-GCM-SHA256", False))
SUITES_1_3 = (("TLS_AES_128_GCM_SHA256", True), ("TLS_AES_256_GCM_SHA384", True),
              ("TLS_CHACHA20_POLY1305_SHA256", True), ("TLS_AES_128_CCM_SHA256", False))
GROUPS = (("P-256", True), ("X25519", True), ("P-384", True), ("P-521", False), ("X448", False),
          ("ffdhe2048", False))


def rows(server):
    """(what, who, wanted, seen): wanted is True or False, seen what was agreed."""
    for name, openssl, gnutls, node, curl, wanted in VERSIONS:
        yield name, "openssl", wanted, server.openssl(openssl, "-cipher", ANY)
        yield name, "gnutls", wanted, server.gnutls(f"NORMAL:-VERS-ALL:+{gnutls}")
        yield name, "node", wanted, server.node(
            f"minVersion: '{node}', maxVersion: '{node}', ciphers: '{ANY}'")
        yield name, "curl", wanted, server.curl(f"--tlsv{curl}", "--tls-max", curl, "--ciphers",
                                                ANY)
    for name, wanted in SUITES_1_2:
        yield name, "openssl", wanted, server.openssl("-tls1_2", "-cipher",
                                                      name + ":@SECLEVEL=0")
    for name, wanted in SUITES_1_3:
        yield name, "openssl", wanted, server.openssl("-tls1_3", "-ciphersuites", name)
    for name, wanted in GROUPS:
        yield "group " + name, "openssl", wanted, server.openssl("-groups", name)
    yield "no SNI", "openssl", True, server.openssl("-noservername")
    yield "fragments of 512 bytes", "openssl", True, server.openssl("-maxfraglen", "512")
    yield "renegotiation", "openssl", False, renegotiated(server)
    yield "compression", "openssl", False, compressed(server)
    yield "heartbeat, SSL 2 and 3", "openssl", False, old(server)


def renegotiated(server):
    """A client that asks for another handshake must not be shown the certificate again."""
    command = ("openssl", "s_client", "-connect", f"{server.host}:{server.port}", "-tls1_2")
    _, once = run(*command, text=b"Q\n", limit=6)
    _, out = run(*command, text=b"R\n", limit=6)
    assert once.count("depth=0") > 0 and "RENEGOTIATING" in out
    return "done" if out.count("depth=0") > once.count("depth=0") else ""


def compressed(server):
    _, out = run("openssl", "s_client", "-connect", f"{server.host}:{server.port}", "-comp")
    return "" if "Compression: NONE" in out else "compressed"


def old(server):
    """ClientHellos of SSL 3.0 and 2.0 by hand: no library speaks them any more."""
    import socket
    hellos = (bytes.fromhex("16030000 2d 01000029 0300".replace(" ", "")) + bytes(32) +
              bytes.fromhex("00000200050100"), bytes.fromhex("802e0100020015000000100100800200"
                                                             "8003008004008006004007") + bytes(25))
    for hello in hellos:
        with socket.create_connection((server.host, int(server.port)), timeout=10) as s:
            s.sendall(hello)
            s.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while part := s.recv(4096):
                    answer += part
            except OSError:
                pass
            if answer[:1] == b"\x16":
                return "answered"
    return ""


def table(server):
    lines = ["| what | client | wanted | seen |", "|---|---|---|---|"]
    for what, who, wanted, seen in rows(server):
        lines.append(f"| {what} | {who} | {'taken' if wanted else 'refused'} | "
                     f"{seen or 'refused'} |")
    return lines


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print("\n".join(table(Server(sys.argv[1], int(sys.argv[2])))))
