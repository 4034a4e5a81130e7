# SPDX-License-Identifier: ISC
"""Clients that others wrote, run as their users would run them."""
import json
import os
import re
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(scope="session")
def modules():
    """The folder with the npm packages of packages.lock."""
    done = subprocess.run([os.path.join(HERE, "fetch")], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return os.path.join(done.stdout.decode().strip(), "node_modules")


@pytest.fixture
def node(stage, modules):
    """Run a script of this folder; returns its JSON."""
    def run(script, *words, steps=None, **more):
        env = dict(stage.environ(), MODULES=modules, **more)
        done = subprocess.run(["node", os.path.join(HERE, script)] + list(words), env=env,
                              input=json.dumps(steps).encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)
    return run


@pytest.fixture
def curl(stage):
    """curl --digest; returns (status, body). More words go before the address. `code`: the
    exit code that is expected of curl itself."""
    def run(*words, path="/wsman", password=None, auth="--digest", body=None, code=0):
        env = stage.env
        command = ["curl", "-s", "-S", "--max-time", "30", auth, "-u", "%s:%s" % (
            env["VAMT_USER"], password or env["VAMT_PASSWORD"]), "-w", "\n%{http_code}"]
        if body is not None:
            command += ["--data-binary", "@-", "-H",
                        "Content-Type: application/soap+xml;charset=UTF-8"]
        command += list(words) + ["http://%s:%s%s" % (env["VAMT_HOST"], env["VAMT_HTTP_PORT"],
                                                      path)]
        done = subprocess.run(command, input=body or b"", stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == code, (done.returncode, done.stderr.decode())
        text, _, status = done.stdout.rpartition(b"\n")
        return int(status), text
    return run


@pytest.fixture
def wsl(stage, tmp_path):
    """Run wsl; returns its output with the terminal colours removed."""
    (tmp_path / ".curlrc").write_text("digest\n")
    env = dict(os.environ, HOME=str(tmp_path), CURL_HOME=str(tmp_path), WSNOSSL="true",
               WSENDPOINT="%s:%s" % (stage.env["VAMT_HOST"], stage.env["VAMT_HTTP_PORT"]),
               WSUSER=stage.env["VAMT_USER"], WSPASS=stage.env["VAMT_PASSWORD"])

    def run(*words):
        done = subprocess.run(["wsl"] + list(words), env=env, cwd=str(tmp_path), timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False)
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout.decode("utf-8", "replace"))
    return run
