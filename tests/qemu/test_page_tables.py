# SPDX-License-Identifier: ISC
"""The page tables of the built images, read from the image itself as the CPU would: W^X, and
nothing mapped that need not be."""
import glob
import importlib.machinery
import importlib.util
import os
import struct
import subprocess

import pytest

from qemu_machine import IMAGES, TOP

PRESENT, WRITE, USER, LARGE, NO_EXECUTE = 1, 2, 4, 1 << 7, 1 << 63
ADDRESS = 0x000F_FFFF_FFFF_F000
GIB, PAGE = 1 << 30, 4096
FLASH = range(0xFFE00000, 1 << 32)


def load(name, path):
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


mkflash = load("mkflash", os.path.join(TOP, "tools/mkflash"))


class Image:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.flash = file.read()
        with open(path[:-3] + ".elf", "rb") as file:
            self.program = mkflash.Program(file.read())
        self.pages = {}  # virtual page -> (physical, may write, may execute, size)
        self.walk(self.program.symbol("__pagetables_phys"), 4, 0, True, True)

    def entry(self, table, i):
        at = table + 8 * i - ((1 << 32) - len(self.flash))
        return struct.unpack_from("<Q", self.flash, at)[0]

    def walk(self, table, level, virtual, may_write, may_execute):
        for i in range(512):
            entry = self.entry(table, i)
            if not entry & PRESENT:
                continue
            assert not entry & USER
            size = PAGE << 9 * (level - 1)
            at = virtual + i * size
            rights = may_write and bool(entry & WRITE), may_execute and not entry & NO_EXECUTE
            if level == 1 or entry & LARGE:
                self.pages[at] = (entry & ADDRESS & ~(size - 1), *rights, size)
            else:
                self.walk(entry & ADDRESS, level - 1, at, *rights)

    def find(self, virtual):
        for start, page in self.pages.items():
            if start <= virtual < start + page[3]:
                return page
        return None

    def rights(self, name):
        page = self.find(self.program.symbol(name))
        return page and ("w" if page[1] else "") + ("x" if page[2] else "")


def images():
    """The firmware, and the programs of images/."""
    sources = sorted(glob.glob(os.path.join(TOP, "tests/qemu/images/*.c")))
    return [os.path.join(TOP, "build/qemu-x86/vamt.fd")] + [
        os.path.join(IMAGES, os.path.basename(path)[:-2] + ".fd") for path in sources]


@pytest.fixture(params=images(), ids=os.path.basename, scope="module")
def image(request):
    return Image(request.param)


def test_no_page_is_both_writable_and_executable(image):
    assert not [hex(at) for at, page in image.pages.items() if page[1] and page[2]]


def test_no_memory_has_two_names_with_different_rights(image):
    """The flash is mapped twice, by one table; nothing else is."""
    seen = {}
    for physical, write, execute, size in image.pages.values():
        assert seen.setdefault(physical, (write, execute, size)) == (write, execute, size)


def test_only_code_is_executable(image):
    start = image.program.symbol("__text_start")
    runs = sorted(at for at, page in image.pages.items() if page[2])
    low = [at for at in runs if at < GIB]
    assert low == list(range(start, GIB, PAGE))
    assert [at - 3 * GIB for at in runs if at >= GIB] == low


def test_rights_by_section(image):
    assert image.rights("reset_vector") == "x"
    assert image.rights("cpu_start") == "x"
    assert image.rights("__image_start") == ""  # constants
    assert image.rights("__pagetables") == ""
    for name in ("__data_start", "__bss_start", "__stack_start"):
        assert image.rights(name) == "w"
    assert image.find(image.program.symbol("__image_start") - 1)[1:3] == (True, False)  # NVRAM


def test_null_and_stack_guard_are_not_mapped(image):
    stack = image.program.symbol("__stack_start")
    assert min(image.pages) == stack == image.program.symbol("__ram_start")
    assert image.find(0) is None
    assert image.find(stack - 1) is None


def test_ram_is_within_8_mib_and_use_within_4(image):
    low = [at + page[3] for at, page in image.pages.items() if page[0] < GIB]
    assert max(low) <= 8 << 20
    assert (image.program.symbol("__ram_use_end") -
            image.program.symbol("__ram_start")) <= 4 << 20


@pytest.mark.parametrize("part", ["firmware", "boards", "lwip", "mbedtls", "expat", "littlefs",
                                  "newlib"])
def test_stack_protector_is_in(part):
    """All code, ours and others': every part has functions with arrays on the stack."""
    build = os.path.join(TOP, "build")
    objects = (glob.glob(build + "/newlib/**/libc.a", recursive=True) if part == "newlib" else
               glob.glob(f"{build}/qemu-x86/obj/**/{part}*/**/*.o", recursive=True))
    assert objects
    found = subprocess.run(["nm", "-u", *objects], capture_output=True, text=True, check=True)
    assert "__stack_chk_fail" in found.stdout
