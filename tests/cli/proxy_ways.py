# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Ways in which a site's certificate or key can be wrong. Each is a function that writes the two files of a site so, given its folder, the
authority, its name and a good pair; WAYS says what must be told of it: the file that is to blame, and words of the reason."""
import os

from proxied_pki import DAY, NOW, Pair, certificate, ec_key, key_pem, pem, public_pem, rsa_key


class Site:
    """The files of one, chain.pem and key.pem in a folder of its own."""

    def __init__(self, folder, authority, name):
        self.folder, self.authority, self.name = folder, authority, name
        folder.mkdir()
        self.chain, self.key = folder / "chain.pem", folder / "key.pem"
        self.pair = authority.leaf(name)

    @property
    def row(self):
        return {"chain": str(self.chain), "key": str(self.key)}

    def clear(self):
        """Nothing is there, whatever it was."""
        for path in (self.chain, self.key):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)

    def good(self, pair=None):
        self.clear()
        self.pair = pair or self.authority.leaf(self.name)
        self.pair.write(self.chain, self.key)
        return self

    def put(self, chain=None, key=None):
        """Other bytes in place of the good ones of one file, or of both."""
        self.good(self.pair)
        if chain is not None:
            self.chain.write_bytes(chain)
        if key is not None:
            self.key.write_bytes(key)


def no_chain(site):
    site.good(site.pair)
    site.chain.unlink()


def no_key(site):
    site.good(site.pair)
    site.key.unlink()


def symlink_to_nothing(site):
    no_chain(site)
    site.chain.symlink_to("nowhere.pem")


def symlink_loop(site):
    no_chain(site)
    site.chain.symlink_to(site.chain.name)


def chain_is_a_folder(site):
    no_chain(site)
    site.chain.mkdir()


def key_is_a_fifo(site):
    no_key(site)
    os.mkfifo(site.key, 0o600)


def chain_is_a_device(site):
    no_chain(site)
    site.chain.symlink_to("/dev/zero")


def key_writable_by_others(site):
    site.good(site.pair)
    site.key.chmod(0o666)


def huge_chain(site):
    """A sparse file of a gigabyte behind a good chain."""
    site.good(site.pair)
    os.truncate(site.chain, 1 << 30)


def half_written_chain(site):
    """As after a power cut: the length is right, the second half never reached the disk."""
    whole = site.pair.chain_pem
    site.put(chain=whole[:300] + bytes(len(whole) - 300))


def truncated_key(site):
    site.put(key=site.pair.key_pem[:len(site.pair.key_pem) // 2])


def dated(start, over):
    def way(site):
        leaf = certificate(site.name, site.pair.key, site.authority.intermediate.subject, site.authority.key, names=[site.name],
                           start=start, over=over)
        site.put(chain=Pair(leaf, (site.authority.intermediate,), site.pair.key).chain_pem)
    return way


def wrong_name(site):
    site.good(site.authority.leaf("somebody.else.test"))


def weak_key(site):
    site.good(site.authority.leaf(site.name, key=rsa_key(1024)))


def out_of_order(site):
    site.put(chain=pem(site.authority.intermediate) + pem(site.pair.leaf))


def ca_as_leaf(site):
    key = ec_key()
    leaf = certificate(site.name, key, site.authority.intermediate.subject, site.authority.key, ca=True, names=[site.name])
    site.good(Pair(leaf, (site.authority.intermediate,), key))


def der_bytes(site):
    site.put(chain=site.pair.der)


def swapped(site):
    site.put(chain=site.pair.key_pem, key=site.pair.chain_pem)


def key_of_another(site):
    site.put(key=key_pem(ec_key()))


# name: (the way, the file that is to blame, words one of which the reason has)
WAYS = {
    "chain missing": (no_chain, "chain.pem", ("no such", "not found", "does not exist", "missing")),
    "key missing": (no_key, "key.pem", ("no such", "not found", "does not exist", "missing")),
    "chain empty": (lambda site: site.put(chain=b""), "chain.pem", ("empty", "no certificate")),
    "key empty": (lambda site: site.put(key=b""), "key.pem", ("empty", "no private key", "no key")),
    "chain truncated": (lambda site: site.put(chain=site.pair.chain_pem[:400]), "chain.pem", ()),
    "key truncated": (truncated_key, "key.pem", ()),
    "chain half written": (half_written_chain, "chain.pem", ()),
    "key of another": (key_of_another, "key.pem", ("match", "belong", "another", "not the key", "other")),
    "not yet valid": (dated(NOW + 10 * DAY, NOW + 30 * DAY), "chain.pem", ("not yet valid", "not valid before", "from")),
    "expired, on_expired 503": (dated(NOW - 30 * DAY, NOW - 10 * DAY), "chain.pem", ("expired",)),
    "key writable by others": (key_writable_by_others, "key.pem", ("writ", "mode")),
    "chain is a folder": (chain_is_a_folder, "chain.pem", ("folder", "directory")),
    "key is a fifo": (key_is_a_fifo, "key.pem", ("fifo", "pipe", "regular", "ordinary", "not a file")),
    "chain is a device": (chain_is_a_device, "chain.pem", ("device", "regular", "ordinary", "not a file")),
    "symlink loop": (symlink_loop, "chain.pem", ("symbolic link", "symlink", "loop", "links")),
    "symlink to nothing": (symlink_to_nothing, "chain.pem", ("no such", "not found", "does not exist", "missing")),
    "wrong name": (wrong_name, "chain.pem", ("name",)),
    "weak key": (weak_key, "chain.pem", ("1024", "weak", "policy", "bits")),
    "out of order": (out_of_order, "chain.pem", ("order", "first", "leaf")),
    "CA as leaf": (ca_as_leaf, "chain.pem", ("ca", "leaf")),
    "key encrypted, no password": (lambda site: site.put(key=key_pem(site.pair.key, b"secret")), "key.pem", ("encrypted", "password")),
    "DER": (der_bytes, "chain.pem", ("der", "pem")),
    "garbage": (lambda site: site.put(chain=bytes(i * 37 % 256 for i in range(3000))), "chain.pem", ()),
    "chain and key swapped": (swapped, "chain.pem", ()),
    "public key as key": (lambda site: site.put(key=public_pem(site.pair.key)), "key.pem", ()),
    "huge": (huge_chain, "chain.pem", ("large", "long", "big", "most", "bytes", "mib")),
}
