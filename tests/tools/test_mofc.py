# SPDX-License-Identifier: ISC
"""tools/mofc: what it makes of right MOF and says of wrong."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOFC = ROOT / "tools" / "mofc"
BASE = """
[Abstract] class CIM_Top { string Name; };
class CIM_A : CIM_Top { [Key] string Id; uint8 Small; uint16 List[]; boolean Flag;
    datetime When; [OctetString] uint8 Raw[]; };
[Association] class CIM_Link { [Key] CIM_A REF From; [Key] CIM_Top REF To; };
"""


def run(folder, *texts):
    files = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.mof"
        path.write_text(text, encoding="utf-8")
        files.append(str(path))
    return subprocess.run([MOFC, "--out", folder / "out", *files], text=True,
                          capture_output=True, check=False)


def compile_c(folder, probe):
    """Build the tables with a small program and return what that prints."""
    (folder / "probe.c").write_text(probe, encoding="utf-8")
    (folder / "cim").mkdir(exist_ok=True)
    (folder / "cim" / "schema.h").write_text((folder / "out" / "schema.h").read_text())
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion",
                    f"-I{folder}", f"-I{ROOT / 'firmware'}", "-o", folder / "probe",
                    folder / "probe.c", folder / "out" / "schema.c"], check=True)
    return subprocess.run([folder / "probe"], text=True, capture_output=True,
                          check=True).stdout.split()


def test_help():
    done = subprocess.run([MOFC, "--help"], text=True, capture_output=True, check=True)
    assert "--out" in done.stdout


def test_own_schema_compiles(tmp_path):
    files = sorted((ROOT / "firmware/cim/schema").glob("*.mof"))
    assert files
    subprocess.run([MOFC, "--out", tmp_path, *files], check=True)
    assert "CIM_SoftwareIdentity_class" in (tmp_path / "schema.h").read_text()


def test_tables(tmp_path):
    more = BASE + """
class CIM_B : CIM_A { string Extra; [Override] uint8 Small;
    uint32 Do([In, Required] uint16 Which, [In(false), Out] CIM_A REF Job); };
instance of CIM_B { Id = "x" "y\\"z"; Small = 0x10; List = {3, 1}; Flag = true;
    When = "20240229120000.000000+000"; Raw = {1, 2, 255}; Extra = null; };
instance of CIM_Link { From = "CIM_B.Id=\\"q\\""; To = "CIM_A.Id=\\"r\\""; };
"""
    done = run(tmp_path, more)
    assert done.returncode == 0, done.stderr
    out = compile_c(tmp_path, r"""
#include <stdio.h>
#include "cim/schema.h"
int main(void)
{
    const struct cim_class *b = &CIM_B_class;
    for (size_t i = 0; i < b->property_count; i++) {
        printf("%s:%d:%d ", b->properties[i]->name, b->properties[i]->type,
               b->properties[i]->flags);
    }
    const struct cim_method *m = b->methods[0];
    printf("%s:%d:%s:%d:%d ", m->name, m->parameter_count, m->parameters[0].name,
           m->parameters[0].flags, m->parameters[1].flags);
    for (size_t i = 0; i < cim_schema_declared_count; i++) {
        const struct cim_declared *one = &cim_schema_declared[i];
        for (size_t j = 0; j < one->value_count; j++) {
            const struct cim_declared_value *v = &one->values[j];
            printf("%s=%s ", v->field->name, v->path ? v->path->class->name : v->text);
        }
    }
    printf("%d %zu %s %d\n", b->flags, cim_schema_class_count, b->super->name,
           CIM_Link_class.flags);
    return 0;
}
""")
    names = [word.split(":")[0] for word in out[:8]]
    assert names == ["Extra", "Flag", "Id", "List", "Name", "Raw", "Small", "When"]
    types = {word.split(":")[0]: word.split(":")[1:] for word in out[:8]}
    assert types["Id"] == ["9", "1"] and types["List"] == ["2", "2"]
    assert types["Raw"] == ["11", "0"] and types["When"] == ["10", "0"]
    assert out[8] == "Do:2:Which:20:32"
    assert out[9:18] == ['Id=xy"z', "Small=16", "List=3", "List=1", "Flag=true",
                         "When=2024-02-29T12:00:00Z", "Raw=AQL/", "From=CIM_B",
                         "To=CIM_A"]
    assert out[18:] == ["4", "4", "CIM_A", "2"]


def test_superclass_may_follow_in_another_file(tmp_path):
    done = run(tmp_path, "class CIM_B : CIM_A { };", "class CIM_A { [Key] string Id; };")
    assert done.returncode == 0, done.stderr
    source = (tmp_path / "out" / "schema.c").read_text()
    order = source[source.index("cim_schema_classes[]"):]
    assert order.index("&CIM_A_class") < order.index("&CIM_B_class")


def test_equal_fields_are_written_once(tmp_path):
    done = run(tmp_path, "class CIM_A { [Key] string Id; };"
               "class CIM_B { [Key] string Id; };")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "schema.c").read_text().count('"Id"') == 1


def test_realms_of_writing_and_of_methods(tmp_path):
    """Methods with the same parameters and other realms are not the same."""
    done = run(tmp_path, "[Realm {3, 13}, WriteRealm {3}] class CIM_A { [Key] string Id; "
               "uint32 Do(); [Realm {21}] uint32 Be(); };"
               "class CIM_B : CIM_A { [Override, Realm {5}] uint32 Do(); };")
    assert done.returncode == 0, done.stderr
    source = (tmp_path / "out" / "schema.c").read_text()
    for line in ('{"Do", NULL, 0, 0x0}', '{"Do", NULL, 0, 0x20}', '{"Be", NULL, 0, 0x200000}'):
        assert line in source
    assert re.search(r'CIM_A_class = .*, 0x2008, 0x8};', source)
    assert re.search(r'CIM_B_class = .*, 0x0, 0x0};', source)


MISTAKES = [
    ("class CIM_X : CIM_None { [Key] string Id; };", "unknown superclass CIM_None"),
    ("class CIM_A { [Key] string Id; };", "duplicate class CIM_A"),
    ("class CIM_X : CIM_X { };", "its own superclass"),
    ("class CIM_X { string Id; };", "has no key"),
    ("class CIM_X { [Key] string Id; [Key] string Id; };", "duplicate property Id"),
    ("class CIM_X : CIM_A { string Id; };", "Override?"),
    ("class CIM_X : CIM_A { [Override] uint8 Id; };", "overrides another type"),
    ("class CIM_X : CIM_A { [Override] string New; };", "overrides nothing"),
    ("class CIM_X { [Key] CIM_None REF Id; };", "unknown class CIM_None"),
    ("class CIM_X { [Key] real32 Id; };", "unknown type real32"),
    ("class CIM_X { [Nonsense] string Id; };", "unknown qualifier Nonsense"),
    ("class CIM_X { [Key] string Id[]; };", "cannot be an array"),
    ("class CIM_X { [Key, OctetString] string Id; };", "needs uint8[]"),
    ("class CIM_X { [Key] string Id; string Do(); };", "must return uint32"),
    ("class CIM_X { [Key] string Id = \"1\"; };", "default value"),
    ("class CIM_X { [Key] string Id; }", "expected ';'"),
    ("class CIM_X { [Key] string Id; $ };", "cannot read '$"),
    ("[Realm {64}] class CIM_X { [Key] string Id; };", "Realm must be"),
    ("[WriteRealm {-1}] class CIM_X { [Key] string Id; };", "WriteRealm must be"),
    ('class CIM_X { [Key] string Id; [Realm {"3"}] uint32 Do(); };', "Realm must be"),
    ("instance of CIM_None { };", "unknown class CIM_None"),
    ("instance of CIM_Top { };", "is abstract"),
    ("instance of CIM_A { };", "lacks key Id"),
    ('instance of CIM_A { Id = "1"; Nonsense = 1; };', "no property Nonsense"),
    ('instance of CIM_A { Id = "1"; Id = "2"; };', "duplicate property Id"),
    ('instance of CIM_A { Id = "1"; }; instance of CIM_A { Id = "1"; };',
     "duplicate instance"),
    ("instance of CIM_A { Id = 1; };", "not a number"),
    ('instance of CIM_A { Id = "1"; Small = "2"; };', "not a string"),
    ('instance of CIM_A { Id = "1"; Small = 256; };', "out of range"),
    ('instance of CIM_A { Id = "1"; Small = -1; };', "out of range"),
    ('instance of CIM_A { Id = "1"; Flag = 1; };', "not a number"),
    ('instance of CIM_A { Id = "1"; List = 1; };', "an array needs"),
    ('instance of CIM_A { Id = "1"; Small = {1}; };', "is no array"),
    ('instance of CIM_A { Id = "1"; Raw = {256}; };', "out of range"),
    ('instance of CIM_A { Id = "1"; When = "yesterday"; };', "not a datetime"),
    ('instance of CIM_Link { From = "CIM_A.Id=\\"1\\""; To = "CIM_Z.Id=\\"1\\""; };',
     "unknown class CIM_Z"),
    ('instance of CIM_Link { From = "CIM_A"; To = "CIM_A.Id=\\"1\\""; };', "keys of CIM_A"),
    ('instance of CIM_Link { From = "CIM_Link.From=\\"1\\""; To = "CIM_A.Id=\\"1\\""; };',
     "is no CIM_A"),
]


@pytest.mark.parametrize("text,message", MISTAKES)
def test_mistakes_name_file_and_line(tmp_path, text, message):
    done = run(tmp_path, BASE, "\n\n" + text)
    assert done.returncode == 1
    assert re.match(r".*/1\.mof:3: ", done.stderr), done.stderr
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_file(tmp_path):
    done = subprocess.run([MOFC, "--out", tmp_path / "out", tmp_path / "none.mof"],
                          text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert "none.mof" in done.stderr
