# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The bad-certificate matrix of `handfast proxy`: every way of proxy_ways.py, at the start and at a reload. A site that cannot be served
well is unavailable, never insecure: its clients get a 503 under a certificate that no one trusts, or its certificate from before; all
others keep theirs; and status, log and metrics say which file it is and why."""
import os
import ssl

import pytest

import proxied
from proxied import Proxy, until
from proxied_pki import Authority, rsa_key
from proxy_ways import WAYS, Site

pytestmark = pytest.mark.usefixtures("binary")


def label(way):
    return "".join(c if c.isalnum() else "-" for c in way.lower()).replace("--", "-") + ".test"


class Scene:
    """One proxy with a site a way, and a good one between them."""

    def __init__(self, folder, ways=tuple(WAYS)):
        self.folder = folder
        self.authority = Authority(folder)
        self.sites = {way: Site(folder / label(way), self.authority, label(way)) for way in ways}
        self.fine = Site(folder / "fine", self.authority, "fine.test").good()
        self.backend = proxied.free_ports(1)[0]

    def rows(self):
        rows = [self.row(site, **({"on_expired": "503"} if "on_expired" in way else {})) for way, site in self.sites.items()]
        return rows[:len(rows) // 2] + [self.row(self.fine)] + rows[len(rows) // 2:]

    def row(self, site, **more):
        return {"names": [site.name], "certificates": [site.row], "backend": f"127.0.0.1:{self.backend}",
                "hsts": {"max_age": 31536000}, **more}

    def spoil(self):
        for way, site in self.sites.items():
            WAYS[way][0](site)

    def proxy(self, binary):
        return Proxy(binary, self.folder, self.rows())


def is_served(scene, proxy, site):
    """With its own certificate, by its backend."""
    answer = proxy.ask(site.name, scene.authority.file)
    assert answer.status == 200 and b'"backend": "B"' in answer.body, answer
    assert answer.certificate == site.pair.der
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def refused_503(answer):
    assert answer.status == 503, answer
    assert "no-store" in answer.headers["Cache-Control"] and answer.headers["Strict-Transport-Security"] is None, answer
    assert b'"backend"' not in answer.body, answer


def is_unavailable(scene, proxy, site):
    """503 for who goes on in spite of the certificate, which is none that a client accepts and none of another site."""
    answer = proxy.ask(site.name)
    refused_503(answer)
    others = [other.pair.der for other in (scene.fine, *scene.sites.values())]
    assert answer.certificate not in others
    with pytest.raises(ssl.SSLCertVerificationError):
        proxy.ask(site.name, scene.authority.file)
    refused_503(proxy.ask_plain(site.name))


def site_status(proxy, name):
    return next(site for site in proxy.status()["sites"] if name in site["names"])


def says_why(told, way, site):
    """The file by its whole path, and the reason."""
    _, blamed, words = WAYS[way]
    path = str(site.folder / blamed)
    assert path in told, (path, told)
    reason = told.replace(path, "").replace(str(site.folder), "").lower()
    assert not words or any(word in reason for word in words), told


def metric(proxy, start, **labels):
    """The values of the rows of that name with these labels, by row."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    return {row: value for row, value in proxy.metrics().items() if row.startswith(start) and all(w in row for w in wanted)}


# ---- at the start ----

@pytest.fixture(scope="module")
def started(binary, tmp_path_factory):
    """All of them wrong from the beginning; what each was told at that time is kept, as a test mends its own site."""
    scene = Scene(tmp_path_factory.mktemp("start"))
    scene.spoil()
    with proxied.backend(scene.backend, "B"), scene.proxy(binary) as proxy:
        yield scene, proxy, proxy.log()


@pytest.mark.parametrize("way", WAYS)
def test_at_the_start(started, way):
    scene, proxy, log = started
    site = scene.sites[way]
    is_unavailable(scene, proxy, site)
    is_served(scene, proxy, scene.fine)
    told = site_status(proxy, site.name)
    assert told["health"] == "unavailable", told
    says_why(told["why"], way, site)
    says_why("\n".join(line for line in log.splitlines() if site.name in line), way, site)
    says_why("".join(metric(proxy, "handfast_site_problem{", site=site.name, health="unavailable")), way, site)
    assert set(metric(proxy, "handfast_site_available{", site=site.name).values()) == {0.0}
    assert set(metric(proxy, "handfast_site_available{", site=scene.fine.name).values()) == {1.0}


def test_at_the_start_all_come_back(started):
    """Once the files are good, without a signal: they are watched, also where there was none."""
    scene, proxy, _ = started
    for site in scene.sites.values():
        site.good()
    assert proxy.reload().returncode == 0
    for site in scene.sites.values():
        is_served(scene, proxy, site)
        assert site_status(proxy, site.name)["health"] == "good"


# ---- at a reload ----

@pytest.fixture(scope="module")
def reloaded(binary, tmp_path_factory):
    """All of them good at first, and wrong after a reload."""
    scene = Scene(tmp_path_factory.mktemp("reload"))
    for site in scene.sites.values():
        site.good()
    before = {way: site.pair for way, site in scene.sites.items()}
    with proxied.backend(scene.backend, "B"), scene.proxy(binary) as proxy:
        for site in scene.sites.values():
            is_served(scene, proxy, site)
        scene.spoil()
        proxy.reload()
        yield scene, proxy, before


@pytest.mark.parametrize("way", WAYS)
def test_at_a_reload(reloaded, way):
    """Its certificate from before serves on."""
    scene, proxy, before = reloaded
    site = scene.sites[way]
    answer = proxy.ask(site.name, scene.authority.file)
    assert answer.status == 200 and answer.certificate == before[way].der, answer
    is_served(scene, proxy, scene.fine)
    told = site_status(proxy, site.name)
    assert told["health"] == "kept", told
    says_why(told["why"], way, site)
    says_why("\n".join(line for line in proxy.log().splitlines() if site.name in line), way, site)
    says_why("".join(metric(proxy, "handfast_site_problem{", site=site.name, health="kept")), way, site)
    assert set(metric(proxy, "handfast_site_available{", site=site.name).values()) == {1.0}


def test_at_a_reload_all_come_back(reloaded):
    """With other certificates than those that were kept."""
    scene, proxy, before = reloaded
    for site in scene.sites.values():
        site.good()
    assert proxy.reload().returncode == 0
    for way, site in scene.sites.items():
        is_served(scene, proxy, site)
        assert site.pair.der != before[way].der and site_status(proxy, site.name)["health"] == "good"


# ---- apart ----

@pytest.fixture
def alone(binary, tmp_path):
    """A proxy whose only site is wrong in that way."""
    made = []

    def start(way, **more):
        scene = Scene(tmp_path, (way,))
        scene.spoil()
        site = scene.sites[way]
        rows = [{**scene.row(site), **more}]
        made.append(Proxy(binary, tmp_path, rows))
        return scene, made[-1], site
    return start


@pytest.mark.parametrize("way", ("chain missing", "key is a fifo", "key of another", "weak key"))
def test_the_only_site(alone, way):
    scene, proxy, site = alone(way)
    with proxied.backend(scene.backend, "B"), proxy:
        is_unavailable(scene, proxy, site)
        site.good()
        assert proxy.reload().returncode == 0
        is_served(scene, proxy, site)


def test_the_default_site(alone):
    """Whoever asks for it, by whatever name."""
    scene, proxy, _ = alone("chain missing", names=["default"])
    with proxied.backend(scene.backend, "B"), proxy:
        for name in ("any.test", "another.test"):
            refused_503(proxy.ask(name))
            refused_503(proxy.ask_plain(name))


def test_a_configured_fallback(binary, tmp_path):
    """Its identity says 503 and nothing else; clients that trust it get that without a warning."""
    scene = Scene(tmp_path, ("chain missing",))
    scene.spoil()
    site = scene.sites["chain missing"]
    spare = scene.authority.leaf(site.name)
    rows = [scene.row(scene.fine), scene.row(site, fallback=spare.into(tmp_path, "spare"))]
    with proxied.backend(scene.backend, "B"), Proxy(binary, tmp_path, rows) as proxy:
        answer = proxy.ask(site.name, scene.authority.file)
        refused_503(answer)
        assert answer.certificate == spare.der
        is_served(scene, proxy, scene.fine)


def test_tcp_mode_refuses_the_handshake(alone):
    """No bytes of a backend, and no certificate at all."""
    scene, proxy, site = alone("chain missing", mode="tcp", hsts=None)
    del proxy.config["sites"][0]["hsts"]
    with proxied.backend(scene.backend, "B"), proxy:
        with pytest.raises(ssl.SSLError, match="(?i)internal.error"):
            proxy.ask(site.name)


def test_half_of_a_swap_never_mixes(binary, tmp_path):
    """Chain and key are judged as one: between the two steps of a renewal the old pair serves on."""
    scene = Scene(tmp_path, ())
    fine = scene.fine
    with proxied.backend(scene.backend, "B"), scene.proxy(binary) as proxy:
        old, new = fine.pair, scene.authority.leaf(fine.name)
        fine.chain.write_bytes(new.chain_pem)
        proxy.reload()
        assert proxy.ask(fine.name, scene.authority.file).certificate == old.der
        assert site_status(proxy, fine.name)["health"] == "kept"
        fine.key.write_bytes(new.key_pem)
        assert proxy.reload().returncode == 0
        assert proxy.ask(fine.name, scene.authority.file).certificate == new.der


def test_one_of_two_certificates(binary, tmp_path):
    """A site's certificates are a unit: with one of them bad all those from before stay."""
    scene = Scene(tmp_path, ())
    fine = scene.fine
    second = Site(tmp_path / "second", scene.authority, fine.name)
    second.good(scene.authority.leaf(fine.name, key=rsa_key(2048)))
    row = {**scene.row(fine), "certificates": [fine.row, second.row]}
    with proxied.backend(scene.backend, "B"), Proxy(binary, tmp_path, [row]) as proxy:
        old = fine.pair
        fine.good()
        second.key.unlink()
        proxy.reload()
        assert proxy.ask(fine.name, scene.authority.file).certificate == old.der
        told = site_status(proxy, fine.name)
        assert told["health"] == "kept" and str(second.key) in told["why"], told


def test_text_around_pem_is_none_of_them(binary, tmp_path):
    """RFC 7468 2: what stands outside the encapsulation boundaries is passed over, as are the ends of lines of other systems."""
    scene = Scene(tmp_path, ())
    chain, key = scene.fine.pair.chain_pem, scene.fine.pair.key_pem
    scene.fine.chain.write_bytes(b"Certificate:\n    Data: \xc3\xa9\n" + chain.replace(b"\n", b"\r\n") + b"\nThe end\n")
    scene.fine.key.write_bytes(b"Bag Attributes\n    friendlyName: x\n" + key)
    with proxied.backend(scene.backend, "B"), scene.proxy(binary) as proxy:
        is_served(scene, proxy, scene.fine)


def test_expired_is_served_with_an_error(alone):
    """Without on_expired. Clients see for themselves; the operator is told three times."""
    scene, proxy, site = alone("expired, on_expired 503")
    with proxied.backend(scene.backend, "B"), proxy:
        answer = proxy.ask(site.name)
        assert answer.status == 200 and answer.certificate == proxied_leaf(site), answer
        told = site_status(proxy, site.name)
        assert told["health"] == "expired" and str(site.chain) in told["why"], told
        assert any("expired" in line and '"error"' in line and str(site.chain) in line for line in proxy.log().splitlines())
        ends = metric(proxy, "handfast_certificate_not_after_timestamp_seconds", site=site.name)
        assert ends and all(0 < value < 4e9 for value in ends.values())


def proxied_leaf(site):
    return ssl.PEM_cert_to_DER_cert(site.chain.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")


def test_a_bad_configuration_changes_nothing(binary, tmp_path):
    """Not even what is good in it; and it is said where it is bad."""
    scene = Scene(tmp_path, ())
    with proxied.backend(scene.backend, "B"), scene.proxy(binary) as proxy:
        proxy.config["sites"][0]["hsts"]["max_age"] = 1
        proxy.config["sitez"] = []
        proxy.write()
        done = proxy.reload()
        assert done.returncode == 2 and "sitez" in done.stderr and str(proxy.file) in done.stderr, done
        is_served(scene, proxy, scene.fine)
        proxy.hang_up()
        until("a word of it in the log", lambda: any("sitez" in line for line in proxy.log().splitlines()))
        is_served(scene, proxy, scene.fine)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a proxy as somebody who may not read")
def test_a_key_that_may_not_be_read(binary, tmp_path_factory):
    """By a proxy that is not root."""
    folder = tmp_path_factory.mktemp("unreadable")
    scene = Scene(folder, ("chain missing",))
    site = scene.sites["chain missing"].good()
    site.key.chmod(0)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    os.chown(site.key, 0, 0)
    up = folder
    while up != up.parent and not os.stat(up).st_mode & 1:
        up.chmod(up.stat().st_mode | 0o011)
        up = up.parent
    proxy = Proxy(binary, folder, scene.rows(), before=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    with proxied.backend(scene.backend, "B"), proxy:
        is_unavailable(scene, proxy, site)
        is_served(scene, proxy, scene.fine)
        told = site_status(proxy, site.name)["why"]
        assert str(site.key) in told and "may not read" in told, told


def test_nobody_waits_for_a_fifo(alone):
    """A site whose key is one that nobody writes to does not hold up a reload of the others."""
    scene, proxy, site = alone("key is a fifo")
    proxy.config["sites"].append(scene.row(scene.fine))
    with proxied.backend(scene.backend, "B"), proxy:
        scene.fine.good()
        assert proxy.reload().returncode == 1  # taken, and there is something to see to
        assert proxy.ask(scene.fine.name, scene.authority.file).certificate == scene.fine.pair.der
        is_unavailable(scene, proxy, site)
