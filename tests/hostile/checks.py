# SPDX-License-Identifier: Apache-2.0 OR MIT
"""tests/hostile/checks.tsv: for each row of alerts.tsv about coming back, the check that it rests on, and the same place
without it. scripts/check-rows holds the table to the sources, scripts/mutate-checks tries every line of it.

id       the row
program  whose tests of that row must fail, tests/hostile/test_PROGRAM.c
way      removed: `instead` lacks the check. added: the row says what must not be refused, and `instead` refuses it, or skips
         less than it should. none: there is no check; `check` says why
file     where the check is
check    a piece of it that stands there once. White space counts as any white space
instead  what takes its place

Where a rule is checked twice, both places go at once: ` %% ` stands between them in the last three columns."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(ROOT, "tests/hostile")
COLUMNS = ["id", "program", "way", "file", "check", "instead"]
# PSK, binders, tickets, early data, KeyUpdate and what else comes after a handshake: in a row's id, message or condition.
SUBJECT = re.compile(r"psk|binder|ticket|early.?data|0-rtt|eoed|\bku-|\bnst-|\bpha-|keyupdate|resum|offers a session|"
                     r"post-handshake|after-handshake|\brenegotiation\b|selected_identity", re.I)


def read_rows():
    """alerts.tsv: id -> line as a list; the rows that the table must have."""
    with open(os.path.join(HERE, "alerts.tsv"), encoding="utf-8") as f:
        rows = {line.split("\t")[0]: line.rstrip("\n").split("\t") for line in list(f)[1:]}
    return rows, [i for i, row in rows.items() if any(SUBJECT.search(row[at]) for at in (0, 3, 4))]


def read_checks():
    with open(os.path.join(HERE, "checks.tsv"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    if lines[0].split("\t") != COLUMNS:
        raise SystemExit("tests/hostile/checks.tsv: the first line does not name the columns")
    return [dict(zip(COLUMNS, line.split("\t")), line=n) for n, line in enumerate(lines[1:], 2)]


def places(line):
    """(file, check, instead) of each place."""
    return list(zip(*(line[column].split(" %% ") for column in COLUMNS[3:]), strict=True))


def pattern(check):
    """A line may have been broken elsewhere since."""
    return re.compile(r"\s+".join(re.escape(word) for word in check.split()))


def program_source(program):
    path = os.path.join(HERE, f"test_{program}.c")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return f.read()


def tested_in(program, row):
    """Its program has a case for the row."""
    return row in cases_of(program)


def cases_of(program):
    """The rows that the program's cases name, and those that its own macros and hostile_early.h's name for them."""
    with open(os.path.join(ROOT, "tests/support/hostile_early.h"), encoding="utf-8") as f:
        shared = f.read()
    source = program_source(program) or ""
    table = re.search(r"hostile_case cases\[\] = \{(.*?)\n\};", source, re.S)
    if not table:
        return []
    used = {m[1]: m[0] for m in re.finditer(r"#define ([A-Z_]+)\(.*?[^\\]\n", shared + source, re.S) if f"{m[1]}(" in table[1]}
    for name in re.findall(r"\b([A-Z_]+)\(", "".join(used.values())):  # what they are made of
        used.update({m[1]: m[0] for m in re.finditer(rf"#define ({name})\(.*?[^\\]\n", shared + source, re.S)})
    return re.findall(r'\b[A-Z_]+\(\s*"([^"]*)"', table[1] + "".join(used.values()))


def programs():
    return sorted(name[5:-2] for name in os.listdir(HERE) if re.fullmatch(r"test_alerts_\w+\.c", name))
