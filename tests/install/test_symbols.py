# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the shared libraries show is what the public headers declare: nothing more, nothing less."""
import re

import pytest

from conftest import ROOT, run

HEADERS = sorted(p.name for p in (ROOT / "include/handfast").glob("*.h"))
OS = ["os.h"]


def declared(names):
    """Functions that headers declare: a name before a bracket, outside of braces, brackets, comments and directives."""
    found = set()
    for name in names:
        text = (ROOT / "include/handfast" / name).read_text(encoding="utf-8")
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        text = re.sub(r"^\s*#(?:.*\\\n)*.*$", " ", text, flags=re.M)
        depth = len(re.findall(r"\{", text))
        while depth:
            text, depth = re.subn(r"\{[^{}]*\}", " ", text)
        for statement in text.split(";"):
            match = re.search(r"\b(hf_\w+)\(", statement)
            if match and "typedef" not in statement:
                found.add(match[1])
    return found


def exported(installed, name):
    library = installed.flags("--variable=libdir", name)[0]
    lines = run("nm", "-D", "--defined-only", f"{library}/lib{name}.so").stdout.splitlines()
    symbols = [line.split()[1:] for line in lines]
    assert ["A", "HANDFAST_0"] in symbols
    symbols.remove(["A", "HANDFAST_0"])
    assert {kind for kind, _ in symbols} == {"T"}, symbols
    assert all(symbol.endswith("@@HANDFAST_0") for _, symbol in symbols)
    return {symbol.partition("@")[0] for _, symbol in symbols}


@pytest.mark.parametrize("name,headers", [("handfast", [h for h in HEADERS if h not in OS]), ("handfast_os", OS)])
def test_library_shows_what_its_headers_declare(installed, name, headers):
    said, shown = declared(headers), exported(installed, name)
    assert said - shown == set(), "declared, and not in the library"
    assert shown - said == set(), "in the library, and declared nowhere"


def test_the_house_rule_of_fewer_than_a_hundred_functions_holds():
    functions = declared(HEADERS)
    assert 60 < len(functions) < 100


def test_nothing_of_the_tool_or_of_the_tests_is_in_the_static_libraries(installed):
    library = installed.flags("--variable=libdir", "handfast")[0]
    members = run("ar", "t", f"{library}/libhandfast.a").stdout.split()
    sources = {f"{p.name}.o" for floor in (ROOT / "src").iterdir() if floor.name not in ("os", "explain", "audit", "tool") for p in floor.glob("*.c")}
    assert set(members) == sources
