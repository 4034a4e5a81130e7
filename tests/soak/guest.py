# SPDX-License-Identifier: ISC
"""The firmware in QEMU on a tap interface, and what its memory says of it: high-water marks of
pools, heap, arena and stack, read through the monitor by the names in the ELF file. The firmware
does not take part, so it cannot flatter itself."""
import os
import re
import struct
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/qemu"))
sys.path.insert(0, os.path.join(TOP, "tests/sim"))
from qemu_machine import Machine  # noqa: E402
from shim_double import ShimDouble  # noqa: E402

BOARD = os.path.join(TOP, "build/qemu-x86")
# struct pool: name, objects, more, used, size, first_count, count, in_use, most, next
POOL = struct.Struct("<10Q")
with open(os.path.join(TOP, "firmware/config.h"), encoding="ascii") as config:
    ARENA_CAP = int(re.search(r"CONFIG_TLS_ARENA_CAP +\(?(\d+)", config.read()).group(1)) << 10


def symbols(elf):
    """(name, size) -> address. Static names may be there twice; with their size they are not."""
    text = subprocess.run(["nm", "-S", elf], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 4:
            found[words[3], int(words[1], 16)] = int(words[0], 16)
            found[words[3], None] = int(words[0], 16)
        elif len(words) == 3:
            found[words[2], None] = int(words[0], 16)
    return found


class Guest:
    """with Guest(...) as g: g.marks()"""

    def __init__(self, seeds, tap="tap0", elf=None, nvram_mib=1):
        self.symbols = symbols(elf or os.path.join(BOARD, "vamt.elf"))
        self.strings = {}
        self.shim = None
        image = os.path.join(BOARD, "vamt")
        options = ["--netdev", f"tap,ifname={tap},script=no,downscript=no"]
        for name, text in seeds.items():
            options += ["--seed", f"{name}={text}"]
        self.machine = Machine(image, *options)
        self.nvram = self.machine.path("nvram")
        with open(self.nvram, "wb") as file:
            file.write(b"\xff" * (nvram_mib << 20))
        at = self.machine.command.index("--")
        self.machine.command[at:at] = ["--nvram", self.nvram,
                                       "--host-socket", self.machine.path("host")]

    def __enter__(self):
        self.machine.__enter__()
        try:
            self.machine.wait(" is up", seconds=60)
            self.shim = ShimDouble(self.machine.path("host"), self.machine.folder.name)
        except BaseException:
            self.machine.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.shim:
            self.shim.close()
        self.machine.__exit__()

    # --- memory ---
    def memory(self, address, size):
        path = self.machine.path("memory")
        self.machine.command_qmp("pmemsave", val=address, size=size, filename=path)
        with open(path, "rb") as file:
            return file.read()

    def words(self, name, count=1):
        """So many size_t of a variable of the firmware."""
        address = self.symbols[name, count * 8]
        return struct.unpack("<%dQ" % count, self.memory(address, count * 8))

    def text(self, address):
        """A constant: it lies in flash, which shows at the top of the first 4 GiB."""
        if address not in self.strings:
            self.strings[address] = self.memory(address + 0xC0000000, 40).split(b"\0")[0].decode()
        return self.strings[address]

    def pools(self):
        """name -> (in use, most, count)"""
        found = {}
        at, = self.words("all_pools")
        while at:
            name, _, _, _, _, _, count, in_use, most, at = POOL.unpack(self.memory(at, POOL.size))
            found[self.text(name)] = in_use, most, count
        return found

    def stack(self):
        """Bytes of the stack that were ever written: RAM is zero when QEMU starts."""
        start, top = (self.symbols[name, None] for name in ("__stack_start", "__stack_top"))
        data = self.memory(start, top - start)
        return len(data.lstrip(b"\0")), len(data)

    def arena(self):
        """struct arena_status: bytes in use, most, blocks in use, refused, largest free"""
        return self.words("now", 5)

    def marks(self):
        """name -> (most ever, capacity)"""
        found = {name: (most, count) for name, (_, most, count) in self.pools().items()}
        found["stack"] = self.stack()
        found["xml heap"] = self.words("high_water")[0], 384 << 10
        _, most, _, _, _ = self.arena()
        found["tls arena"] = most, ARENA_CAP
        return found

    def resident_kib(self):
        """Private memory of QEMU."""
        with open(f"/proc/{self.machine.process.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(size) for size in re.findall(r"^Private_\w+:\s+(\d+) kB", file.read(),
                                                        re.MULTILINE))

    def log(self):
        return self.machine.log()
