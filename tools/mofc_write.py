# SPDX-License-Identifier: ISC
"""mofc: C tables. Equal fields, lists and methods are written once and shared."""

HEAD = "/* Made by tools/mofc from firmware/cim/schema. Do not edit. */\n"


class Shared:
    """Numbers things so that equal ones get the same number."""

    def __init__(self):
        self.numbers = {}

    def add(self, thing):
        return self.numbers.setdefault(thing, len(self.numbers))


def c_string(text):
    if text is None:
        return "NULL"
    out = ""
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\?':
            out += "\\" + char
        elif 32 <= byte < 127:
            out += char
        else:
            out += f"\\{byte:03o}"
    return f'"{out}"'


def flags(prefix, names):
    return " | ".join(prefix + name for name in names) or "0"


def c_field(field):
    target = f"&{field.target}_class" if field.target else "NULL"
    return (f"{{{c_string(field.name)}, {target}, CIM_TYPE_{field.type.upper()}, "
            f"{flags('CIM_FLAG_', field.flags)}}}")


def write_header(schema):
    lines = [HEAD, "#ifndef VAMT_CIM_SCHEMA_H", "#define VAMT_CIM_SCHEMA_H\n",
             '#include "cim/cim_schema.h"\n']
    lines += [f"extern const struct cim_class {one.name}_class;"
              for one in schema.classes]
    return "\n".join(lines + ["\n#endif\n"])


class Writer:
    def __init__(self, schema):
        self.schema = schema
        self.fields = Shared()      # Field
        self.parameters = Shared()  # tuple of Field
        self.methods = Shared()     # (name, parameters, realms)
        self.lists = Shared()       # tuple of field numbers, in wire order
        self.method_lists = Shared()
        self.paths = Shared()
        self.out = []

    def line(self, text=""):
        self.out.append(text)

    def table(self, head, rows):
        self.line(f"static const {head} = {{")
        self.out += [f"    {row}," for row in rows]
        self.line("};")

    def class_lists(self, one):
        """(properties, methods) as C expressions with their counts."""
        wire = sorted(one.properties.values(), key=lambda f: f.name.encode())
        fields = tuple(self.fields.add(field) for field in wire)
        methods = tuple(self.methods.add((name, parameters, realms))
                        for name, (parameters, realms) in one.methods.items())
        for parameters, _ in one.methods.values():
            if parameters:
                self.parameters.add(parameters)
        return (f"properties_{self.lists.add(fields)}" if fields else "NULL", len(fields),
                f"methods_{self.method_lists.add(methods)}" if methods else "NULL",
                len(methods))

    def c_class(self, one, lists):
        base = f"&{one.super_name}_class" if one.super_name else "NULL"
        properties, property_count, methods, method_count = lists
        return (f"const struct cim_class {one.name}_class = {{{c_string(one.name)}, {base}, "
                f"{properties}, {methods}, {property_count}, {method_count}, "
                f"{flags('CIM_CLASS_', one.flags)}, {one.realms:#x}, "
                f"{one.write_realms:#x}}};")

    def write_tables(self):
        self.table("struct cim_field fields[]", map(c_field, self.fields.numbers))
        for parameters, number in self.parameters.numbers.items():
            self.table(f"struct cim_field parameters_{number}[]", map(c_field, parameters))
        rows = []
        for name, parameters, realms in self.methods.numbers:
            table = f"parameters_{self.parameters.add(parameters)}" if parameters else "NULL"
            rows.append(f"{{{c_string(name)}, {table}, {len(parameters)}, "
                        f"{realms:#x}}}")
        if rows:
            self.table("struct cim_method methods[]", rows)
        for numbers, number in self.lists.numbers.items():
            self.table(f"struct cim_field *const properties_{number}[]",
                       [f"&fields[{n}]" for n in numbers])
        for numbers, number in self.method_lists.numbers.items():
            self.table(f"struct cim_method *const methods_{number}[]",
                       [f"&methods[{n}]" for n in numbers])

    def write_paths(self):
        for (name, pairs), number in self.paths.numbers.items():
            self.table(f"struct cim_declared_key path_{number}_keys[]",
                       [f"{{{c_string(key)}, {c_string(text)}}}" for key, text in pairs])
            self.line(f"static const struct cim_declared_path path_{number} = "
                      f"{{&{name}_class, path_{number}_keys, {len(pairs)}}};")

    def write_instances(self):
        rows = []
        for number, one in enumerate(self.schema.instances):
            values = []
            for field, text, path in one.values:
                ref = f"&path_{self.paths.add(path)}" if path else "NULL"
                values.append(f"{{&fields[{self.fields.add(field)}], {c_string(text)}, {ref}}}")
            self.table(f"struct cim_declared_value instance_{number}[]", values)
            rows.append(f"    {{&{one.class_name}_class, instance_{number}, {len(values)}}},")
        self.line("const struct cim_declared cim_schema_declared[] = {")
        self.out += rows + ["    {NULL, NULL, 0},"]
        self.line("};")
        self.line(f"const size_t cim_schema_declared_count = {len(rows)};")

    def write(self):
        schema = self.schema
        lists = [self.class_lists(one) for one in schema.classes]
        for one in schema.instances:
            for _, _, path in one.values:
                if path:
                    self.paths.add(path)
        self.line(HEAD)
        self.line('#include "cim/schema.h"\n')
        self.write_tables()
        for one, its_lists in zip(schema.classes, lists):
            self.line(self.c_class(one, its_lists))
        self.line("const struct cim_class *const cim_schema_classes[] = {")
        self.out += [f"    &{one.name}_class," for one in schema.classes]
        self.line("};")
        self.line(f"const size_t cim_schema_class_count = {len(schema.classes)};")
        self.write_paths()
        self.write_instances()
        return "\n".join(self.out) + "\n"


def write_source(schema):
    return Writer(schema).write()
