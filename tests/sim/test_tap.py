# SPDX-License-Identifier: ISC
"""The firmware on a tap interface in a network namespace of its own: a real DHCP server, a real
ping, real ARP. Needs root (namespaces, tap)."""
import os
import re
import shutil
import subprocess
import time

import pytest

from conftest import Sim

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/dev/net/tun"), reason="needs root and /dev/net/tun")
NAME = f"vamt{os.getpid()}"


def run(*command, check=True):
    return subprocess.run(command, check=check, text=True, capture_output=True)


def inside(*command, check=True):
    return run("ip", "netns", "exec", NAME, *command, check=check)


@pytest.fixture
def namespace():
    made = run("ip", "netns", "add", NAME, check=False)
    if made.returncode != 0:
        pytest.skip(f"no network namespaces here: {made.stderr.strip()}")
    try:
        inside("ip", "tuntap", "add", "tap0", "mode", "tap")
        inside("ip", "address", "add", "192.168.77.1/24", "dev", "tap0")
        inside("ip", "link", "set", "tap0", "up")
        inside("ip", "link", "set", "lo", "up")
        yield NAME
    finally:
        run("ip", "netns", "delete", NAME)


def start(echo_program, tmp_path, network, hostname="companion-7", wait="address "):
    (tmp_path / "network").write_text(network)
    (tmp_path / "hostname").write_text(hostname)
    sim = Sim(echo_program, [], ["--tap", "tap0", "--seed-dir", tmp_path],
              prefix=["ip", "netns", "exec", NAME])
    sim.wait_log(wait)
    return sim


def ping(address, count=3):
    return inside("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "2", address, check=False)


@pytest.mark.skipif(not shutil.which("ping"), reason="no ping")
def test_static_address_answers_ping_and_arp(namespace, echo_program, tmp_path):
    sim = start(echo_program, tmp_path, "static 192.168.77.5/24 gateway 192.168.77.1\n")
    try:
        result = ping("192.168.77.5")
        assert " 0% packet loss" in result.stdout, result.stdout
        assert "52:54:00:a0:00:01" in inside("ip", "neighbour", "show", "192.168.77.5").stdout
        assert ping("192.168.77.6", 1).returncode != 0
    finally:
        assert sim.stop()


def test_address_from_a_real_dhcp_server(namespace, echo_program, tmp_path):
    """busybox udhcpd; the lease must carry our host name, the address must work."""
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("no busybox")
    leases = tmp_path / "leases"
    leases.write_bytes(b"")
    config = tmp_path / "udhcpd.conf"
    config.write_text(f"start 192.168.77.20\nend 192.168.77.30\ninterface tap0\n"
                      f"lease_file {leases}\npidfile {tmp_path}/pid\nauto_time 1\n"
                      f"option subnet 255.255.255.0\noption router 192.168.77.1\n"
                      f"option dns 192.168.77.2\noption lease 600\n")
    server = subprocess.Popen(["ip", "netns", "exec", NAME, busybox, "udhcpd", "-f", str(config)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    sim = None
    try:
        time.sleep(0.3)
        sim = start(echo_program, tmp_path, "dhcp", wait="(DHCP)")
        address = re.search(rb"address (192\.168\.77\.\d+) mask 255\.255\.255\.0 "
                            rb"gateway 192\.168\.77\.1 \(DHCP\)", sim.log)
        assert address, sim.log
        result = ping(address.group(1).decode())
        assert " 0% packet loss" in result.stdout, result.stdout
        time.sleep(1.2)  # auto_time
        assert b"companion-7" in leases.read_bytes()
    finally:
        server.terminate()
        server.wait()
        if sim:
            assert sim.stop()


def test_malformed_seed_is_logged_and_dhcp_is_used(namespace, echo_program, tmp_path):
    sim = start(echo_program, tmp_path, "static nonsense", wait="DHCP is used instead: static nonsense")
    assert sim.stop()
