# SPDX-License-Identifier: ISC
"""Programs that do the same job, started for the bench: OpenIPMI's ipmi_sim with ipmitool, and
virsh; and AMT's own commands, curl and wsl, for the same machine."""
import os
import shutil
import socket
import subprocess
import time

import measure
from bench_report import TOP, BenchError

USER, PASSWORD = "admin", "Bench1"
START_S = 10
# ASF presence ping over RMCP.
PING = bytes((6, 0, 255, 6, 0, 0, 17, 190, 128, 0, 0, 0))
LAN_CONF = """name "bench"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 %d
    priv_limit admin
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  %s
  user 2 true "%s" "%s" admin 10 none md2 md5 straight
"""
COMMANDS = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
"""
# What ipmi_sim calls for a machine that libvirt runs: "get power", "set power 0".
CONTROL = """#!/bin/sh
case "$1 $2 $3" in
"get power "*)
    if test "$(%(virsh)s domstate %(domain)s)" = running; then echo power:1; else echo power:0; fi
    ;;
"set power 0") %(virsh)s destroy %(domain)s >/dev/null ;;
"set power 1") %(virsh)s start %(domain)s >/dev/null ;;
*) exit 1 ;;
esac
"""


def call(words, env=None, text=None):
    """Run a command to its end; its output."""
    done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    if done.returncode or (text is not None and text not in done.stdout):
        raise BenchError("%s: %s" % (" ".join(words[:3]), done.stdout[-500:].decode()))
    return done.stdout


class Ipmi:
    """An ipmi_sim. With a rig it controls the rig's machine through virsh; else it has none."""

    def __init__(self, folder, rig=None):
        for each in ("ipmi_sim", "ipmitool"):
            if not shutil.which(each):
                raise BenchError("%s is missing: make deps" % each)
        self.folder = folder
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        control = ""
        if rig:
            path = self.write("control", CONTROL % {
                "virsh": "virsh -q -c '%s'" % rig.stage.env["LIBVIRT_URI"],
                "domain": rig.stage.env["DOMAIN"]})
            os.chmod(path, 0o700)
            control = 'chassis_control "%s"' % path
        conf = self.write("lan.conf", LAN_CONF % (self.port, control, USER, PASSWORD))
        commands = self.write("commands", COMMANDS)
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["ipmi_sim", "-n", "-c", conf, "-f", commands, "-s", folder], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def __enter__(self):
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait(self):
        end = time.monotonic() + START_S
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.settimeout(0.2)
                probe.connect(("127.0.0.1", self.port))
                try:
                    probe.send(PING)
                    probe.recv(256)
                    return
                except OSError:
                    pass
            if time.monotonic() > end or self.process.poll() is not None:
                raise BenchError("ipmi_sim does not answer")
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def tool(self, *words, text=b"Chassis Power"):
        # Patience: by default it asks again while ipmi_sim waits for virsh, and what was to be
        # done once is done twice.
        return call(["ipmitool", "-I", "lanplus", "-C", "3", "-N", "30", "-R", "1",
                     "-H", "127.0.0.1", "-p", str(self.port), "-U", USER, "-P", PASSWORD] +
                    list(words), text=text)

    def status(self):
        self.tool("power", "status")

    def cycle(self):
        self.tool("power", "cycle", text=b"Cycle")

    def per_query(self, count, rounds):
        """Seconds of one power status within a session: what more queries cost more."""
        times = []
        few, many = (self.write("exec%d" % each, "power status\n" * each)
                     for each in (1, count + 1))
        for _ in range(rounds):
            base = measure.timed(self.tool, "exec", few)
            times.append((measure.timed(self.tool, "exec", many) - base) / count)
        return times


class Commands:
    """The power of the rig's machine by the commands that people type."""

    def __init__(self, rig):
        self.rig = rig
        env = rig.stage.env
        self.folder = rig.folder("commands")
        self.url = "http://%s:%s/wsman" % (env["VAMT_HOST"], env["VAMT_HTTP_PORT"])
        self.login = "%s:%s" % (env["VAMT_USER"], env["VAMT_PASSWORD"])
        for name, body in (("status", measure.get_text("CIM_AssociatedPowerManagementService")),
                           ("cycle", measure.power_text(measure.POWER_CYCLE))):
            with open(os.path.join(self.folder, name + ".xml"), "wb") as file:
                file.write(body)
        with open(os.path.join(self.folder, ".curlrc"), "w", encoding="ascii") as file:
            file.write("digest\n")  # wsl is curl underneath
        self.wsl_env = dict(
            rig.stage.environ(), CURL_HOME=self.folder, OUTPREFIX=self.folder, WSNOSSL="true",
            KEEPHISTORY="0", WSENDPOINT="%s:%s" % (env["VAMT_HOST"], env["VAMT_HTTP_PORT"]),
            WSUSER=env["VAMT_USER"], WSPASS=env["VAMT_PASSWORD"])

    def curl(self, name, text):
        call(["curl", "-s", "--digest", "-u", self.login, "-H",
              "Content-Type: application/soap+xml", "--data-binary",
              "@%s/%s.xml" % (self.folder, name), self.url], text=text)

    def curl_status(self):
        self.curl("status", b"PowerState>")

    def curl_cycle(self):
        self.curl("cycle", b"ReturnValue>0<")

    def wsl_status(self):
        call(["wsl", "enum", "CIM_AssociatedPowerManagementService"], self.wsl_env,
             b"PowerState>")

    def wsl_cycle(self):
        demo = os.path.join(TOP, "tools/demo")
        call(["wsl", "invoke", "CIM_PowerManagementService", "RequestPowerStateChange", "-inst",
              demo + "/service.xml", "PowerState=5", "ManagedElement=FILE:%s/host.xml" % demo],
             self.wsl_env, b"ReturnValue>0<")

    def virsh(self, word):
        env = self.rig.stage.env
        call(["virsh", "-q", "-c", env["LIBVIRT_URI"], word, env["DOMAIN"]])

    def virsh_status(self):
        self.virsh("domstate")

    def virsh_cycle(self):
        self.virsh("destroy")
        self.virsh("start")
