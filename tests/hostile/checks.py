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
    """Its program has a case for the row: one that is listed for later is none."""
    cases = re.sub(r"hostile_later later\[\] = \{.*?\n\};", "", program_source(program) or "", flags=re.S)
    return f'"{row}"' in cases
