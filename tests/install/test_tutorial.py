# SPDX-License-Identifier: Apache-2.0 OR MIT
"""docs/tutorial.md quotes what the files of examples/ say, and its commands run with an installed prefix."""
import os
import re
import shutil
import socket
import ssl
import textwrap
import threading

import pytest

from conftest import ROOT
from processes import LIMIT, free_port

TUTORIAL = ROOT / "docs/tutorial.md"


def quoted():
    """(file, piece) for every piece of C: the file is the one that was named last before it."""
    name, pieces = None, []
    for part in re.finditer(r"\(\.\./examples/(\w+\.c)\)|^```c\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M):
        name = part.group(1) or name
        if part.group(2):
            pieces.append((name, part.group(2)))
    return pieces


@pytest.mark.parametrize("name,piece", quoted(), ids=lambda text: text.strip().splitlines()[0][:40])
def test_the_tutorial_quotes_the_examples(name, piece):
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    whole = {textwrap.indent(piece, " " * by, lambda line: line.strip()) for by in (0, 4, 8)}
    assert any(variant in text for variant in whole), f"examples/{name} does not hold:\n{piece}"


WAIT = """for i in $(seq 5000); do (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>&- && break; sleep 0.02; done"""


def test_the_commands_of_the_tutorial_run(installed, tmp_path):
    """One after the other, as a reader types them; only the port differs, and servers are waited for."""
    if not shutil.which("openssl"):
        pytest.skip("missing peer: openssl")
    blocks = re.findall(r"^```sh\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)
    said = ""
    os.symlink(ROOT / "examples", tmp_path / "examples")
    path = f"{installed.prefix}/bin:{os.environ['PATH']}"
    for block in blocks:
        port = str(free_port())
        script = re.sub(r"(?m)^sleep 1$", WAIT, block).replace("8443", port).replace("PORT", port)
        done = installed.run("bash", "-e", "-c", script, cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        said += done.stdout + done.stderr
    for words in ("server read: hello", "CN=localhost", "connected to CN=localhost", "signed by another process",
                  "is anybody there?"):
        assert words in said


def client_with_the_lines(folder):
    """client.c with the lines for a certificate of its own and for ALPN where the tutorial says that they belong."""
    pieces = re.findall(r"^```text\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)
    (identity,) = [piece for piece in pieces if "hf_os_identity" in piece]
    (alpn,) = [piece for piece in pieces if "n_alpn" in piece]
    offer, chosen = alpn[:alpn.index("const char *chosen")], alpn[alpn.index("const char *chosen"):]
    text = (ROOT / "examples/client.c").read_text(encoding="utf-8")
    chosen += 'fprintf(stderr, "%s chosen\\n", chosen ? chosen : "-");\n'
    for before, lines in (("    if (e == HF_OK && (e = hf_config_set_trust", identity),
                          ("    hf_config *config = make_config(", offer), ("    if (e == HF_OK && hf_conn_peer", chosen)):
        assert text.count(before) == 1
        text = text.replace(before, lines + before)
    (folder / "more.c").write_text(text, encoding="utf-8")
    return folder / "more.c"


def test_the_lines_for_a_client_s_certificate_and_alpn_work(installed, tmp_path):
    tool = installed.prefix / "bin/handfast"
    installed.run(tool, "cert", "ca", "--out", tmp_path / "ca")
    for folder, *words in (("localhost", "localhost"), ("me", "--client", "me.test")):
        installed.run(tool, "cert", "leaf", "--ca", tmp_path / "ca", "--out", tmp_path / folder, *words)
    heard, listener = [], socket.create_server(("127.0.0.1", 0))

    def serve():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "localhost/leaf.pem", tmp_path / "localhost/leaf.key")
        context.load_verify_locations(tmp_path / "ca/ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["http/1.1"])
        with listener, listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as conn:
            conn.recv(4096)
            heard.append(conn.getpeercert()["subjectAltName"])
            conn.unwrap()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    program = installed.compile(client_with_the_lines(tmp_path), tmp_path / "more")
    done = installed.run(program, "localhost", listener.getsockname()[1], tmp_path / "ca/ca.pem", cwd=tmp_path, check=False)
    thread.join(LIMIT)
    assert done.returncode == 0 and "http/1.1 chosen" in done.stderr and heard == [(("DNS", "me.test"),)], done


def test_the_tutorial_s_cmake_lines_work(installed, tmp_path):
    (lines,) = re.findall(r"^```cmake\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)
    os.symlink(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.22)\nproject(mine LANGUAGES C)\n{lines}",
                                             encoding="utf-8")
    installed.run("cmake", "-S", tmp_path, "-B", tmp_path / "build")
    installed.run("cmake", "--build", tmp_path / "build")
    assert (tmp_path / "build/client").exists()


def test_the_tutorial_shows_every_example():
    assert {name for name, _ in quoted()} == {path.name for path in (ROOT / "examples").glob("*.c")}
