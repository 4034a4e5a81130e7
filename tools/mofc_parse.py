# SPDX-License-Identifier: ISC
"""mofc: MOF text to classes and instances, without looking at what names mean."""
from dataclasses import dataclass, field

from mofc_lex import MofError, lex

INTEGERS = ("uint8", "uint16", "uint32", "uint64", "sint8", "sint16", "sint32", "sint64")
TYPES = INTEGERS + ("boolean", "string", "datetime")
# Qualifiers that matter to us, and those that are documentation.
USED = ("Key", "Required", "Write", "Abstract", "Association", "Indication", "In", "Out",
        "OctetString", "EmbeddedInstance", "Override", "Realm", "WriteRealm")
DROPPED = ("Description", "Version", "ValueMap", "Values", "Read", "MaxLen", "Units",
           "Aggregation", "Aggregate", "Min", "Max", "BitMap", "BitValues", "ArrayType",
           "Propagated", "Deprecated", "Experimental", "ModelCorrespondence")


@dataclass
class Member:
    """A property or a parameter."""
    name: str
    type: str          # MOF type, or the class of a reference
    is_reference: bool
    is_array: bool
    qualifiers: dict
    where: tuple


@dataclass
class Method:
    name: str
    parameters: list
    qualifiers: dict
    where: tuple


@dataclass
class Class:
    name: str
    super_name: str
    qualifiers: dict
    where: tuple
    properties: list = field(default_factory=list)
    methods: list = field(default_factory=list)


@dataclass
class Value:
    """What stands right of a property of an instance."""
    name: str
    literals: list     # (kind, value): "string", "number", "boolean", "null"
    is_array: bool
    where: tuple


@dataclass
class Instance:
    class_name: str
    values: list
    where: tuple


class Parser:
    def __init__(self, file, text):
        self.tokens = lex(file, text)
        self.at = 0

    def peek(self):
        return self.tokens[self.at]

    def fail(self, wanted):
        token = self.peek()
        raise MofError(token.where, f"expected {wanted}, found {token.value!r}")

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def accept(self, value):
        token = self.peek()
        same = token.value == value if token.kind == "mark" else (
            token.kind == "name" and token.value.lower() == value.lower())
        if same:
            self.at += 1
        return same

    def expect(self, value):
        if not self.accept(value):
            self.fail(repr(value))

    def name(self, what):
        if self.peek().kind != "name":
            self.fail(what)
        return self.take().value

    def literal(self):
        token = self.peek()
        if token.kind == "string":
            text = ""
            while self.peek().kind == "string":
                text += self.take().value
            return ("string", text)
        if token.kind == "number":
            return ("number", self.take().value)
        for word, value in (("true", ("boolean", True)), ("false", ("boolean", False)),
                            ("null", ("null", None))):
            if self.accept(word):
                return value
        self.fail("a value")

    def literals(self, close):
        values = []
        while not self.accept(close):
            if values:
                self.expect(",")
            values.append(self.literal())
        return values

    def qualifier(self, found):
        where = self.peek().where
        name = self.name("a qualifier")
        known = {word.lower(): word for word in USED + DROPPED}.get(name.lower())
        if not known:
            raise MofError(where, f"unknown qualifier {name}")
        if known in found:
            raise MofError(where, f"duplicate qualifier {known}")
        values = [("boolean", True)]
        if self.accept("("):
            values = [self.literal()]
            self.expect(")")
        elif self.accept("{"):
            values = self.literals("}")
        while self.accept(":"):
            self.name("a flavour")
        if known in USED:
            found[known] = [value for _, value in values]
        else:
            found.setdefault(known, None)

    def qualifiers(self):
        found = {}
        if self.accept("["):
            self.qualifier(found)
            while self.accept(","):
                self.qualifier(found)
            self.expect("]")
        return {key: value for key, value in found.items()
                if value is not None and value != [False] or key == "In"}

    def type(self):
        where = self.peek().where
        word = self.name("a type")
        if self.accept("REF"):
            return word, True
        if word.lower() not in TYPES:
            raise MofError(where, f"unknown type {word}")
        return word.lower(), False

    def array(self):
        if not self.accept("["):
            return False
        self.expect("]")
        return True

    def parameter(self):
        qualifiers = self.qualifiers()
        type_name, is_reference = self.type()
        where = self.peek().where
        name = self.name("a parameter name")
        return Member(name, type_name, is_reference, self.array(), qualifiers, where)

    def method(self, name, qualifiers, where):
        parameters = []
        while not self.accept(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.parameter())
        self.expect(";")
        return Method(name, parameters, qualifiers, where)

    def member(self, owner):
        qualifiers = self.qualifiers()
        type_name, is_reference = self.type()
        where = self.peek().where
        name = self.name("a name")
        if self.accept("("):
            if type_name != "uint32":
                raise MofError(where, f"method {name} must return uint32")
            owner.methods.append(self.method(name, qualifiers, where))
            return
        is_array = self.array()
        if self.accept("="):
            raise MofError(where, f"default value of {name}: not supported")
        self.expect(";")
        owner.properties.append(
            Member(name, type_name, is_reference, is_array, qualifiers, where))

    def class_(self, qualifiers):
        where = self.peek().where
        name = self.name("a class name")
        super_name = self.name("a superclass") if self.accept(":") else None
        owner = Class(name, super_name, qualifiers, where)
        self.expect("{")
        while not self.accept("}"):
            self.member(owner)
        self.expect(";")
        return owner

    def instance(self):
        where = self.peek().where
        class_name = self.name("a class name")
        values = []
        self.expect("{")
        while not self.accept("}"):
            at = self.peek().where
            name = self.name("a property")
            self.expect("=")
            is_array = self.accept("{")
            literals = self.literals("}") if is_array else [self.literal()]
            self.expect(";")
            values.append(Value(name, literals, is_array, at))
        self.expect(";")
        return Instance(class_name, values, where)

    def file(self):
        classes, instances = [], []
        while self.peek().kind != "end":
            qualifiers = self.qualifiers()
            if self.accept("class"):
                classes.append(self.class_(qualifiers))
            elif self.accept("instance"):
                self.expect("of")
                instances.append(self.instance())
            else:
                self.fail("'class' or 'instance of'")
        return classes, instances


def parse(file, text):
    """The classes and instances of one file, in their order."""
    return Parser(file, text).file()
