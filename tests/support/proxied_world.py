# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A proxy for the tests of http mode: sites of every kind in front of one backend whose bytes are watched."""
import contextlib
import os

import proxied
import proxied_raw
from proxied_pki import Authority


def site(names, pair, backend, **more):
    return {"names": names, "certificates": [pair], "backend": backend, **more}


class World:
    """Sites: a.test (HSTS), b.test, locked.test (a certificate below /admin), down.test (nobody behind it), gone.test (no
    certificate). `rest`: a default site too."""

    def __init__(self, folder, rest=False, limits=None):
        self.folder, self.rest, self.limits = folder, rest, limits or {}
        self.pki = Authority(folder)
        self.backend = proxied_raw.Backend()
        self.clients = Authority(folder, "Clients")
        self.challenges = folder / "challenges"
        self.challenges.mkdir()
        self.person = self.clients.leaf("device.test", client=True).into(folder, "person")
        self.proxy = None

    def pair(self, name, *names):
        return self.pki.leaf(name, *names).into(self.folder, name)

    def sites(self):
        back, nobody = self.backend.address, f"127.0.0.1:{proxied.free_ports(1)[0]}"
        rows = [site(["a.test", "*.a.test"], self.pair("a.test", "*.a.test"), back, hsts={"max_age": 31536000, "include_subdomains": True}),
                site(["b.test"], self.pair("b.test"), back),
                site(["locked.test"], self.pair("locked.test"), back,
                     client_auth={"mode": "require", "ca": str(self.clients.file), "paths": ["/admin"]}),
                site(["down.test"], self.pair("down.test"), nobody),
                site(["gone.test"], {"chain": str(self.folder / "none.pem"), "key": str(self.folder / "none.key")}, back,
                     hsts={"max_age": 31536000})]
        if self.rest:
            rows.append(site(["default"], self.pair("rest.test"), back, hsts={"max_age": 60}))
        return rows

    @contextlib.contextmanager
    def running(self, binary):
        env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}  # its memory is looked at
        with proxied.Proxy(binary, self.folder, self.sites(), env=env, workers=1, challenges=str(self.challenges),
                           limits=self.limits) as self.proxy:
            yield self
        self.backend.close()

    def client(self, name="a.test", **more):
        return proxied_raw.Client(self.proxy.tls, name, self.pki.file if name else None, **more)

    def plain(self):
        return proxied_raw.Client(self.proxy.redirect, plain=True)
