# SPDX-License-Identifier: ISC
"""Taking an unprovisioned device: the steps of MeshCentral (amtmanager.js: activateIntelAmtCcm,
activateIntelAmtAcm) and of RPS (stateMachines/activation.ts) replayed one by one, the first
with MeshCentral's own AMT modules, the second with the requests of RPS's own library, carried by
curl in chunks as RPS does. The network stands in for AMT's local interface ($$OsAdmin). The
firmware is a sim process with an NVRAM, reset between the steps."""
import base64
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SIM = HERE.parent / "sim"
LOCAL, LOCAL_PASSWORD = "$$OsAdmin", "L0cal-P@ssword"
PASSWORD, OTHER = "P@ssw0rd-1", "0ther-P@ssw0rd"
KEY = "00112233445566778899aabbccddeeff0123456789abcdef0011223344556677"
PRE, POST = 0, 2
CLIENT, ADMIN = 1, 2
CONSENT_REQUIRED, WRONG_CODE, BAD_PASSWORD = 32768 + 2081, 2066, 2054
PXE = "Intel(r) AMT: Force PXE Boot"


def load(name):
    """A module of tests/sim; its conftest is not ours."""
    spec = importlib.util.spec_from_file_location("sim_" + name, SIM / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sim_conftest = load("conftest")
shim_double = load("shim_double")


def openssl(*words, data=None):
    done = subprocess.run(["openssl"] + [str(each) for each in words], check=True, timeout=60,
                          input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Leaf, intermediate and root as one buys them, RSA throughout; `sign` uses the leaf's key."""
    folder = tmp_path_factory.mktemp("chain")
    extensions = {"root": "basicConstraints=critical,CA:TRUE",
                  "inter": "basicConstraints=critical,CA:TRUE,pathlen:0",
                  "leaf": "extendedKeyUsage=serverAuth,2.16.840.1.113741.1.2.3"}
    by = None
    for name, extension in extensions.items():
        key, pem, request = (folder / (name + end) for end in (".key", ".pem", ".csr"))
        openssl("genrsa", "-out", key, 2048)
        openssl("req", "-new", "-key", key, "-out", request, "-subj",
                "/O=Test/CN=" + ("setup.example.com" if name == "leaf" else name))
        (folder / "ext").write_text(extension + "\n")
        signer = ["-CA", folder / (by + ".pem"), "-CAkey", folder / (by + ".key"),
                  "-CAcreateserial"] if by else ["-signkey", key]
        openssl("x509", "-req", "-in", request, *signer, "-days", 30, "-extfile", folder / "ext",
                "-out", pem)
        by = name

    class Chain:
        ders = [openssl("x509", "-in", folder / (name + ".pem"), "-outform", "DER")
                for name in ("leaf", "inter", "root")]
        texts = [base64.b64encode(der).decode() for der in ders]
        sha256 = hashlib.sha256(ders[2]).hexdigest()

        @staticmethod
        def sign(text):
            return base64.b64encode(openssl("dgst", "-sha256", "-sign", folder / "leaf.key",
                                            data=text)).decode()
    return Chain


class Device:
    """A sim with NVRAM. `reset` is a power cycle; `wait_reset` waits for one by itself."""

    def __init__(self, folder, chain, modules):
        self.folder = folder
        self.modules = modules
        for name, text in (("unprovisioned", "yes"), ("local-password", LOCAL_PASSWORD),
                           ("store-key", KEY), ("provisioning-hashes", "Test " + chain.sha256)):
            (folder / name).write_text(text + "\n")
        self.sim = None
        self.start()

    def start(self):
        self.sim = sim_conftest.Sim(
            sim_conftest.built("vamt-sim"), [16992],
            ["--seed-dir", self.folder, "--nvram", self.folder / "nvram", "--hostport",
             self.folder / "host"], ready="address 10.0.2.15")

    def reset(self):
        assert self.sim.stop(), self.sim.log.decode()
        self.start()

    def wait_reset(self):
        """The firmware has been told to reset, and comes up again."""
        self.sim.log = self.sim.log.replace(b"is up", b"was up").replace(b"10.0.2.15", b"-")
        self.sim.wait_log("is up")
        self.sim.wait_log("address 10.0.2.15")

    def mesh(self, user, password, *steps):
        env = dict(os.environ, MODULES=self.modules, VAMT_HOST="127.0.0.1",
                   VAMT_HTTP_PORT=str(self.sim.ports[16992]), VAMT_USER=user,
                   VAMT_PASSWORD=password)
        done = subprocess.run(["node", str(HERE / "meshcentral.js")], env=env, timeout=60,
                              input=json.dumps(steps).encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        results = json.loads(done.stdout)
        return results if len(results) > 1 else results[0]

    def called(self, user, password, function, *words):
        """The ReturnValue of a method; -status if it is another answer than 200."""
        result = self.mesh(user, password, ["call", function, *words])
        return result["body"]["ReturnValue"] if result["status"] == 200 else -result["status"]

    def state(self, user, password):
        """(ProvisioningState, CurrentControlMode)"""
        result = self.mesh(user, password, ["batch", ["*AMT_SetupAndConfigurationService",
                                                      "*IPS_HostBasedSetupService"]])
        assert result["status"] == 200, result
        both = result["results"]
        return (both["AMT_SetupAndConfigurationService"]["response"]["ProvisioningState"],
                both["IPS_HostBasedSetupService"]["response"]["CurrentControlMode"])

    def is_refused(self, user, password):
        return self.mesh(user, password, ["get", "AMT_GeneralSettings"])["status"] == 401

    def rps(self, user, password, *words):
        """Build a request as RPS does and send it; the reply's body."""
        env = dict(os.environ, MODULES=self.modules)
        request = subprocess.run(["node", str(HERE / "rps.js"), *words[:3],
                                  *(json.dumps(each) for each in words[3:])], env=env, timeout=60,
                                 stdout=subprocess.PIPE, check=True).stdout
        done = subprocess.run(
            ["curl", "-s", "-S", "--max-time", "30", "--digest", "-u", user + ":" + password, "-H",
             "Transfer-Encoding: chunked", "-H", "Content-Type: application/soap+xml;charset=UTF-8",
             "--data-binary", "@-", "-w", "\n%{http_code}",
             "http://127.0.0.1:%d/wsman" % self.sim.ports[16992]],
            input=request, stdout=subprocess.PIPE, check=True, timeout=60)
        text, _, status = done.stdout.rpartition(b"\n")
        assert status == b"200", (status, text)
        return text

    def rps_value(self, user, password, *words):
        text = self.rps(user, password, *words).decode()
        return int(re.search(r"ReturnValue>(\d+)<", text).group(1))


@pytest.fixture
def device(tmp_path, chain, modules):
    made = Device(tmp_path, chain, modules)
    yield made
    assert made.sim.stop(), "the firmware has ended by itself:\n" + made.sim.log.decode()


def ha1(realm, password):
    return hashlib.md5(("admin:%s:%s" % (realm, password)).encode()).hexdigest()


def mesh_begin(device, user=LOCAL, password=LOCAL_PASSWORD):
    """MeshCentral's first request; its check of the modes. Returns realm and nonce."""
    result = device.mesh(user, password, ["batch", ["*AMT_GeneralSettings",
                                                    "*IPS_HostBasedSetupService"]])
    assert result["status"] == 200, result
    general = result["results"]["AMT_GeneralSettings"]["response"]
    setup = result["results"]["IPS_HostBasedSetupService"]["response"]
    assert len(setup["AllowedControlModes"]) == 2
    assert general["DigestRealm"] == result["realm"]
    return general["DigestRealm"], base64.b64decode(setup["ConfigurationNonce"])


def mesh_client(device, password=PASSWORD):
    """activateIntelAmtCcm"""
    realm, _ = mesh_begin(device)
    return device.called(LOCAL, LOCAL_PASSWORD, "IPS_HostBasedSetupService_Setup", 2,
                         ha1(realm, password), None, None, None, None)


def mesh_chain(device, chain, user=LOCAL, password=LOCAL_PASSWORD):
    results = device.mesh(user, password, *(
        ["call", "IPS_HostBasedSetupService_AddNextCertInChain", text, index == 0,
         index == len(chain.texts) - 1] for index, text in enumerate(chain.texts)))
    assert [each["body"]["ReturnValue"] for each in results] == [0, 0, 0]


def proof(chain, nonce):
    own = os.urandom(20)
    return base64.b64encode(own).decode(), chain.sign(nonce + own)


def test_nothing_else_is_open_before_activation(device):
    assert device.state(LOCAL, LOCAL_PASSWORD) == (PRE, 0)
    for user, password in (("admin", "admin"), ("admin", ""), ("admin", LOCAL_PASSWORD),
                           (LOCAL, "admin"), (LOCAL, "")):
        assert device.is_refused(user, password), user
    closed = [["get", name] for name in (
        "CIM_BootService", "AMT_RedirectionService", "AMT_BootSettingData", "IPS_OptInService",
        "CIM_KVMRedirectionSAP")]
    closed += [["power", 8], ["order", PXE],
               ["call", "AMT_SetupAndConfigurationService_Unprovision", 1],
               ["call", "AMT_SetupAndConfigurationService_SetMEBxPassword", PASSWORD],
               ["call", "AMT_AuthorizationService_SetAdminAclEntryEx", "admin", "AAAA"]]
    for step, result in zip(closed, device.mesh(LOCAL, LOCAL_PASSWORD, *closed)):
        assert result["status"] != 200, step


def test_meshcentral_client_control(device):
    assert mesh_client(device) == 0
    assert device.is_refused(LOCAL, LOCAL_PASSWORD)
    assert device.is_refused("admin", OTHER)
    device.reset()
    assert device.state("admin", PASSWORD) == (POST, CLIENT)
    software = device.mesh("admin", PASSWORD, ["enum", "CIM_SoftwareIdentity"])
    assert software["status"] == 200 and len(software["items"]) == 11
    assert device.called("admin", PASSWORD, "AMT_SetupAndConfigurationService_Unprovision", 1) == 0
    device.wait_reset()
    device.reset()
    assert device.state(LOCAL, LOCAL_PASSWORD) == (PRE, 0)
    assert device.is_refused("admin", PASSWORD)
    assert mesh_client(device, OTHER) == 0
    assert device.state("admin", OTHER) == (POST, CLIENT)


def test_consent_in_client_control(device, tmp_path):
    assert mesh_client(device) == 0
    host = shim_double.ShimDouble(device.folder / "host", tmp_path)
    assert host.ready.wait(10)
    admin = ("admin", PASSWORD)
    assert device.mesh(*admin, ["order", PXE])["body"]["ReturnValue"] == CONSENT_REQUIRED
    assert device.mesh(*admin, ["order", None])["body"]["ReturnValue"] == 0
    assert device.mesh(*admin, ["power", 8])["body"]["ReturnValue"] == 0 # needs none
    assert [each[0] for each in host.asked] == ["OFF"]
    assert device.called(*admin, "IPS_OptInService_StartOptIn") == 0
    end = time.monotonic() + 10
    while not (host.status and host.status.consent) and time.monotonic() < end:
        time.sleep(0.05)
    code = host.status.consent
    assert re.fullmatch(r"\d{6}", code)
    assert host.status.setup == "client control"
    wrong = (int(code) + 1) % 1000000
    assert device.called(*admin, "IPS_OptInService_SendOptInCode", wrong) == WRONG_CODE
    assert device.called(*admin, "IPS_OptInService_SendOptInCode", int(code)) == 0
    assert device.mesh(*admin, ["get", "IPS_OptInService"])["body"]["OptInState"] == 3
    assert device.mesh(*admin, ["order", PXE])["body"]["ReturnValue"] == 0
    assert device.called(*admin, "IPS_OptInService_CancelOptIn") == 0
    assert device.mesh(*admin, ["order", PXE])["body"]["ReturnValue"] == CONSENT_REQUIRED
    host.close()


def test_meshcentral_admin_control(device, chain):
    """activateIntelAmtAcm: nonce, chain from the leaf on, AdminSetup."""
    realm, nonce = mesh_begin(device)
    mesh_chain(device, chain)
    own, signature = proof(chain, nonce)
    assert device.called(LOCAL, LOCAL_PASSWORD, "IPS_HostBasedSetupService_AdminSetup", 2,
                         ha1(realm, PASSWORD), own, 2, signature) == 0
    device.reset()
    assert device.state("admin", PASSWORD) == (POST, ADMIN)
    assert device.mesh("admin", PASSWORD, ["order", PXE])["body"]["ReturnValue"] == 0
    service = "AMT_SetupAndConfigurationService_"
    results = device.mesh("admin", PASSWORD, ["call", service + "SetMEBxPassword", "admin"],
                          ["call", service + "SetMEBxPassword", OTHER],
                          ["call", service + "PartialUnprovision", None])
    assert [each["body"]["ReturnValue"] for each in results] == [BAD_PASSWORD, 0, 0]
    device.wait_reset()
    assert device.state(LOCAL, LOCAL_PASSWORD) == (PRE, 0)


def test_upgrade_from_client_to_admin_control(device, chain):
    """rpc-go's activateACMLegacy with a device in client control: as the administrator."""
    assert mesh_client(device) == 0
    _, nonce = mesh_begin(device, "admin", PASSWORD)
    mesh_chain(device, chain, "admin", PASSWORD)
    own, signature = proof(chain, nonce)
    upgrade = ("admin", PASSWORD, "IPS_HostBasedSetupService_UpgradeClientToAdmin")
    assert device.called(*upgrade, own, 2, chain.sign(b"x" * 40)) != 0
    mesh_chain(device, chain, "admin", PASSWORD)
    assert device.called(*upgrade, own, 2, signature) != 0 # that nonce is used up
    _, nonce = mesh_begin(device, "admin", PASSWORD)
    mesh_chain(device, chain, "admin", PASSWORD)
    own, signature = proof(chain, nonce)
    assert device.called(*upgrade, own, 2, signature) == 0
    device.reset()
    assert device.state("admin", PASSWORD) == (POST, ADMIN)


def test_rps(device, chain):
    """Realm, nonce, chain, AdminSetup, SetMEBxPassword, CommitChanges; at the end Unprovision."""
    local = (LOCAL, LOCAL_PASSWORD)
    realm = re.search(r"DigestRealm>([^<]*)<", device.rps(
        *local, "AMT", "GeneralSettings", "Get").decode()).group(1)
    assert re.fullmatch(r"Digest:[0-9A-F]{32}", realm)
    setup = ET.fromstring(device.rps(*local, "IPS", "HostBasedSetupService", "Get"))
    nonce = base64.b64decode(next(each.text for each in setup.iter()
                                  if each.tag.endswith("}ConfigurationNonce")))
    for index, text in enumerate(chain.texts):
        assert device.rps_value(*local, "IPS", "HostBasedSetupService", "AddNextCertInChain", text,
                                index == 0, index == 2) == 0
    own, signature = proof(chain, nonce)
    assert device.rps_value(*local, "IPS", "HostBasedSetupService", "AdminSetup", 2,
                            ha1(realm, PASSWORD), own, 2, signature) == 0
    admin = ("admin", PASSWORD)
    service = ("AMT", "SetupAndConfigurationService")
    assert device.rps_value(*admin, *service, "SetMEBXPassword", OTHER) == 0
    assert device.rps_value(*admin, *service, "CommitChanges") == 0
    assert device.state(*admin) == (POST, ADMIN)
    assert device.rps_value(*admin, *service, "Unprovision", 1) == 0
    device.wait_reset()
    assert device.state(*local) == (PRE, 0)


def test_rps_client_control(device):
    local = (LOCAL, LOCAL_PASSWORD)
    realm = device.mesh(*local, ["get", "AMT_GeneralSettings"])["realm"]
    assert device.rps_value(*local, "IPS", "HostBasedSetupService", "Setup", 2,
                            ha1(realm, PASSWORD)) == 0
    assert device.state("admin", PASSWORD) == (POST, CLIENT)
