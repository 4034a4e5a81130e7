# SPDX-License-Identifier: ISC
"""The bench's arithmetic and tables. What it measures is measured by running it."""
import pathlib
import subprocess
import sys
import types

import pytest

BENCH = pathlib.Path(__file__).resolve().parents[1] / "bench"
sys.path[:0] = [str(BENCH), str(BENCH.parent)]

import bench_fidelity
import bench_fleet
import bench_report
import bench_scale
import measure

COMPANION = """<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
<name>c0001</name><uuid>00000000-0000-0000-0000-000000000001</uuid><title>vAMT companion</title>
<metadata><link/></metadata>
<os><loader readonly='yes' type='pflash'>/x/vamt.fd</loader><nvram>/x/nvram.fd</nvram></os>
<devices><serial type='file'><source path='/x/console.log' append='on'/></serial>
<channel type='unix'><source mode='bind'/><target type='virtio' name='org.vamt.host.0'/></channel>
</devices><qemu:commandline><qemu:arg value='-netdev'/>
<qemu:arg value='user,id=vamtnet,ipv6=off,hostfwd=tcp:127.0.0.1:1234-:16992'/>
</qemu:commandline></domain>"""


def test_percentiles():
    assert bench_report.median([3]) == 3
    assert bench_report.median([4, 1, 3, 2]) == 2.5
    values = list(range(101))
    assert [bench_report.percentile(values, share) for share in (0, 0.1, 0.99, 1)] == [
        0, 10, 99, 100]


def test_numbers_have_no_exponents():
    assert bench_report.number(1234567.8, "ms") == "1234568 ms"
    assert bench_report.number(0.12345) == "0.1235"


def test_tables():
    goals = bench_report.Goals("Title")
    goals.goal("a | b", 1.5, "x", 2, "close")
    goals.goal("c", 3, "ms", 2)
    goals.goal("d", 3, "ms")
    lines = goals.markdown().split("\n")
    assert "| a \\| b | 1.5 x | <= 2 x | met | close |" in lines
    assert "| c | 3 ms | <= 2 ms | MISSED |  |" in lines
    assert "| d | 3 ms |  |  |  |" in lines
    assert all(line == line.rstrip() for line in goals.text().split("\n"))


def test_slope():
    points = [types.SimpleNamespace(count=count, value=5 + 2 * count) for count in (1, 10, 100)]
    slope, start = bench_scale.line(points, lambda each: each.value)
    assert (slope, start) == (pytest.approx(2), pytest.approx(5))
    assert bench_scale.line(points[:1], lambda each: each.value) == (0, 7)


def test_drawing_follows_the_quantiles():
    times = bench_fidelity.modelled("amt7", True, False)
    found = bench_fidelity.settings("amt7")
    low, high = (sum(found[key][at] for key in ("m0.digest", "m0.get")) for at in (0, 4))
    assert low <= min(times) and max(times) <= high
    middle = sum(found[key][2] for key in ("m0.digest", "m0.get"))
    assert bench_report.median(times) == pytest.approx(middle, rel=0.005)


def test_halting_twin_is_no_companion(tmp_path):
    files = types.SimpleNamespace(halt="/y/halt.fd", nvram=str(tmp_path / "empty"))
    (tmp_path / "empty").write_bytes(b"\xff")
    xml = bench_fleet.halting_xml(COMPANION, str(tmp_path), "b0001", files, 4321)
    assert "metadata" not in xml and "vamt.fd" not in xml and "/x/" not in xml
    assert "<name>b0001</name>" in xml and "127.0.0.1:4321-:16992" in xml
    assert (tmp_path / "b0001.nvram").exists()


@pytest.mark.parametrize("data, whole", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", False),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", True),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", True),
    (b"HTTP/1.1 200 OK\r\n", False)])
def test_whole_replies(data, whole):
    assert measure.is_whole(data) == whole


def test_unknown_section():
    done = subprocess.run([str(BENCH / "run"), "nonsense"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 2 and b"nonsense" in done.stderr
