# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Why three validators differ. A disagreement is explained by the first Rule that fits the other validator, our verdict (the
row of errors.def, or ACCEPT), what both said, and what had been done to the chain; one that none fits is a finding."""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    who: str       # OpenSSL, Go or either
    row: str       # our row, a regular expression; ACCEPT: we accept and they refuse
    what: str      # one line for the table
    section: str
    reason: str
    features: str = ""  # regular expressions that must be found: in one of the features,
    ours: str = ""      # in our detail,
    theirs: str = ""    # in what they say

    def fits(self, who, row, ours, theirs, features):
        return (self.who in (who, "either") and re.fullmatch(self.row, row) and re.search(self.ours, ours)
                and re.search(self.theirs, theirs) and (not self.features or any(re.search(self.features, f) for f in features)))


STRICTER = [
    Rule("either", "CERT_DER", "a certificate without an issuer",
         "RFC 5280 4.1.2.4",
         "The issuer must be a non-empty name; the others chain an empty issuer to an empty subject.", ours="an empty name"),
    Rule("either", "CERT_DER", "an empty or non-ASCII dNSName",
         "RFC 5280 4.2.1.6",
         "A dNSName is an IA5String and never empty. Go refuses the letters and takes the empty name; OpenSSL "
         "takes both as bytes.", features="name-(empty|utf8)", ours="name that is empty|Extension"),
    Rule("OpenSSL", "CERT_DER|CERT_UNKNOWN_CA", "an iPAddress of five octets",
         "RFC 5280 4.2.1.6",
         "Addresses have 4 or 16 octets. OpenSSL looks at such an entry only to compare it.", features="san-bad-ip"),
    Rule("either", "CERT_DER|CERT_UNKNOWN_CA", "a subjectAltName without names",
         "RFC 5280 4.2.1.6",
         "GeneralNames holds at least one name.", features="san-no-names"),
    Rule("OpenSSL", "CERT_DER|CERT_UNKNOWN_CA", "signatureAlgorithm differs from the one that is signed",
         "RFC 5280 4.1.1.2",
         "Both fields must be the same, in an anchor as well. OpenSSL compares them when it checks that signature, "
         "and nobody checks the anchor's own. Such an anchor is left out of the trust store.", features="algorithm-differs"),
    Rule("OpenSSL", "CERT_DER|CERT_UNKNOWN_CA", "an extension that is there twice",
         "RFC 5280 4.2",
         "No certificate may have two of them. OpenSSL refuses a path with one, but not a leaf or an anchor that "
         "is trusted itself.", features="ext-twice"),
    Rule("either", "CERT_UNKNOWN_CA", "an anchor whose serial number is negative or over 20 octets",
         "RFC 5280 4.1.2.2",
         "Such an anchor does not get into the trust store.", features="serial-(negative|long)"),
    Rule("either", "CERT_SERIAL", "a serial number that is zero, negative or over 20 octets",
         "RFC 5280 4.1.2.2",
         "Serial numbers are positive and of 20 octets at most. The section asks users to handle others "
         "gracefully; here they are refused by name. Zero is allowed in an anchor alone. Go refuses negative "
         "numbers since 1.23, but for programs whose go line is older, as that of this one.", features="serial-"),
    Rule("either", "CERT_UNKNOWN_CA|CERT_VERSION", "an X.509 version 1 or 2 certificate",
         "RFC 5280 4.1.2.1, 6.1.4 (k)",
         "Such a certificate cannot say that it is, or is not, a CA: version 3 alone is read, of anchors, too. The "
         "others take old roots, which have no extensions, and leaves.", features="version"),
    Rule("OpenSSL", "CERT_UNKNOWN_CA|CERT_SELF_SIGNED", "issuer and subject in different encodings",
         "RFC 5280 4.1.2.4, 7.1",
         "Names are chained when they are the same bytes, as issuers are told to write them; Go does the same. "
         "OpenSSL compares without regard to string type, case and blanks. A CA that writes its name in two ways "
         "is not found.", features="encoding-"),
    Rule("OpenSSL", "CERT_NOT_CA", "an anchor without basicConstraints",
         "RFC 5280 4.2.1.9",
         "OpenSSL takes an anchor of version 3 for a CA when keyUsage has keyCertSign. We and Go want cA TRUE.",
         features="ca-missing|ca-version1"),
    Rule("either", "CERT_KEY_WEAK", "an RSA key of 1024 bits",
         "RFC 9325 4.5; BR 6.1.5",
         "The policy allows 2048 bits at least. Go has no such limit in crypto/x509.", features="rsa1024"),
    Rule("either", "CERT_USAGE", "keyUsage of the leaf without digitalSignature",
         "RFC 5280 4.2.1.3; RFC 9846 4.5.1.2",
         "The leaf's key signs the handshake. Go does not look at the leaf's keyUsage; OpenSSL is content with "
         "keyEncipherment or keyAgreement, for the old key exchanges.", features="ku-leaf", ours="digitalSignature"),
    Rule("either", "CERT_STAPLE_MISSING", "must-staple without a staple",
         "RFC 7633 4.2.3",
         "The certificate demands a stapled response. The others leave that extension to the application.",
         features="must-staple"),
    Rule("either", "CERT_NAME", "a question for a name that is none",
         "RFC 9525 6.3",
         "A pattern, or a host with a label of over 63 octets, is no DNS name that could be meant; the others "
         "compare it as text.", features="wildcard-asked|name-long"),
    Rule("Go", "CERT_NAME", "an IPv4 address written as an IPv6 one",
         "RFC 5280 4.2.1.6",
         "The address is compared octet by octet: four of them are not sixteen. Go turns ::ffff:192.0.2.7 into "
         "192.0.2.7 first.", features="ip-mapped"),
    Rule("either", "CERT_WILDCARD", "a wildcard right under a public suffix",
         "BR 3.2.2.6",
         "*.org or *.co.uk would stand for other people's names. OpenSSL wants two labels after the wildcard, Go "
         "one.", features="wildcard-(suffix|tld)"),
    Rule("Go", "CERT_NAME_(NOT_PERMITTED|EXCLUDED|CONSTRAINT)", "a constraint on names of another kind, not marked critical",
         "RFC 5280 4.2.1.10",
         "Go does not judge directoryName, otherName and the like; it refuses them when the extension is critical "
         "and ignores them when it is not. We judge the one and fail closed on the other in either case.",
         features="nc-(dir|other).*-unmarked"),
    Rule("either", "CERT_NAME_(NOT_PERMITTED|EXCLUDED)", "a URI constraint that is one host",
         "RFC 5280 4.2.1.10",
         "Without a leading dot the constraint is one host. Go takes the domain below it as well; OpenSSL takes "
         "the user of https://user@host for a part of the host.", features="nc-uri"),
    Rule("Go", "CERT_NAME_NOT_PERMITTED", "a constraint on the mail addresses of one host",
         "RFC 5280 4.2.1.10",
         "example.org is that host; addresses at mail.example.org are below .example.org. Go takes the domain "
         "below as well.", features="nc-email", ours="@mail[.]example[.]org is not under mail address"),
    Rule("Go", "CERT_NAME_(NOT_PERMITTED|EXCLUDED)", "a constrained mail address in the subject",
         "RFC 5280 4.2.1.10",
         "Where there is no rfc822Name in subjectAltName, constraints on mail addresses are for emailAddress in "
         "the subject. Go does not look there.", features="subject-email"),
    Rule("OpenSSL", "CERT_NAME_EXCLUDED", "a wildcard that reaches an excluded name",
         "RFC 5280 4.2.1.10",
         "*.example.org may stand for www.example.org: where that is excluded, so is the wildcard. Go says the "
         "same since 2025; OpenSSL compares the star as a letter.", features="nc-dns", ours="DNS name [*]"),
    Rule("OpenSSL", "CERT_NAME_EXCLUDED", "an empty constraint on mail addresses",
         "RFC 5280 4.2.1.10",
         "The empty domain is all of them, as it is for DNS names. OpenSSL compares it with the host and finds it "
         "different.", features="nc-email"),
    Rule("either", "CERT_NAME_CONSTRAINT", "a constraint that is malformed",
         "RFC 5280 4.2.1.10",
         "A wildcard is no DNS constraint and 255.0.255.0 no mask (RFC 4632); what may not be understood is refused. "
         "OpenSSL uses the mask bit by bit.",
         ours="constraint (DNS name|address) .* is malformed"),
    Rule("either", "CERT_NAME_CONSTRAINT", "a constrained name that is malformed",
         "RFC 5280 4.2.1.10",
         "A mail address with a quoted local part has many spellings, a URI with an address for a host has no "
         "domain: where their kind is constrained they are refused. The others compare what they find.",
         features="nc-(email|uri)"),
    Rule("OpenSSL", "CERT_NAME_CONSTRAINT|CERT_NAME_EXCLUDED", "a DNS name that is none, under a constraint",
         "RFC 5280 4.2.1.10",
         "Blanks, other letters or an empty label: where DNS names are constrained, one that is none is refused.",
         features="name-|wildcard-"),
]

LOOSER = [
    Rule("either", "ACCEPT", "a key identifier extension marked critical",
         "RFC 5280 4.2.1.1, 4.2.1.2",
         "Issuers must not mark it, and a validator that understands the extension need not care (4.2): `private` "
         "accepts, `webpki` refuses it (CERT_EXTENSION_FORM). OpenSSL calls it not handled, Go does not parse it.",
         features="(aki|ski)-critical", theirs="unhandled critical|marked critical"),
    Rule("OpenSSL", "ACCEPT", "the last second of the validity",
         "RFC 5280 4.1.2.5",
         "Validity lasts through notAfter, inclusive; OpenSSL ends it there.", features="last-second", theirs="expired"),
    Rule("OpenSSL", "ACCEPT", "a second candidate under the same name",
         "RFC 4158 2.4",
         "OpenSSL builds one path and judges it: with another CA's certificate under the same name and the wrong "
         "key, the wrong limits or a path that ends nowhere, it does not go back and try the other. We and Go do.",
         features="decoy|cross|twin",
         theirs="signature failure|permitted subtree|excluded subtree|local issuer|expired|too weak|"
                "explicit policy|path length|not yet valid|purpose|self-signed|invalid CA|name constraint|key too|no certificates|wrong key"),
    Rule("OpenSSL", "ACCEPT", "an authorityKeyIdentifier that names another key or serial number",
         "RFC 5280 4.2.1.1, 6.1",
         "The identifier helps to find the issuer and is no part of path validation: the signature decides. We try "
         "such an issuer last, Go likewise; OpenSSL never.",
         features="aki-(wrong|serial-wrong|serial)", theirs="local issuer|verify the first"),
    Rule("OpenSSL", "ACCEPT", "anyExtendedKeyUsage",
         "RFC 5280 4.2.1.12",
         "A key for any purpose is one for TLS, unless an application wants it by name, as `webpki` does of leaves "
         "and OpenSSL of everybody.", features="eku-.*any", theirs="purpose"),
    Rule("OpenSSL", "ACCEPT", "an empty constraint on mail addresses",
         "RFC 5280 4.2.1.10",
         "The empty domain is all of them; OpenSSL compares it with the host and finds that nothing is permitted.",
         features="nc-empty", theirs="permitted subtree"),
    Rule("OpenSSL", "ACCEPT", "mail addresses in the subject beside an rfc822Name",
         "RFC 5280 4.2.1.10",
         "emailAddress in the subject is judged when there is no rfc822Name in subjectAltName; OpenSSL judges it "
         "always.", features="subject-email", theirs="(excluded|permitted) subtree"),
    Rule("OpenSSL", "ACCEPT", "a URI with a user",
         "RFC 3986 3.2",
         "The host of https://u@www.example.org:8/ is www.example.org; OpenSSL takes u@ for a part of it.",
         features="nc-uri", theirs="(excluded|permitted) subtree"),
    Rule("OpenSSL", "ACCEPT", "the signature of a certificate that is itself an anchor",
         "RFC 5280 6.1.1 (d)",
         "Nobody checks an anchor's own signature, so it may be SHA-1. OpenSSL exempts only those that signed "
         "themselves.", features="anchor-", theirs="too weak"),
    Rule("OpenSSL", "ACCEPT", "constraints above a trusted leaf",
         "RFC 5280 6.1.1 (d)",
         "A leaf that is trusted itself is a path of one. OpenSSL builds on to what stands above it in the chain "
         "and judges that, too.", features="anchor-|self-signed-trusted"),
    Rule("OpenSSL", "ACCEPT", "a self-issued key renewal without key identifiers",
         "RFC 5280 6.1",
         "Without an identifier OpenSSL takes the CA's new certificate for one that signed itself and stops there.",
         features="self-issued", theirs="self-signed|signature failure|local issuer"),
    Rule("Go", "ACCEPT", "critical constraints on names of another kind",
         "RFC 5280 4.2.1.10",
         "Go does not know constraints on directoryName, otherName and the like and refuses a critical extension "
         "that holds one. We judge directoryName; another kind is refused only where the certificate holds such a "
         "name.", features="nc-(dir|other)", theirs="unhandled critical|unknown authority|expired|not authorized"),
    Rule("Go", "ACCEPT", "nameConstraints or anything else critical in a leaf",
         "RFC 5280 4.2.1.10",
         "The extension belongs into CAs and has nothing to say in a leaf: `private` ignores it, `webpki` refuses "
         "it.", features="nc-leaf"),
    Rule("Go", "ACCEPT", "self-issued certificates in the path length",
         "RFC 5280 4.2.1.9, 6.1.4 (l)",
         "They are not counted; Go counts them.", features="self-issued|encoding", theirs="too many intermediates|expired"),
    Rule("Go", "ACCEPT", "a URI constraint that is one host",
         "RFC 5280 4.2.1.10",
         "Without a leading dot it is one host; Go also excludes what is below it. And Go refuses a URI with an "
         "address for a host under any constraints, not only on URIs.", features="nc-uri", theirs="not authorized"),
    Rule("Go", "ACCEPT", "a DNS name that is none, under constraints on other kinds",
         "RFC 5280 4.2.1.10",
         "Go parses every name of a leaf as soon as there are constraints; we judge the kinds that are "
         "constrained. `webpki` refuses such a name always.", features="name-|wildcard-", theirs="cannot parse"),
    Rule("Go", "ACCEPT", "a constraint on the mail addresses of one host",
         "RFC 5280 4.2.1.10",
         "example.org is that host; addresses at mail.example.org are below .example.org. Go takes the domain "
         "below as well.", features="nc-email", theirs="email address.*(excluded|not permitted)"),
]

PROFILE = {  # refused by `webpki` where `private` accepts: neither of the others knows these rules
    "CERT_AKI": ("authorityKeyIdentifier is there, with keyIdentifier alone in a root", "RFC 5280 4.2.1.1; BR 7.1.2.1.3"),
    "CERT_SKI": ("a CA has a subjectKeyIdentifier", "RFC 5280 4.2.1.2"),
    "CERT_EXTENSION_FORM": ("extensions are marked critical, or not, and placed as the profile says", "RFC 5280 4.2.1; BR 7.1.2"),
    "CERT_SAN": ("subjectAltName is there, and every name in it is one", "RFC 5280 4.2.1.6; BR 7.1.2.7.12"),
    "CERT_COMMON_NAME": ("the common name speaks of no other host", "BR 7.1.4.3"),
    "CERT_WILDCARD": ("no wildcard for a top-level domain, asked for or not", "BR 3.2.2.6"),
    "CERT_PURPOSE_OPEN": ("the leaf has extKeyUsage, without anyExtendedKeyUsage", "BR 7.1.2.7.10"),
    "CERT_NAME_CONSTRAINT": ("no DNS constraint begins with a dot; `private` reads it as all below", "RFC 5280 4.2.1.10"),
    "CERT_CA_AS_LEAF": ("the leaf is no CA", "BR 7.1.2.7.8"),
    "CERT_KEY_UNSUPPORTED": ("keys are of the kinds listed", "BR 6.1.5"),
    "of another path": ("of two paths the profile refuses one; what is told is the other's defect", "-"),
}


# With two paths, each of which has one defect, one of them is told; what the other validator does, or does not, mind may be in
# the second.
OTHER_PATH = "cross-|twin-|decoy-"
FIRST_PATH = "ACCEPT|CERT_EXPIRED|CERT_SIGNATURE|CERT_NAME_NOT_PERMITTED|CERT_UNKNOWN_CA"


def has_other_path(row, features):
    return re.fullmatch(FIRST_PATH, row) and any(re.match(OTHER_PATH, f) for f in features)


def explain(who, row, ours, theirs, features):
    rules = LOOSER if row == "ACCEPT" else STRICTER
    found = next((rule for rule in rules if rule.fits(who, row, ours, theirs, features)), None)
    if found or not has_other_path(row, features):
        return found
    return next((rule for rule in rules if rule.who in (who, "either") and any(re.search(rule.features, f) for f in features)),
                None)
