# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The zoo's servers: other people's programs, each started as a configuration of the table in audit_zoo.py asks. A starter takes the
world (certificates, a folder, programs that are built once) and gives a context whose value is a Place."""
import contextlib
import itertools
import os
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

import jvm
from interop import BIN, ROOT, answers, build_go, free_port, listening, need, process, run
from processes import LIMIT
from audit_pki import ZooPki
from nginx import running
from proxied import Proxy
from weak_server import weak

PEERS = os.path.join(ROOT, "tests/interop/peers")
HSTS = 'add_header Strict-Transport-Security "max-age=63072000" always;'


@dataclass
class Place:
    port: int
    plain: int = 0  # where the same host speaks HTTP without TLS; 0: nowhere


class World:
    """What all servers share; made in a folder of the tests."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.pki = ZooPki(self.folder / "pki")
        self.built, self.lock = {}, threading.Lock()

    def once(self, name, make):
        with self.lock:
            if name not in self.built:
                self.built[name] = make()
            return self.built[name]

    def scratch(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    def weak_openssl(self):
        """Before it reads -cipher s_server looks at the parameters for DHE; its configuration comes before both."""
        file = self.folder / "weak.cnf"
        file.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nCipherString = DEFAULT:@SECLEVEL=0\n")
        return {"OPENSSL_CONF": str(file)}

    def go(self):
        return self.once("go", lambda: build_go(self.folder))

    def java(self):
        return self.once("java", lambda: jvm.build(self.scratch()))

    def small(self, library, probe, libraries):
        return self.once(library, lambda: build_c(self.folder, library, probe, libraries))


def build_c(folder, library, probe, libraries):
    cc = os.environ.get("CC") or "cc"
    need(cc)
    if run([cc, "-E", "-"], probe.encode()).returncode:
        pytest.skip(f"missing peer: the headers of {library}")
    source = os.path.join(PEERS, library)
    made = run([cc, "-std=c11", "-D_DEFAULT_SOURCE", "-O1", os.path.join(source, "zoo.c"), os.path.join(source, "common.c"), "-o",
                folder / f"zoo-{library}", *libraries])
    assert made.returncode == 0, made.stderr.decode()
    return folder / f"zoo-{library}"


def need_server(name):
    """Servers often stand where only root's PATH looks."""
    with_sbin = f"/usr/sbin/{name}"
    return with_sbin if os.access(with_sbin, os.X_OK) else need(name)


@contextlib.contextmanager
def at(words_of_port, **more):
    with listening(words_of_port, **more) as port:
        yield Place(port)


# --- starters: each is called in the table with what is special, and then with the world ------------------------------------

def openssl(*options, cert="p256", second=None, staple=None, dh=None, client_ca=False, second_name=False):
    """s_server: one visitor after the other."""
    def start(world):
        shown = world.pki.shown(cert)
        words = [need("openssl"), "s_server", "-www", "-cert", shown.leaf, "-key", shown.key]
        if shown.rest.stat().st_size:
            words += ["-cert_chain", shown.rest]
        if second:
            other = world.pki.shown(second)
            words += ["-dcert", other.leaf, "-dkey", other.key, "-dcert_chain", other.rest]
        if staple is not None:
            words += ["-status_file", world.pki.staple(cert, **staple)]
        if dh:
            words += ["-dhparam", world.pki.dh(dh)]
        if client_ca:
            words += ["-CAfile", world.pki.ca]
        if second_name:
            words += ["-cert2", shown.leaf, "-key2", shown.key]
        return at(lambda port: [*words, *options, "-accept", f"127.0.0.1:{port}"], env=world.weak_openssl() if dh else None)
    return start


def gnutls(priority, *options, cert="p256", dh=None):
    def start(world):
        shown = world.pki.shown(cert)
        words = [need("gnutls-serv"), "--http", "--x509certfile", shown.chain, "--x509keyfile", shown.key, "--priority", priority,
                 *options]
        if dh:
            words += ["--dhparams", world.pki.dh(dh)]
        return at(lambda port: [*words, "--port", port])
    return start


MOZILLA = ("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
           "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305")
MOZILLA_OLD = (MOZILLA + ":DHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:"
               "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA256:AES128-GCM-SHA256:"
               "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:@SECLEVEL=0")


def nginx(settings="", certs=("p256",), location="return 200 fine;", plain=None, staple=None, client_ca=False, chain="chain"):
    """plain: what the server block on a port without TLS has; None: there is none."""
    def start(world):
        told = "".join(f"ssl_certificate {getattr(world.pki.shown(c), chain)}; ssl_certificate_key {world.pki.shown(c).key};"
                       for c in certs)
        told += f"server_name localhost; {settings} location / {{ {location} }}"
        if staple is not None:
            told += f"ssl_stapling on; ssl_stapling_file {world.pki.staple(certs[0], **staple)};"
        if client_ca:
            told += f"ssl_client_certificate {world.pki.ca};"
        if plain is None:
            return place_of(running("127.0.0.1:{port} ssl", told), 0)
        other = free_port()
        return place_of(running("127.0.0.1:{port} ssl", f"{told} }} server {{ listen 127.0.0.1:{other}; {plain}"), other)
    return start


@contextlib.contextmanager
def place_of(context, plain):
    with context as port:
        yield Place(port, plain)


@contextlib.contextmanager
def with_file(world, name, text_of_port, words_of_file):
    """A server whose port stands in a file of settings."""
    folder = world.scratch()

    def words(port):
        (folder / name).write_text(text_of_port(port), encoding="utf-8")
        return words_of_file(folder / name)
    with at(words) as place:
        yield place


def haproxy(bind, hsts=False, cert="p256"):
    def start(world):
        answer = 'http-request return status 200 content-type text/plain string fine'
        if hsts:
            answer += ' hdr Strict-Transport-Security "max-age=31536000; includeSubDomains"'

        def text(port):
            return ("global\n maxconn 200\n tune.ssl.default-dh-param 2048\ndefaults\n mode http\n timeout client 5s\n"
                    " timeout server 5s\n timeout connect 5s\nfrontend zoo\n"
                    f" bind 127.0.0.1:{port} ssl crt {world.pki.shown(cert).all} {bind}\n {answer}\n")
        return with_file(world, "haproxy.cfg", text, lambda file: [need_server("haproxy"), "-db", "-f", file])
    return start


@contextlib.contextmanager
def backend():
    """HTTP without TLS, for who only puts TLS in front of it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(visitor):
        with contextlib.suppress(OSError), visitor:
            visitor.settimeout(LIMIT)
            visitor.recv(4096)
            visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfine\n")

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


class Turns:
    """A balancer of TCP that takes turns."""

    def __init__(self, ports):
        self.listener, self.ports = socket.create_server(("127.0.0.1", 0)), ports
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            for n in itertools.count():
                visitor = self.listener.accept()[0]
                threading.Thread(target=self.join, args=(visitor, self.ports[n % len(self.ports)]), daemon=True).start()

    @classmethod
    def join(cls, visitor, port):
        with contextlib.suppress(OSError), visitor, socket.create_connection(("127.0.0.1", port)) as machine:
            back = threading.Thread(target=cls.copy, args=(machine, visitor), daemon=True)
            back.start()
            cls.copy(visitor, machine)
            back.join()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def stunnel(settings="", cert="p256"):
    @contextlib.contextmanager
    def start(world):
        with backend() as behind:
            def text(port):
                return (f"foreground = yes\nsyslog = no\ndebug = 3\npid =\n[zoo]\naccept = 127.0.0.1:{port}\n"
                        f"connect = 127.0.0.1:{behind}\ncert = {world.pki.shown(cert).chain}\nkey = {world.pki.shown(cert).key}\n{settings}\n")
            with with_file(world, "stunnel.conf", text, lambda file: [need("stunnel"), file]) as place:
                yield place
    return start


MBED_PROBE = "#include <mbedtls/version.h>\n#include <mbedtls/ssl.h>\n#if MBEDTLS_VERSION_MAJOR != 2\n#error other\n#endif\n"
WOLF_PROBE = "#include <wolfssl/options.h>\n#include <wolfssl/ssl.h>\n"


def mbedtls(minor=3, suites="-", habits="-", cert="rsa2048"):
    def start(world):
        program = world.small("mbedtls", MBED_PROBE, ("-lmbedtls", "-lmbedx509", "-lmbedcrypto"))
        shown = world.pki.shown(cert)
        return at(lambda port: [program, port, shown.chain, shown.key, minor, suites, habits])
    return start


def wolfssl(suites="-", cert="p256"):
    def start(world):
        program = world.small("wolfssl", WOLF_PROBE, ("-lwolfssl",))
        shown = world.pki.shown(cert)
        return at(lambda port: [program, port, shown.chain, shown.key, suites])
    return start


def golang(*options, cert="p256"):
    def start(world):
        shown = world.pki.shown(cert)
        program = world.go()
        return at(lambda port: [program, "-page", 1, "-cert", shown.chain, "-key", shown.key, *options, "-listen", f"127.0.0.1:{port}"])
    return start


LAX = ("jdk.tls.disabledAlgorithms=\njdk.tls.legacyAlgorithms=\njdk.certpath.disabledAlgorithms=\njdk.disabled.namedCurves=\n"
       "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^37\n")


def java(cert="rsa2048", **order):
    """JSSE without any of its prohibitions still speaks what nobody else does: SSL 3.0, export suites, DES, anonymous ones."""
    @contextlib.contextmanager
    def start(world):
        classes = world.java()
        lax = world.scratch() / "lax.security"
        lax.write_text(LAX, encoding="ascii")
        machine = jvm.Jvm(classes, f"-Djava.security.properties={lax}", "-Djdk.tls.ephemeralDHKeySize=legacy",
                          "-Djdk.tls.rejectClientInitiatedRenegotiation=false")
        try:
            shown = world.pki.shown(cert)
            yield Place(machine.ask("serve", cert=shown.chain, key=shown.key, **order)["port"])
        finally:
            machine.close()
    return start


def handfast(*options, cert="p256"):
    @contextlib.contextmanager
    def start(world):
        shown, folder = world.pki.shown(cert), world.scratch()
        file = folder / "port"

        def up():
            return file.exists() and file.read_text().strip() and answers(int(file.read_text()))
        words = [BIN, "serve", "--listen", "127.0.0.1:0", "--port-file", file, "--cert", shown.chain, "--key", shown.key]
        with process([*words, *options], up):
            yield Place(int(file.read_text()))
    return start


def handfast_proxy(cert="p256", **more):
    @contextlib.contextmanager
    def start(world):
        with backend() as behind:
            shown = world.pki.shown(cert)
            site = {"names": ["localhost"], "certificates": [{"chain": str(shown.chain), "key": str(shown.key)}],
                    "backend": f"127.0.0.1:{behind}", **more}
            with Proxy(BIN, world.scratch(), [site], workers=1) as proxy:
                yield Place(proxy.tls, proxy.redirect)
    return start


def scripted(name, **changes):
    """tests/support/weak_server.py: what no packaged server does any more."""
    @contextlib.contextmanager
    def start(_world):
        need("openssl")
        with weak(name, **changes) as server:
            yield Place(server.port)
    return start


def in_turns(*starters):
    """Several machines behind one address: each connection goes to the next of them."""
    @contextlib.contextmanager
    def start(world):
        with contextlib.ExitStack() as stack:
            ports = [stack.enter_context(starter(world)).port for starter in starters]
            with Turns(ports) as turns:
                yield Place(turns.port)
    return start


def ticketbleed():
    """A real server, and before it somebody who pads session ids as the balancers of that weakness did."""
    @contextlib.contextmanager
    def start(world):
        with openssl("-tls1_2", cert="rsa2048")(world) as behind, weak("ticketbleed", behind=behind.port) as server:
            yield Place(server.port)
    return start
