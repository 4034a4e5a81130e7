# SPDX-License-Identifier: ISC
"""The port to the host: comings and goings of the host side, and bytes both ways."""
import os

import pytest

from qemu_machine import Machine, connect


@pytest.fixture
def machine(tmp_path):
    with Machine("reflect", "--host-socket", str(tmp_path / "host")) as started:
        started.host = str(tmp_path / "host")
        started.wait("test: started")
        yield started


def echo(stream, data):
    got = b""
    sent = 0
    while len(got) < len(data):
        if sent < len(data):
            sent += stream.send(data[sent:sent + 4096])
        if len(got) < sent:
            got += stream.recv(65536)
    return got


def test_open_and_close_are_seen(machine):
    for opens in range(1, 4):
        with connect(machine.host):
            machine.wait("hostport open, opens %d" % opens)
        machine.wait("hostport closed, opens %d" % opens)


def test_bytes_come_back_in_order(machine):
    data = os.urandom(200000)
    with connect(machine.host) as stream:
        machine.wait("hostport open, opens 1")
        assert echo(stream, data) == data


def test_large_write_is_not_lost_when_the_host_is_slow(machine):
    """The host reads nothing until everything is sent: queues fill up on both sides."""
    data = os.urandom(60000)
    got = b""
    with connect(machine.host) as stream:
        machine.wait("hostport open, opens 1")
        stream.sendall(data)
        while len(got) < len(data):
            got += stream.recv(65536)
        assert got == data


def test_works_again_after_a_reset(machine):
    with connect(machine.host) as stream:
        machine.wait("hostport open, opens 1")
        assert echo(stream, b"before") == b"before"
        machine.command_qmp("system_reset")
        machine.wait("test: started", 2)
        machine.wait("hostport open, opens 1", 2)
        assert echo(stream, b"after") == b"after"


def test_other_ports_are_left_alone(tmp_path):
    """A port with another name comes first, with a peer; ours is found all the same."""
    other = ["-chardev", "socket,id=o,path=%s,server=on,wait=off" % (tmp_path / "other"),
             "-device", "virtserialport,bus=serial.0,nr=3,chardev=o,name=org.example.other"]
    with Machine("reflect", "--host-socket", str(tmp_path / "host"), qemu=other) as machine:
        with connect(str(tmp_path / "other")):
            machine.wait("test: started")
            with connect(str(tmp_path / "host")) as stream:
                machine.wait("hostport open, opens 1")
                assert echo(stream, b"ours") == b"ours"
