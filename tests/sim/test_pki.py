# SPDX-License-Identifier: ISC
"""Keys, certificates and TLS settings as consoles set them up over the wire; the openssl command is
the certificate authority, Python's ssl (OpenSSL) the client."""
import base64
import socket
import ssl
import subprocess
import time
import xml.etree.ElementTree as ET

import pytest

import console
from conftest import Sim, built
from console import uri
from wsman import TRANSFER, WSMAN, local, plain

PASSWORD = "Wire-Test-1"
SERVICE = "AMT_PublicKeyManagementService"
KEY = "Intel(r) AMT Key: Handle: %d"
CERTIFICATE = "Intel(r) AMT Certificate: Handle: %d"
COLLECTION = "TLSProtocolEndpointInstances Collection"  # as consoles write it
NETWORK = "Intel(r) AMT 802.3 TLS Settings"


class Device:
    """A sim with an NVRAM file that can be restarted, and a console that talks to it."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "admin-password").write_text(PASSWORD + "\n")
        (folder / "hostname").write_text("lab-7\n")
        (folder / "store-key").write_text("00112233445566778899aabbccddeeff" * 2)
        self.start()

    def start(self):
        self.sim = Sim(built("vamt-sim"), [16992, 16993],
                       ["--seed-dir", self.folder, "--nvram", self.folder / "nvram"],
                       ready="address 10.0.2.15")
        self.console = console.Console(self.sim, PASSWORD)

    def stop(self):
        self.console.close()
        assert self.sim.stop(), self.sim.log.decode()

    def restart(self):
        self.stop()
        self.start()

    def shown(self):
        """The certificate that TLS shows, as PEM."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        end = time.monotonic() + 10
        while True:
            try:
                with context.wrap_socket(self.sim.connect(16993)) as s:
                    return ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
            except (ssl.SSLError, ConnectionError):
                assert time.monotonic() < end
                time.sleep(0.2)

    def verified(self, root, name, client=None):
        """A TLS connection whose server is under that root and has that name."""
        context = ssl.create_default_context(cafile=root)
        if client:
            context.load_cert_chain(*client)
        with context.wrap_socket(self.sim.connect(16993), server_hostname=name) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return s.recv(100)


@pytest.fixture
def device(tmp_path):
    device = Device(tmp_path)
    yield device
    device.stop()


def openssl(folder, *words, **more):
    return subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True,
                          capture_output=True, stdin=subprocess.DEVNULL, **more).stdout


def make_ca(folder, name="ca"):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key",
            "-out", name + ".pem", "-days", "30", "-subj", "/O=Test/CN=" + name,
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")


def der_of(folder, pem):
    return openssl(folder, "x509", "-in", pem, "-outform", "DER")


def blob(name, der):
    return "<r:%s>%s</r:%s>" % (name, base64.b64encode(der).decode(), name)


def reference(name, inner):
    return "<r:%s>%s</r:%s>" % (name, inner, name)


def element(tag, content):
    length = len(content)
    if length < 128:
        head = bytes([length])
    else:
        size = length.to_bytes((length.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(size)]) + size
    return bytes([tag]) + head + content


def null_signed_request(rsa_public, name):
    """What consoles send: a request with the device's key and a signature of zeroes."""
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    sha256 = bytes.fromhex("300d06092a864886f70d01010b0500")
    common_name = element(0x31, element(0x30, bytes.fromhex("0603550403")
                                        + element(0x0c, name.encode())))
    info = element(0x30, b"\x02\x01\x00" + element(0x30, common_name)
                   + element(0x30, rsa + element(3, b"\0" + rsa_public)) + element(0xa0, b""))
    return element(0x30, info + sha256 + element(3, bytes(257)))


def ask_fault(con, action, name, body="", selectors=None):
    status, found = con.ask(TRANSFER + "/" + action, uri(name), body, selectors)
    assert status != 200, ET.tostring(found)
    return status, ET.tostring(found).decode()


def items(con, name):
    return [plain(each) for each in con.enumerate(name)]


def context_body(con, certificate):
    name = "AMT_TLSCredentialContext"
    return '<r:%s xmlns:r="%s">%s%s</r:%s>' % (
        name, uri(name),
        reference("ElementInContext", con.reference(
            "AMT_PublicKeyCertificate", {"InstanceID": CERTIFICATE % certificate})),
        reference("ElementProvidingContext", con.reference(
            "AMT_TLSProtocolEndpointCollection", {"ElementName": COLLECTION})), name)


def commit(con):
    return con.invoke("AMT_SetupAndConfigurationService", "CommitChanges")["ReturnValue"]


def install(device):
    """From the key pair to the certificate, as MeshCommander does it. The CA signs."""
    con, folder = device.console, device.folder
    found = con.invoke(SERVICE, "GenerateKeyPair",
                       "<r:KeyAlgorithm>0</r:KeyAlgorithm><r:KeyLength>2048</r:KeyLength>")
    assert found["ReturnValue"] == "0"
    pair = items(con, "AMT_PublicPrivateKeyPair")[-1]
    public = base64.b64decode(pair["DERKey"])
    request = null_signed_request(public, "amt.example")
    found = con.invoke(
        SERVICE, "GeneratePKCS10RequestEx",
        reference("KeyPair", con.reference("AMT_PublicPrivateKeyPair",
                                           {"InstanceID": pair["InstanceID"]}))
        + "<r:SigningAlgorithm>1</r:SigningAlgorithm>"
        + blob("NullSignedCertificateRequest", request))
    assert found["ReturnValue"] == "0"
    (folder / "signed").write_bytes(base64.b64decode(found["SignedCertificateRequest"]))
    openssl(folder, "req", "-inform", "DER", "-in", "signed", "-verify", "-noout")
    (folder / "ext").write_text("subjectAltName=DNS:amt.example\n")
    openssl(folder, "x509", "-req", "-inform", "DER", "-in", "signed", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "20", "-extfile", "ext", "-out", "amt.pem")
    found = con.invoke(SERVICE, "AddCertificate", blob("CertificateBlob",
                                                       der_of(folder, "amt.pem")))
    assert found["ReturnValue"] == "0"
    return pair


def test_a_new_device_shows_its_own(device):
    con = device.console
    for name in ("AMT_PublicKeyCertificate", "AMT_PublicPrivateKeyPair", "AMT_TLSCredentialContext",
                 "CIM_CredentialContext", "CIM_ConcreteDependency"):
        assert con.enumerate(name) == []
    assert [each["InstanceID"] for each in items(con, "AMT_TLSSettingData")] == [
        NETWORK, "Intel(r) AMT LMS TLS Settings"]
    first = device.shown()
    (device.folder / "own.pem").write_text(first)
    text = openssl(device.folder, "x509", "-in", "own.pem", "-noout", "-text").decode()
    assert "CN = lab-7" in text and "DNS:lab-7" in text and "prime256v1" in text
    assert device.verified(device.folder / "own.pem", "lab-7").startswith(b"HTTP/1.1 401")
    device.restart()
    assert device.shown() == first


def test_own_rsa_pair_comes_later_and_stays(device):
    device.sim.wait_log("own RSA-2048 certificate is made", 60)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    for _ in range(2):
        with context.wrap_socket(device.sim.connect(16993)) as s:
            assert s.cipher()[0].startswith("ECDHE-RSA")
        device.restart()


def test_set_up_as_meshcommander_does(device):
    con, folder = device.console, device.folder
    make_ca(folder)
    own = device.shown()
    pair = install(device)
    assert pair["InstanceID"] == KEY % 0
    found = items(con, "AMT_PublicKeyCertificate")
    assert [each["InstanceID"] for each in found] == [CERTIFICATE % 0]
    assert found[0]["Issuer"] == "CN=ca,O=Test" and found[0]["Subject"] == "CN=amt.example"
    assert found[0]["TrustedRootCertficate"] == "false"
    assert len(con.enumerate("CIM_ConcreteDependency")) == 1
    status, created = con.ask(TRANSFER + "/Create", uri("AMT_TLSCredentialContext"),
                              context_body(con, 0))
    assert status == 200
    text = ET.tostring(created).decode()
    assert local(created[0]) == "ResourceCreated" and CERTIFICATE % 0 in text
    assert "TLSProtocolEndpoint Instances Collection" in text
    status, text = ask_fault(con, "Create", "AMT_TLSCredentialContext", context_body(con, 0))
    assert status == 400 and "AlreadyExists" in text
    assert len(con.enumerate("CIM_CredentialContext")) == 1
    con.put("AMT_TLSSettingData", {"InstanceID": NETWORK, "ElementName": NETWORK,
                                   "Enabled": "true", "AcceptNonSecureConnections": "true",
                                   "MutualAuthentication": "false"})
    assert commit(con) == "0"
    shown = device.shown()
    assert shown != own
    assert device.verified(folder / "ca.pem", "amt.example").startswith(b"HTTP/1.1 401")
    device.restart()
    assert device.shown() == shown
    con = device.console
    # What TLS uses cannot be removed; after the context it can, the pair first.
    for name, instance in (("AMT_PublicPrivateKeyPair", KEY), ("AMT_PublicKeyCertificate",
                                                               CERTIFICATE)):
        ask_fault(con, "Delete", name, selectors={"InstanceID": instance % 0})
    for name, selectors in (
            ("AMT_TLSCredentialContext", None),
            ("AMT_PublicPrivateKeyPair", {"InstanceID": KEY % 0}),
            ("AMT_PublicKeyCertificate", {"InstanceID": CERTIFICATE % 0})):
        body = con.call(TRANSFER + "/Delete", uri(name), selectors=selectors)
        assert len(body) == 0
        status, text = ask_fault(con, "Delete", name, selectors=selectors)
        assert status == 400 and "DestinationUnreachable" in text
    assert device.shown() == own
    install(device)
    assert items(con, "AMT_PublicPrivateKeyPair")[0]["InstanceID"] == KEY % 1  # never again 0


def test_put_changes_the_certificate(device):
    con = device.console
    make_ca(device.folder)
    install(device)
    con.call(TRANSFER + "/Create", uri("AMT_TLSCredentialContext"), context_body(con, 0))
    first = device.shown()
    install(device)
    body = con.call(TRANSFER + "/Put", uri("AMT_TLSCredentialContext"), context_body(con, 1))
    assert CERTIFICATE % 1 in ET.tostring(body).decode()
    assert device.shown() != first
    status, text = ask_fault(con, "Put", "AMT_TLSCredentialContext", context_body(con, 7))
    assert status == 400 and "InvalidRepresentation" in text


def test_private_keys_never_come_out(device):
    """Not in any instance, and not through Put of what was read."""
    con, folder = device.console, device.folder
    openssl(folder, "genrsa", "-traditional", "-out", "k.pem", "2048")
    der = openssl(folder, "rsa", "-in", "k.pem", "-traditional", "-outform", "DER")
    found = con.invoke(SERVICE, "AddKey", blob("KeyBlob", der))
    assert found["ReturnValue"] == "0"
    public = openssl(folder, "rsa", "-in", "k.pem", "-RSAPublicKey_out", "-outform", "DER")
    assert base64.b64decode(items(con, "AMT_PublicPrivateKeyPair")[0]["DERKey"]) == public
    con.close()
    status, _, reply = con.exchange(con.envelope(
        TRANSFER + "/Get", uri("AMT_PublicPrivateKeyPair"), {"InstanceID": KEY % 0}, "",
        "9").encode())
    assert status == 200 and len(reply) < 2500
    for at in range(0, len(der) - 60, 16):
        secret = base64.b64encode(der[at:at + 48])[4:-4]
        if der[at:at + 48] not in public:
            assert secret not in reply


def test_what_is_refused(device):
    con, folder = device.console, device.folder
    make_ca(folder)
    root = der_of(folder, "ca.pem")

    def result(method, arguments):
        return con.invoke(SERVICE, method, arguments)["ReturnValue"]
    assert result("AddTrustedRootCertificate", blob("CertificateBlob", root)) == "0"
    assert result("AddTrustedRootCertificate", blob("CertificateBlob", root)) == "2058"
    assert result("AddTrustedRootCertificate", blob("CertificateBlob", root[:-1])) == "2063"
    assert result("AddCertificate", blob("CertificateBlob", b"")) == "2063"
    assert result("AddKey", blob("KeyBlob", root)) == "2062"
    length = "<r:KeyAlgorithm>%d</r:KeyAlgorithm><r:KeyLength>%d</r:KeyLength>"
    assert result("GenerateKeyPair", length % (0, 1024)) == "36"
    assert result("GenerateKeyPair", length % (1, 2048)) == "36"
    request = (reference("KeyPair", con.reference("AMT_PublicPrivateKeyPair",
                                                  {"InstanceID": KEY % 0}))
               + "<r:SigningAlgorithm>1</r:SigningAlgorithm>"
               + blob("NullSignedCertificateRequest", b"x"))
    assert result("GeneratePKCS10RequestEx", request) == "2053"
    serial = "<r:Url>http://crl</r:Url><r:SerialNumbers>%s</r:SerialNumbers>"
    assert result("AddCRL", serial % "01:aB") == "0"
    assert result("AddCRL", serial % "nonsense") == "36"
    assert result("ResetCRLList", "") == "0"


def test_mutual_needs_a_root_and_then_a_client(device):
    con, folder = device.console, device.folder
    settings = {"InstanceID": NETWORK, "Enabled": "true", "AcceptNonSecureConnections": "true",
                "MutualAuthentication": "true", "TrustedCN": ["boss"]}
    make_ca(folder)
    own = device.shown()
    (folder / "own.pem").write_text(own)
    con.put("AMT_TLSSettingData", settings)
    assert commit(con) == "2057"
    assert device.verified(folder / "own.pem", "lab-7")  # as it was
    found = con.invoke(SERVICE, "AddTrustedRootCertificate",
                       blob("CertificateBlob", der_of(folder, "ca.pem")))
    assert found["ReturnValue"] == "0"
    assert commit(con) == "0"
    for name in ("boss", "other"):
        openssl(folder, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key",
                "-subj", "/CN=" + name, "-out", "r.pem")
        (folder / "ext").write_text("extendedKeyUsage=clientAuth\n")
        openssl(folder, "x509", "-req", "-in", "r.pem", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "9", "-extfile", "ext", "-out", name + ".pem")
    boss = folder / "boss.pem", folder / "boss.key"
    assert device.verified(folder / "own.pem", "lab-7", boss).startswith(b"HTTP/1.1 401")
    for client in (None, (folder / "other.pem", folder / "other.key")):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert device.verified(folder / "own.pem", "lab-7", client) != b""
            raise ConnectionError("closed")
    # The last root cannot go while it is needed.
    ask_fault(con, "Delete", "AMT_PublicKeyCertificate", selectors={"InstanceID": CERTIFICATE % 0})
    # A revoked client is out.
    serial = openssl(folder, "x509", "-in", "boss.pem", "-noout", "-serial").decode()
    found = con.invoke(SERVICE, "AddCRL", "<r:SerialNumbers>%s</r:SerialNumbers>"
                       % serial.strip().partition("=")[2])
    assert found["ReturnValue"] == "0"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert device.verified(folder / "own.pem", "lab-7", boss) != b""
        raise ConnectionError("closed")


def test_plain_port_closes_and_opens(device):
    con, folder = device.console, device.folder
    (folder / "own.pem").write_text(device.shown())
    con.put("AMT_TLSSettingData", {"InstanceID": NETWORK, "Enabled": "true",
                                   "AcceptNonSecureConnections": "false"})
    assert commit(con) == "0"
    con.close()
    end = time.monotonic() + 10
    while True:
        try:
            with device.sim.connect(16992) as s:
                s.settimeout(5)
                s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                if s.recv(1) == b"":
                    break
        except (ConnectionError, socket.timeout):
            break
        assert time.monotonic() < end
        time.sleep(0.2)
    assert device.verified(folder / "own.pem", "lab-7").startswith(b"HTTP/1.1 401")
