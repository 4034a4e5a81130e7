# SPDX-License-Identifier: ISC
"""tools/fetch-deps offline: verifies, unpacks, applies patches, refuses what it must."""
import hashlib
import os
import shutil
import subprocess
import tarfile

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UPSTREAM = {"thing-1.0/a.txt": "one\ntwo\n", "thing-1.0/lib/b.txt": "b\n"}
DEBIAN = {"debian/patches/series": "# comment\nfirst.patch\n",
          "debian/patches/first.patch": "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n"
                                        "+ONE\n two\n"}
OURS = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n ONE\n-two\n+TWO\n"


def pack(path, files):
    folder = str(path) + ".d"
    for name, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
    with tarfile.open(path, "w:gz") as archive:
        for name in files:
            archive.add(os.path.join(folder, name), name)
    shutil.rmtree(folder)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Tree:
    """A project with one dependency, and a folder with its files."""

    def __init__(self, folder):
        self.top, self.given = folder / "project", folder / "given"
        os.makedirs(self.top / "tools/patches/thing")
        os.makedirs(self.given)
        shutil.copy(os.path.join(TOP, "tools/fetch-deps"), self.top / "tools/fetch-deps")
        hashes = (pack(self.given / "thing_1.0.orig.tar.gz", UPSTREAM),
                  pack(self.given / "thing_1.0-1.debian.tar.gz", DEBIAN))
        (self.top / "tools/patches/thing/ours.patch").write_text(OURS)
        self.write_lock(".", hashes)

    def write_lock(self, only, hashes=None):
        self.hashes = hashes or self.hashes
        (self.top / "tools/deps.lock").write_text(
            "thing 1.0 trixie thing=1.0-1 %s why\n  %s thing_1.0.orig.tar.gz\n"
            "  %s thing_1.0-1.debian.tar.gz\n" % ((only,) + self.hashes))

    def fetch(self, *names):
        return subprocess.run([self.top / "tools/fetch-deps", *names], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, DEPS_DIR=str(self.given)))

    def unpacked(self, name):
        return self.top / "build/deps/thing" / name


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_unpacks_and_applies_both_kinds_of_patches(tree):
    done = tree.fetch()
    assert done.returncode == 0, done.stdout
    assert tree.unpacked("a.txt").read_text() == "ONE\nTWO\n"
    assert tree.unpacked("lib/b.txt").exists()


def test_second_run_does_nothing(tree):
    tree.fetch()
    tree.unpacked("mark").write_text("")
    assert tree.fetch().stdout == ""
    assert tree.unpacked("mark").exists()


def test_changed_patch_unpacks_again(tree):
    tree.fetch()
    (tree.top / "tools/patches/thing/ours.patch").write_text(OURS.replace("+TWO", "+2"))
    assert tree.fetch().returncode == 0
    assert tree.unpacked("a.txt").read_text() == "ONE\n2\n"


def test_only_a_part(tree):
    os.remove(tree.top / "tools/patches/thing/ours.patch")
    tree.write_lock("lib")
    (tree.top / "tools/deps.lock").write_text(
        (tree.top / "tools/deps.lock").read_text().rsplit("\n", 2)[0] + "\n")
    assert tree.fetch().returncode == 0
    assert tree.unpacked("lib/b.txt").exists()
    assert not tree.unpacked("a.txt").exists()


def test_wrong_hash_is_not_unpacked(tree):
    with open(tree.given / "thing_1.0.orig.tar.gz", "ab") as file:
        file.write(b"x")
    done = tree.fetch()
    assert done.returncode != 0
    assert "wrong SHA-256" in done.stdout
    assert not tree.unpacked("").exists()


def test_missing_file(tree):
    os.remove(tree.given / "thing_1.0-1.debian.tar.gz")
    done = tree.fetch()
    assert done.returncode != 0
    assert "thing_1.0-1.debian.tar.gz is not in DEPS_DIR" in done.stdout


def test_unknown_name(tree):
    done = tree.fetch("other")
    assert done.returncode != 0
    assert "other: not in tools/deps.lock" in done.stdout


def test_patch_that_does_not_apply(tree):
    (tree.top / "tools/patches/thing/ours.patch").write_text(OURS.replace("-two", "-three"))
    done = tree.fetch()
    assert done.returncode != 0
    assert "does not apply" in done.stdout
    assert not tree.unpacked("").exists()
