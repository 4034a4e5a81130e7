# SPDX-License-Identifier: ISC
"""Companions on bridges and libvirt networks, as on a server: the system's kind of libvirtd, as
root, with QEMU as an unprivileged user. All of it lives in namespaces of its own (mounts,
network, processes, host name) that end with the test, so nothing of this machine is touched.

  site (192.0.2.1 on br0; virbr7 of the libvirt network "lan") --- br0 --- host "other" 192.0.2.2
"""
import contextlib
import os
import re
import shutil
import subprocess
import time

import libvirt
import pytest

from stage import TOP, wait_until

HTTP = 16992
PASSWORD = "Passw0rd+xyz"
MAC = "52:54:00:00:77:07"
HOST = """<domain type='qemu'><name>%s</name><memory unit='MiB'>16</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><controller type='usb' model='none'/><memballoon model='none'/>
<video><model type='none'/></video></devices></domain>"""
# "open": libvirt leaves the packet filter alone.
LAN = """<network><name>lan</name><bridge name='virbr7' stp='off' delay='0'/>
<forward mode='open'/><ip address='198.51.100.1' netmask='255.255.255.0'>
<dhcp><range start='198.51.100.10' end='198.51.100.20'/></dhcp></ip></network>"""
IDLE = """<network><name>idle</name><bridge name='virbr8'/><forward mode='open'/>
<ip address='203.0.113.1' netmask='255.255.255.0'/></network>"""
# The first process of the namespaces: as long as the test holds its standard input.
INIT = r"""set -e
mount --make-rprivate /
for each in /run /var/lib /var/cache /var/log; do mount -t tmpfs -o mode=755 tmpfs $each; done
mount -t sysfs sysfs /sys
mkdir -p /run/etc /var/lib/site /run/netns
mount --bind /run/etc /etc/libvirt
# libvirt, root, finds KVM and then that QEMU's user may not use it, again and again.
touch /run/nothing
chmod 0 /run/nothing
[ ! -e /dev/kvm ] || mount --bind /run/nothing /dev/kvm
hostname site
ip link set lo up
ip link add br0 type bridge forward_delay 0
ip addr add 192.0.2.1/24 dev br0
ip link set br0 up
ip netns add other
ip link add port type veth peer name eth0 netns other
ip link set port master br0 up
ip -n other addr add 192.0.2.2/24 dev eth0
ip -n other addr add 192.0.2.9/24 dev eth0
ip -n other link set eth0 up
exec 3<&0
cat <&3 &
echo ready
wait $! # reaps whatever dies here; libvirtd waits for the QEMUs that it asks about themselves
"""
GET = """<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>
<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action><a:To>/wsman</a:To>
<w:ResourceURI>http://intel.com/wbem/wscim/1/amt-schema/1/AMT_GeneralSettings</w:ResourceURI>
<a:MessageID>1</a:MessageID><a:ReplyTo>
<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>
</a:ReplyTo></s:Header><s:Body/></s:Envelope>"""


def reason_to_skip():
    if os.geteuid() != 0:
        return "needs root: namespaces, bridges and a libvirtd of the system's kind"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun"
    return None


pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=str(reason_to_skip()))


class Site:
    """The namespaces and what runs there. self.root: its files as seen from outside."""

    def __init__(self):
        self.init = subprocess.Popen(
            ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
             "--mount-proc", "sh", "-c", INIT],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        proc = "/proc/%d" % self.init.pid
        self.root = proc + "/root"
        self.enter = ["nsenter"] + ["--%s=%s/ns/%s" % each for each in (
            ("mount", proc, "mnt"), ("net", proc, "net"), ("uts", proc, "uts"),
            ("ipc", proc, "ipc"), ("pid", proc, "pid_for_children"))]
        assert self.init.stdout.readline() == b"ready\n"

    def run(self, *words, where="site", check=True, seconds=30, given=None):
        """A command there: its exit code and what it said."""
        if where != "site":
            words = ("ip", "netns", "exec", where) + words
        done = subprocess.run(self.enter + list(words), input=given or b"", check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=seconds)
        text = done.stdout.decode()
        assert not check or done.returncode == 0, (words, text)
        return done.returncode, text

    def launch(self, name, *words):
        with open(self.root + "/var/log/%s.out" % name, "wb") as log:
            return subprocess.Popen(self.enter + list(words), stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log)

    def write(self, path, text):
        with open(self.root + path, "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)

    def start(self):
        self.write("/etc/libvirt/libvirtd.conf", 'auth_unix_rw = "none"\n'
                   'host_uuid = "11111111-2222-4333-8444-5f0e8d000001"\n')
        self.write("/etc/libvirt/qemu.conf", 'security_driver = "none"\nuser = "nobody"\n'
                   'group = "nogroup"\ncgroup_controllers = []\nnamespaces = []\n'
                   'stdio_handler = "file"\n')
        self.write("/run/password", PASSWORD + "\n")
        shutil.copyfile(os.path.join(TOP, "build/qemu-x86/vamt.fd"),
                        self.root + "/var/lib/site/vamt.fd")
        self.launch("libvirtd", "/usr/sbin/libvirtd")
        self.launch("vamtd", os.path.join(TOP, "build/host-shim/vamtd"), "--connect",
                    "qemu:///system", "--socket", "/run/vamtd.sock", "--state",
                    "/var/lib/site/vamt", "--image", "/var/lib/site/vamt.fd")
        wait_until("libvirtd", lambda: os.path.exists(
            self.root + "/run/libvirt/libvirt-sock"))
        with self.libvirt() as connection:
            for name in ("web", "mail"):
                connection.defineXML(HOST % name)
            connection.networkDefineXML(IDLE)
            connection.networkDefineXML(LAN).create()
        wait_until("vamtd and libvirtd", lambda: self.vamtctl("list", check=False)[0] == 0)

    def stop(self):
        """The end of its first process is the end of all others."""
        self.init.stdin.close()
        try:
            self.init.wait(10)
        except subprocess.TimeoutExpired:
            self.init.kill()
            self.init.wait()
        self.init.stdout.close()

    @contextlib.contextmanager
    def libvirt(self):
        connection = libvirt.open("qemu+unix:///system?socket=%s/run/libvirt/libvirt-sock"
                                  % self.root)
        try:
            yield connection
        finally:
            connection.close()

    def vamtctl(self, *words, check=True):
        return self.run(os.path.join(TOP, "build/host-shim/vamtctl"), "--socket",
                        "/run/vamtd.sock", *words, check=check)

    def attach(self, domain, *words, check=True):
        return self.vamtctl("attach", domain, "--password-file", "/run/password", *words,
                            check=check)

    # --- what is to be as before ---
    def traces(self):
        """Domains with their XML, network devices, the state folder, QEMU processes."""
        with self.libvirt() as connection:
            domains = {each.name(): each.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
                       for each in connection.listAllDomains()}
        devices = set(re.findall(r"^\d+: ([^:@]+)", self.run("ip", "-o", "link")[1], re.M))
        processes = self.run("ps", "-e", "-o", "comm=")[1].split()
        return (domains, devices, os.listdir(self.root + "/var/lib/site/vamt"),
                [each for each in processes if each.startswith("qemu")])

    # --- the companion, as another machine sees it ---
    def ping(self, address, where):
        return self.run("ping", "-c", "1", "-W", "1", address, where=where, check=False)[0] == 0

    def curl(self, address, where, *words):
        """Status and body of a POST."""
        _, text = self.run("curl", "-sS", "-m", "10", "-w", "\n%{http_code}", "-H",
                           "Content-Type: application/soap+xml;charset=UTF-8", *words,
                           "--data-binary", "@-", "http://%s:%d/wsman" % (address, HTTP),
                           where=where, given=GET.encode(), check=False)
        body, _, status = text.rpartition("\n")
        return status, body

    def check_answers(self, address, where):
        wait_until("ping " + address, lambda: self.ping(address, where), 15)
        wait_until("HTTP on " + address, lambda: self.curl(address, where)[0] == "401", 15)
        status, body = self.curl(address, where, "--digest", "-u", "admin:" + PASSWORD)
        assert status == "200" and "AMT_GeneralSettings" in body, body
        assert self.curl(address, where, "--digest", "-u", "admin:wrong")[0] == "401"

    def status(self, domain):
        return dict(re.findall(r"^(\w+): +(.*)$", self.vamtctl("status", domain)[1], re.M))

    def neighbour(self, address):
        """What "other" believes is the MAC address of `address`."""
        found = re.search(r"lladdr (\S+)", self.run("ip", "neigh", "show", address,
                                                    where="other")[1])
        return found[1] if found else None


@pytest.fixture(scope="module")
def site():
    made = Site()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def nothing_left(site):
    """After each test, detached: all is as it was."""
    before = site.traces()
    yield
    for name in ("web", "mail"):
        site.vamtctl("detach", name, check=False)
    assert site.traces() == before


def test_bridge_and_static_address(site):
    # A stale entry: only an announcement by the companion itself can put it right, since
    # nobody asks.
    site.run("ip", "neigh", "replace", "192.0.2.7", "lladdr", "02:00:00:00:00:99", "dev",
             "eth0", "nud", "stale", where="other")
    time.sleep(1.1)  # Linux does not change an entry twice a second
    site.attach("web", "--bridge", "br0", "--address", "192.0.2.7/24,192.0.2.1", "--mac", MAC)
    wait_until("the gratuitous ARP", lambda: site.neighbour("192.0.2.7") == MAC, 10)
    site.check_answers("192.0.2.7", "other")
    site.check_answers("192.0.2.7", "site")
    status = site.status("web")
    assert status["firmware"] == "connected"
    assert status["address"].startswith("192.0.2.7") and "DHCP" not in status["address"]
    assert status["mac"] == MAC
    assert status["network"] == "bridge br0 192.0.2.7/24,192.0.2.1"
    site.vamtctl("detach", "web")
    assert not site.ping("192.0.2.7", "other")


def test_network_with_dhcp(site):
    site.attach("web", "--network", "lan", "--mac", MAC)
    address = wait_until("an address by DHCP", lambda: re.match(
        r"(198\.51\.100\.1\d|198\.51\.100\.20)\b.*DHCP", site.status("web")["address"]), 20)[1]
    site.check_answers(address, "site")
    assert site.status("web")["network"] == "network lan"
    with site.libvirt() as connection:
        leases = connection.networkLookupByName("lan").DHCPLeases()
    assert [(each["mac"], each["ipaddr"], each["hostname"]) for each in leases
            if each["ipaddr"] == address] == [(MAC, address, "web")]


def test_nobody_gives_addresses(site):
    """DHCP on a bridge without a server: attached and connected, and status says what is wrong."""
    site.attach("web", "--bridge", "br0")
    status = site.status("web")
    assert status["firmware"] == "connected"
    assert status["address"] == "none (DHCP)"


def test_network_with_static_address(site):
    site.attach("web", "--network", "lan", "--address", "198.51.100.77/24")
    site.check_answers("198.51.100.77", "site")
    code, text = site.attach("mail", "--network", "lan", "--address", "198.51.100.77/24",
                             check=False)
    assert code == 6 and "web-vamt" in text


@pytest.mark.parametrize("words, owner", [
    (("--bridge", "br0", "--address", "192.0.2.9/24"), "another host on the bridge"),
    (("--bridge", "br0", "--address", "192.0.2.1/24"), "this machine, on that bridge"),
    (("--network", "lan", "--address", "198.51.100.1/24"), "this machine, on the network")])
def test_address_in_use(site, words, owner):
    code, text = site.attach("web", *words, check=False)
    assert code == 6, owner + ": " + text
    assert "address in use: " + words[3].partition("/")[0] in text
    assert len(text.strip().splitlines()) == 1, text
    assert "web-vamt" not in site.vamtctl("list")[1]


@pytest.mark.parametrize("words, code, says", [
    (("--network", "nowhere"), 3, "no such network: nowhere"),
    (("--bridge", "nowhere"), 3, "no such bridge: nowhere"),
    (("--bridge", "port"), 3, "port is not a bridge"),
    (("--network", "idle"), 1, "'idle' is not active"),
    (("--bridge", "br0", "--mac", "01:00:5e:00:00:01"), 2, "--mac"),
    (("--bridge", "br0", "--address", "192.0.2.7"), 2, "--address"),
    (("--forward", "16992", "--address", "192.0.2.7/24"), 2, "--address")])
def test_refused(site, words, code, says):
    before = site.traces()
    got, text = site.attach("web", *words, check=False)
    assert got == code and says in text, text
    assert len(text.strip().splitlines()) == 1, text
    assert site.traces() == before
