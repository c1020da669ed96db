# SPDX-License-Identifier: Apache-2.0 OR MIT
"""docs/proxy.md: its commands run as they stand, in one shell, as a reader types them; every piece of a configuration is taken; and the
programs that it names connect. Only ports differ, and what was started is waited for."""
import os
import re
import shutil
import subprocess

import pytest

import proxied
from conftest import ROOT
from proxied_pki import Authority

with open(os.path.join(ROOT, "docs/proxy.md"), encoding="utf-8") as f:
    TEXT = f.read()
# A block, in a list too, and the mark above it.
FENCED = re.compile(r"(?:^ *<!-- (not run|run by)[^>]*-->\n)?^( *)```(\w+)\n(.*?)^ *```", re.M | re.S)
BLOCKS = [(found[1], found[3], re.sub(f"(?m)^{found[2]}", "", found[4])) for found in FENCED.finditer(TEXT)]
SHELL = [text for mark, language, text in BLOCKS if language == "sh" and not mark]
YAML = [text for _, language, text in BLOCKS if language == "yaml"]
PORTS = ("8443", "8080", "8000", "9443")
WAIT = "for port in PORT8443 PORT8000; do for i in $(seq 1500); do (exec 3<>/dev/tcp/127.0.0.1/$port) 2>&- && break; sleep 0.02; done; done"
# A block by a word of it, and what it says, in order.
SAYS = [("proxy.yaml <<'END'", ["hello from behind", "https://localhost", "localhost"]),
        ("half a certificate", ["not all is well", "hello from behind", "leaf.pem"]),
        ("--failures", []),
        ("/metrics", ["handfast_certificate_not_after_timestamp_seconds"])]


def test_the_blocks_are_known():
    assert len(SHELL) == len(SAYS) and all(word in block for (word, _), block in zip(SAYS, SHELL))


def on_free_ports(text):
    for port, free in zip(PORTS, proxied.free_ports(len(PORTS))):
        text = re.sub(rf"\b(PORT)?{port}\b", str(free), text)
    return text


def test_the_commands_run(tmp_path, binary):
    """In one shell, so that what one block starts is there in the next."""
    if not shutil.which("curl"):
        pytest.skip("missing peer: curl (make deps-peers)")
    (tmp_path / "bin").mkdir()
    os.symlink(binary, tmp_path / "bin/handfast")
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "COLUMNS": "80"}
    blocks = [re.sub(r"(?m)^sleep 1\b.*$", WAIT, block) for block in SHELL]
    script = "trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT\n" + "\necho ==== next\n".join(blocks)
    log = tmp_path / "said"
    with open(log, "wb") as out:
        done = subprocess.run(["bash", "-e", "-c", on_free_ports(script)], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=out, timeout=120, check=False)
    said = log.read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, said
    for part, (_, words) in zip(said.split("==== next\n"), SAYS):
        at = 0
        for word in words:
            assert word in part[at:], f"{word}\n{part}"
            at = part.index(word, at) + len(word)


# ---- configurations ----

def whole(text):
    """A piece of a configuration with what is missing."""
    head = "" if "listen:" in text else 'listen: ["127.0.0.1:8443"]\n'
    site = "sites: [{names: [a.test], certificates: [{chain: a.pem, key: a.key}], backend: \"127.0.0.1:1\"}]\n"
    return head + text + ("" if "sites:" in text else site)


@pytest.mark.parametrize("text", YAML, ids=lambda text: text.split("\n")[0][:30])
def test_a_configuration_is_taken(hf, tmp_path, text):
    """Its form and its sense; the files that it names are nobody's, and only they are complained of."""
    (tmp_path / "proxy.yaml").write_text(whole(text), encoding="utf-8")
    done = hf("proxy", "check", tmp_path / "proxy.yaml")
    assert done.code == 1, done


def test_the_example_is_the_installed_one():
    with open(os.path.join(ROOT, "packaging/proxy.yaml"), encoding="utf-8") as f:
        example = "".join(line for line in f if not line.startswith("#"))
    assert example in YAML


def test_what_a_drop_in_takes_away_is_what_the_unit_gives():
    (ini,) = (text for _, language, text in BLOCKS if language == "ini")
    with open(os.path.join(ROOT, "packaging/handfast-proxy.service"), encoding="utf-8") as f:
        given = dict(re.findall(r"(?m)^(AmbientCapabilities|CapabilityBoundingSet)=(.+)$", f.read()))
    left = dict(re.findall(r"(?m)^(\w+)=(.+)$", ini))
    assert given.keys() == left.keys()
    assert all(set(left[name].split()) < set(given[name].split()) and f"\n{name}=\n" in ini for name in given)


def test_metrics_that_are_named_are_there(binary, tmp_path):
    authority = Authority(tmp_path)
    row = {"names": ["a.test"], "certificates": [authority.leaf("a.test").into(tmp_path, "a")], "backend": "127.0.0.1:1"}
    named = set(re.findall(r"`(handfast_\w+)`", TEXT))
    with proxied.Proxy(binary, tmp_path, [row]) as proxy:
        assert named and named <= set(re.findall(r"^# TYPE (\S+)", proxy.get_admin("/metrics")[1], re.M))


# ---- programs ----

def test_redis_through_it(binary, tmp_path):
    """The site and the command as docs/proxy.md has them; names and ports are this test's."""
    for name in ("redis-server", "redis-cli"):
        if not shutil.which(name):
            pytest.skip(f"missing peer: {name} (make deps-peers)")
    (site,) = (text for text in YAML if "redis.example.org" in text)
    (command,) = (text for _, language, text in BLOCKS if language == "sh" and "redis-cli" in text)
    port, tls = proxied.free_ports(2)
    authority = Authority(tmp_path)
    authority.leaf("redis.example.org").into(tmp_path, "redis")
    authority.leaf("me@example.org", client=True).into(tmp_path, "me")
    for name in ("clients.pem", "ca.pem"):
        shutil.copy(authority.file, tmp_path / name)
    (tmp_path / "proxy.yaml").write_text(f'listen: ["127.0.0.1:{tls}"]\n' + site.replace("6379", str(port)), encoding="utf-8")
    redis = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tmp_path]
    run = [binary, "proxy", "run", tmp_path / "proxy.yaml"]
    with proxied.program(redis, lambda: proxied.listens(port), "redis-server"), \
            proxied.program(run, lambda: proxied.listens(tls), "the proxy"):
        words = command.replace("-h redis.example.org -p 443", f"-h 127.0.0.1 -p {tls}")
        done = subprocess.run(["sh", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
        assert done.stdout == "PONG\n", done
        alone = re.sub(r"--cert \S+ --key \S+", "", words)
        done = subprocess.run(["sh", "-c", alone], cwd=tmp_path, capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
        assert "PONG" not in done.stdout, "a client without a certificate"
