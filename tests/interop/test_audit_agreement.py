# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The auditor and other scanners say the same of the same servers, or there is a reason: a handful here, the whole zoo with HANDFAST_LONG=1.
And an audit is quick, near and far."""
import json
import os
import subprocess

import pytest

from audit_scanners import SSLYZE
from audit_servers import World
from audit_zoo import ZOO
from interop import BIN, ENV, ROOT, need, run
from slow_relay import slow

LONG = os.environ.get("HANDFAST_LONG") == "1"
FEW = {"sslscan": "openssl-all,gnutls-old,nginx-intermediate,mbedtls-old,cert-self-signed",
       "sslyze": "nginx-old,wolfssl-default,cert-stranger,openssl-revoked", "testssl": "cert-no-intermediate"}


def need_scanner(name):
    if name != "sslyze":
        need(name)
    elif not os.access(SSLYZE, os.X_OK):
        pytest.skip("missing peer: sslyze (make deps-peers fetches it from PyPI)")


@pytest.mark.parametrize("scanner", FEW)
def test_agreement(scanner, tmp_path):
    need_scanner(scanner)
    done = run([os.path.join(ROOT, "scripts/audit-agreement"), "--scanners", scanner, "--only", "" if LONG else FEW[scanner]],
               timeout=7200 if LONG else 1200, env={"AUDIT_AGREEMENT": str(tmp_path), "HANDFAST_BIN": BIN})
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-4000:]
    assert b"versions" in done.stdout and b" 0 the same" not in done.stdout.splitlines()[0]


@pytest.mark.parametrize("round_trip", (0, 0.05))
def test_an_audit_is_quick(round_trip, tmp_path):
    """By what makes it so on any machine, whatever else that does: few connections, several at a time, and little work of our own. On an idle one it
    takes 2 s, and 8 s with 50 ms of round trip more, at the settings it comes with."""
    world = World(tmp_path)
    with ZOO["nginx-old"].start(world) as place, slow(place.port, round_trip) as far:
        words = [BIN, "audit", "--json", "--ca", world.pki.ca, "--servername", "localhost", f"127.0.0.1:{far.port}"]
        with subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, env=ENV) as audit:
            said = audit.stdout.read()
            _, status, used = os.wait4(audit.pid, 0)
            audit.returncode = os.waitstatus_to_exitcode(status)
    target, = json.loads(said)["targets"]
    assert audit.returncode == 1 and target["complete"] is True, target["trouble"]
    assert target["connections"] <= 200 and far.most >= 4
    assert used.ru_utime + used.ru_stime < 2
