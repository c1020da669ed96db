# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What `handfast audit` advises for nginx, haproxy and Apache (docs/audit-policies.md): each setting is one that the program takes, and who
follows what a policy advises keeps the rules that it was advised with. A setting that an old release does not know yet is skipped by
name; what names a file of the reader's is not tried."""
import collections
import contextlib
import json
import os
import re
import shutil
import socket
import threading

import pytest

from audit_servers import World, need_server, with_file
from interop import BIN, ROOT, free_port, run
from processes import LIMIT
from nginx import configuration, need_nginx, running

PAGE = os.path.join(ROOT, "docs/audit-policies.md")
ROW = re.compile(r"\| (nginx|haproxy|Apache|handfast)(?: with ([^|]*?))? \| ([^|]*?) ?\| (.*) \|")
Setting = collections.namedtuple("Setting", "place lines words")
BOOKS = ("default", "modern", "pci-dss-4.0.1", "nist-800-52r2", "bsi-tr-02102-2", "mozilla-intermediate")
HYBRID = "X25519MLKEM768"
# What a program takes only with files that a test of one setting does not have, or with a setting beside it.
FILES = re.compile(r"\bFILE\b|\bFOLDER\b|^SSLUseStapling ")
# What came with which release, for those before it.
NEWER = {"ssl-default-bind-sigalgs": (2, 8)}
KEPT = {"versions-refused", "versions-wanted", "versions-one-of", "suites-only", "suites-refused", "order", "order-sound", "groups-only",
        "groups-refused", "groups-wanted", "schemes-only", "schemes-refused", "sweet32", "lucky13", "hsts", "redirect", "cookies"}


def advice():
    """[(the check, the program, the policies that say so or None for the first one that has the check, the Setting)]"""
    rows, check = [], None
    with open(PAGE, encoding="utf-8") as page:
        for line in page.read().partition("## Checks, and what to do")[2].splitlines():
            if line.startswith("### "):
                check = line[4:]
            if found := ROW.fullmatch(line):
                books = found[2] and set(re.findall(r"`([^`]+)`", found[2]))
                told = found[4].replace("\\|", "|")
                lines = re.match(r"(?:`[^`]*`(?:<br>)?)*", told)[0]
                rows.append((check, found[1], books,
                             Setting(found[3], tuple(re.findall(r"`([^`]*)`", lines)), told[len(lines):].strip(" ()"))))
    return rows


def checks():
    """{the policy: the checks that its rules ask}"""
    had, book = {}, None
    with open(PAGE, encoding="utf-8") as page:
        for line in page:
            if found := re.match(r"## `([^`]+)`", line):
                book = had.setdefault(found[1], set())
            if found := re.search(r"\| \[[^]]+\]\(#([a-z0-9-]+)\) \|$", line):
                book.add(found[1])
    return had


ADVICE, CHECKS = advice(), checks()


def nginx_parts(setting):
    """(where it stands, the directives)"""
    return setting.place, list(setting.lines)


def haproxy_parts(setting):
    """(section, lines)"""
    return setting.place or "frontend", list(setting.lines)


def can_be_tried(setting):
    return setting.lines and not FILES.search(" ".join(setting.lines)) and setting.place != "mail or stream"


def settings(program):
    """Every one once, in the order of the page."""
    return list(dict.fromkeys(setting for _, whose, _, setting in ADVICE if whose == program and can_be_tried(setting)))


def title(setting):
    return "; ".join(setting.lines)


def test_a_line_is_one_setting():
    """What is copied is nothing else: no prose, no place, and one directive of nginx at a time."""
    for *_, program, _, setting in ADVICE:
        for line in setting.lines:
            assert not re.search(r" and | or |, |^\w+: [a-z-]+ ", line) or program == "handfast", line
            assert program != "nginx" or (line.count(";") == 1 and line.endswith(";")), line


def test_the_page_has_advice():
    """The reader of this file finds what the page has; of no words here is there nothing on it."""
    assert len(settings("nginx")) >= 20 and len(settings("haproxy")) >= 20 and len(settings("Apache")) >= 20
    assert all(setting.lines or setting.words for *_, setting in ADVICE)
    assert {check for check, *_ in ADVICE} > KEPT and set(CHECKS) == set(BOOKS) and all(len(had) > 30 for had in CHECKS.values())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("fixes"))


# ---- each setting is taken ----

def need_hybrid(setting, program):
    if HYBRID in " ".join(setting.lines) and run(["openssl", "version"]).stdout < b"OpenSSL 3.5":
        pytest.skip(f"{program}'s OpenSSL is older than 3.5 and has no {HYBRID}")


def nginx_says(world, text):
    folder = world.scratch()
    (folder / "nginx.conf").write_text(text(folder), encoding="utf-8")
    return run([need_nginx(), "-t", "-p", folder, "-e", folder / "errors", "-c", folder / "nginx.conf"])


def nginx_server(world, where, told):
    """A server of TLS; in http, before it, what belongs there; on a port without TLS what belongs there."""
    shown = world.pki.shown("p256")
    tls = f"listen 127.0.0.1:{free_port()} ssl; ssl_certificate {shown.leaf}; ssl_certificate_key {shown.key};"
    if where.startswith("server block of port 80"):
        return f"listen 127.0.0.1:{free_port()}; {told} }} server {{ {tls}"
    if where.startswith("http"):
        return f"{tls} }} {told} server {{ listen 127.0.0.1:{free_port()};"
    return f"{tls} {told}"


@pytest.mark.parametrize("setting", settings("nginx"), ids=title)
def test_nginx_takes_it(world, setting):
    where, directives = nginx_parts(setting)
    assert directives, setting
    need_hybrid(setting, "nginx")
    told = " ".join(directives)
    said = nginx_says(world, lambda folder: configuration(folder, nginx_server(world, where, told)))
    assert said.returncode == 0, (told, said.stderr.decode())


def haproxy_version():
    found = re.search(r"version (\d+)\.(\d+)", run([need_server("haproxy"), "-v"]).stdout.decode())
    return int(found[1]), int(found[2])


def need_newer(setting):
    for word, since in NEWER.items():
        if word in " ".join(setting.lines) and haproxy_version() < since:
            pytest.skip(f"haproxy is older than {since[0]}.{since[1]} and has no {word}")


def haproxy_text(world, port, parts, plain=None, backend=None):
    """parts: [(section, lines)]; lines of the frontend serve both ports, as they would for who copies them."""
    def of(section):
        return dict.fromkeys(line for where, lines in parts for line in lines if where == section)
    shown = world.pki.shown("p256")
    bind = " ".join([f" bind 127.0.0.1:{port} ssl crt {shown.all}", *of("bind line")])
    lines = ["global", *(f" {line}" for line in of("global")), "defaults", " mode http", " timeout client 5s", " timeout server 5s",
             " timeout connect 5s", "frontend here", bind]
    if plain:
        lines.append(f" bind 127.0.0.1:{plain}")
    lines += [f" {line}" for line in of("frontend")]
    if backend:
        lines += [" default_backend there", "backend there", f" server one 127.0.0.1:{backend}"]
    else:
        lines.append(" http-request return status 200")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("setting", settings("haproxy"), ids=title)
def test_haproxy_takes_it(world, setting):
    program = need_server("haproxy")
    need_hybrid(setting, "haproxy")
    need_newer(setting)
    file = world.scratch() / "haproxy.cfg"
    file.write_text(haproxy_text(world, free_port(), [haproxy_parts(setting)]), encoding="utf-8")
    said = run([program, "-c", "-f", file])
    assert said.returncode == 0, (setting, said.stdout.decode(), said.stderr.decode())


APACHE_MODULES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")


def need_apache():
    """(the program, the folder of its modules)"""
    for name in ("apache2", "httpd"):
        for program in (shutil.which(name), f"/usr/sbin/{name}"):
            if program and os.access(program, os.X_OK):
                folders = [folder for folder in APACHE_MODULES if os.path.isfile(f"{folder}/mod_ssl.so")]
                return (program, folders[0]) if folders else pytest.skip("missing peer: mod_ssl")
    return pytest.skip("missing peer: apache2")


def apache_text(world, modules, where, lines, port):
    shown = world.pki.shown("p256")
    load = "".join(f"<IfModule !{name}_module>\nLoadModule {name}_module {modules}/mod_{name}.so\n</IfModule>\n"
                   for name in ("mpm_event", "authz_core", "alias", "headers", "setenvif", "socache_shmcb", "ssl"))
    of = {plain: "\n".join(lines if where.startswith("virtual host of port 80") == plain else ()) for plain in (False, True)}
    return (f"{load}Listen 127.0.0.1:{port}\nUser #65534\nGroup #65534\nServerName localhost\nErrorLog errors\nPidFile pid\nSSLSessionCache none\n"
            f"<VirtualHost *:{port}>\nSSLEngine on\nSSLCertificateFile {shown.chain}\nSSLCertificateKeyFile {shown.key}\n{of[False]}\n"
            f"</VirtualHost>\n<VirtualHost *:80>\n{of[True]}\n</VirtualHost>\n")


def apache_serves(world, where, lines):
    """Whether a handshake with it comes about: it listens first, and then gives many values to OpenSSL."""
    program, modules = need_apache()

    def text(port):
        return apache_text(world, modules, where, lines, port)
    with with_file(world, "httpd.conf", text, lambda file: [program, "-X", "-d", file.parent, "-f", file]) as place:
        said = run(["openssl", "s_client", "-connect", f"127.0.0.1:{place.port}", "-CAfile", world.pki.ca], b"", timeout=20)
    return said.returncode == 0 and b"Verification: OK" in said.stdout


@pytest.mark.parametrize("setting", settings("Apache"), ids=title)
def test_apache_takes_it(world, setting):
    need_hybrid(setting, "Apache")
    assert apache_serves(world, setting.place, setting.lines), setting


@pytest.mark.parametrize("wrong", ["SSLProtokol all", "SSLProtocol -all +TLSv9", "SSLOpenSSLConfCmd Groups nonsense",
                                   "SSLCipherSuite nonsense", "Header sometimes set A b"])
def test_apache_would_refuse_another(world, wrong):
    """What it says yes to means something."""
    need_apache()
    served = False
    with contextlib.suppress(AssertionError):  # it did not even listen
        served = apache_serves(world, "", [wrong])
    assert not served


# ---- who follows a policy's advice keeps its rules ----

def told_by(book, program):
    """{check: what the policy advises}: its own, or what the first policy says if nobody differs."""
    own = {}
    for check, whose, books, setting in ADVICE:
        if whose == program and check in KEPT & CHECKS[book] and (book in books if books else check not in own) and can_be_tried(setting):
            own[check] = setting
    return list(dict.fromkeys(own.values()))


@contextlib.contextmanager
def cookies():
    """An application behind a proxy, whose cookies are of all kinds; {name: the attributes that were sent}."""
    sent = {"none": "; SameSite=None", "good": "; Secure; HttpOnly", "spaced": ";  secure ; Path=/", "bare": ""}
    head = "".join(f"Set-Cookie: {name}=secure{rest}\r\n" for name, rest in sent.items())
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(visitor):
        with contextlib.suppress(OSError), visitor:
            visitor.settimeout(LIMIT)
            visitor.recv(4096)
            visitor.sendall(f"HTTP/1.1 200 OK\r\n{head}Content-Length: 5\r\nConnection: close\r\n\r\nfine\n".encode())

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@contextlib.contextmanager
def advised_nginx(world, book, behind):
    parts = [nginx_parts(setting) for setting in told_by(book, "nginx")]

    def of(*places):
        return " ".join(dict.fromkeys(d for where, directives in parts for d in directives if where in places))
    http, plain = of("http, or the socket's default server"), of("server block of port 80")
    here = of("", "server block of TLS")
    shown, other = world.pki.shown("p256"), free_port()
    tls = (f"ssl_certificate {shown.chain}; ssl_certificate_key {shown.key}; {here} location / {{ proxy_pass http://127.0.0.1:{behind}; }} }} "
           f"{http} server {{ listen 127.0.0.1:{other}; {plain}")
    with running("127.0.0.1:{port} ssl", tls) as port:
        yield port, other


@contextlib.contextmanager
def advised_haproxy(world, book, behind):
    program, other = need_server("haproxy"), free_port()
    parts = [haproxy_parts(setting) for setting in told_by(book, "haproxy")]
    parts = [(where, [line for line in lines if haproxy_version() >= NEWER.get(line.split()[0], (0, 0))]) for where, lines in parts]

    def text(port):
        return haproxy_text(world, port, parts, other, behind)
    with with_file(world, "haproxy.cfg", text, lambda file: [program, "-db", "-f", file]) as place:
        yield place.port, other


def got(port):
    """What is answered without TLS."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: peer.recv(4096), b"")).decode().lower()


@pytest.mark.parametrize("advised", [advised_nginx, advised_haproxy])
@pytest.mark.parametrize("book", BOOKS)
def test_who_follows_advice_keeps_the_rules(world, book, advised):
    with cookies() as behind, advised(world, book, behind) as (port, plain):
        done = run([BIN, "audit", "--json", "--ca", world.pki.ca, "--servername", "localhost", "--timeout", "30", "--policy", book,
                    "--plain-port", plain, f"127.0.0.1:{port}"], timeout=LIMIT)
        clear = got(plain)
    assert done.returncode in (0, 1), done.stderr.decode()
    target, = json.loads(done.stdout)["targets"]
    assert target["complete"], target["trouble"]
    judged, = target["judgements"]
    unable = {"schemes-only", "schemes-refused"} if advised is advised_haproxy and haproxy_version() < NEWER["ssl-default-bind-sigalgs"] else set()
    asked = [rule for rule in judged["rules"] if rule["check"] in KEPT - unable]
    assert len(asked) >= 9
    assert [(r["id"], r["verdict"], r["why"]) for r in asked if r["verdict"] in ("broken", "unseen")] == [], judged["findings"]
    assert "strict-transport-security" not in clear  # RFC 6797 7.2
    assert "redirect" not in CHECKS[book] or "location: https://" in clear


@pytest.mark.parametrize("advised", [advised_nginx, advised_haproxy])
def test_cookies_get_secure_and_nothing_else(world, advised):
    """SameSite=None stays as the application wants it, and what has Secure gets no second one."""
    with cookies() as behind, advised(world, "default", behind) as (port, _):
        sent = run(["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}"],
                   b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", timeout=LIMIT).stdout.decode()
    rows = {name: rest for name, rest in re.findall(r"^set-cookie: (\w+)=secure(.*?)\r?$", sent, re.M | re.I)}
    told = {name: sorted(part.strip().lower() for part in rest.split(";") if part.strip()) for name, rest in rows.items()}
    assert told == {"none": ["samesite=none", "secure"], "good": ["httponly", "secure"], "spaced": ["path=/", "secure"], "bare": ["secure"]}
