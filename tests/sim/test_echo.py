# SPDX-License-Identifier: ISC
"""TCP of the firmware, seen by real sockets through libslirp's NAT."""
import os
import socket
import struct
import threading
import time

import pytest


def read_all(s):
    data = b""
    while True:
        piece = s.recv(65536)
        if not piece:
            return data
        data += piece


def read_exactly(s, size):
    data = b""
    while len(data) < size:
        piece = s.recv(size - len(data))
        assert piece, f"closed after {len(data)} of {size} bytes"
        data += piece
    return data


def roundtrip(s, message=b"ping"):
    s.sendall(message)
    return read_exactly(s, len(message)) == message


def test_dhcp_gives_an_address(echo):
    # libslirp, told to keep everything on this machine, offers no router
    assert b"address 10.0.2.15 mask 255.255.255.0 gateway 0.0.0.0 (DHCP)" in echo.log


def test_echo_of_one_mebibyte_is_intact(echo):
    sent = os.urandom(1 << 20)
    with echo.connect(7) as s:
        writer = threading.Thread(target=lambda: (s.sendall(sent), s.shutdown(socket.SHUT_WR)))
        writer.start()
        received = read_all(s)  # ends because the firmware closes after our half close
        writer.join()
    assert received == sent


def test_sixteen_connections_and_the_seventeenth_is_refused(echo):
    held = [echo.connect(7) for _ in range(16)]
    assert all(roundtrip(s, f"I am {i}".encode()) for i, s in enumerate(held))
    with echo.connect(7) as s:
        s.sendall(b"let me in")
        assert read_all(s) == b"full\r\n"
    # nobody else was harmed, and a place that becomes free can be taken
    assert all(roundtrip(s) for s in held)
    held.pop().close()
    time.sleep(0.2)
    with echo.connect(7) as s:
        assert roundtrip(s)
    for s in held:
        s.close()


def test_without_refusal_text_the_seventeenth_is_reset(echo):
    held = [echo.connect(9) for _ in range(16)]
    time.sleep(0.2)
    with echo.connect(9) as s:
        s.settimeout(5)
        try:
            assert s.recv(10) == b""
        except ConnectionResetError:
            pass
    for s in held:
        s.close()


def test_connections_that_come_and_go_do_not_exhaust_anything(echo):
    for i in range(200):
        with echo.connect(7) as s:
            assert roundtrip(s, b"%d" % i)


def test_abrupt_reset_frees_the_connection(echo):
    for _ in range(3):
        conns = [echo.connect(7) for _ in range(16)]
        assert all(roundtrip(s) for s in conns)
        for s in conns:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()
        time.sleep(0.3)
    with echo.connect(7) as s:
        assert roundtrip(s)


def test_half_close_still_gets_the_rest(echo):
    with echo.connect(7) as s:
        s.sendall(b"last words")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"last words"


def test_slow_reader_stops_the_talker_and_harms_nobody(echo):
    slow = echo.connect(19)
    time.sleep(0.5)
    with echo.connect(7) as s:
        assert roundtrip(s)
    line = b"the quick brown fox jumps over the lazy dog 0123456789\r\n"
    data = read_exactly(slow, len(line) * 20000)
    assert data == line * 20000
    slow.close()


def test_unread_input_closes_the_window(echo):
    with echo.connect(9) as s:
        s.settimeout(1)
        with pytest.raises(TimeoutError):
            for _ in range(200):
                s.sendall(bytes(65536))
        with echo.connect(7) as other:
            assert roundtrip(other)


def test_idle_wakes_at_most_five_times_a_second(echo):
    with echo.connect(7) as s:
        assert roundtrip(s)
        for label in ("connected", "nothing connected"):
            if label == "nothing connected":
                s.close()
                time.sleep(11)  # the end of TIME-WAIT and of libslirp's own timers
            before = echo.wakeups()
            time.sleep(3)
            woken = echo.wakeups() - before
            print(f"{label}: {woken / 3:.1f} wake-ups/s")
            assert woken <= 15, label


def test_round_trip(echo):
    with echo.connect(7) as s:
        roundtrip(s)
        times = []
        for _ in range(300):
            start = time.perf_counter()
            assert roundtrip(s, b"x" * 64)
            times.append(time.perf_counter() - start)
    median_us = sorted(times)[150] * 1e6
    print(f"echo of 64 bytes: median {median_us:.0f} us")
    assert median_us < 5000
