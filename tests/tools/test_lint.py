# SPDX-License-Identifier: ISC
"""Every rule of tools/lint finds a tree that breaks it, and leaves a good tree alone."""
import os
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPDX = "/* SPDX-License-Identifier: ISC */\n"
GOOD = {
    "firmware/base/span.h": SPDX + "#include <stdint.h>\n",
    "firmware/http/http_head.c": SPDX + '#include "base/span.h"\nint http_head_next(void);\n'
                                 "int http_head_next(void)\n{\n    return 0;\n}\n",
    "boards/one/board.c": SPDX + '#include "base/span.h"\n',
    "README.md": "See `firmware/base/` and [the table](tools/layers).\n",
}


# All but no_registry_hosts, which has to ask slow tools.
QUICK = ("layers", "foreign_headers", "freestanding", "spdx", "base_names",
         "docs_name_existing_paths", "exported_names", "text")


def lint(folder, extra=None, rules=QUICK):
    """Put GOOD and `extra` into a folder with the real tools; return the broken rules."""
    os.makedirs(folder / "tools")
    for name in ("lint", "layers"):
        shutil.copy(os.path.join(TOP, "tools", name), folder / "tools" / name)
    for name, text in {**GOOD, **(extra or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    objects = folder / "build/board/obj"
    for name in [n for n in {**GOOD, **(extra or {})} if n.startswith("firmware/http/")]:
        target = objects / (name[:-2] + ".o")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-I", folder / "firmware", "-c", folder / name, "-o", target],
                       check=True)
    done = subprocess.run(["/usr/bin/python3", "-B", folder / "tools/lint", *rules], check=False,
                          stdout=subprocess.PIPE, text=True, cwd=folder)
    broken = [line.split()[1].rstrip(":") for line in done.stdout.splitlines()
              if line.startswith("FAIL ")]
    assert done.returncode == (1 if broken else 0), done.stdout
    return broken


def test_good_tree(tmp_path):
    assert lint(tmp_path / "t", rules=()) == []


@pytest.mark.parametrize("rule, name, text", [
    ("layers", "firmware/base/low.c", SPDX + '#include "http/http_head.h"\n'),
    ("layers", "boards/one/cross.c", SPDX + '#include "two/own.h"\n'),
    ("layers", "host-shim/shim.c", SPDX + '#include "http/http_head.h"\n'),
    ("foreign_headers", "firmware/base/net.c", SPDX + '#include "lwip/tcp.h"\n'),
    ("foreign_headers", "host-shim/power.c", SPDX + "#include <libvirt/libvirt.h>\n"),
    ("freestanding", "firmware/base/heap.c", SPDX + "#include <stdlib.h>\n"),
    ("spdx", "firmware/base/bare.c", "int bare;\n"),
    ("base_names", "boards/two/board.c", SPDX),
    ("docs_name_existing_paths", "NOTES.md", "See `firmware/gone.c`.\n"),
    ("exported_names", "firmware/http/http_body.c", SPDX + "int other(void)\n{\n    return 0;\n}\n"),
    ("text", "firmware/base/tab.c", SPDX + "int\ttab;\n"),
    ("text", "firmware/base/blank.c", SPDX + "int blank; \n"),
])
def test_broken_tree(tmp_path, rule, name, text):
    headers = {"firmware/http/http_head.h": SPDX, "boards/two/own.h": SPDX}
    assert lint(tmp_path / "t", {**headers, name: text}) == [rule]


def test_protocols_do_not_know_each_other(tmp_path):
    extra = {"firmware/http/http_head.h": SPDX,
             "firmware/wsman/wsman.c": SPDX + '#include "http/http_head.h"\n'}
    assert lint(tmp_path / "t", extra) == ["layers"]


def test_registry_host(tmp_path):
    done = subprocess.run(["apt-get", "indextargets", "--no-release-info", "--format",
                           "$(REPO_URI)"], stdout=subprocess.PIPE, text=True, check=True)
    hosts = [line.split("/")[2] for line in done.stdout.splitlines() if line.startswith("http")]
    if not hosts:
        pytest.skip("apt has no source on the network here")
    extra = {"firmware/base/url.h": SPDX + "/* " + hosts[0] + " */\n"}
    assert lint(tmp_path / "t", extra, ("no_registry_hosts",)) == ["no_registry_hosts"]
