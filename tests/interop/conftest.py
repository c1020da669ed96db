# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Fixtures of the interoperability tests; everything else is in interop.py."""
import contextlib
import os

import pytest

from interop import BIN, KEYS, Pki, hf_serve, write_matrix


def pytest_sessionfinish():
    write_matrix()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def hf_servers(pki):
    """One server of ours a key type, for all tests of the session: the status page."""
    with contextlib.ExitStack() as stack:
        yield {key: stack.enter_context(hf_serve(pki, key)) for key in KEYS}
