# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Reloads and certificate swaps of `handfast proxy` under load over TLS: no request fails. Clients that keep their connection, clients that
come anew (with a session to resume, and without) and connections of tcp mode go on the whole time, and count strictly
(support/proxied_load.py). HANDFAST_LONG=1: a thousand reloads."""
import itertools
import json
import os
import signal

import pytest

import proxied
from proxied import LONG, Load, Proxy, until
from proxied_pki import Authority

RELOADS = 1000 if LONG else 50


class Live:
    """certbot's layout: live/NAME/*.pem are symbolic links into archive/NAME, which each renewal moves on."""

    def __init__(self, folder, authority, name):
        self.authority, self.name, self.number, self.pair = authority, name, 0, None
        self.live, self.archive = folder / "live" / name, folder / "archive" / name
        self.live.mkdir(parents=True)
        self.archive.mkdir(parents=True)

    @property
    def row(self):
        return {"chain": str(self.live / "fullchain.pem"), "key": str(self.live / "privkey.pem")}

    def renew(self):
        """Two links, one after the other: in between chain and key are none that belong together."""
        self.number += 1
        self.pair = self.authority.leaf(self.name)
        chain, key = (self.archive / f"{what}{self.number}.pem" for what in ("fullchain", "privkey"))
        self.pair.write(chain, key)
        for to, link in ((chain, "fullchain.pem"), (key, "privkey.pem")):
            fresh = self.live / f".{link}"
            fresh.symlink_to(os.path.relpath(to, self.live))
            os.replace(fresh, self.live / link)


class Renamed:
    """Files that are replaced by a rename."""

    def __init__(self, folder, authority, name):
        self.authority, self.name, self.pair = authority, name, None
        self.chain, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        self.spare = folder / f"{name}.new", folder / f"{name}.newkey"

    @property
    def row(self):
        return {"chain": str(self.chain), "key": str(self.key)}

    def renew(self):
        self.pair = self.authority.leaf(self.name)
        self.pair.write(*self.spare)
        for fresh, there in zip(self.spare, (self.chain, self.key)):
            os.replace(fresh, there)


class Scene:
    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder)
        self.live = Live(folder, self.authority, "live.test")
        self.renamed = Renamed(folder, self.authority, "renamed.test")
        self.tcp = Renamed(folder, self.authority, "tcp.test")
        self.backend, self.echo = proxied.free_ports(2)
        for source in (self.live, self.renamed, self.tcp):
            source.renew()

    def rows(self):
        site = {"backend": f"127.0.0.1:{self.backend}"}
        return [{"names": ["live.test"], "certificates": [self.live.row], **site},
                {"names": ["renamed.test"], "certificates": [self.renamed.row], **site},
                {"names": ["tcp.test"], "mode": "tcp", "certificates": [self.tcp.row], "backend": f"127.0.0.1:{self.echo}"}]

    def load(self, proxy, **more):
        return Load(self.folder, proxy, self.authority.file, ["live.test", "renamed.test"], echoes=["tcp.test"], **more)

    def shows(self, proxy, source):
        """Whether new connections get its newest certificate."""
        return proxied.connect(proxy.tls, source.name, self.authority.file).getpeercert(True) == source.pair.der


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path)
    with proxied.backend(made.backend, "B"), proxied.backend(made.echo, "echo"):
        yield made


def generation(proxy):
    return proxy.status()["plan"]


def step(scene, proxy, i):
    """A signal; a configuration that changed; a swap by rename; one by links. Of some swaps nobody tells the proxy."""
    before = generation(proxy)
    source = {2: scene.renamed, 3: scene.live}.get(i % 4)
    if source:
        source.renew()
    elif i % 4 == 1:
        proxy.config["limits"] = {**proxied.PATIENCE, "idle": f"{300 + i}s"}
        proxy.write()
    if i % 100 not in (18, 43):
        proxy.hang_up()
    until("the reload", lambda: generation(proxy) > before, proxy.process)
    if source:
        until("the new certificate", lambda: scene.shows(proxy, source), proxy.process)


def failures(load):
    return load.seen["failed"], load.seen["failures"][:10]


def test_reloads_under_load(binary, scene):
    with Proxy(binary, scene.folder, scene.rows()) as proxy:
        workers = proxy.workers()
        with scene.load(proxy) as load:
            for i in range(RELOADS):
                step(scene, proxy, i)
        seen = load.seen
        print({key: value for key, value in seen.items() if key != "failures"})
        assert failures(load) == (0, [])
        assert seen["requests"] >= RELOADS and seen["said_close"] > 0 and seen["resumed"] > 0 and seen["echoes"] > 0, seen
        assert proxy.workers() == workers


def test_reloads_without_a_pause(binary, scene):
    """Signals that come while a reload is under way are not lost, and not piled up."""
    with Proxy(binary, scene.folder, scene.rows()) as proxy, scene.load(proxy) as load:
        for _ in range(RELOADS):
            proxy.hang_up()
        scene.renamed.renew()
        proxy.hang_up()
        until("the new certificate", lambda: scene.shows(proxy, scene.renamed), proxy.process)
    assert failures(load) == (0, [])


def test_listeners_that_come_and_go(binary, scene):
    """An address more, and one fewer: what stays is not touched, what is new serves, what is gone is closed."""
    another = proxied.free_ports(1)[0]
    with Proxy(binary, scene.folder, scene.rows()) as proxy, scene.load(proxy) as load:
        for _ in range(max(3, RELOADS // 20)):
            proxy.config["listen"] = [f"127.0.0.1:{proxy.tls}", f"127.0.0.1:{another}"]
            proxy.write()
            assert proxy.reload().returncode == 0
            assert proxied.ask(another, "live.test", scene.authority.file).status == 200
            proxy.config["listen"] = [f"127.0.0.1:{proxy.tls}"]
            proxy.write()
            assert proxy.reload().returncode == 0
            until("the listener is gone", lambda: not proxied.listens(another))
    assert failures(load) == (0, [])


def test_refused_reloads(binary, scene):
    """Bad configurations and bad certificates between good ones."""
    good = scene.rows()
    with Proxy(binary, scene.folder, good) as proxy, scene.load(proxy) as load:
        for i, word in zip(range(max(6, RELOADS // 10)), itertools.cycle(("sitez", "listen", "sites"))):
            proxy.config[word] = "nonsense"
            proxy.write()
            assert proxy.reload().returncode == 2
            proxy.config.pop("sitez", None)
            proxy.config |= {"listen": [f"127.0.0.1:{proxy.tls}"], "sites": good}
            scene.renamed.key.write_bytes(b"garbage" if i % 2 else b"")
            proxy.write()
            proxy.reload()
            scene.renamed.renew()
            assert proxy.reload().returncode == 0
            until("the new certificate", lambda: scene.shows(proxy, scene.renamed), proxy.process)
    assert failures(load) == (0, [])


def test_a_kept_connection_is_told_to_close(binary, scene):
    """The response after a reload carries Connection: close, and is whole; the one before does not."""
    with Proxy(binary, scene.folder, scene.rows()) as proxy:
        s = proxied.connect(proxy.tls, "live.test", scene.authority.file)

        def once():
            s.sendall(proxied.request("live.test"))
            response = proxied.http.client.HTTPResponse(s)
            response.begin()
            return response.status, len(response.read()) > 0, (response.headers["Connection"] or "").lower() == "close"
        assert once() == once() == (200, True, False)
        assert proxy.reload().returncode == 0
        assert once() == (200, True, True)
        assert s.recv(1) == b""
        s.close()


def test_long_transfers_outlive_reloads(binary, scene):
    """A response and a request that are under way go on to their ends, under the settings that they began with."""
    size = 8 << 20
    with Proxy(binary, scene.folder, scene.rows()) as proxy:
        down, up = (proxied.connect(proxy.tls, "live.test", scene.authority.file) for _ in range(2))
        down.sendall(proxied.request("live.test", f"/bytes/{size}"))
        up.sendall(f"POST /sink HTTP/1.1\r\nHost: live.test\r\nContent-Length: {size}\r\n\r\n".encode())
        response = proxied.http.client.HTTPResponse(down)
        response.begin()
        got = 0
        for part in range(16):
            scene.live.renew()
            assert proxy.reload().returncode == 0
            up.sendall(bytes(size // 16))
            got += len(response.read(size // 16))
            assert got == (part + 1) * (size // 16)
        answer = proxied.http.client.HTTPResponse(up)
        answer.begin()
        assert answer.status == 200 and json.loads(answer.read())["length"] == size and answer.headers["Connection"] == "close"
        for s in (down, up):
            s.close()


def test_an_orderly_end_under_load(binary, scene):
    """SIGTERM: requests under way end well, their connections with them, and so do those that wait for one; then the proxy is gone with
    status 0. Who comes back afterwards is refused; nobody is cut off who has asked within the second that a kept connection is given."""
    with Proxy(binary, scene.folder, scene.rows(), limits={"drain": "10s"}) as proxy:
        with Load(scene.folder, proxy, scene.authority.file, ["live.test"], comers=0) as load:
            until("some requests", lambda: sum(value for row, value in proxy.metrics().items()
                                               if row.startswith("handfast_requests_total")) > 50)
            assert proxied.end(proxy.process, signal.SIGTERM) == 0
    wrong = [failure for failure in load.seen["failures"] if "Refused" not in failure["why"] and failure["asked"] and failure["waited"] < 0.9]
    assert load.seen["requests"] > 0 and not wrong, wrong[:5]
