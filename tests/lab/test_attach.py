# SPDX-License-Identifier: ISC
"""vamtctl: attach, detach, list, status, log, and what they say when something is wrong."""
import os
import re
import socket
import time

import pytest

from stage import Stage, wait_until

DOMAIN_XML = """<domain type='qemu'><name>%s</name><memory unit='MiB'>32</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices/></domain>"""


@pytest.fixture(scope="module")
def bare():
    """A lab without a companion."""
    lab = Stage("a%d" % os.getpid())
    try:
        yield lab.up("--no-attach")
    finally:
        lab.down()


@pytest.fixture
def domain(bare):
    """A machine that may be attached and detached; both are gone afterwards."""
    with bare.libvirt() as connection:
        connection.defineXML(DOMAIN_XML % "other")
    yield "other"
    bare.vamtctl("detach", "other", check=False)
    with bare.libvirt() as connection:
        connection.lookupByName("other").undefine()


@pytest.fixture
def password(tmp_path):
    path = tmp_path / "password"
    path.write_text("Passw0rd+xyz\n")
    path.chmod(0o600)
    return str(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def attach(bare, domain, password, port=None, check=True):
    return bare.vamtctl("attach", domain, "--forward", "127.0.0.1:%d" % (port or free_port()),
                        "--password-file", password, check=check)


def names(bare):
    with bare.libvirt() as connection:
        return {each.name() for each in connection.listAllDomains()}


def files(bare):
    """Files of the lab, without logs and what libvirt keeps for itself."""
    found = set()
    for folder, _, entries in os.walk(bare.env["LAB"]):
        for entry in entries:
            path = os.path.relpath(os.path.join(folder, entry), bare.env["LAB"])
            if not path.endswith(".log") and "/cache/" not in path and ".xml" not in path:
                found.add(path)
    return found


def test_no_such_domain(bare, password):
    code, text = attach(bare, "nobody", password, check=False)
    assert code != 0
    assert "nobody" in text
    assert len(text.strip().splitlines()) == 1, text


def test_already_attached(bare, domain, password):
    attach(bare, domain, password)
    before = names(bare)
    code, text = attach(bare, domain, password, check=False)
    assert code != 0
    assert "already" in text
    assert names(bare) == before


def test_address_in_use(bare, domain, password):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        before = names(bare)
        code, text = attach(bare, domain, password, port, check=False)
    assert code != 0
    assert str(port) in text
    assert names(bare) == before
    code, text = bare.vamtctl("list")
    assert domain not in text


@pytest.mark.parametrize("word", ["Sh0rt+a", "lowercase1+only", "UPPERCASE1+ONLY",
                                  "NoSpecial1234", "NoDigits+abcd"])
def test_bad_password(bare, domain, tmp_path, word):
    path = tmp_path / "password"
    path.write_text(word + "\n")
    path.chmod(0o600)
    code, text = attach(bare, domain, str(path), check=False)
    assert code != 0
    assert "password" in text
    assert word not in text


def test_missing_password_file(bare, domain, tmp_path):
    code, text = attach(bare, domain, str(tmp_path / "absent"), check=False)
    assert code != 0
    assert "absent" in text


def test_detach_leaves_nothing(bare, domain, password):
    domains, before = names(bare), files(bare)
    port = free_port()
    with bare.libvirt() as connection:
        xml = connection.lookupByName(domain).XMLDesc(0)
    attach(bare, domain, password, port)
    assert len(names(bare) - domains) == 1
    assert domain in bare.vamtctl("list")[1]
    bare.vamtctl("detach", domain)
    assert names(bare) == domains
    assert domain not in bare.vamtctl("list")[1]
    assert files(bare) <= before
    with bare.libvirt() as connection:
        assert connection.lookupByName(domain).XMLDesc(0) == xml
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_detach_of_a_machine_without_companion(bare, domain):
    code, text = bare.vamtctl("detach", domain, check=False)
    assert code != 0
    assert domain in text


def test_attach_again_after_detach(bare, domain, password):
    attach(bare, domain, password)
    bare.vamtctl("detach", domain)
    attach(bare, domain, password)


def test_vamtd_away(bare, domain):
    bare.lab("stop", "vamtd")
    try:
        code, text = bare.vamtctl("list", check=False)
        assert code != 0
        assert "vamtd" in text
    finally:
        bare.lab("start", "vamtd")


def test_libvirt_away(bare, domain, password):
    bare.lab("stop", "libvirtd", "--kill")
    try:
        code, text = attach(bare, domain, password, check=False)
        assert code != 0
        assert "libvirt" in text
    finally:
        bare.lab("start", "libvirtd")
        wait_until("vamtd is back with libvirt", lambda: bare.vamtctl(
            "status", domain, check=False)[1].lower().count("libvirt") == 0)


def test_uptime_goes_on(stage):
    """Though the firmware tells it only with other news."""
    def uptime():
        text = stage.vamtctl("status", stage.env["DOMAIN"])[1]
        return float(re.search(r"^uptime: +([\d.]+) s$", text, re.M).group(1))
    first, start = uptime(), time.monotonic()
    time.sleep(0.5)
    assert 0.4 <= uptime() - first <= time.monotonic() - start + 0.1


def test_list_status_log(stage):
    name = stage.env["DOMAIN"]
    assert name in stage.vamtctl("list")[1]
    status = stage.vamtctl("status", name)[1]
    assert stage.env["COMPANION"] in status or name in status
    assert stage.vamtctl("log", name)[1].strip(), "the firmware logs at least its start"
    code, text = stage.vamtctl("status", "nobody", check=False)
    assert code != 0 and "nobody" in text
