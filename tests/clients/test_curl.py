# SPDX-License-Identifier: ISC
"""curl --digest: authentication, framing and limits as a careful stranger meets them."""
import subprocess
import xml.etree.ElementTree as ET

import pytest

IDENTIFY = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://'
            b'schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body>'
            b"<i:Identify/></s:Body></s:Envelope>")


def test_identify(curl):
    status, body = curl(body=IDENTIFY)
    assert status == 200
    reply = ET.fromstring(body)
    text = {each.tag.rpartition("}")[2]: each.text for each in reply.iter()}
    assert text["ProductVendor"] == "Intel(r)"
    assert text["ProductVersion"].startswith("AMT ")


@pytest.mark.parametrize("password", ["", "x", "wrong"])
def test_wrong_password(curl, password):
    assert curl(body=IDENTIFY, password=password or " ")[0] == 401


def test_basic_is_not_accepted(curl):
    assert curl(body=IDENTIFY, auth="--basic")[0] == 401


def test_chunked_request(curl):
    assert curl("-H", "Transfer-Encoding: chunked", body=IDENTIFY)[0] == 200


def test_expect_continue(curl):
    assert curl("-H", "Expect: 100-continue", body=IDENTIFY)[0] == 200


def test_no_content_type(curl):
    assert curl("-H", "Content-Type:", body=IDENTIFY)[0] == 200


def test_ten_requests_use_connections_again(stage):
    """curl asks for a new challenge for each address. It does so on the connection of the
    answer before, which the 401 closes: two connections first, one more each time."""
    url = "http://%s:%s/wsman" % (stage.env["VAMT_HOST"], stage.env["VAMT_HTTP_PORT"])
    words = []
    for _ in range(10):
        words += ["-o", "/dev/null", url]
    done = subprocess.run(["curl", "-s", "--digest", "-u", "%s:%s" % (
        stage.env["VAMT_USER"], stage.env["VAMT_PASSWORD"]), "--data-binary", "@-", "-w",
        "%{http_code} %{num_connects}\n"] + words, input=IDENTIFY, stdout=subprocess.PIPE,
        timeout=60, check=True)
    lines = done.stdout.decode().split("\n")[:-1]
    assert lines == ["200 2"] + ["200 1"] * 9


def test_too_large_body(curl):
    status, _ = curl("-H", "Expect:", body=IDENTIFY + b" " * (1 << 17))
    assert status == 413


def test_too_large_header(curl):
    status, _ = curl("-H", "X-Filler: " + "x" * 9000, body=IDENTIFY)
    assert status == 431


def test_not_xml(curl):
    assert curl(body=b"this is not XML")[0] == 400


def test_unknown_path(curl):
    assert curl(path="/no/such/page")[0] == 404


def test_method_not_allowed(curl):
    assert curl("-X", "DELETE", path="/wsman")[0] == 405
