# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Real programs on both sides of `handfast proxy`: what stands behind it, and who comes to it."""
import contextlib
import glob
import json
import os
import shutil
import subprocess

import pytest

import proxied
from interop import BIN, ROOT, listening, need, run
from nginx import running
from proxied import ENV, Proxy, free_ports, program, until
from proxied_pki import Authority

PEERS = os.path.join(ROOT, "tests/interop/peers")
MODULES = os.path.join(ROOT, "build/peers/node/node_modules")


def need_node():
    found = glob.glob(os.path.join(MODULES, "node-linux-*/bin/node"))
    if not found or not os.path.isdir(os.path.join(MODULES, "ws")):
        pytest.skip("missing peer: Node.js with ws (make deps-peers fetches it by npm)")
    return [found[0], os.path.join(PEERS, "node/web.js")]


def node_server():
    words = need_node()
    return listening(lambda port: [*words, "server", port], env={"NODE_PATH": MODULES})


def node_visit(proxy, name, ca, *pair):
    done = run([*need_node(), "client", proxy.tls, name, ca, *pair], env={"NODE_PATH": MODULES})
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def curl(ca, *words, proxy, names, timeout=60):
    """As curl has it: status, headers by lower case, body; or its exit status and what it said."""
    need("curl")
    places = [f"{name}:{port}:127.0.0.1" for name in names for port in (proxy.tls, proxy.redirect, 80, 443)]
    done = run(["curl", "-sS", "-i", "--cacert", ca, *(word for place in places for word in ("--resolve", place)), *words], timeout=timeout)
    if done.returncode:
        return done.returncode, {}, done.stderr
    head, body = last_answer(done.stdout)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        key, _, value = line.partition(":")
        headers.setdefault(key.lower(), []).append(value.strip())
    return int(first.split()[1]), headers, body


def last_answer(text):
    """Of several (100 Continue, redirects) that stand one after the other."""
    head, _, body = text.partition(b"\r\n\r\n")
    while body.startswith(b"HTTP/1."):
        head, _, body = body.partition(b"\r\n\r\n")
    return head, body


NGINX_SAYS = ('{"backend": "nginx", "method": "$request_method", "target": "$request_uri", "remote": "$remote_addr", '
              '"remote_port": "$remote_port", "peer": "$realip_remote_addr", "said": "$proxy_protocol_addr:$proxy_protocol_port", '
              '"to": "$proxy_protocol_server_addr:$proxy_protocol_server_port", '
              '"x_forwarded_for": "$http_x_forwarded_for", "x_forwarded_proto": "$http_x_forwarded_proto", '
              '"x_forwarded_host": "$http_x_forwarded_host", "host": "$http_host", "client": "$ssl_client_s_dn"}')


def nginx_server(listen="127.0.0.1:{port}", more=""):
    """A page that says who asked, in JSON; the header Forwarded, which has quotes, comes back as X-Forwarded-Seen."""
    page = f"add_header X-Forwarded-Seen $http_forwarded; return 200 '{NGINX_SAYS}';"
    return running(listen, f"default_type application/json;\n{more}\nlocation / {{ {page} }}")


@contextlib.contextmanager
def redis_server(folder):
    binary = shutil.which("redis-server")
    if not binary:
        pytest.skip("missing peer: redis-server")
    port = free_ports(1)[0]
    words = [binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
    with program(words, lambda: proxied.listens(port), "redis-server"):
        yield port


class House:
    """A certificate authority and a folder; sites are made by name."""

    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder)
        self.ca = str(self.authority.file)

    def site(self, name, backend, **more):
        names = [name, f"*.{name}"] if "." in name else [name]
        pair = self.authority.leaf(*names)
        return {"names": names, "certificates": [pair.into(self.folder, name)],
                "backend": backend if isinstance(backend, (dict, list, str)) else f"127.0.0.1:{backend}", **more}

    def proxy(self, *sites, **more):
        return Proxy(BIN, self.folder, list(sites), **more)


def openssl_request(proxy, name, ca, *words, path="/"):
    """openssl s_client, verifying; what it said and what came."""
    need("openssl")
    sent = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()
    return run(["openssl", "s_client", "-connect", f"127.0.0.1:{proxy.tls}", "-servername", name, "-CAfile", ca, "-verify_return_error",
                "-verify_hostname", name, "-ign_eof", *words], stdin=sent)


@contextlib.contextmanager
def memory_of(proxy, process):
    """Samples what all processes of a proxy have resident, until `process` (a Popen) has ended; yields a dict of the most, KiB each."""
    most = {}

    def sample():
        for pid, kib in proxy.resident().items():
            most[pid] = max(kib, most.get(pid, 0))
        return process.poll() is not None
    yield most
    until("the transfer", sample, seconds=600)


def popen(words, **more):
    return subprocess.Popen([str(word) for word in words], env=ENV, preexec_fn=proxied.dies_with_us, **more)
