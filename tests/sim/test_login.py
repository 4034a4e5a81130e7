# SPDX-License-Identifier: ISC
"""Who gets in: each form of CVE-2017-5689, lock-out, and users with their realms, on the wire. Which
test covers which known attack: tests/SECURITY.md."""
import base64
import hashlib
import re
import time

import pytest

import console
from conftest import Sim, built
from console import md5, read_reply, uri
from test_security import IDENTIFY, POST, Login, ask, status
from wsman import TRANSFER

PASSWORD = "Wire-Test-1"
FREE = 5  # CONFIG_LOCK_FREE
SERVICE = "AMT_AuthorizationService"


def start(folder, **seeds):
    for name, text in seeds.items():
        (folder / name.replace("_", "-")).write_text(text)
    return Sim(built("vamt-sim"), [16992], ["--seed-dir", folder], ready="address 10.0.2.15")


@pytest.fixture
def sim(tmp_path):
    sim = start(tmp_path, admin_password=PASSWORD)
    yield sim
    assert sim.stop(), "the firmware has ended by itself:\n" + sim.log.decode()


@pytest.fixture
def login(sim):
    login = Login(sim)
    while login.response.upper() == login.response or login.response[0] == "0":
        login = Login(sim)  # one that can be spoilt in every way
    yield login
    assert status(ask(sim, login.post(IDENTIFY))) == 200  # the check can fail


def refused(sim, login, **changed):
    return status(ask(sim, login.post(IDENTIFY, **changed))) == 401


# --- CVE-2017-5689 (INTEL-SA-00075) ---

def test_cve_2017_5689_empty_response(sim, login):
    assert refused(sim, login, response='""')
    assert refused(sim, login, response="")


def test_cve_2017_5689_one_character(sim, login):
    assert refused(sim, login, response='"%s"' % login.response[:1])


def test_cve_2017_5689_31_characters(sim, login):
    assert refused(sim, login, response='"%s"' % login.response[:31])


def test_cve_2017_5689_33_characters(sim, login):
    assert refused(sim, login, response='"%s0"' % login.response)


def test_cve_2017_5689_upper_case(sim, login):
    assert refused(sim, login, response='"%s"' % login.response.upper())


def test_cve_2017_5689_missing_response(sim, login):
    assert refused(sim, login, response=None)


def test_cve_2017_5689_duplicated_response(sim, login):
    assert refused(sim, login, more=', response="%s"' % login.response)
    assert refused(sim, login, response='""', more=', response="%s"' % login.response)


def test_cve_2017_5689_response_of_another_nonce(sim, login):
    assert refused(sim, login, response='"%s"' % Login(sim).response)


# --- any password is accepted, default passwords ---

def test_any_password_wrong_password(sim):
    login = Login(sim)
    wrong = md5(md5("admin", login.realm, "admin"), login.nonce, login.count, login.cnonce,
                "auth", md5("POST", "/wsman"))
    assert refused(sim, login, response='"%s"' % wrong)


def test_any_password_wrong_user(sim):
    login = Login(sim)
    login.user = "root"
    login.response = login.proof()
    assert refused(sim, login)


def test_any_password_no_user(sim):
    login = Login(sim)
    assert refused(sim, login, username=None)
    login.user = ""
    login.response = login.proof()
    assert refused(sim, login)


@pytest.mark.parametrize("seed", [{}, {"admin_password": "admin"}], ids=["none", "weak"])
def test_no_default_password(tmp_path, seed):
    sim = start(tmp_path, **seed)
    for user in ("admin", "$$OsAdmin", "$$uns", ""):
        for password in ("", "admin", "P@ssw0rd", "Admin"):
            login = Login(sim)
            proof = md5(md5(user, login.realm, password), login.nonce, login.count,
                        login.cnonce, "auth", md5("POST", "/wsman"))
            assert refused(sim, login, username='"%s"' % user, response='"%s"' % proof)
    assert sim.stop()


# --- lock-out ---

def guess(sim, count):
    for _ in range(count):
        reply = ask(sim, Login(sim).post(IDENTIFY, response='"%s"' % ("0" * 32)))
        assert status(reply) == 401
    return reply


def test_lockout_rate_limit_429_semantic(sim):
    """A 401 as always, for consoles know no other, that says when to come again."""
    assert b"Retry-After" not in guess(sim, FREE)
    head, _, body = guess(sim, 1).partition(b"\r\n\r\n")
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:]]
    assert names == ["WWW-Authenticate", "Content-Type", "Server", "Retry-After",
                     "Content-Length", "Connection"]
    assert b"\r\nRetry-After: 1\r\n" in head and body.endswith(b"</html>")
    assert refused(sim, Login(sim))  # even the right one
    time.sleep(1.1)
    login = Login(sim)
    assert status(ask(sim, login.post(IDENTIFY))) == 200
    assert b"Retry-After" not in ask(sim, POST + b"\r\n")
    sim.wait_log("must wait 1 s after 6 refused logins")


def test_lockout_grows(sim):
    guess(sim, FREE + 1)
    time.sleep(1.1)
    assert b"\r\nRetry-After: 2\r\n" in guess(sim, 1)
    for _ in range(20):  # tries while waiting do not make it longer
        guess(sim, 1)
    time.sleep(2.1)
    assert status(ask(sim, Login(sim).post(IDENTIFY))) == 200


def test_lockout_spares_a_console_at_work(sim):
    amt = console.Console(sim, PASSWORD)
    assert amt.get("CIM_BootService")
    guess(sim, 3 * FREE)
    for _ in range(5):
        assert amt.get("CIM_BootService")
    amt.close()
    assert amt.get("CIM_BootService") and amt.refused == 1
    amt.close()


def test_lockout_does_not_tell_names(sim, tmp_path):
    """The same replies for a name that exists and one that does not."""
    replies = {}
    for user in ("admin", "nobody"):
        folder = tmp_path / user
        folder.mkdir()
        one = start(folder, admin_password=PASSWORD)
        replies[user] = []
        for _ in range(FREE + 3):
            login = Login(one)
            reply = ask(one, login.post(IDENTIFY, username='"%s"' % user,
                                        response='"%s"' % ("0" * 32)))
            replies[user].append(re.sub(rb'(nonce|realm)="[^"]*"', b"", reply))
        assert one.stop()
    assert replies["admin"] == replies["nobody"]


# --- users ---

def ha1(amt, user, password):
    amt.get("AMT_GeneralSettings")
    realm = amt.challenge[0]
    return base64.b64encode(
        hashlib.md5(("%s:%s:%s" % (user, realm, password)).encode()).digest()).decode()


def entry(amt, user, realms, access=2, password="User-Test-1", handle=None):
    return ("<r:Handle>%d</r:Handle>" % handle if handle else "") + (
        "<r:DigestUsername>%s</r:DigestUsername><r:DigestPassword>%s</r:DigestPassword>"
        "<r:AccessPermission>%d</r:AccessPermission>%s" % (
            user, ha1(amt, user, password), access,
            "".join("<r:Realms>%d</r:Realms>" % each for each in realms)))


class User(console.Console):
    """Somebody else than the administrator."""

    def __init__(self, sim, user, password="User-Test-1"):
        super().__init__(sim, password)
        self.user = user

    def digest(self, realm, nonce, count, cnonce, proof):
        proof = md5(md5(self.user, realm, self.password), nonce, count, cnonce, "auth",
                    md5("POST", "/wsman"))
        return super().digest(realm, nonce, count, cnonce, proof).replace(
            'username="admin"', 'username="%s"' % self.user)

    def can(self, name):
        """True, or the subcode of the fault."""
        code, body = self.ask(TRANSFER + "/Get", uri(name))
        return True if code == 200 else "".join(body.itertext())


@pytest.fixture
def amt(sim):
    amt = console.Console(sim, PASSWORD)
    yield amt
    amt.close()


def add(amt, user, realms, **more):
    out = amt.invoke(SERVICE, "AddUserAclEntryEx", entry(amt, user, realms, **more))
    assert out["ReturnValue"] == "0"
    return int(out["Handle"])


def test_users_and_their_realms(sim, amt):
    add(amt, "power", [5])
    add(amt, "reader", [13])
    add(amt, "boss", [3])
    power, reader, boss = (User(sim, name) for name in ("power", "reader", "boss"))
    assert power.can("CIM_BootService") is True
    assert "AccessDenied" in power.can("AMT_RedirectionService")
    assert "AccessDenied" in power.can(SERVICE)
    assert "AccessDenied" in reader.can("CIM_BootService")
    assert reader.can("AMT_GeneralSettings") is True
    assert boss.can("AMT_RedirectionService") is True and boss.can(SERVICE) is True
    # Reading is not writing, and a class is not all of its methods.
    with pytest.raises(AssertionError, match="AccessDenied"):
        reader.put("AMT_GeneralSettings", {**reader.get("AMT_GeneralSettings"),
                                           "HostName": "changed"})
    assert amt.get("AMT_GeneralSettings")["HostName"] != "changed"
    with pytest.raises(AssertionError, match="AccessDenied"):
        reader.invoke(SERVICE, "GetAdminAclEntry")
    assert boss.invoke(SERVICE, "GetAdminAclEntry")["Username"] == "admin"
    for each in (power, reader, boss):
        each.close()


def test_a_change_counts_at_once(sim, amt):
    handle = add(amt, "bob", [5])
    bob = User(sim, "bob")
    assert bob.can("CIM_BootService") is True
    amt.invoke(SERVICE, "UpdateUserAclEntryEx", entry(amt, "bob", [13], handle=handle))
    assert "AccessDenied" in bob.can("CIM_BootService")
    amt.invoke(SERVICE, "SetAclEnabledState",
               "<r:Handle>%d</r:Handle><r:Enabled>false</r:Enabled>" % handle)
    with pytest.raises(AssertionError, match="401"):
        bob.can("AMT_GeneralSettings")
    bob.close()


def test_local_users_do_not_come_in(sim, amt):
    add(amt, "local", [3], access=0)
    with pytest.raises(AssertionError, match="401"):
        User(sim, "local").can("CIM_BootService")


def test_a_user_that_goes_while_his_request_comes(sim, amt):
    """His place is another's before his body is here: it must not be carried out for that one."""
    handle = add(amt, "bob", [13])
    bob = User(sim, "bob")
    assert bob.can("AMT_GeneralSettings") is True
    document = bob.envelope(TRANSFER + "/Get", uri(SERVICE), None, "", "1").encode()
    head = ("POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n"
            % (bob.directives(*bob.challenge), len(document))).encode()
    with sim.connect(16992) as sock:
        sock.sendall(head + document[:10])
        time.sleep(0.2)
        amt.invoke(SERVICE, "RemoveUserAclEntry", "<r:Handle>%d</r:Handle>" % handle)
        assert add(amt, "boss", [3]) == handle
        sock.sendall(document[10:])
        code, _, body = read_reply(sock)
    assert code != 200 and b"AccessDenied" in body, (code, body)
    bob.close()


def test_a_new_administrator(sim, amt):
    secret = ha1(amt, "root", "Root-Test-1")
    assert amt.invoke(SERVICE, "SetAdminAclEntryEx",
                      "<r:Username>root</r:Username><r:DigestPassword>%s</r:DigestPassword>"
                      % secret)["ReturnValue"] == "0"
    root = User(sim, "root", "Root-Test-1")
    assert root.invoke(SERVICE, "GetAdminAclEntry")["Username"] == "root"
    root.close()
    with pytest.raises(AssertionError, match="401"):
        amt.get("CIM_BootService")


def test_the_list_as_consoles_read_it(sim, amt):
    add(amt, "bob", [5, 13])
    out = amt.invoke(SERVICE, "EnumerateUserAclEntries", "<r:StartIndex>1</r:StartIndex>")
    assert out["TotalCount"] == "3" and out["Handles"] == ["1", "2", "3"]
    one = amt.invoke(SERVICE, "GetUserAclEntryEx", "<r:Handle>3</r:Handle>")
    assert list(one) == ["DigestUsername", "AccessPermission", "Realms", "ReturnValue"]
    assert one["Realms"] == ["5", "13"]
    assert amt.get(SERVICE)["AllowHttpQopAuthOnly"] == "1"
