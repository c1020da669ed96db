# SPDX-License-Identifier: Apache-2.0 OR MIT
"""tests/fuzz/dictionaries: each is of a target, libFuzzer can read it, and that of the configuration has every key."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests/fuzz/dictionaries").iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dictionary_is_one(path):
    assert path.suffix == ".dict" and (ROOT / f"tests/fuzz/{path.stem}.c").exists()
    assert f'DICTIONARIES, f"{{name}}{path.suffix}"' in (ROOT / "scripts/fuzz").read_text(encoding="utf-8")
    for line in path.read_text(encoding="ascii").splitlines():
        assert line.startswith("#") or re.fullmatch(r'"(?:[^"\\]|\\["\\]|\\x[0-9a-fA-F]{2})+"', line), line


def test_every_key_of_the_configuration_is_in_its_dictionary():
    rows = re.findall(r'(?m)^HF_(?:KEY|LIST|MAPS?)\("([^"]+)"', (ROOT / "src/tool/proxy/keys.def").read_text(encoding="utf-8"))
    words = (ROOT / "tests/fuzz/dictionaries/fuzz_proxy_config.dict").read_text(encoding="ascii").splitlines()
    assert len(rows) > 40
    assert {f'"{row.split(".")[-1]}: "' for row in rows} - set(words) == set()
