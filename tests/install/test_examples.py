# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The programs of examples/, compiled as their readers compile them, from an installed prefix, and run: against the tool, against
other people's programs, and against peers that behave badly."""
import os
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import ROOT, run

EXAMPLES = sorted((ROOT / "examples").glob("*.c"))
NAMES = [path.stem for path in EXAMPLES]
LIMIT = 120  # seconds; a machine under load is slow, a hang is not waited for longer
GARBAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
REFUSED = "the peer sent "  # an alert, and its name


# ---- compiling ----

def flags_of(installed, name):
    return installed.flags("--cflags", "--libs", "libcrypto") if name == "jobs" else []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["c11", "c++17"])
def test_compiles_without_a_warning(installed, cxx, tmp_path, name, language):
    installed.compile(ROOT / "examples" / f"{name}.c", tmp_path / name, *flags_of(installed, name), language=language)


def test_the_six_examples_are_there_and_short():
    """Lines at most; poll.c, which is to be copied into services, may be longer than the others."""
    limits = {"client": 80, "custom_verify": 130, "jobs": 260, "mem": 160, "poll": 370, "server": 165}
    assert NAMES == sorted(limits)
    for name, limit in limits.items():
        assert len((ROOT / f"examples/{name}.c").read_text(encoding="utf-8").splitlines()) <= limit, name


class Programs:
    """The examples, each compiled when it is first asked for."""

    def __init__(self, installed, folder):
        self.installed = installed
        self.folder = folder
        self.made = {}

    def __getitem__(self, name):
        if name not in self.made:
            self.made[name] = self.installed.compile(ROOT / "examples" / f"{name}.c", self.folder / name,
                                                     *flags_of(self.installed, name))
        return str(self.made[name])

    def __call__(self, name, *words, env=None):
        return self.installed.run(self[name], *words, env=env or {}, timeout=LIMIT, check=False)


@pytest.fixture(scope="module")
def programs(installed, tmp_path_factory):
    return Programs(installed, tmp_path_factory.mktemp("examples"))


# ---- certificates, and processes that are waited for ----

class Pki:
    """ca.pem signed leaf.pem, for localhost and 127.0.0.1; other.pem is a CA that did not."""

    def __init__(self, installed, folder):
        tool = installed.prefix / "bin/handfast"
        for ca in ("ca", "other"):
            installed.run(tool, "cert", "ca", "--out", folder / ca)
        installed.run(tool, "cert", "leaf", "--ca", folder / "ca", "--out", folder / "leaf", "localhost", "127.0.0.1")
        self.ca, self.other = str(folder / "ca/ca.pem"), str(folder / "other/ca.pem")
        self.cert, self.key = str(folder / "leaf/leaf.pem"), str(folder / "leaf/leaf.key")

    @property
    def pin(self):
        return run("openssl", "x509", "-in", self.cert, "-noout", "-fingerprint", "-sha256").stdout.strip().split("=")[1]


@pytest.fixture(scope="module")
def pki(installed, tmp_path_factory):
    return Pki(installed, tmp_path_factory.mktemp("pki"))


class Process:
    def __init__(self, process, port, errors):
        self.process = process
        self.pid = process.pid
        self.port = port
        self.errors = errors

    def says(self, words):
        """Waits until stderr holds them."""
        end = time.monotonic() + LIMIT
        while words not in self.errors.read_text(errors="replace"):
            assert time.monotonic() < end, self.errors.read_text(errors="replace")
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)


@contextmanager
def running(installed, folder, *words, port=r"127\.0\.0\.1:(\d+)", stdin=subprocess.DEVNULL):
    """A server that says on stdout where it listens; ended by its id."""
    errors = folder / f"errors-{len(list(folder.iterdir()))}"
    with open(errors, "wb") as sink, subprocess.Popen([str(w) for w in words], env=installed.env, cwd=folder, stdin=stdin,
                                                      stdout=subprocess.PIPE, stderr=sink) as process:
        try:
            for line in process.stdout:
                found = re.search(port, line.decode())
                if found:
                    break
            else:
                pytest.fail(errors.read_text())
            yield Process(process, int(found.group(1)), errors)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(LIMIT)


def tool(installed):
    return installed.prefix / "bin/handfast"


def need(program):
    if not shutil.which(program):
        pytest.skip(f"missing peer: {program}")
    return program


def context(pki, version=None):
    made = ssl.create_default_context(cafile=pki.ca)
    if version:
        made.minimum_version = made.maximum_version = version
    return made


def dial(port):
    return socket.create_connection(("127.0.0.1", port), timeout=LIMIT)


# ---- client.c ----

@pytest.fixture(scope="module")
def page(installed, pki, tmp_path_factory):
    """`handfast serve`, with time for a client under valgrind on a busy machine."""
    with running(installed, tmp_path_factory.mktemp("serve"), tool(installed), "serve", "--listen", "127.0.0.1:0", "--timeout", "600",
                 "--cert", pki.cert, "--key", pki.key, port=r"https?://[^/\s]*:(\d+)|:(\d{4,5})") as server:
        yield server


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_client_fetches_from_our_server(programs, pki, page, host):
    done = programs("client", host, page.port, pki.ca)
    assert done.returncode == 0, done
    assert done.stdout.startswith("HTTP/1.") and "CN=localhost" in done.stderr


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_client_fetches_from_openssl(installed, programs, pki, tmp_path, version):
    with running(installed, tmp_path, need("openssl"), "s_server", "-accept", "127.0.0.1:0", "-www", version, "-cert", pki.cert,
                 "-key", pki.key, port=r"ACCEPT .*:(\d+)") as server:
        done = programs("client", "localhost", server.port, pki.ca)
    assert done.returncode == 0, done
    assert "s_server" in done.stdout


def test_client_refuses_a_ca_that_it_was_not_given(programs, pki, page):
    done = programs("client", "localhost", page.port, pki.other)
    assert done.returncode != 0 and done.stdout == ""
    assert "the chain ends at no trusted CA, in Certificate.certificate_list[0]" in done.stderr


def test_client_trusts_the_system_when_no_ca_is_given(programs, pki, page):
    """SSL_CERT_FILE stands for the system here."""
    done = programs("client", "localhost", page.port, env={"SSL_CERT_FILE": pki.other})
    assert done.returncode != 0 and "no trusted CA" in done.stderr


def test_client_refuses_another_name(programs, pki, page):
    """localhost. is the same address under a name that the certificate holds, ip6-localhost is not."""
    done = programs("client", "127.0.0.2", page.port, pki.ca)
    assert done.returncode != 0 and done.stdout == ""


def test_client_says_when_nobody_listens(programs, pki):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound and not listening: refused
        done = programs("client", "localhost", free.getsockname()[1], pki.ca)
        port = free.getsockname()[1]
    assert done.returncode != 0 and f"localhost port {port}: cannot connect: Connection refused" in done.stderr


@pytest.mark.parametrize("words,said", [((), "usage:"), (("localhost", "1", "ca.pem", "more"), "usage:"),
                                        (("nowhere.invalid", "443"), "nowhere.invalid port 443: "),
                                        (("localhost", "no-port"), "localhost port no-port: ")],
                         ids=["nothing", "too-much", "host", "port"])
def test_client_says_what_is_wrong_with_its_words(programs, pki, words, said):
    done = programs("client", *words, env={"SSL_CERT_FILE": pki.ca})
    assert done.returncode != 0 and said in done.stderr and done.stdout == ""


def test_client_names_the_ca_file_that_is_missing(programs, page):
    done = programs("client", "localhost", page.port, "/nowhere/ca.pem")
    assert done.returncode != 0 and done.stderr == "/nowhere/ca.pem: a file could not be read\n"
    done = programs("client", "localhost", page.port, env={"SSL_CERT_FILE": "/nowhere/ca.pem"})
    assert done.returncode != 0 and done.stderr.startswith("SSL_CERT_FILE=/nowhere/ca.pem: No such file")


def test_client_tells_the_peer_s_alert(programs, pki):
    """A server that asks for a certificate, and the client has none."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pki.cert, pki.key)
        server.load_verify_locations(pki.ca)
        server.verify_mode = ssl.CERT_REQUIRED
        with listener, listener.accept()[0] as plain:
            with pytest.raises(ssl.SSLError):
                server.wrap_socket(plain, server_side=True)
    threading.Thread(target=serve, daemon=True).start()
    done = programs("client", "localhost", listener.getsockname()[1], pki.ca)
    assert done.returncode != 0 and "certificate_required" in done.stderr


def one_visitor(pki, answer):
    """A server of Python's for one visitor, in a thread; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pki.cert, pki.key)
        with listener, listener.accept()[0] as plain, server.wrap_socket(plain, server_side=True) as conn:
            conn.recv(4096)
            answer(conn)
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


@pytest.mark.parametrize("name", ["client", "custom_verify"])
def test_a_page_that_was_cut_off_is_not_a_page(programs, pki, name):
    """No close_notify: more may have been meant to come (RFC 9846 6.1)."""
    def cut(conn):
        conn.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf of")
        conn.shutdown(socket.SHUT_WR)
        conn.detach()
    port = one_visitor(pki, cut)
    done = programs(name, "localhost", port, pki.ca if name == "client" else pki.pin)
    assert done.returncode != 0
    assert "half of" in done.stdout and "without close_notify" in done.stderr


@pytest.mark.parametrize("name", ["client", "custom_verify"])
def test_a_long_answer_arrives_whole(programs, pki, name):
    body = bytes(i * 7 % 251 for i in range(400_000)).hex()

    def whole(conn):
        conn.sendall(body.encode())
        conn.unwrap()
    done = programs(name, "localhost", one_visitor(pki, whole), pki.ca if name == "client" else pki.pin)
    assert done.returncode == 0 and done.stdout == body


# ---- server.c ----

@pytest.fixture
def server(installed, programs, pki, tmp_path):
    with running(installed, tmp_path, programs["server"], pki.cert, pki.key) as process:
        yield process


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_server_answers_our_client_and_curl(installed, programs, pki, server, version):
    done = installed.run(tool(installed), "connect", "--http", "--tls", version, "--ca", pki.ca, f"localhost:{server.port}")
    assert re.search(r"http +status 200, 6 bytes", done.stderr) and done.stdout == "hello\n", done
    done = run(need("curl"), "-sS", "--noproxy", "*", f"--tlsv{version}", "--tls-max", version, "--cacert", pki.ca,
               f"https://localhost:{server.port}/")
    assert done.stdout == "hello\n"
    assert programs("client", "localhost", server.port, pki.ca).stdout.endswith("\n\nhello\n")


def test_server_survives_bad_visitors(programs, pki, server):
    with dial(server.port) as s:  # no TLS at all: an alert, then the end
        s.sendall(GARBAGE)
        assert s.recv(7)[:5] == b"\x15\x03\x03\x00\x02"
    server.says("the peer does not speak TLS here")
    with dial(server.port) as s:  # away at once
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with dial(server.port) as plain, context(pki).wrap_socket(plain, server_hostname="localhost") as s:
        s.sendall(b"GET /" + b"a" * 20000)  # no request: longer than any
    server.says("a limit")
    done = programs("client", "localhost", server.port, pki.other)
    assert done.returncode != 0
    server.says(REFUSED)
    assert programs("client", "localhost", server.port, pki.ca).returncode == 0


def test_server_tells_a_visitor_who_left(programs, pki, server):
    with dial(server.port) as plain, context(pki).wrap_socket(plain, server_hostname="localhost") as s:
        s.unwrap()
    server.says("the visitor left")
    assert programs("client", "localhost", server.port, pki.ca).returncode == 0


def test_records_without_data_do_not_hold_the_server(installed, programs, pki, tmp_path):
    """KeyUpdates, each well in time, and never a request: the next visitor has his turn all the same."""
    text = (ROOT / "examples/server.c").read_text(encoding="utf-8")
    assert text.count("limit = { 5, 0 }") == 1
    (tmp_path / "server.c").write_text(text.replace("limit = { 5, 0 }", "limit = { 1, 0 }"), encoding="utf-8")
    program = installed.compile(tmp_path / "server.c", tmp_path / "server")
    with running(installed, tmp_path, program, pki.cert, pki.key) as process:
        with subprocess.Popen([need("openssl"), "s_client", "-connect", f"127.0.0.1:{process.port}"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bore:
            over = threading.Event()

            def renew():
                try:
                    while not over.wait(0.4):
                        bore.stdin.write(b"k\n")
                        bore.stdin.flush()
                except OSError:
                    pass
            thread = threading.Thread(target=renew)
            thread.start()
            try:
                process.says("the peer took too long")
            finally:
                over.set()
                thread.join()
                bore.kill()
                bore.stdin.close()
        assert programs("client", "localhost", process.port, pki.ca).returncode == 0


def test_server_says_what_is_wrong_with_its_files(programs, pki):
    done = programs("server", pki.cert, pki.cert)
    assert done.returncode != 0 and "no usable PEM block was found" in done.stderr


# ---- poll.c ----

@pytest.fixture
def echo(installed, programs, pki, tmp_path):
    with running(installed, tmp_path, programs["poll"], pki.cert, pki.key) as process:
        process.idle = count_open(process.pid)
        yield process


def count_open(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def wait_until(true):
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def read_exactly(conn, count):
    got = b""
    while len(got) < count:
        piece = conn.recv(65536)
        assert piece, f"{len(got)} of {count} bytes"
        got += piece
    return got


def exchange(s, said, stalled=None):
    """Sends it and reads it back. With `stalled` nothing is read until no more can be sent; then that is called first."""
    view, sent, heard, reads = memoryview(said), 0, bytearray(), stalled is None
    s.setblocking(False)
    while len(heard) < len(said):
        moved = False
        try:
            n = s.send(view[sent:sent + 16384]) if sent < len(said) else 0
            sent, moved = sent + n, n > 0
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            piece = s.recv(65536) if reads else b""
            heard += piece
            moved = moved or len(piece) > 0
            assert piece or not reads, f"{len(heard)} of {len(said)} bytes"
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        if moved:
            continue
        ready = select.select([s] if reads else [], [s] if sent < len(said) else [], [], LIMIT if reads else 1)
        if not reads and not any(ready):
            reads = True
            stalled()
    s.settimeout(LIMIT)
    assert bytes(heard) == said


def friend(echo, pki, version, size, stalled=None):
    """Says a lot and hears it again, in order, then both close."""
    with context(pki, version).wrap_socket(dial(echo.port), server_hostname="localhost") as s:
        exchange(s, os.urandom(size), stalled)
        s.unwrap().close()  # its close_notify is awaited


def in_parallel(jobs):
    failed = []

    def guarded(job):
        try:
            job()
        except BaseException as e:  # pylint: disable=broad-except
            failed.append(e)
    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_poll_serves_fifty_of_whom_some_are_bad(echo, pki):
    silent = [dial(echo.port) for _ in range(5)]  # not a byte, or half a ClientHello
    for s in silent[1:]:
        s.sendall(b"\x16\x03\x01\x02\x00\x01")
    gone = [context(pki).wrap_socket(dial(echo.port), server_hostname="localhost") for _ in range(5)]
    jobs = [lambda i=i: friend(echo, pki, ssl.TLSVersion.TLSv1_2 if i % 3 == 0 else ssl.TLSVersion.TLSv1_3, 20_000 + 7_001 * i)
            for i in range(35)]

    def babbler():
        with dial(echo.port) as s:
            s.sendall(GARBAGE)
            assert s.recv(7) == b"\x15\x03\x03\x00\x02\x02\x0a"  # unexpected_message
            assert s.recv(1) == b""

    def leaver(conn):
        conn.sendall(b"a" * 100_000)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()
    in_parallel(jobs + [babbler] * 5 + [lambda conn=conn: leaver(conn) for conn in gone])
    # All others are let go, and nothing leaks; these when their time is over, which on a slow machine it may be.
    wait_until(lambda: count_open(echo.pid) == echo.idle + len(silent) - len(select.select(silent, [], [], 0)[0]))
    for s in silent:
        assert s.recv(100) == b""
        s.close()
    echo.says("the peer took too long")  # it was the handshake's deadline
    wait_until(lambda: count_open(echo.pid) == echo.idle)
    assert echo.stop() == 0


def test_poll_ends_a_visit_that_lasts_too_long(installed, pki, tmp_path):
    """A byte now and then keeps a place for a while, but not for ever."""
    text = (ROOT / "examples/poll.c").read_text(encoding="utf-8")
    assert text.count("TOTAL_MS = 600000,") == 1
    (tmp_path / "poll.c").write_text(text.replace("TOTAL_MS = 600000,", "TOTAL_MS = 1500,"), encoding="utf-8")
    program = installed.compile(tmp_path / "poll.c", tmp_path / "poll")
    with running(installed, tmp_path, program, pki.cert, pki.key) as process:
        with context(pki).wrap_socket(dial(process.port), server_hostname="localhost") as s:
            end = time.monotonic() + LIMIT
            try:
                while s.send(b"a") and s.recv(1) and time.monotonic() < end:
                    pass
            except OSError:
                pass
            assert time.monotonic() < end


def memory_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1))


def test_poll_takes_no_more_than_it_can_give_back(echo, pki):
    """Somebody sends and does not read: TCP stops him, and nothing is piled up for him. When he reads, he gets all of it."""
    friend(echo, pki, None, 100_000)
    before, seen = memory_kib(echo.pid), []

    def stalled():
        seen.append(memory_kib(echo.pid) - before)
        friend(echo, pki, None, 100_000)  # others are served meanwhile
    friend(echo, pki, None, 30_000_000, stalled)
    assert len(seen) == 1 and seen[0] < 4096


def test_poll_tells_a_close_from_a_cut(echo, pki):
    friend(echo, pki, None, 10)
    with context(pki).wrap_socket(dial(echo.port), server_hostname="localhost") as s:
        s.sendall(b"half a se")
        assert read_exactly(s, 9) == b"half a se"
    echo.says("the connection ended without close_notify")


def test_poll_answers_all_before_it_closes(installed, echo, pki, tmp_path):
    """A client that has closed its own direction still gets every byte (RFC 9846 6.1)."""
    said = os.urandom(2_000_000)
    done = subprocess.run([tool(installed), "connect", "--pipe", "--ca", pki.ca, f"localhost:{echo.port}"], input=said,
                          env=installed.env, cwd=tmp_path, capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0 and done.stdout == said
    assert echo.errors.read_text() == ""


def test_poll_says_goodbye_when_it_is_stopped(echo, pki):
    with context(pki).wrap_socket(dial(echo.port), server_hostname="localhost", suppress_ragged_eofs=False) as s:
        s.sendall(b"a")
        assert s.recv(1) == b"a"
        assert echo.stop() == 0
        assert s.recv(1) == b""  # close_notify: otherwise an SSLEOFError


# ---- custom_verify.c ----

def test_the_right_pin_is_enough(programs, pki, page):
    for pin in (pki.pin, pki.pin.replace(":", "").lower()):
        done = programs("custom_verify", "localhost", page.port, pin)
        assert done.returncode == 0 and "200" in done.stdout, done


@pytest.mark.parametrize("spoil", [lambda pin: pin[:-1] + ("0" if pin[-1] != "0" else "1"), lambda pin: pin[:-1],
                                   lambda pin: pin + "0", lambda pin: ""], ids=["other", "short", "long", "none"])
def test_another_pin_is_refused(programs, pki, page, spoil):
    done = programs("custom_verify", "localhost", page.port, spoil(pki.pin))
    assert done.returncode != 0 and done.stdout == ""
    assert "the server has another certificate" in done.stderr


def test_pin_and_chain_must_both_be_good(programs, pki, page):
    assert programs("custom_verify", "localhost", page.port, pki.pin, pki.ca).returncode == 0
    done = programs("custom_verify", "localhost", page.port, pki.pin, pki.other)
    assert done.returncode != 0 and "the chain ends at no trusted CA" in done.stderr and done.stdout == ""


def test_the_chain_must_be_good_for_the_name(installed, programs, pki, tmp_path):
    """The leaf is pinned and its CA is trusted, but it is for another host."""
    installed.run(tool(installed), "cert", "leaf", "--ca", Path(pki.ca).parent, "--out", tmp_path / "leaf", "elsewhere.test")
    pin = run("openssl", "x509", "-in", tmp_path / "leaf/leaf.pem", "-noout", "-fingerprint", "-sha256").stdout.split("=")[1]
    with running(installed, tmp_path, programs["server"], tmp_path / "leaf/leaf.pem", tmp_path / "leaf/leaf.key") as server:
        done = programs("custom_verify", "localhost", server.port, pin.strip(), pki.ca)
        assert done.returncode != 0 and "the certificate is for another name" in done.stderr and done.stdout == ""
        done = programs("client", "localhost", server.port, pki.ca)
        assert done.returncode != 0 and "the certificate is for another name" in done.stderr and done.stdout == ""


# ---- jobs.c ----

def child_of(pid):
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def memory_of(pid):
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if " r" in line and "[vvar" not in line and "[vsyscall" not in line:
                memory.seek(start)
                try:
                    yield memory.read(end - start)
                except OSError:
                    pass


def secret_of(path):
    text = run("openssl", "pkey", "-in", path, "-noout", "-text").stdout
    return bytes.fromhex(re.sub(r"[^0-9a-f]", "", re.search(r"priv:(.*?)pub:", text, re.S).group(1))[-64:])


def test_another_process_signs(installed, programs, pki, tmp_path):
    with running(installed, tmp_path, programs["jobs"], pki.cert, pki.key) as process:
        for _ in range(2):
            done = programs("client", "localhost", process.port, pki.ca)
            assert done.returncode == 0 and "signed by another process" in done.stdout
        with dial(process.port) as s:
            s.sendall(GARBAGE)
            assert s.recv(1) == b"\x15"
        need("curl")
        done = run("curl", "-sS", "--noproxy", "*", "--cacert", pki.ca, f"https://localhost:{process.port}/")
        assert "signed by another process" in done.stdout
        secret = secret_of(pki.key)
        holds = {pid: any(secret in piece or secret[::-1] in piece for piece in memory_of(pid))
                 for pid in (process.pid, child_of(process.pid))}
        assert list(holds.values()) == [False, True]


def test_the_parent_takes_no_key_from_the_certificate_s_file(programs, pki, tmp_path):
    both = tmp_path / "both.pem"
    both.write_text(Path(pki.cert).read_text() + Path(pki.key).read_text())
    done = programs("jobs", both, pki.key)
    assert done.returncode != 0 and "must not hold a private key" in done.stderr and "listening" not in done.stdout


def test_without_the_signer_the_handshake_fails(installed, programs, pki, tmp_path):
    with running(installed, tmp_path, programs["jobs"], pki.cert, pki.key) as process:
        os.kill(child_of(process.pid), signal.SIGKILL)
        done = programs("client", "localhost", process.port, pki.ca)
        assert done.returncode != 0 and done.stdout == "" and REFUSED in done.stderr
        assert process.process.wait(LIMIT) == 1
        process.says("the process with the key is gone")
        process.says("a job failed outside the library")


def test_an_answer_that_comes_too_late_is_not_the_next_one_s(installed, programs, pki, tmp_path):
    """The child is stopped until a visitor has given up; then its answer meets the next one's question."""
    with running(installed, tmp_path, programs["jobs"], pki.cert, pki.key) as process:
        child = child_of(process.pid)
        os.kill(child, signal.SIGSTOP)
        done = programs("client", "localhost", process.port, pki.ca)
        assert done.returncode != 0 and done.stdout == "" and REFUSED in done.stderr
        os.kill(child, signal.SIGCONT)
        done = programs("client", "localhost", process.port, pki.ca)
        assert done.returncode == 0 and "signed by another process" in done.stdout


# ---- mem.c ----

TALK = "server read: hello\nclient read: hello yourself\n"


def test_mem_needs_nothing(programs):
    done = programs("mem")
    assert done.returncode == 0 and done.stdout.endswith(TALK) and "by a shared key" in done.stdout


def test_mem_as_a_static_program(installed, tmp_path):
    program = installed.compile(ROOT / "examples/mem.c", tmp_path / "mem", static=True)
    assert run(program, env={}).stdout.endswith(TALK)


# ---- memory ----

def checked(installed, tmp_path, *words):
    """Under valgrind: no error, and nothing of ours left."""
    need("valgrind")
    return installed.run("valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                         *words, cwd=tmp_path, timeout=LIMIT * 2, check=False)


def test_mem_leaks_nothing(installed, programs, tmp_path):
    done = checked(installed, tmp_path, programs["mem"])
    assert done.returncode == 0, done.stderr


def test_client_leaks_nothing(installed, programs, pki, page, tmp_path):
    done = checked(installed, tmp_path, programs["client"], "localhost", page.port, pki.ca)
    assert done.returncode == 0, done.stderr
    done = checked(installed, tmp_path, programs["client"], "localhost", page.port, pki.other)
    assert done.returncode == 1, done.stderr


def test_custom_verify_leaks_nothing(installed, programs, pki, page, tmp_path):
    done = checked(installed, tmp_path, programs["custom_verify"], "localhost", page.port, pki.pin, pki.ca)
    assert done.returncode == 0, done.stderr


def test_poll_leaks_nothing(installed, programs, pki, tmp_path):
    need("valgrind")
    with running(installed, tmp_path, "valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
                 "--errors-for-leak-kinds=definite,indirect", programs["poll"], pki.cert, pki.key) as process:
        friend(process, pki, None, 50_000)
        with dial(process.port) as s:
            s.sendall(GARBAGE)
            s.recv(7)
        with dial(process.port), context(pki).wrap_socket(dial(process.port), server_hostname="localhost"):
            assert process.stop() == 0, process.errors.read_text()
