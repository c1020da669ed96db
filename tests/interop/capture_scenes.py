# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Handshakes worth capturing, each a scene: a server, a client, and a relay between them. SCENES names them all. A scene says
whether everything in it can be opened with its key log: neither program opens what the other cannot, where it is sealed."""
import contextlib
import dataclasses
import functools
import socket
import ssl
import threading

import pytest

import captures
from chromium import Home, browser
from interop import BIN, hf_serve, listening, need, process, run
from processes import LIMIT
from nginx import directives, running
from test_staple import Responder
from test_staple import openssl as openssl_tool
from tls12 import REQUEST, client_cert, make_client_certs
from tls12_nss import Nss

SCENES = {}
PSK = "00112233445566778899aabbccddeeff"


@dataclasses.dataclass
class Scene:
    play: object
    unread: tuple = ()  # what one of the two does not read in it
    keyless: bool = False  # neither gets the key log
    sealed: bool = False  # its suites are none that we open, so that tshark gets no key log either
    fails: bool = False  # with an alert
    port: int = captures.PORT
    least: int = 1  # connections


class Stage:
    """Where a scene is played: certificates, a folder, a key log, and what went through the relays."""

    def __init__(self, pki, folder):
        self.pki, self.folder, self.keylog, self.connections = pki, folder, folder / "keys.log", []
        make_client_certs(pki)

    @contextlib.contextmanager
    def through(self, far, family=socket.AF_INET):
        with captures.relay(far, family) as between:
            yield between
            between.close()
            self.connections += [connection for connection in between.connections if connection.pieces]

    def words(self, text):
        """Options with the names of files in them."""
        cert, key = client_cert(self.pki, "p256")
        names = {"ca": self.pki.ca, "cert": cert, "key": key, "session": self.folder / "session", "folder": self.folder, "psk": PSK}
        return text.format(**names).split()


def scene(name, **about):
    def enter(play):
        SCENES[name] = Scene(play, **about)
        return play
    return enter


# --- OpenSSL on both sides ------------------------------------------------------------------------------------------

def s_server(stage, options, key="p256", v6=False):
    host = "[::1]" if v6 else "127.0.0.1"
    cert = [] if "-nocert" in options or not key else ["-cert", stage.pki.cert(key), "-key", stage.pki.key(key)]
    base = ["openssl", "s_server", *cert, *([] if "-rev" in options else ["-www"]), *stage.words(options)]
    if not v6:
        return listening(lambda port: [*base, "-accept", f"{host}:{port}"])
    return listening6(lambda port: [*base, "-accept", f"{host}:{port}"])


@contextlib.contextmanager
def listening6(words_of_port):
    def up():
        with contextlib.suppress(OSError), socket.create_connection(("::1", port), timeout=1):
            return True
        return False
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as s:
            port = s.getsockname()[1]
    except OSError:
        pytest.skip("missing peer: ::1, the loopback of IPv6")
    with process(words_of_port(port), up):
        yield port


def s_client(stage, between, options, request=REQUEST, wait=True):
    """`wait`: it goes on after its input's end, and takes no commands from it."""
    address = f"[{between.host}]:{between.port}" if ":" in between.host else f"{between.host}:{between.port}"
    return run(["openssl", "s_client", "-connect", address, "-servername", "localhost", "-CAfile", stage.pki.ca, "-keylogfile",
                stage.keylog, *(["-ign_eof"] if wait else []), *stage.words(options)], request, timeout=LIMIT)


def openssl(stage, server="", clients=("",), key="p256", v6=False, fails=False):
    with s_server(stage, server, key, v6) as port:
        with stage.through(port, socket.AF_INET6 if v6 else socket.AF_INET) as between:
            for client in clients:
                done = s_client(stage, between, client)
                assert fails or done.returncode == 0, done


def with_openssl(name, server="", *clients, key="p256", v6=False, **about):
    SCENES[f"openssl-{name}"] = Scene(functools.partial(openssl, server=server, clients=clients or ("",), key=key, v6=v6,
                                                        fails=about.get("fails", False)), least=max(1, len(clients)), **about)


T13, T12 = "-tls1_3 ", "-tls1_2 "
OLD = "@SECLEVEL=0"
with_openssl("13-aes128-x25519", "", T13 + "-ciphersuites TLS_AES_128_GCM_SHA256 -groups X25519")
with_openssl("13-aes256-p256", "", T13 + "-ciphersuites TLS_AES_256_GCM_SHA384 -groups P-256")
with_openssl("13-chacha20-p384", "", T13 + "-ciphersuites TLS_CHACHA20_POLY1305_SHA256 -groups P-384")
with_openssl("13-ccm", "-ciphersuites TLS_AES_128_CCM_SHA256", T13 + "-ciphersuites TLS_AES_128_CCM_SHA256", sealed=True)
with_openssl("13-p521", "", T13 + "-groups P-521")
with_openssl("13-retry", "-groups P-384", T13 + "-groups X25519:P-256:P-384")
with_openssl("13-retry-aes256", "-groups P-256 -ciphersuites TLS_AES_256_GCM_SHA384", T13 + "-groups X25519:P-256")
with_openssl("13-rsa", "", T13, key="rsa2048")
with_openssl("13-ed25519", "", T13, key="ed25519")
with_openssl("13-mutual", "-Verify 1 -CAfile {ca}", T13 + "-cert {cert} -key {key}")
with_openssl("13-asked-and-refused", "-verify 1 -CAfile {ca}", T13)
with_openssl("13-resumed", "", T13 + "-sess_out {session}", T13 + "-sess_in {session}")
with_openssl("13-resumed-psk-only", "", T13 + "-sess_out {session} -allow_no_dhe_kex", T13 + "-sess_in {session} -allow_no_dhe_kex")
with_openssl("13-external-psk", "-nocert -psk {psk} -ciphersuites TLS_AES_128_GCM_SHA256",
             T13 + "-psk {psk} -ciphersuites TLS_AES_128_GCM_SHA256")
with_openssl("13-alpn", "-alpn h2,http/1.1", T13 + "-alpn http/1.1,h2")
with_openssl("13-small-records", "-max_send_frag 512", T13 + "-max_send_frag 512", key="rsa2048")
with_openssl("13-ipv6", "", T13, v6=True)
with_openssl("13-no-middlebox", "-no_middlebox", T13 + "-no_middlebox")
with_openssl("13-no-suite", "-ciphersuites TLS_AES_128_GCM_SHA256", T13 + "-ciphersuites TLS_AES_256_GCM_SHA384", fails=True)
with_openssl("13-wrong-name", "", T13 + "-verify_return_error -verify_hostname wrong.test", fails=True)
with_openssl("13-no-client-cert", "-Verify 1 -verify_return_error -CAfile {ca}", T13, fails=True)
with_openssl("either-version", "")
with_openssl("12-aes128", "", T12 + "-cipher ECDHE-ECDSA-AES128-GCM-SHA256")
with_openssl("12-aes256-rsa", "", T12 + "-cipher ECDHE-RSA-AES256-GCM-SHA384", key="rsa2048")
with_openssl("12-chacha20-p256", "", T12 + "-cipher ECDHE-ECDSA-CHACHA20-POLY1305 -groups P-256")
with_openssl("12-static-rsa", "", T12 + "-cipher AES128-GCM-SHA256", key="rsa2048")
with_openssl("12-mutual", "-Verify 1 -CAfile {ca}", T12 + "-cert {cert} -key {key}")
with_openssl("12-asked-and-refused", "-verify 1 -CAfile {ca}", T12)
with_openssl("12-ticket", "", T12 + "-sess_out {session}", T12 + "-sess_in {session}")
with_openssl("12-session-id", "-no_ticket", T12 + "-sess_out {session} -no_ticket", T12 + "-sess_in {session} -no_ticket")
with_openssl("12-small-records", "-max_send_frag 512", T12 + "-max_send_frag 512", key="rsa2048")
with_openssl("12-psk", "-nocert -psk {psk} -cipher PSK-AES128-GCM-SHA256:" + OLD,
             T12 + "-psk {psk} -cipher PSK-AES128-GCM-SHA256:" + OLD)
with_openssl("12-ecdhe-psk", "-nocert -psk {psk} -psk_hint hint -cipher ECDHE-PSK-CHACHA20-POLY1305",
             T12 + "-psk {psk} -cipher ECDHE-PSK-CHACHA20-POLY1305", unread=("curve", "server's point", "client's point"))
with_openssl("12-alpn", "-alpn h2,http/1.1", T12 + "-alpn http/1.1,h2")
with_openssl("12-ipv6", "", T12, v6=True)
with_openssl("12-cbc-sha1", "-cipher ALL:" + OLD, T12 + f"-cipher ECDHE-ECDSA-AES128-SHA:{OLD}", sealed=True)
with_openssl("12-cbc-sha256-rsa", "-cipher ALL:" + OLD, T12 + f"-cipher AES128-SHA256:{OLD}", key="rsa2048", sealed=True)
with_openssl("12-dhe", "", T12 + "-cipher DHE-RSA-AES128-GCM-SHA256", key="rsa2048", sealed=True,
             unread=("schemes", "signature's length"))
with_openssl("12-anonymous", "-nocert -cipher ADH-AES128-GCM-SHA256:" + OLD, T12 + f"-cipher ADH-AES128-GCM-SHA256:{OLD}", key=None,
             sealed=True, unread=("schemes", "signature's length"))
with_openssl("12-null", "-cipher NULL-SHA256:" + OLD, T12 + f"-cipher NULL-SHA256:{OLD}", key="rsa2048")
with_openssl("12-null-ecdhe", "-cipher ECDHE-ECDSA-NULL-SHA:" + OLD, T12 + f"-cipher ECDHE-ECDSA-NULL-SHA:{OLD}")
with_openssl("11", "-tls1_1 -cipher ALL:" + OLD, "-tls1_1 -cipher ALL:" + OLD, sealed=True,
             unread=("curve", "server's point", "signature's length"))
with_openssl("12-wrong-name", "", T12 + "-verify_return_error -verify_hostname wrong.test", fails=True)
with_openssl("12-no-suite", "-cipher ECDHE-ECDSA-AES128-GCM-SHA256", T12 + "-cipher ECDHE-ECDSA-AES256-GCM-SHA384", fails=True)
with_openssl("no-version", "-tls1_3", T12, fails=True)


def chain_file(stage, n):
    """The leaf, and the CA n times, which TLS does not mind."""
    path = stage.folder / "chain.pem"
    path.write_text(stage.pki.cert("p256").read_text() + stage.pki.ca.read_text() * n, encoding="ascii")
    return path


def long_chain(stage, version):
    with s_server(stage, f"-cert_chain {chain_file(stage, 8)}") as port, stage.through(port) as between:
        assert s_client(stage, between, version).returncode == 0


def large_certificate(stage, version):
    """Names for more than a record has room for."""
    names, request, cert = (stage.folder / name for name in ("names", "request", "large.pem"))
    listed = ",".join(f"DNS:{'long-' * 10}name-{i}.test" for i in range(300))
    names.write_text(f"subjectAltName=DNS:localhost,{listed}\n", encoding="ascii")
    openssl_tool("req", "-new", "-key", stage.pki.key("p256"), "-subj", "/CN=localhost", "-out", request)
    openssl_tool("x509", "-req", "-in", request, "-CA", stage.pki.ca, "-CAkey", stage.pki.folder / "ca" / "ca.key", "-days", "1",
                 "-set_serial", "7", "-extfile", names, "-out", cert)
    with s_server(stage, f"-cert {cert} -key {stage.pki.key('p256')}", key=None) as port, stage.through(port) as between:
        assert s_client(stage, between, version).returncode == 0


SCENES["openssl-13-long-chain"] = Scene(functools.partial(long_chain, version=T13))
SCENES["openssl-12-long-chain"] = Scene(functools.partial(long_chain, version=T12))
SCENES["openssl-13-large-certificate"] = Scene(functools.partial(large_certificate, version=T13))
SCENES["openssl-12-large-certificate"] = Scene(functools.partial(large_certificate, version=T12))


def stapled(stage, version):
    response = Responder(stage.pki, stage.folder).good()
    with s_server(stage, f"-status_file {response}") as port, stage.through(port) as between:
        assert b"successful" in s_client(stage, between, version + "-status").stdout


SCENES["openssl-13-stapled"] = Scene(functools.partial(stapled, version=T13))
SCENES["openssl-12-stapled"] = Scene(functools.partial(stapled, version=T12))


@scene("openssl-12-renegotiated")
def renegotiated(stage):
    """A whole handshake within the connection."""
    with s_server(stage, "-rev -client_renegotiation") as port, stage.through(port) as between:
        done = s_client(stage, between, T12, b"R\nagain\nQ\n", wait=False)
        assert b"RENEGOTIATING" in done.stdout + done.stderr, done


# --- our server, others' clients; its key log -----------------------------------------------------------------------

@contextlib.contextmanager
def ours(stage, *options, key="p256"):
    with hf_serve(stage.pki, key, "--keylog", stage.keylog, *options, folder=stage.folder) as port, stage.through(port) as between:
        yield between


@scene("openssl-13-early-data", least=2)
def early(stage):
    (stage.folder / "early").write_bytes(REQUEST)
    with ours(stage, "--early-data") as between:
        for options in (T13 + "-sess_out {session}", T13 + "-sess_in {session} -early_data {folder}/early"):
            done = s_client(stage, between, options)
            assert done.returncode == 0, done
    assert b"Early data was accepted" in done.stdout, done


@scene("openssl-13-early-data-refused", least=2)
def early_refused(stage):
    (stage.folder / "early").write_bytes(REQUEST)
    for options in (T13 + "-sess_out {session}", T13 + "-sess_in {session} -early_data {folder}/early"):
        with ours(stage, "--early-data") as between:
            done = s_client(stage, between, options)
    assert b"Early data was rejected" in done.stdout, done


@scene("openssl-13-key-update")
def key_update(stage):
    with ours(stage, "--echo") as between:
        done = s_client(stage, between, T13, b"K\nk\nQ\n", wait=False)
        assert done.returncode == 0, done


def connect(between, stage, *options, name="localhost"):
    return run([BIN, "connect", "--ca", stage.pki.ca, "--servername", name, *options, f"127.0.0.1:{between.port}"], timeout=LIMIT)


@scene("handfast-13-resumed", least=2)
def own13(stage):
    with ours(stage) as between:
        for _ in range(2):
            assert connect(between, stage, "--tls", "1.3", "--http", "/", "--session", stage.folder / "own").returncode == 0


@scene("handfast-13-early-data", least=2)
def own_early(stage):
    with ours(stage, "--early-data") as between:
        for _ in range(2):
            done = connect(between, stage, "--http", "/", "--early-data", "--session", stage.folder / "own")
            assert done.returncode == 0, done


@scene("handfast-12-resumed", least=2)
def own12(stage):
    with ours(stage) as between:
        for _ in range(2):
            assert connect(between, stage, "--tls", "1.2", "--http", "/", "--session", stage.folder / "own").returncode == 0


@scene("handfast-12-static-rsa")
def own_static(stage):
    options = ("--policy", "classroom", "--tls", "1.2", "--ciphers", "TLS_RSA_WITH_AES_128_GCM_SHA256")
    with ours(stage, *options, key="rsa2048") as between:
        done = connect(between, stage, *options, "--http", "/")
        assert done.returncode == 0, done


@scene("handfast-13-mutual-retry")
def own_mutual(stage):
    cert, key = client_cert(stage.pki, "p256")
    with ours(stage, "--client-auth", "require", "--client-ca", stage.pki.ca, "--groups", "secp384r1") as between:
        done = connect(between, stage, "--cert", cert, "--key", key, "--http", "/")
        assert done.returncode == 0, done


@scene("handfast-13-untrusted", fails=True)
def own_untrusted(stage):
    with ours(stage) as between:
        assert connect(between, stage, name="wrong.test").returncode != 0


@scene("nss-13")
def nss(stage):
    peer = Nss()
    (stage.folder / "nss").mkdir()
    peer.prepare(stage.pki, stage.folder / "nss")
    with ours(stage, "--tls", "1.3") as between:
        done = run(["tstclnt", "-h", "127.0.0.1", "-p", between.port, "-d", f"sql:{stage.folder / 'nss' / 'p256'}", "-a",
                    "localhost", "-V", "tls1.2:tls1.3", "-A", stage.folder / "nss" / "request"])
        assert b"200" in done.stdout, done


# --- other programs' own key logs -----------------------------------------------------------------------------------

def nginx(stage, listen="ssl", key="p256", **more):
    pairs = {"ssl_certificate": stage.pki.cert(key), "ssl_certificate_key": stage.pki.key(key), "ssl_protocols": "TLSv1.2 TLSv1.3",
             "default_type": "text/plain", "return": "200 'page'"}
    return running("127.0.0.1:{port} " + listen, directives((pairs | more).items()))


def curl(stage, between, *options):
    done = run([need("curl"), "-sS", "--cacert", stage.pki.ca, "--resolve", f"localhost:{between.port}:127.0.0.1", *options,
                f"https://localhost:{between.port}/"], env={"SSLKEYLOGFILE": str(stage.keylog)})
    assert done.returncode == 0 and done.stdout == b"page", done


def curl_to_nginx(stage, *options, listen="ssl", **more):
    with nginx(stage, listen, **more) as port, stage.through(port) as between:
        curl(stage, between, *options)


SCENES["curl-nginx-13"] = Scene(curl_to_nginx)
SCENES["curl-nginx-13-h2"] = Scene(lambda stage: curl_to_nginx(stage, "--http2", listen="ssl http2"))
SCENES["curl-nginx-12"] = Scene(lambda stage: curl_to_nginx(stage, "--tls-max", "1.2"))
SCENES["curl-nginx-12-rsa-h2"] = Scene(lambda stage: curl_to_nginx(stage, "--tls-max", "1.2", "--http2", listen="ssl http2",
                                                                   key="rsa2048"))
SCENES["curl-nginx-13-retry"] = Scene(lambda stage: curl_to_nginx(stage, "--curves", "X25519:P-384", ssl_ecdh_curve="secp384r1"))


def chromium(stage, listen="ssl", **more):
    home = Home(stage.folder / "home", ca=stage.pki.ca)
    with nginx(stage, listen, **more) as port, stage.through(port) as between:
        with browser(home, f"--ssl-key-log-file={stage.keylog}") as tab:
            security, text = tab.load(f"https://localhost:{between.port}/")
            assert security and text == "page", (security, text)


SCENES["chromium-nginx-13"] = Scene(chromium)
SCENES["chromium-nginx-13-h2"] = Scene(lambda stage: chromium(stage, "ssl http2"))
SCENES["chromium-nginx-12"] = Scene(lambda stage: chromium(stage, ssl_protocols="TLSv1.2"))
SCENES["chromium-nginx-13-retry"] = Scene(lambda stage: chromium(stage, ssl_ecdh_curve="secp384r1"))


def gnutls(stage, priority, server="NORMAL", *options):
    need("gnutls-cli")
    need("gnutls-serv")
    words = ["gnutls-serv", "--http", "--x509certfile", stage.pki.cert("p256"), "--x509keyfile", stage.pki.key("p256"),
             "--priority", server]
    with listening(lambda port: [*words, "--port", port]) as port, stage.through(port) as between:
        done = run(["gnutls-cli", "--port", between.port, "--x509cafile", stage.pki.ca, "--verify-hostname", "localhost",
                    "--sni-hostname", "localhost", "--priority", priority, *options, "127.0.0.1"], REQUEST,
                   env={"SSLKEYLOGFILE": str(stage.keylog)})
        assert done.returncode == 0, done


SCENES["gnutls-13"] = Scene(lambda stage: gnutls(stage, "NORMAL"))
SCENES["gnutls-12"] = Scene(lambda stage: gnutls(stage, "NORMAL:-VERS-ALL:+VERS-TLS1.2"))
SCENES["gnutls-13-retry"] = Scene(lambda stage: gnutls(stage, "NORMAL", "NORMAL:-GROUP-ALL:+GROUP-FFDHE2048"))
SCENES["gnutls-13-resumed"] = Scene(lambda stage: gnutls(stage, "NORMAL", "NORMAL", "--resume", "--waitresumption"), least=2)
# GnuTLS logs nothing for a session that it resumes; tshark remembers its ticket, and we read one connection at a time.
SCENES["gnutls-12-resumed"] = Scene(lambda stage: gnutls(stage, "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL", "--resume"), least=2,
                                    keyless=True)


@scene("python-nginx-13")
def python_client(stage, maximum=ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context(cafile=str(stage.pki.ca))
    context.keylog_filename = str(stage.keylog)
    context.maximum_version = maximum
    with nginx(stage) as port, stage.through(port) as between:
        plain = socket.create_connection(("127.0.0.1", between.port), timeout=LIMIT)
        with context.wrap_socket(plain, server_hostname="localhost") as s:
            s.sendall(REQUEST)
            while s.recv(65536):
                pass


SCENES["python-nginx-12"] = Scene(lambda stage: python_client(stage, ssl.TLSVersion.TLSv1_2))
NODE = """const [port, ca] = process.argv.slice(1);
require('https').get({host: '127.0.0.1', port, servername: 'localhost', agent: false, ca: require('fs').readFileSync(ca)},
    r => r.resume()).on('error', e => { console.error(e); process.exit(1); });"""


@scene("node-nginx-13")
def node(stage):
    with nginx(stage) as port, stage.through(port) as between:
        done = run([need("node"), f"--tls-keylog={stage.keylog}", "-e", NODE, between.port, stage.pki.ca])
        assert done.returncode == 0, done


# --- STARTTLS -------------------------------------------------------------------------------------------------------

SMTP = ((None, b"220 localhost\r\n"), (b"EHLO", b"250-localhost\r\n250 STARTTLS\r\n"), (b"STARTTLS", b"220 go on\r\n"))
IMAP = ((None, b"* OK ready\r\n"), (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK\r\n"),
        (b"STARTTLS", b". OK go on\r\n"))
POSTGRES = ((b"\x04\xd2\x16\x2f", b"S"),)


@contextlib.contextmanager
def starttls_server(stage, dialogue):
    """One connection: what each line begins with and its answer, then TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(stage.pki.cert("p256"), stage.pki.key("p256"))

    def talk():
        with contextlib.suppress(OSError), listener.accept()[0] as plain:
            plain.settimeout(LIMIT)
            for word, answer in dialogue:
                while word and word not in plain.recv(1024):
                    pass
                plain.sendall(answer)
            with context.wrap_socket(plain, server_side=True) as s:
                s.recv(1024)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=talk, daemon=True).start()
        yield listener.getsockname()[1]


def starttls(stage, protocol, dialogue):
    with starttls_server(stage, dialogue) as port, stage.through(port) as between:
        s_client(stage, between, f"-starttls {protocol}", b"quit\r\n")


SCENES["starttls-smtp"] = Scene(lambda stage: starttls(stage, "smtp", SMTP), port=25)
SCENES["starttls-imap"] = Scene(lambda stage: starttls(stage, "imap", IMAP), port=143)
SCENES["starttls-postgres"] = Scene(lambda stage: starttls(stage, "postgres", POSTGRES), port=5432)
