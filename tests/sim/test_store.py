# SPDX-License-Identifier: ISC
"""The store from outside: what a console set is there after a kill, and edits are noticed."""
import console
from conftest import Sim, built

PASSWORD = "Store-Test-1"
KEY = "00112233445566778899aabbccddeeff" * 2


def start(tmp_path, key=KEY):
    seeds = tmp_path / "seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "admin-password").write_text(PASSWORD)
    (seeds / "store-key").write_text(key)
    return Sim(built("vamt-sim"), [16992],
               ["--nvram", tmp_path / "nvram", "--seed-dir", seeds], ready="address 10.0.2.15")


def host_name(sim):
    client = console.Console(sim, PASSWORD)
    name = client.get("AMT_GeneralSettings")["HostName"]
    client.close()
    return name


def set_all(sim):
    client = console.Console(sim, PASSWORD)
    client.put("AMT_GeneralSettings",
               {**client.get("AMT_GeneralSettings"), "HostName": "kept-host-name"})
    client.put("AMT_RedirectionService",
               {**client.get("AMT_RedirectionService"), "EnabledState": "32771"})
    client.put("AMT_BootSettingData", {"InstanceID": "Intel(r) AMT:BootSettingData 0",
                                       "BIOSSetup": "true", "UseSOL": "true"})
    client.close()


def test_all_settings_outlive_a_kill(tmp_path):
    sim = start(tmp_path)
    set_all(sim)
    assert sim.stop()  # SIGKILL
    sim = start(tmp_path)
    assert b"store: good" in sim.log
    client = console.Console(sim, PASSWORD)
    assert client.get("AMT_GeneralSettings")["HostName"] == "kept-host-name"
    assert client.get("AMT_RedirectionService")["EnabledState"] == "32771"
    assert client.get("AMT_BootSettingData")["BIOSSetup"] == "true"
    assert client.get("AMT_BootSettingData")["UseIDER"] == "false"
    client.close()
    assert sim.stop()


def test_cve_2026_34877_edited_nvram_is_noticed(tmp_path):
    sim = start(tmp_path)
    set_all(sim)
    assert sim.stop()
    nvram = tmp_path / "nvram"
    image = nvram.read_bytes()
    assert b"kept-host-name" in image
    nvram.write_bytes(image.replace(b"kept-host-name", b"evil-host-name"))
    sim = start(tmp_path)
    assert b"evil" not in host_name(sim).encode()
    assert sim.stop()


def test_cve_2026_34877_nvram_of_another_device(tmp_path):
    sim = start(tmp_path)
    set_all(sim)
    assert sim.stop()
    sim = start(tmp_path, key="ff" * 32)
    assert b"written under another key" in sim.log
    assert b"record general is damaged or was edited" in sim.log
    assert host_name(sim) != "kept-host-name"
    assert sim.stop()
    sim = start(tmp_path)  # its own key again: nothing was lost
    assert host_name(sim) == "kept-host-name"
    assert sim.stop()


def test_ruined_nvram_comes_up_with_factory_settings(tmp_path):
    (tmp_path / "nvram").write_bytes(bytes(i * 7 % 251 for i in range(256 * 1024)))
    sim = start(tmp_path)
    assert b"ruined: formatted, factory settings hold" in sim.log
    assert host_name(sim) == "vamt"
    assert sim.stop()
