# SPDX-License-Identifier: ISC
"""mofc: gives names their meaning: inheritance, references, literals; finds mistakes."""
import base64
import re
from dataclasses import dataclass

from mofc_lex import MofError

RANGES = {"uint8": (0, 2**8 - 1), "uint16": (0, 2**16 - 1), "uint32": (0, 2**32 - 1),
          "uint64": (0, 2**64 - 1), "sint8": (-2**7, 2**7 - 1),
          "sint16": (-2**15, 2**15 - 1), "sint32": (-2**31, 2**31 - 1),
          "sint64": (-2**63, 2**63 - 1)}
REALM_MAX = 31
POINT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.000000\+000")
SPAN = re.compile(r"(\d{8})(\d\d)(\d\d)(\d\d)\.000000:000")
PATH_KEY = re.compile(r'([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)')


@dataclass(frozen=True)
class Field:
    """struct cim_field: hashable, so equal ones are written once."""
    name: str
    type: str
    target: str
    flags: tuple


@dataclass
class CheckedClass:
    name: str
    super_name: str
    flags: tuple
    realms: int
    write_realms: int
    properties: dict   # name -> Field, inherited ones too
    methods: dict      # name -> tuple of Field, inherited ones too
    where: tuple

    def keys(self):
        return [f.name for f in self.properties.values() if "KEY" in f.flags]


@dataclass
class CheckedInstance:
    class_name: str
    values: list       # (Field, text, path), one of the two None
                       # path = (class, ((key, text), ...))


@dataclass
class Schema:
    classes: list      # superclasses first
    instances: list


def target_of(member, names):
    """Class that a reference or an embedded instance is of, or None."""
    if member.is_reference:
        target = member.type
    elif "EmbeddedInstance" in member.qualifiers:
        target = member.qualifiers["EmbeddedInstance"][0]
    else:
        return None
    if target not in names:
        raise MofError(member.where, f"{member.name} refers to unknown class {target}")
    return target


def field_of(member, names, is_parameter):
    target = target_of(member, names)
    kind = member.type
    is_array = member.is_array
    if member.is_reference:
        kind = "reference"
    elif target:
        kind = "embedded"
        if member.type != "string":
            raise MofError(member.where, f"{member.name}: EmbeddedInstance needs string")
    elif "OctetString" in member.qualifiers:
        if member.type != "uint8" or not is_array:
            raise MofError(member.where, f"{member.name}: OctetString needs uint8[]")
        kind, is_array = "octets", False
    flags = []
    if is_parameter:
        if member.qualifiers.get("In", [True])[0]:
            flags.append("IN")
        if "Out" in member.qualifiers:
            flags.append("OUT")
    elif "Key" in member.qualifiers:
        if is_array:
            raise MofError(member.where, f"{member.name}: a key cannot be an array")
        flags.append("KEY")
    for qualifier, flag in (("Required", "REQUIRED"), ("Write", "WRITABLE")):
        if qualifier in member.qualifiers:
            flags.append(flag)
    if is_array:
        flags.append("ARRAY")
    return Field(member.name, kind, target, tuple(sorted(flags)))


def order_classes(classes):
    """Superclasses first, otherwise as written."""
    by_name = {}
    for one in classes:
        if one.name in by_name:
            raise MofError(one.where, f"duplicate class {one.name}, first at "
                           "{}:{}".format(*by_name[one.name].where))
        by_name[one.name] = one
    ordered, done = [], set()
    for one in classes:
        chain = []
        while one and one.name not in done:
            if one in chain:
                raise MofError(one.where, f"class {one.name} is its own superclass")
            chain.append(one)
            if one.super_name and one.super_name not in by_name:
                raise MofError(one.where, f"class {one.name} has unknown superclass "
                               f"{one.super_name}")
            one = by_name.get(one.super_name)
        for link in reversed(chain):
            done.add(link.name)
            ordered.append(link)
    return ordered


def is_a(name, base, classes):
    while name and name != base:
        name = classes[name].super_name
    return name == base


def add_property(owner, member, names, classes):
    field = field_of(member, names, False)
    old = owner.properties.get(field.name)
    if old:
        if "Override" not in member.qualifiers:
            raise MofError(member.where, f"{owner.name} inherits {field.name}: Override?")
        flags = set(field.flags) | ({"KEY", "REQUIRED"} & set(old.flags))
        field = Field(field.name, field.type, field.target, tuple(sorted(flags)))
        narrower = (not old.target or field.target not in classes
                    or is_a(field.target, old.target, classes))
        if field.type != old.type or ("ARRAY" in flags) != ("ARRAY" in old.flags) \
                or not narrower:
            raise MofError(member.where, f"{field.name} overrides another type")
    elif "Override" in member.qualifiers:
        raise MofError(member.where, f"{field.name} overrides nothing")
    owner.properties[field.name] = field


def unique(members, what):
    seen = set()
    for member in members:
        if member.name in seen:
            raise MofError(member.where, f"duplicate {what} {member.name}")
        seen.add(member.name)


def realms_of(thing, qualifier):
    realms = 0
    for realm in thing.qualifiers.get(qualifier, []):
        if type(realm) is not int or not 0 <= realm <= REALM_MAX:
            raise MofError(thing.where,
                           f"{qualifier} must be a number, 0 to {REALM_MAX}")
        realms |= 1 << realm
    return realms


def check_class(one, names, classes):
    base = classes[one.super_name] if one.super_name else None
    unique(one.properties, "property")
    unique(one.methods, "method")
    owner = CheckedClass(one.name, one.super_name, (), realms_of(one, "Realm"),
                         realms_of(one, "WriteRealm"),
                         dict(base.properties) if base else {},
                         dict(base.methods) if base else {}, one.where)
    for member in one.properties:
        add_property(owner, member, names, classes)
    for method in one.methods:
        unique(method.parameters, "parameter")
        if (method.name in owner.methods) != ("Override" in method.qualifiers):
            raise MofError(method.where, f"method {method.name}: Override does not fit")
        owner.methods[method.name] = (tuple(
            field_of(member, names, True) for member in method.parameters),
            realms_of(method, "Realm"))
    flags = [flag for qualifier, flag in (("Abstract", "ABSTRACT"),
                                          ("Association", "ASSOCIATION"))
             if qualifier in one.qualifiers]
    if any(f.type == "datetime" for f in owner.properties.values()):
        flags.append("HAS_DATETIME")
    owner.flags = tuple(flags)
    keyless = "Abstract" in one.qualifiers or "Indication" in one.qualifiers
    if not keyless and not owner.keys():
        raise MofError(one.where, f"class {one.name} is concrete and has no key")
    return owner


def datetime_text(text, where):
    point = POINT.fullmatch(text)
    if point:
        return "{}-{}-{}T{}:{}:{}Z".format(*point.groups())
    span = SPAN.fullmatch(text)
    if span:
        return "P{}DT{}H{}M{}S".format(*(int(part) for part in span.groups()))
    raise MofError(where, f"{text!r} is not a datetime (yyyymmddhhmmss.000000+000 or "
                   "ddddddddhhmmss.000000:000)")


def path_of(text, field, classes, where):
    """Object path CLASS.KEY="value",... (DSP0004 clause 8) of a reference."""
    name, dot, rest = text.partition(".")
    if name not in classes:
        raise MofError(where, f"{field.name} refers to unknown class {name}")
    if not is_a(name, field.target, classes):
        raise MofError(where, f"{field.name}: {name} is no {field.target}")
    pairs, at = [], 0
    while at < len(rest):
        match = PATH_KEY.match(rest, at)
        if not match:
            raise MofError(where, f"{field.name}: malformed object path {text!r}")
        pairs.append((match.group(1), re.sub(r"\\(.)", r"\1", match.group(2))))
        at = match.end()
    if not dot or sorted(key for key, _ in pairs) != sorted(classes[name].keys()):
        raise MofError(where, f"{field.name}: keys of {name} are "
                       + ", ".join(classes[name].keys()))
    return (name, tuple(sorted(pairs)))


def literal_text(field, literal, classes, where):
    """(text, path) of one literal, as the firmware's parser reads it."""
    kind, value = literal
    wanted = {"boolean": "boolean", "string": "string", "datetime": "string",
              "reference": "string"}.get(field.type, "number")
    if field.type == "embedded":
        raise MofError(where, f"{field.name}: embedded instances cannot be declared")
    if kind != wanted:
        raise MofError(where, f"{field.name} is {field.type}, not a {kind}")
    if kind == "boolean":
        return ("true" if value else "false"), None
    if field.type == "reference":
        return None, path_of(value, field, classes, where)
    if field.type == "datetime":
        return datetime_text(value, where), None
    if kind == "number":
        low, high = RANGES[field.type if field.type != "octets" else "uint8"]
        if not low <= value <= high:
            raise MofError(where, f"{field.name}: {value} is out of range")
        return str(value), None
    return value, None


def check_instance(one, classes):
    owner = classes.get(one.class_name)
    if not owner:
        raise MofError(one.where, f"instance of unknown class {one.class_name}")
    if "ABSTRACT" in owner.flags:
        raise MofError(one.where, f"class {owner.name} is abstract")
    unique(one.values, "property")
    values = []
    for value in one.values:
        field = owner.properties.get(value.name)
        if not field:
            raise MofError(value.where, f"{owner.name} has no property {value.name}")
        if value.literals == [("null", None)] and not value.is_array:
            continue
        is_list = "ARRAY" in field.flags or field.type == "octets"
        if is_list != value.is_array:
            raise MofError(value.where, f"{field.name}: "
                           + ("an array needs {...}" if is_list else "is no array"))
        texts = [literal_text(field, literal, classes, value.where)
                 for literal in value.literals]
        if field.type == "octets":
            raw = bytes(int(text) for text, _ in texts)
            texts = [(base64.b64encode(raw).decode(), None)]
        values += [(field, text, path) for text, path in texts]
    given = {field.name: (text, path) for field, text, path in values}
    for field in owner.properties.values():
        if "KEY" in field.flags and field.name not in given:
            raise MofError(one.where, f"instance of {owner.name} lacks key {field.name}")
        if "REQUIRED" in field.flags and field.name not in given:
            raise MofError(one.where, f"instance of {owner.name} lacks {field.name}")
    checked = CheckedInstance(owner.name, values)
    return checked, (owner.name, tuple(given[key] for key in sorted(owner.keys())))


def check(classes, instances):
    ordered = order_classes(classes)
    names = {one.name for one in ordered}
    checked = {}
    for one in ordered:
        checked[one.name] = check_class(one, names, checked)
    done, paths = [], set()
    for one in instances:
        instance, path = check_instance(one, checked)
        if path in paths:
            raise MofError(one.where, f"duplicate instance of {one.class_name}")
        paths.add(path)
        done.append(instance)
    return Schema(list(checked.values()), done)
