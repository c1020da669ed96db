# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Other people's scanners, and what each says of a server, as facts that can be compared: versions, suites a version, groups, chains."""
import json
import os
import re
import subprocess
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from interop import ENV, ROOT

SSLYZE = os.path.join(ROOT, "build/peers/sslyze/bin/sslyze")
TLS = {"ssl2": "SSL 2.0", "ssl3": "SSL 3.0", "tls1.0": "TLS 1.0", "tls1.1": "TLS 1.1", "tls1.2": "TLS 1.2", "tls1.3": "TLS 1.3"}


def names(kind):
    """A registry of src/explain: {name: code point}"""
    with open(os.path.join(ROOT, f"src/explain/names_{kind}.def"), encoding="utf-8") as f:
        return {name: int(code, 16) for code, name in re.findall(r'HF_NAME\((0x[0-9a-fA-F]+), "([^"]+)"\)', f.read())}


SUITES, GROUPS = names("suites"), names("groups")
SUITE_NAMES = {code: name for name, code in SUITES.items()}
GROUP_OF = {name.lower(): name for name in GROUPS} | {"prime256v1": "secp256r1", "prime192v1": "secp192r1"}


@dataclass
class Facts:
    """None, and versions in `unsaid`: this scanner does not say. chains: by type and size of the leaf's key, since not all have
    fingerprints."""
    versions: set = None
    unsaid: set = field(default_factory=set)
    suites: dict = None
    groups: set = None
    chains: dict = field(default_factory=dict)
    traits: dict = field(default_factory=dict)
    seconds: float = 0.0


def key_of(cert):
    key = cert.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.key_size}"
    return "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else type(key).__name__


def dns_names(cert):
    try:
        return sorted(cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        return []


def code(text):
    """x2f, 0xC02B: four digits at most; SSL 2.0's kinds have six."""
    return int(text.lstrip("0x") or "0", 16)


# --- running them ------------------------------------------------------------------------------------------------------------

# testssl.sh takes half a minute for its lists. Where they are the same as another animal's, its versions and certificates are enough.
ALIKE = re.compile(r"cert-.*|openssl-(no-staple|staple.*|revoked|must-.*|mutual|no-ticket|alpn|strict-name|ed25519|p521)|"
                   r"nginx-(no-redirect|early|missing|optional-client|reject)|haproxy-default")


def is_quick(animal):
    return ALIKE.fullmatch(animal) is not None


def words_of(scanner, place, ca, out, quick=False):
    if scanner == "sslscan":
        return ["sslscan", f"--xml={out}", "--no-heartbleed", "--sni-name=localhost", f"127.0.0.1:{place.port}"]
    if scanner == "sslyze":
        return [SSLYZE, f"--json_out={out}", "--quiet", "--sni", "localhost", "--certinfo_ca_file", ca, "--mozilla_config", "disable",
                *"--sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --certinfo --elliptic_curves --ems --fallback --reneg --compression".split(),
                f"127.0.0.1:{place.port}"]
    checks = ["-p", "-S"] if quick else ["-p", "-E", "-f", "-S"]
    return ["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none", "--add-ca", ca, "--jsonfile", out,
            "--ip", "127.0.0.1", *checks, f"localhost:{place.port}"]


def scan(scanner, place, ca, out, quick=False, seconds=900):
    """Its raw output stands in that file; what it printed is dropped unless there is no output."""
    part = f"{out}.part"
    if os.path.exists(part):
        os.remove(part)
    done = subprocess.run([str(w) for w in words_of(scanner, place, ca, part, quick)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=ENV, timeout=seconds, check=False)
    assert os.path.exists(part), (scanner, done.returncode, done.stdout.decode(errors="replace")[-2000:])
    os.rename(part, out)


# --- reading them --------------------------------------------------------------------------------------------------------------

def sslscan(text):
    root = xml.fromstring(text).find("ssltest")
    facts = Facts(versions=set(), suites={}, groups=set())
    for row in root.iter("protocol"):
        if row.get("enabled") == "1":
            version = row.get("version")
            facts.versions.add(TLS[row.get("type") + version])
    for row in root.iter("cipher"):
        facts.suites.setdefault(row.get("sslversion").replace("TLSv", "TLS ").replace("SSLv", "SSL "), set()).add(int(row.get("id"), 16))
    facts.groups = {name_of_group(int(row.get("id"), 16)) for row in root.iter("group")}
    for cert in root.iter("certificate"):
        if cert.find("pk") is not None and cert.find("pk").get("error") == "false":
            facts.chains |= sslscan_chain(cert)
    renegotiation = root.find("renegotiation")
    if renegotiation is not None and renegotiation.get("supported") == "1":
        facts.traits["secure_renegotiation"] = renegotiation.get("secure") == "1"
    return facts


def name_of_group(number):
    return next((name for name, known in GROUPS.items() if known == number), f"0x{number:04x}")


CURVE_BITS = {"prime256v1": 256, "secp384r1": 384, "secp521r1": 521}


def sslscan_chain(cert):
    pk = cert.find("pk")
    kind, bits = pk.get("type"), pk.get("bits")
    kind = {"EC": f"EC {CURVE_BITS.get(pk.get('curve_name'), bits)}", "RSA": f"RSA {bits}"}.get(kind, "Ed25519")
    alternatives = cert.findtext("altnames") or ""
    return {kind: {"names": sorted(re.findall(r"DNS:([^, ]+)", alternatives)), "self_signed": cert.findtext("self-signed") == "true",
                   "sha1_in_chain": "sha1" in (cert.findtext("signature-algorithm") or "").lower()}}


TESTSSL = {"SSLv2": "SSL 2.0", "SSLv3": "SSL 3.0", "TLS1": "TLS 1.0", "TLS1_1": "TLS 1.1", "TLS1_2": "TLS 1.2", "TLS1_3": "TLS 1.3"}
TESTSSL_CIPHER = {"ssl2": "SSL 2.0", "sslv2": "SSL 2.0", "ssl3": "SSL 3.0", "sslv3": "SSL 3.0", "tls1": "TLS 1.0",
                  "tls1_1": "TLS 1.1", "tls1_2": "TLS 1.2", "tls1_3": "TLS 1.3"}


def testssl(text):
    facts, certs = Facts(), {}
    for row in json.loads(text):
        what, said = row["id"], row["finding"]
        if what in TESTSSL:  # none of these: it gave up before
            facts.versions = facts.versions or set()
            facts.versions |= {TESTSSL[what]} if said.startswith(("offered", "supported but")) else set()
        elif found := re.fullmatch(r"cipher-(\w+?)_x([0-9a-f]+)", what):
            facts.suites = facts.suites or {}
            facts.suites.setdefault(TESTSSL_CIPHER[found[1]], set()).add(int(found[2], 16))
        elif what in ("PFS_ECDHE_curves", "DH_groups") and (what == "PFS_ECDHE_curves" or "ffdhe" in said):
            facts.groups = (facts.groups or set()) | {GROUP_OF[word.lower()] for word in said.split() if word.lower() in GROUP_OF}
        elif what.partition(" ")[0] in TESTSSL_CERT:
            certs.setdefault(what.partition("<")[2], {})[what.partition(" ")[0]] = said
    for cert in certs.values():
        if "cert_keySize" in cert:
            facts.chains |= testssl_chain(cert)
    return facts


TESTSSL_CERT = ("cert_keySize", "cert_fingerprintSHA256", "cert_subjectAltName", "cert_signatureAlgorithm", "cert_chain_of_trust", "cert_trust",
                "cert_numbers", "certs_countServer", "OCSP_stapling", "cert_mustStapleExtension", "certs_list_ordering_problem",
                "cert_expirationStatus")


def testssl_chain(cert):
    said = cert["cert_keySize"]
    words = said.split()
    kind = "Ed25519" if "25519" in said else f"{words[0]} {words[1]}"
    facts = {"fingerprint": cert["cert_fingerprintSHA256"].replace(":", "").lower(), "sha1_in_chain": "SHA1" in cert["cert_signatureAlgorithm"],
             "names": [] if "No SAN" in cert["cert_subjectAltName"] else sorted(cert["cert_subjectAltName"].split())}
    if "cert_chain_of_trust" in cert:
        facts["trusted"] = cert["cert_chain_of_trust"].startswith("passed")
    if "certs_countServer" in cert and cert["certs_countServer"].isdigit():
        facts["length"] = int(cert["certs_countServer"])
    if "cert_trust" in cert:
        facts["name_matches"] = cert["cert_trust"].startswith("Ok")
    if "OCSP_stapling" in cert:
        facts["staple"] = cert["OCSP_stapling"].startswith("offered")
    if "cert_mustStapleExtension" in cert:
        facts["must_staple"] = cert["cert_mustStapleExtension"] != "--"
    return {kind: facts}


SSLYZE_VERSIONS = {"ssl_2_0": "SSL 2.0", "ssl_3_0": "SSL 3.0", "tls_1_0": "TLS 1.0", "tls_1_1": "TLS 1.1", "tls_1_2": "TLS 1.2",
                   "tls_1_3": "TLS 1.3"}


def sslyze(text):
    found = json.loads(text)["server_scan_results"]
    result = found[0]["scan_result"] if found else None
    if not result:
        return Facts()
    facts = Facts(versions=set(), suites={})
    for word, version in SSLYZE_VERSIONS.items():
        there = result[f"{word}_cipher_suites"]["result"]
        if there is None:
            facts.unsaid.add(version)
        elif there["is_tls_version_supported"]:
            facts.versions.add(version)
            facts.suites[version] = {SUITES.get(row["cipher_suite"]["name"], row["cipher_suite"]["name"])
                                     for row in there["accepted_cipher_suites"]}
    curves = result["elliptic_curves"]["result"]
    if curves and curves["supported_curves"] is not None:
        facts.groups = {GROUP_OF[row["name"].lower()] for row in curves["supported_curves"]}
    for deployment in (result["certificate_info"]["result"] or {"certificate_deployments": []})["certificate_deployments"]:
        facts.chains |= sslyze_chain(deployment)
    facts.traits = sslyze_traits(result)
    return facts


def sslyze_traits(result):
    rows = {"extended_main_secret": ("tls_extended_master_secret", "supports_ems_extension"),
            "fallback_scsv": ("tls_fallback_scsv", "supports_fallback_scsv"), "compression": ("tls_compression", "supports_compression"),
            "secure_renegotiation": ("session_renegotiation", "supports_secure_renegotiation"),
            "client_renegotiation": ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos")}
    return {trait: result[test]["result"][said] for trait, (test, said) in rows.items() if result[test]["result"]}


def sslyze_chain(deployment):
    received = [x509.load_pem_x509_certificate(row["as_pem"].encode()) for row in deployment["received_certificate_chain"]]
    leaf = received[0]
    ours = [row for row in deployment["path_validation_results"] if row["trust_store"]["name"] == "Supplied CA file"]
    facts = {"fingerprint": fingerprint(leaf), "names": dns_names(leaf), "sha1_in_chain": any(map(is_sha1, received)),
             "length": len(received), "in_order": deployment["received_chain_has_valid_order"],
             "must_staple": deployment["leaf_certificate_has_must_staple_extension"], "staple": deployment["ocsp_response"] is not None,
             "scts": deployment["leaf_certificate_signed_certificate_timestamps_count"]}
    if ours:
        facts["trusted"] = ours[0]["was_validation_successful"]
    return {key_of(leaf): facts}


def is_sha1(cert):
    return "sha1" in cert.signature_algorithm_oid._name.lower()


def fingerprint(cert):
    return cert.fingerprint(hashes.SHA256()).hex()


# --- ours ------------------------------------------------------------------------------------------------------------------------

def handfast(text):
    target = json.loads(text)["targets"][0]
    seen = target["seen"]
    there = [v for v in seen["versions"] if v["state"] == "present"]
    facts = Facts(versions={v["name"] for v in there}, suites={v["name"]: {s["code"] for s in v["suites"]} for v in there},
                  groups={g["name"] for v in there for g in v["groups"]}, seconds=target["seconds"])
    facts.traits = {name: row["state"] == "present" for name, row in seen["traits"].items() if row["state"] != "unknown"}
    for chain in seen["chains"]:
        facts.chains |= handfast_chain(chain)
    return facts


def handfast_chain(chain):
    leaf = x509.load_der_x509_certificate(bytes.fromhex(chain["certificates"][0]["der"]))
    error = (chain["verdict"] or {}).get("error") or ""
    return {key_of(leaf): {
        "fingerprint": chain["fingerprint"].replace(":", "").lower(), "names": dns_names(leaf), "length": len(chain["certificates"]),
        "sha1_in_chain": chain["sha1_signature"], "must_staple": chain["must_staple"], "staple": chain["staple"] is not None,
        "scts": chain["scts"]["certificate"], "in_order": not chain["out_of_order"], "name_matches": chain["name_matches"],
        "self_signed": leaf.subject == leaf.issuer, "trusted": chain["verdict"]["valid"] if chain["verdict"] else None, "error": error}}


READERS = {"handfast": handfast, "sslscan": sslscan, "sslyze": sslyze, "testssl": testssl}
