# SPDX-License-Identifier: ISC
"""The sim board itself: its command line and its port to the host shim."""
import socket
import subprocess

import pytest

from conftest import Sim


def test_help(echo_program):
    out = subprocess.run([echo_program, "--help"], capture_output=True, text=True, check=True)
    for option in ("--forward", "--tap", "--hostport", "--nvram", "--seed-dir", "--uuid"):
        assert option in out.stdout


@pytest.mark.parametrize("args,message", [
    (["--forward", "80"], "--forward needs"),
    (["--forward", "99999:80"], "not a port"),
    (["--forward", "nowhere:80:80"], "not an IPv4 address"),
    (["--uuid", "1234"], "malformed"),
    (["--tap", "a-name-that-is-too-long"], "too long"),
    (["stray"], "unexpected: stray"),
])
def test_wrong_options_end_with_a_message(echo_program, args, message):
    out = subprocess.run([echo_program, *args], capture_output=True, text=True, timeout=10)
    assert out.returncode == 2
    assert message in out.stderr


def test_hostport_is_a_listening_socket_that_survives_its_peers(echo_program, tmp_path):
    path = tmp_path / "host.sock"
    sim = Sim(echo_program, [], ["--hostport", path])
    try:
        for message in (b"first", b"second", b"third" * 1000):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                s.connect(str(path))
                s.sendall(message)
                got = b""
                while len(got) < len(message):
                    piece = s.recv(65536)
                    assert piece
                    got += piece
                assert got == message
        assert b"lost" not in sim.log
    finally:
        assert sim.stop()
