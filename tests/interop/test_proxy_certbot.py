# SPDX-License-Identifier: Apache-2.0 OR MIT
"""From no certificate to HTTPS, as certbot does it, with `handfast proxy` running all the while and told nothing: the challenge is served
below /.well-known/acme-challenge/, the links of live/NAME are noticed. Once with the layout alone, and once with certbot and a certificate
authority that speaks ACME (pebble)."""
import contextlib
import json
import os
import ssl
import urllib.request

import pytest

import proxied
from interop import need, run
from proxied import free_ports, program, until
from proxy_peers import House

NAME = "a.test"


@pytest.fixture
def scene(tmp_path, pki):
    """A site whose certificate has never been made; nor have the folders been, in which certbot would put it."""
    assert pki
    house = House(tmp_path)
    live = tmp_path / "letsencrypt" / "live" / NAME
    site = {"names": [NAME], "certificates": [{"chain": str(live / "fullchain.pem"), "key": str(live / "privkey.pem")}],
            "backend": f"127.0.0.1:{free_ports(1)[0]}", "hsts": {"max_age": 31536000}}
    challenges = tmp_path / "challenges"
    challenges.mkdir()
    with proxied.backend(int(site["backend"].rpartition(":")[2]), "B"):
        with house.proxy(site, house.site("fine.test", site["backend"]), challenges=str(challenges)) as proxy:
            yield house, proxy, live, challenges


def has_no_certificate(proxy):
    answer = proxy.ask_plain(NAME)
    assert answer.status == 503 and "no-store" in answer.headers["Cache-Control"], answer
    assert proxy.ask(NAME).status == 503


def serves(proxy, ca, leaf):
    """That certificate, to somebody who verifies it."""
    with contextlib.suppress(ssl.SSLError):
        answer = proxy.ask(NAME, ca)
        return answer.status == 200 and answer.certificate == leaf
    return False


def leaf_of(chain):
    return ssl.PEM_cert_to_DER_cert(chain.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")


def renew(live, number, pair):
    """What certbot does, with its modes: archive/NAME/*N.pem first, then each link."""
    archive = live.parent.parent / "archive" / NAME
    for folder in (live, archive):
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o700)
    for what, text in (("cert", pair.chain_pem), ("privkey", pair.key_pem), ("chain", b""), ("fullchain", pair.chain_pem)):
        path = archive / f"{what}{number}.pem"
        path.write_bytes(text)
        path.chmod(0o600 if what == "privkey" else 0o644)
    for what in ("cert", "privkey", "chain", "fullchain"):
        link = live / f"{what}.pem"
        link.unlink(missing_ok=True)  # certbot removes it, then makes it anew
        link.symlink_to(os.path.relpath(archive / f"{what}{number}.pem", live))


def test_the_layout(scene):
    house, proxy, live, challenges = scene
    has_no_certificate(proxy)
    assert proxy.ask_plain("fine.test").status in (301, 307, 308)
    there = challenges / ".well-known" / "acme-challenge"
    there.mkdir(parents=True)
    for folder in (there, challenges):
        (folder / "token-1").write_text("token-1.thumbprint")
    answer = proxy.ask_plain(NAME, "/.well-known/acme-challenge/token-1")
    assert (answer.status, answer.body) == (200, b"token-1.thumbprint"), answer
    for escape in ("../../proxy.yaml", "%2e%2e/%2e%2e/proxy.yaml", "..%2f..%2fproxy.yaml", "none", "", "../token-1"):
        answer = proxy.ask_plain(NAME, f"/.well-known/acme-challenge/{escape}")
        assert answer.status != 200 and b"sites" not in answer.body, (escape, answer)
    for number in (1, 2, 3):
        pair = house.authority.leaf(NAME)
        renew(live, number, pair)
        until("HTTPS", lambda pair=pair: serves(proxy, house.ca, pair.der), proxy.process)
    answer = proxy.ask_plain(NAME, "/x")
    assert answer.status in (301, 307, 308) and answer.headers["Location"].startswith(f"https://{NAME}"), answer
    assert proxy.ask_plain(NAME, "/.well-known/acme-challenge/token-1").status == 200


def test_a_challenge_that_is_a_link_out(scene):
    """Nothing is served that lies elsewhere, nor what is no file."""
    _, proxy, _, challenges = scene
    (challenges / "token-2").symlink_to(proxy.file)
    os.mkfifo(challenges / "token-3")
    (challenges / "token-4").mkdir()
    for token in ("token-2", "token-3", "token-4"):
        answer = proxy.ask_plain(NAME, f"/.well-known/acme-challenge/{token}")
        assert answer.status == 404, answer


# ---- certbot itself ----

@pytest.fixture
def acme(scene):
    """pebble, whose validation comes to the redirect listener, and a DNS server that says 127.0.0.1 to everything."""
    house, proxy, _, _ = scene
    for peer in ("certbot", "pebble", "pebble-challtestsrv"):
        need(peer)
    dns, api, management, manager, tls = free_ports(5)
    pair = house.authority.leaf("localhost").into(house.folder, "pebble")
    told = {"pebble": {"listenAddress": f"127.0.0.1:{api}", "managementListenAddress": f"127.0.0.1:{management}", "httpPort": proxy.redirect,
                       "certificate": pair["chain"], "privateKey": pair["key"], "tlsPort": tls, "ocspResponderURL": "",
                       "externalAccountBindingRequired": False}}
    (house.folder / "pebble.json").write_text(json.dumps(told))
    names = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "",
             "-tlsalpn01", "", "-management", f"127.0.0.1:{manager}"]
    words = ["env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "pebble", "-config", house.folder / "pebble.json", "-dnsserver",
             f"127.0.0.1:{dns}"]
    quiet = {"stderr": proxied.subprocess.DEVNULL}
    with program(names, lambda: proxied.listens(manager), "pebble-challtestsrv", **quiet):
        with program(words, lambda: proxied.listens(api) and proxied.listens(management), "pebble", **quiet):
            yield f"https://localhost:{api}/dir", f"https://localhost:{management}/roots/0"


def certbot(house, challenges, directory, *words):
    folder = house.folder / "letsencrypt"
    done = run(["certbot", *words, "--config-dir", folder, "--work-dir", house.folder / "work", "--logs-dir", house.folder / "logs", "--server",
                directory, "--non-interactive", "--webroot", "-w", challenges, "--no-random-sleep-on-renew"], timeout=120,
               env={"REQUESTS_CA_BUNDLE": house.ca})
    assert done.returncode == 0, done


def test_certbot(scene, acme):
    """certonly, and a renewal."""
    house, proxy, live, challenges = scene
    directory, root = acme
    has_no_certificate(proxy)
    certbot(house, challenges, directory, "certonly", "--agree-tos", "--register-unsafely-without-email", "-d", NAME)
    ca = house.folder / "acme-root.pem"
    with urllib.request.urlopen(root, context=proxied.client_context(house.ca)) as answer:
        ca.write_bytes(answer.read())
    first = leaf_of(live / "fullchain.pem")
    until("HTTPS", lambda: serves(proxy, ca, first), proxy.process)
    certbot(house, challenges, directory, "renew", "--force-renewal")
    second = leaf_of(live / "fullchain.pem")
    assert second != first
    until("the renewed one", lambda: serves(proxy, ca, second), proxy.process)
