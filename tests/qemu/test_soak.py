# SPDX-License-Identifier: ISC
"""tests/soak for a moment: nothing grows, nothing stays, and everybody is answered."""
import os
import subprocess

import pytest

from qemu_machine import TOP

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/dev/net/tun"), reason="needs root and /dev/net/tun")


def test_twenty_seconds_of_mixed_load():
    done = subprocess.run([os.path.join(TOP, "tests/soak/soak.py"), "--seconds", "20"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400,
                          check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
