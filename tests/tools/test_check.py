# SPDX-License-Identifier: ISC
"""tools/check counts, and cannot be passed by a test that died or was not there."""
import os
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def check(tmp_path, *words):
    done = subprocess.run(["/usr/bin/python3", "-B", os.path.join(TOP, "tools/check"), "--log",
                           str(tmp_path / "log"), *words], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout.splitlines()[-1]


def program(tmp_path, body):
    path = tmp_path / "fake_test"
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("body, status, last", [
    ("echo 1..2; echo 'ok 1 - a'; echo 'ok 2 - b'", 0, "2 passed, 0 failed"),
    ("echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 - b'; exit 1", 1, "1 passed, 1 failed"),
    ("echo 1..2; echo 'ok 1 - a'; exit 0", 1, "1 passed, 1 failed"),
    ("echo 1..2; echo 'ok 1 - a'; kill -9 $$", 1, "1 passed, 1 failed"),
    ("echo 1..1; echo 'ok 1 - a'; exit 3", 1, "1 passed, 1 failed"),
    ("exit 0", 1, "0 passed, 1 failed"),
])
def test_unit(tmp_path, body, status, last):
    assert check(tmp_path, "unit", program(tmp_path, body)) == (status, last)


def test_suite_without_tests(tmp_path):
    assert check(tmp_path, "unit") == (1, "0 passed, 1 failed")


def test_program_that_does_not_exist(tmp_path):
    assert check(tmp_path, "unit", str(tmp_path / "none")) == (1, "0 passed, 1 failed")


@pytest.mark.parametrize("body, status, last", [
    ("def test_a():\n    pass\n", 0, "1 passed, 0 failed"),
    ("def test_a():\n    pass\ndef test_b():\n    assert 0\n", 1, "1 passed, 1 failed"),
    ("import nothing_like_this\n", 1, "0 passed, 1 failed"),
    ("", 1, "0 passed, 1 failed"),
])
def test_pytest(tmp_path, body, status, last):
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "test_it.py").write_text(body)
    assert check(tmp_path, "pytest", str(folder)) == (status, last)


def test_suites_add_up(tmp_path):
    good = program(tmp_path, "echo 1..1; echo 'ok 1 - a'")
    assert check(tmp_path, "unit", good, good, "+", "unit") == (1, "2 passed, 1 failed")
