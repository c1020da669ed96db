# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Why other scanners say something else than we do of a server of the zoo; each was looked into. Patterns are of whole words."""
from audit_agreement import Reason

ANY = ".*"
WOLF = "wolfssl-.*"
# A key of P-256 that OpenSSL, wolfSSL or GnuTLS serve at TLS 1.2.
P256 = "gnutls-anon|gnutls-weak-curves|nginx-sessions|nginx-reject|mbedtls-session-ids|mbedtls-static-ecdh|wolfssl-.*|openssl-binary-curve"

REASONS = (
    # --- groups ---
    Reason("sslyze", ANY, "group", "ffdhe.*", True, "sslyze looks for elliptic curves alone, not for the finite-field groups of TLS 1.3"),
    Reason(ANY, "handfast-.*", "group", "X25519MLKEM768", True, "these releases do not know hybrid groups"),
    Reason("sslyze|sslscan|testssl", P256, "group", ANY, True,
           "each curve is offered alone, without P-256: the server then refuses, as its ECDSA certificate has that curve; we offer the "
           "certificate's curve beside each"),
    Reason("sslscan", WOLF, "group", ANY, False,
           "wolfSSL answers any list of groups in TLS 1.3 with a HelloRetryRequest, for a group that it does not have if there is no other; "
           "sslscan counts that as accepted, we say that the list is not whole"),
    # --- suites ---
    Reason(ANY, WOLF, "suite", "TLS 1.3 TLS_SHA(256_SHA256|384_SHA384)", True, "integrity-only suites (RFC 9150) are not in its list"),
    Reason("sslyze", ANY, "suite", ".*CAMELLIA.*", True, "these Camellia suites are not in the list of its OpenSSL"),
    Reason("sslyze|testssl", WOLF, "suite", ".*(_PSK_|_OLD).*", True,
           "wolfSSL chooses PSK suites, and the first ChaCha20 suites, though it has no such key; who goes on with the handshake sees it fail, and "
           "some of them are in nobody else's list"),
    Reason("sslyze", "openssl-ed25519", "suite", "TLS 1.2 TLS_ECDHE_ECDSA.*", True,
           "asked by its older OpenSSL (1.0.2), which does not offer ed25519: the server has no signature for it"),
    Reason("sslyze", "handfast-.*", "suite", "TLS 1.2 TLS_ECDHE_.*", True,
           "asked by its older OpenSSL (1.0.2), which has no extended_main_secret: handfast refuses it"),
    # --- versions ---
    Reason("sslscan", WOLF, "version", "TLS 1.[12]", True,
           "its hello names all suites there are, more than wolfSSL reads (BUFFER_ERROR); we ask again with fewer"),
    Reason("sslscan|testssl", "handfast-(default|proxy)", "version", "TLS 1.2", True,
           "its hello has no extended_main_secret: handfast refuses it, and serves those that have it"),
    # --- certificates ---
    Reason("sslscan", "nginx-old|openssl-two-keys", "chain", ANY, True, "sslscan looks at one certificate alone"),
    Reason("sslscan|testssl", "cert-sha1-intermediate", "chain", "sha1_in_chain of .*", True, "it looks at the first certificate's signature alone"),
    Reason("sslyze", "cert-stranger", "chain", "in_order of .*", True,
           "what is no part of the chain is out of order to sslyze; to us it is a finding of its own (chain-strangers)"),
    Reason("sslyze|testssl", "cert-rsa-1024", "chain", "trusted of .*", False, "our validator believes no RSA key of less than 2048 bits"),
    Reason("sslyze|testssl", "openssl-revoked", "chain", "trusted of .*", False, "the staple says that the certificate is revoked: it is trusted no longer"),
    Reason("sslyze|testssl", "openssl-must-staple", "chain", "trusted of .*", False,
           "a certificate that demands a staple is not accepted without one (RFC 7633)"),
    Reason("testssl", "cert-sha1.*", "chain", "trusted of .*", False, "the OpenSSL that it asks still believes signatures with SHA-1"),
    Reason("testssl", "cert-wrong-name|cert-no-name", "chain", "trusted of .*", False,
           "testssl.sh tells the name apart from the chain's trust (name_matches is the same); our validator's word is on both"),
    # --- extensions ---
    Reason("sslyze", "gnutls-.*", "trait", "extended_main_secret", False,
           "sslyze looks at TLS 1.3, where keys are always bound to the handshake; GnuTLS was told not to at TLS 1.2 (%NO_SESSION_HASH, %COMPAT)"),
)
