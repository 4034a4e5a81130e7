# SPDX-License-Identifier: ISC
"""--nvram: what a console wrote is there in the next process."""
import subprocess

import console
from conftest import Sim, built

PASSWORD = "Nvram-Test-1"


def firmware(tmp_path, nvram):
    seeds = tmp_path / "seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "admin-password").write_text(PASSWORD)
    return Sim(built("vamt-sim"), [16992], ["--nvram", nvram, "--seed-dir", seeds],
               ready="address 10.0.2.15")


def test_settings_outlive_the_process(tmp_path):
    nvram = tmp_path / "nvram"
    sim = firmware(tmp_path, nvram)
    client = console.Console(sim, PASSWORD)
    client.put("AMT_GeneralSettings", {**client.get("AMT_GeneralSettings"), "HostName": "kept"})
    client.close()
    assert sim.stop()
    assert nvram.stat().st_size == 256 * 1024
    assert nvram.stat().st_mode & 0o777 == 0o600
    sim = firmware(tmp_path, nvram)
    client = console.Console(sim, PASSWORD)
    assert client.get("AMT_GeneralSettings")["HostName"] == "kept"
    client.close()
    assert sim.stop()


def test_file_of_no_whole_blocks_is_refused(tmp_path):
    nvram = tmp_path / "nvram"
    nvram.write_bytes(b"x" * 5000)
    out = subprocess.run([built("vamt-sim"), "--nvram", nvram], capture_output=True, text=True,
                         timeout=10, check=False)
    assert out.returncode == 2
    assert "not a multiple of 4096" in out.stderr
    assert nvram.read_bytes() == b"x" * 5000
