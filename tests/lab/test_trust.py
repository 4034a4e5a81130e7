# SPDX-License-Identifier: ISC
"""A companion that waits for its activation, one whose plain port is closed, the consent of the
user, TLS by curl, and what survives: through vamtctl, QEMU's flash and libvirt."""
import os
import re
import ssl
import subprocess

import pytest

from stage import Stage, wait_until

LOCAL = "$$OsAdmin"


@pytest.fixture(scope="module")
def fresh():
    """Nobody owns it yet."""
    lab = Stage("u%d" % os.getpid())
    try:
        yield lab.up("--", "--unprovisioned")
    finally:
        lab.down()


def status(lab):
    text = lab.vamtctl("status", lab.env["DOMAIN"], "--verbose")[1]
    return dict(re.findall(r"^([\w-]+): +(.*)$", text, re.M))


def curl(lab, secure=True, user=None, password=None, path="/wsman"):
    """The HTTP status of a POST, or "000"."""
    port = lab.env["VAMT_HTTPS_PORT" if secure else "VAMT_HTTP_PORT"]
    words = ["curl", "-sk", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}",
             "-H", "Content-Type: application/soap+xml", "-d", ""]
    if user:
        words += ["--digest", "-u", "%s:%s" % (user, password)]
    words.append("%s://127.0.0.1:%s%s" % ("https" if secure else "http", port, path))
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False).stdout.decode()


def restart(lab):
    """As after a power cut of the companion: destroyed, started, and it answers again."""
    with lab.libvirt() as connection:
        companion = connection.lookupByName(lab.env["COMPANION"])
        companion.destroy()
        companion.create()
    wait_until("the firmware is back", lambda: status(lab).get("firmware") == "connected" and
               "sha256" in status(lab) and curl(lab) == "401", 60)


def test_unprovisioned_is_shown(fresh):
    shown = status(fresh)
    assert shown["set-up"].startswith("unprovisioned")
    assert LOCAL in shown["activation"]
    path = shown["activation"].split("password in ")[1]
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path, encoding="ascii") as file:
        assert file.read() == fresh.env["VAMT_PASSWORD"]
    assert fresh.env["VAMT_USER"] == LOCAL


def test_unprovisioned_lets_in_the_local_account_only(fresh):
    password = fresh.env["VAMT_PASSWORD"]
    for user, word in (("admin", password), ("admin", "admin"), ("admin", ""), ("", password)):
        assert curl(fresh, user=user or "x", password=word) == "401"
    assert curl(fresh, user=LOCAL, password=password) not in ("401", "000")
    assert curl(fresh, user=LOCAL, password=password + "x") == "401"


def test_consent_is_not_wanted(fresh):
    code, text = fresh.vamtctl("consent", fresh.env["DOMAIN"], check=False)
    assert code == 9 and "consent" in text
    assert fresh.vamtctl("consent", "nobody", check=False)[0] == 3


def test_control_socket_is_for_its_user_only(fresh):
    """Consent and passwords pass through it."""
    mode = os.stat(fresh.env["VAMT_SOCKET"]).st_mode
    assert mode & 0o077 == 0


def test_secrets_are_in_no_log(fresh):
    folder = fresh.env["LAB"]
    for name in os.listdir(os.path.join(folder, "state")):
        with open(os.path.join(folder, "state", name, "store-key"), encoding="ascii") as file:
            key = file.read()
    assert re.fullmatch("[0-9a-f]{64}", key)
    logs = fresh.vamtctl("log", fresh.env["DOMAIN"])[1]
    with open(os.path.join(folder, "vamtd.log"), encoding="utf-8") as file:
        logs += file.read()
    for secret in (key, fresh.env["VAMT_PASSWORD"]):
        assert secret not in logs
        with fresh.libvirt() as connection:
            assert secret not in connection.lookupByName(fresh.env["COMPANION"]).XMLDesc(1)


def test_certificate_is_the_one_that_status_shows(stage):
    pem = ssl.get_server_certificate(("127.0.0.1", int(stage.env["VAMT_HTTPS_PORT"])))
    shown = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"],
                           input=pem.encode(), stdout=subprocess.PIPE, check=True).stdout
    assert shown.decode().strip().split("=")[1] == status(stage)["sha256"]


def test_tls_by_curl(stage):
    assert curl(stage) == "401"
    assert curl(stage, user=stage.env["VAMT_USER"],
                password=stage.env["VAMT_PASSWORD"]) not in ("401", "000")


def test_state_survives(stage):
    """Key, certificate and set-up: over a power cut of the companion, and a new vamtd."""
    before = status(stage)
    restart(stage)
    after = status(stage)
    for key in ("sha256", "set-up"):
        assert after[key] == before[key]
    assert after["tls"].split(",")[0] == before["tls"].split(",")[0]  # but for open sessions
    assert after["store"].startswith("good"), after["store"]
    stage.kill("vamtd")
    stage.lab("start", "vamtd")
    wait_until("the link", lambda: status(stage).get("firmware") == "connected" and
               "sha256" in status(stage))
    assert status(stage)["sha256"] == before["sha256"]


def test_edited_nvram_is_shown(fresh):
    """An NVRAM of noise: factory settings, and status says so."""
    (name,) = os.listdir(os.path.join(fresh.env["LAB"], "state"))
    with fresh.libvirt() as connection:
        companion = connection.lookupByName(fresh.env["COMPANION"])
        companion.destroy()
        with open(os.path.join(fresh.env["LAB"], "state", name, "nvram.fd"), "r+b") as file:
            file.write(os.urandom(256 * 1024))
        companion.create()
    wait_until("the firmware is back", lambda: status(fresh).get("firmware") == "connected" and
               "store" in status(fresh), 60)
    shown = status(fresh)["store"]
    assert shown.startswith("ruined") and "COULD NOT BE READ" in shown
    assert status(fresh)["set-up"].startswith("unprovisioned")


def test_tls_only(stage):
    lab = Stage("o%d" % os.getpid())
    try:
        lab.up("--", "--tls-only")
        assert status(lab)["tls"].startswith("only")
        assert curl(lab) == "401"
        assert curl(lab, secure=False) == "000"
        restart(lab)
        assert curl(lab, secure=False) == "000"
    finally:
        lab.down()
