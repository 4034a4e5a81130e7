# SPDX-License-Identifier: ISC
"""mofc: words of MOF (DSP0004 annex A)."""
import re
from dataclasses import dataclass


class MofError(Exception):
    """A mistake in the MOF, at `where` = (file, line)."""

    def __init__(self, where, text):
        super().__init__(f"{where[0]}:{where[1]}: {text}")


@dataclass
class Token:
    kind: str  # "name", "string", "number", "mark", "end"
    value: object
    where: tuple


WORD = re.compile(r"""
    (?P<space>[ \t\r]+) | (?P<line>\n) | (?P<comment>//[^\n]*) | (?P<block>/\*.*?\*/)
  | (?P<number>[+-]?(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?![A-Za-z0-9_.]))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<mark>[{}()\[\];,:=])
""", re.VERBOSE | re.DOTALL)

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


def unescape(text, where):
    def one(match):
        letter = match.group(1)
        if letter not in ESCAPES:
            raise MofError(where, f"unknown escape \\{letter} in a string")
        return ESCAPES[letter]
    return re.sub(r"\\(.)", one, text)


def lex(file, text):
    """The tokens of a file; the last one is of kind "end"."""
    tokens = []
    at, line = 0, 1
    while at < len(text):
        match = WORD.match(text, at)
        where = (file, line)
        if not match:
            raise MofError(where, f"cannot read {text[at:at + 12].splitlines()[0]!r}")
        kind, word = match.lastgroup, match.group()
        if kind == "string":
            tokens.append(Token(kind, unescape(word[1:-1], where), where))
        elif kind == "number":
            base = 16 if "x" in word.lower() else 10
            tokens.append(Token(kind, int(word, base), where))
        elif kind in ("name", "mark"):
            tokens.append(Token(kind, word, where))
        line += word.count("\n")
        at = match.end()
    tokens.append(Token("end", "end of file", (file, line)))
    return tokens
