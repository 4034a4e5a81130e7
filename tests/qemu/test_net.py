# SPDX-License-Identifier: ISC
"""Ethernet frames through the network device, link state, and the call to announce."""
import os
import socket

import pytest

from qemu_machine import Machine

US = b"\x02\x00\x00\x00\x00\x01"
MAC = b"\x52\x54\x00\x12\x34\x56"
TYPE = b"\x88\xb5"


@pytest.fixture
def wire(tmp_path):
    """A machine whose network is a pair of datagram sockets."""
    backend = ("dgram,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
               % (tmp_path / "machine", tmp_path / "test"))
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.bind(str(tmp_path / "test"))
    ours.settimeout(10)
    with ours, Machine("reflect", "--netdev", backend) as machine:
        machine.wait("test: link up")
        ours.connect(str(tmp_path / "machine"))
        yield machine, ours


@pytest.mark.parametrize("length", [60, 61, 1000, 1514])
def test_frame_comes_back(wire, length):
    _, ours = wire
    payload = os.urandom(length - 14)
    ours.send(MAC + US + TYPE + payload)
    assert ours.recv(2000) == US + MAC + TYPE + payload


def test_many_frames(wire):
    """More than there are buffers; ten at a time."""
    _, ours = wire
    for batch in range(50):
        for number in range(10):
            ours.send(MAC + US + TYPE + bytes([batch, number]) + bytes(64))
        for number in range(10):
            assert ours.recv(2000)[14:16] == bytes([batch, number])


def test_other_frames_are_not_answered(wire):
    _, ours = wire
    ours.send(MAC + US + b"\x08\x00" + bytes(60))
    ours.send(MAC + US + TYPE + b"next" + bytes(60))
    assert ours.recv(2000)[14:18] == b"next"


def test_link_state_is_followed(wire):
    machine, _ = wire
    machine.command_qmp("set_link", name="net", up=False)
    machine.wait("test: link down")
    machine.command_qmp("set_link", name="net", up=True)
    machine.wait("test: link up", 2)


def test_announce_is_passed_on_and_acknowledged(wire):
    machine, _ = wire
    for count in (1, 2):  # the second comes only if the first was acknowledged
        machine.command_qmp("announce-self", initial=50, max=50, rounds=1, step=10)
        machine.wait("test: announce", count)
