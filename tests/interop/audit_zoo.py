# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The zoo: real servers in good and bad configurations, and what an audit must say of each. What is not said here is open; that every
rule of every book fires somewhere and is silent somewhere is counted over all of them."""
from dataclasses import dataclass, field

from audit_servers import (HSTS, MOZILLA, MOZILLA_OLD, gnutls, golang, handfast, handfast_proxy, haproxy, in_turns, java, mbedtls, nginx,
                           openssl, scripted, stunnel, ticketbleed, wolfssl)

ALL = "ALL:@SECLEVEL=0"
DHE_ALONE = "NORMAL:-VERS-TLS1.3:-KX-ALL:+DHE-RSA:-GROUP-ALL:%PROFILE_VERY_WEAK"
BOTH = "ssl_protocols TLSv1.2 TLSv1.3;"
WEAK = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


@dataclass(frozen=True)
class Animal:
    """versions: all that are spoken. fires, silent: checks or rules (or check#key) of which some book must, or none may, have a finding.
    has, lacks: suites. kept: books that must not be broken; broken: books that must be. traits: states of what traits.def names.
    open: rules that cannot be judged here. words: more options of the audit."""
    start: object
    versions: str
    fires: str = ""
    silent: str = ""
    has: str = ""
    lacks: str = ""
    groups: str = ""
    kept: str = ""
    broken: str = ""
    traits: dict = field(default_factory=dict)
    open: str = ""
    words: str = ""


# Findings of certificates, all of them: a good chain has none of them.
CHAIN = ("certificate-time certificate-name certificate-trust certificate-intermediate certificate-revoked certificate-sound "
         "certificate-usage certificate-hash rsa-bits chain-order chain-strangers")
KNOWN = "heartbleed ccs-injection robot ticketbleed drown poodle freak compression"
GOOD = f"{CHAIN} {KNOWN} sweet32 beast logjam extended-main-secret secure-renegotiation client-renegotiation key-reuse tolerance answers-differ"
# What takes a whole handshake cannot be judged where the server has no suite or group of ours, or answers by a script.
UNFINISHED = "client-renegotiation cookies hsts session-life ticketbleed"
SCRIPTED = f"{UNFINISHED} client-certificate groups groups-bits groups-wanted groups-weak schemes schemes-broken key-reuse"
# What lies above an issuer that was not sent is not known.
CUT = "certificate-time certificate-sound certificate-hash rsa-bits rsa-bits-128"
# The validator goes no further than a signature with SHA-1.
BROKEN = "certificate-trust certificate-sound"
VALID = "certificate-time certificate-name certificate-trust certificate-sound"

ZOO = {
    # --- OpenSSL's s_server ---
    "openssl-default": Animal(openssl(), "1.2 1.3", silent=GOOD, lacks="TLS_RSA_WITH_AES_128_CBC_SHA",
                              groups="x25519 secp256r1 x448 secp521r1 secp384r1"),
    "openssl-tls13": Animal(openssl("-tls1_3"), "1.3", open="heartbeat", silent=GOOD, kept="default",
                            has="TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256"),
    "openssl-tls12": Animal(openssl("-tls1_2", cert="rsa"), "1.2", silent=GOOD, has="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    "openssl-all": Animal(openssl("-cipher", ALL, "-min_protocol", "TLSv1", cert="rsa2048"), "1.0 1.1 1.2 1.3",
                          fires="versions-refused suites-refused beast",
                          has="TLS_RSA_WITH_AES_128_CBC_SHA TLS_DH_anon_WITH_AES_128_CBC_SHA",
                          broken="default modern pci-dss-4.0.1 nist-800-52r2 bsi-tr-02102-2 mozilla-intermediate"),
    "openssl-null": Animal(openssl("-cipher", WEAK, "-min_protocol", "TLSv1", "-serverpref", "-client_renegotiation", "-no_etm",
                                   cert="rsa2048"), "1.0 1.1 1.2 1.3", fires="suites-refused client-renegotiation encrypt-then-mac",
                           has="TLS_RSA_WITH_NULL_MD5 TLS_RSA_WITH_NULL_SHA TLS_ECDH_anon_WITH_NULL_SHA",
                           broken="default modern pci-dss-4.0.1 nist-800-52r2 bsi-tr-02102-2 mozilla-intermediate"),
    "openssl-tls10-alone": Animal(openssl("-tls1", "-cipher", "DEFAULT:@SECLEVEL=0", cert="rsa2048"), "1.0", open=UNFINISHED,
                                  fires="versions-refused versions-one-of", broken="default modern"),
    "openssl-static-rsa": Animal(openssl("-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-SHA", cert="rsa2048"), "1.2",
                                 open="key-reuse",
                                 fires="suites-only", has="TLS_RSA_WITH_AES_128_GCM_SHA256 TLS_RSA_WITH_AES_256_CBC_SHA",
                                 lacks="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", broken="default modern mozilla-intermediate"),
    "openssl-order": Animal(openssl("-tls1_2", "-serverpref", "-cipher", "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384", cert="rsa"),
                            "1.2", fires="order-sound", traits={"server_order": "present"}),
    "openssl-dh-1024": Animal(openssl("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", cert="rsa2048", dh=1024), "1.2",
                              open=f"{UNFINISHED} order",
                              fires="dh-bits", broken="default", silent="dh-common"),
    "openssl-groups": Animal(openssl("-groups", "P-521:X448"), "1.2 1.3", open="client-renegotiation ticketbleed",
                             groups="secp521r1 x448", fires="groups-wanted"),
    "openssl-sha1-signed": Animal(openssl("-tls1_2", "-sigalgs", "RSA+SHA1:RSA+SHA256", "-cipher", "ALL:@SECLEVEL=0", cert="rsa2048"), "1.2",
                                  fires="schemes-refused"),
    "openssl-binary-curve": Animal(openssl("-tls1_2", "-groups", "sect233r1:P-256", "-cipher", "ALL:@SECLEVEL=0"), "1.2",
                                   groups="sect233r1 secp256r1", fires="groups-bits"),
    "openssl-nist-curves": Animal(openssl("-groups", "P-256:P-384"), "1.2 1.3", groups="secp256r1 secp384r1"),
    "openssl-two-keys": Animal(openssl(cert="rsa", second="p256"), "1.2 1.3", silent=VALID,
                               has="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    "openssl-ed25519": Animal(openssl(cert="ed25519"), "1.2 1.3", silent=VALID),
    "openssl-p521": Animal(openssl(cert="p521"), "1.2 1.3", open="client-renegotiation ticketbleed", silent=VALID),
    "openssl-no-staple": Animal(openssl(cert="responder"), "1.2 1.3", fires="staple", silent="must-staple certificate-responder",
                                traits={"staple": "absent"}),
    "openssl-staple": Animal(openssl(cert="responder", staple={}), "1.2 1.3", silent="staple staple-good certificate-revoked",
                             traits={"staple": "present"}),
    "openssl-staple-expired": Animal(openssl(staple={"days": (-20, -3)}), "1.2 1.3", fires="staple-good",
                                     silent="certificate-revoked"),
    "openssl-revoked": Animal(openssl(staple={"state": "revoked"}), "1.2 1.3", fires="certificate-revoked", broken="default"),
    "openssl-must-staple": Animal(openssl(cert="muststaple"), "1.2 1.3", fires="must-staple"),
    "openssl-must-stapled": Animal(openssl(cert="muststapled", staple={}), "1.2 1.3", silent="must-staple staple-good staple"),
    "openssl-mutual": Animal(openssl("-Verify", 2, "-verify_return_error", client_ca=True), "1.2 1.3",
                             open=f"{UNFINISHED} early-data", fires="client-certificate",
                             traits={"client_certificate": "present", "client_certificate_required": "present"}),
    "openssl-no-ticket": Animal(openssl("-no_ticket", "-no_cache", "-num_tickets", 0), "1.2 1.3", silent="early-data session-life",
                                traits={"tickets12": "absent", "tickets13": "absent", "session_ids": "absent"}),
    "openssl-alpn": Animal(openssl("-alpn", "h2,http/1.1"), "1.2 1.3", traits={"alpn": "present"}),
    "openssl-strict-name": Animal(openssl("-servername", "localhost", "-servername_fatal", second_name=True), "1.2 1.3",
                                  open=f"{CUT} certificate-intermediate",
                                  silent="sni-strict", traits={"sni_strict": "present"}),
    # --- certificates, good and bad ---
    "cert-expired": Animal(openssl(cert="expired"), "1.2 1.3", fires="certificate-time", silent="certificate-name",
                           broken="default modern"),
    "cert-not-yet": Animal(openssl(cert="notyet"), "1.2 1.3", fires="certificate-time", silent="certificate-name", broken="default"),
    "cert-wrong-name": Animal(openssl(cert="wrongname"), "1.2 1.3", fires="certificate-name", silent="certificate-time",
                              broken="default"),
    "cert-no-name": Animal(openssl(cert="commonname"), "1.2 1.3", fires="certificate-name", broken="default"),
    "cert-sha1": Animal(openssl("-cipher", "DEFAULT:@SECLEVEL=0", cert="sha1"), "1.0 1.1 1.2 1.3", open=BROKEN, fires="certificate-hash",
                        broken="default"),
    "cert-sha1-intermediate": Animal(openssl("-cipher", "DEFAULT:@SECLEVEL=0", cert="sha1int"), "1.0 1.1 1.2 1.3", open=BROKEN,
                                     fires="certificate-hash"),
    "cert-rsa-1024": Animal(openssl("-cipher", "DEFAULT:@SECLEVEL=0", cert="rsa1024"), "1.0 1.1 1.2 1.3", fires="rsa-bits",
                            broken="default"),
    "cert-no-intermediate": Animal(openssl(cert="noint"), "1.2 1.3", fires="certificate-intermediate",
                                   silent="certificate-time certificate-name certificate-trust",
                                   open=f"{CUT} certificate-trust", broken="default"),
    "cert-self-signed": Animal(openssl(cert="selfsigned"), "1.2 1.3", fires="certificate-trust", silent="certificate-intermediate",
                               broken="default"),
    "cert-unknown-ca": Animal(openssl(cert="unknownca"), "1.2 1.3", fires="certificate-trust", broken="default"),
    "cert-wrong-order": Animal(openssl(cert="wrongorder"), "1.2 1.3", fires="chain-order",
                               silent="certificate-trust certificate-time"),
    "cert-extra-root": Animal(openssl(cert="extraroot"), "1.2 1.3", fires="chain-root", silent="certificate-trust chain-strangers"),
    "cert-stranger": Animal(openssl(cert="stranger"), "1.2 1.3", fires="chain-strangers", silent="certificate-trust"),
    "cert-too-long": Animal(openssl(cert="toolong"), "1.2 1.3", fires="certificate-lifetime", silent="certificate-time"),
    "cert-soon": Animal(openssl(cert="soon"), "1.2 1.3", fires="certificate-days-left", silent="certificate-time"),
    "cert-later": Animal(openssl(cert="later"), "1.2 1.3", fires="certificate-share-left",
                         silent="certificate-days-left certificate-time"),
    "cert-usage": Animal(openssl(cert="badusage"), "1.2 1.3", open="certificate-trust", fires="certificate-usage", broken="default"),
    "cert-scts": Animal(openssl(cert="scts"), "1.2 1.3", silent="scts", traits={"scts": "present"}, words="--profile webpki"),
    "cert-no-scts": Animal(openssl(cert="public"), "1.2 1.3", fires="scts", traits={"scts": "absent"}, words="--profile webpki"),
    # --- GnuTLS ---
    "gnutls-normal": Animal(gnutls("NORMAL"), "1.0 1.1 1.2 1.3", silent=f"{VALID} {KNOWN} extended-main-secret",
                            traits={"extended_main_secret": "present"}),
    "gnutls-old": Animal(gnutls("NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+3DES-CBC:+ARCFOUR-128:+MD5:+RSA:%COMPAT:%VERIFY_ALLOW_SIGN_WITH_SHA1",
                                cert="rsa2048"), "1.0 1.1 1.2 1.3", fires="versions-refused sweet32 suites-refused beast",
                         has="TLS_RSA_WITH_3DES_EDE_CBC_SHA TLS_RSA_WITH_RC4_128_SHA", broken="default modern"),
    "gnutls-no-ems": Animal(gnutls("NORMAL:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION:%NO_ETM"), "1.0 1.1 1.2 1.3",
                            fires="extended-main-secret encrypt-then-mac",
                            traits={"extended_main_secret": "absent", "encrypt_then_mac": "absent"}),
    "gnutls-heartbeat": Animal(gnutls("NORMAL", "--heartbeat", "--alpn", "http/1.1"), "1.0 1.1 1.2 1.3", fires="heartbeat alpn-strict",
                               silent="heartbleed", traits={"heartbeat": "present", "heartbleed": "absent"}),
    "gnutls-weak-curves": Animal(gnutls("NORMAL:-VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP192R1:+GROUP-SECP256R1"), "1.0 1.1 1.2",
                                 fires="groups-refused", groups="secp192r1 secp256r1"),
    "gnutls-dh": Animal(gnutls(DHE_ALONE, cert="rsa2048", dh=1024), "1.0 1.1 1.2", open=UNFINISHED, fires="dh-bits"),
    "gnutls-dh-512": Animal(gnutls(DHE_ALONE, cert="rsa2048", dh=512), "1.0 1.1 1.2", open=UNFINISHED,
                            fires="dh-bits logjam", broken="default", has="TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    "gnutls-anon": Animal(gnutls("NORMAL:-VERS-TLS1.3:+ANON-ECDH:+ANON-DH"), "1.0 1.1 1.2", fires="suites-refused"),
    # --- nginx ---
    "nginx-modern": Animal(nginx(f"ssl_protocols TLSv1.3; ssl_ecdh_curve X25519:prime256v1; {HSTS}"), "1.3", open="heartbeat",
                           silent=f"{GOOD} hsts",
                           kept="default", traits={"hsts": "present", "http": "present"}),
    "nginx-intermediate": Animal(nginx(f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {MOZILLA}; ssl_ecdh_curve X25519:prime256v1:secp384r1; "
                                       f"ssl_session_tickets off; ssl_session_timeout 1d; ssl_prefer_server_ciphers off; {HSTS} "
                                       'add_header Set-Cookie "id=1; Secure";',
                                       certs=("p256",), plain="return 301 https://localhost/;", staple={}), "1.2 1.3",
                                 silent=f"{GOOD} hsts redirect staple", kept="default",
                                 groups="x25519 secp256r1 secp384r1", traits={"redirect": "present", "server_order": "absent"}),
    "nginx-old": Animal(nginx(f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers {MOZILLA_OLD}; ssl_prefer_server_ciphers on;",
                              certs=("rsa2048", "p256")), "1.0 1.1 1.2 1.3", fires="versions-refused suites-only beast hsts",
                        broken="default modern mozilla-intermediate", traits={"server_order": "present", "hsts": "absent"}),
    "nginx-no-redirect": Animal(nginx(f'{BOTH} add_header Strict-Transport-Security "max-age=3600"; add_header Set-Cookie "id=1";',
                                      plain="return 200 plain;"), "1.2 1.3", fires="redirect hsts cookies",
                                traits={"redirect": "absent", "insecure_cookies": "present"}),
    "nginx-sessions": Animal(nginx("ssl_protocols TLSv1.2; ssl_session_timeout 30d; ssl_session_cache builtin:100;"), "1.2",
                             traits={"tickets12": "present"}, fires="session-life"),
    "nginx-early": Animal(nginx(f"{BOTH} ssl_early_data on;"), "1.2 1.3", fires="early-data", traits={"early_data": "present"}),
    "nginx-missing": Animal(nginx(BOTH, chain="leaf"), "1.2 1.3", fires="certificate-trust",
                            silent="certificate-intermediate", open=f"{CUT} certificate-intermediate", broken="default"),
    "nginx-optional-client": Animal(nginx(f"{BOTH} ssl_verify_client optional;", client_ca=True), "1.2 1.3",
                                    fires="client-certificate",
                                    traits={"client_certificate": "present", "client_certificate_required": "absent"}),
    "nginx-reject": Animal(nginx("ssl_protocols TLSv1.2;", plain="return 404;"), "1.2", traits={"redirect": "absent"}),
    # --- haproxy, stunnel ---
    "haproxy-default": Animal(haproxy("alpn h2,http/1.1"), "1.2 1.3", silent=f"{VALID} {KNOWN}",
                              traits={"alpn": "present", "hsts": "absent"}),
    "haproxy-hsts": Animal(haproxy(f"ssl-min-ver TLSv1.2 ciphers {MOZILLA} curves X25519:P-256", hsts=True), "1.2 1.3",
                           silent=GOOD, fires="hsts", traits={"hsts": "present"}, groups="x25519 secp256r1"),
    "haproxy-old": Animal(haproxy("ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0", cert="rsa2048"), "1.0 1.1 1.2 1.3",
                          fires="versions-refused beast",
                          broken="default modern"),
    "stunnel-default": Animal(stunnel(), "1.2 1.3", silent=f"{VALID} {KNOWN}"),
    "stunnel-old": Animal(stunnel("sslVersionMin = TLSv1\nsecurityLevel = 0\nciphers = ALL:@SECLEVEL=0\nsslVersionMax = TLSv1.2", cert="rsa2048"),
                          "1.0 1.1 1.2", fires="versions-refused suites-refused", broken="default modern"),
    # --- mbedTLS, wolfSSL, Go, Java ---
    "mbedtls-default": Animal(mbedtls(), "1.2", silent=f"{VALID} {KNOWN} extended-main-secret", has="TLS_RSA_WITH_AES_128_GCM_SHA256"),
    "mbedtls-old": Animal(mbedtls(1, habits="no-ems,no-etm,renegotiates,weak-dh,weak-signatures"), "1.0 1.1 1.2",
                          fires="versions-refused extended-main-secret client-renegotiation encrypt-then-mac dh-bits dh-common",
                          traits={"extended_main_secret": "absent", "client_renegotiation": "present"}, broken="default"),
    "mbedtls-static-ecdh": Animal(mbedtls(cert="agreement"), "1.2", fires="static-keys forward-secrecy", broken="default",
                                  has="TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"),
    "mbedtls-session-ids": Animal(mbedtls(habits="session-ids", cert="p256"), "1.2",
                                  traits={"session_ids": "present", "tickets12": "absent"}),
    "wolfssl-default": Animal(wolfssl(), "1.1 1.2 1.3", open="groups-bits groups-weak hybrid", silent=f"{VALID} {KNOWN}"),
    "wolfssl-cbc": Animal(wolfssl("ECDHE-RSA-AES128-SHA:ECDHE-RSA-DES-CBC3-SHA", cert="rsa2048"), "1.1 1.2", open=UNFINISHED,
                          fires="versions-refused",
                          has="TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    "go-default": Animal(golang(), "1.3", open="heartbeat", silent=GOOD, kept="default"),
    "go-old": Animal(golang("-old", cert="rsa2048"), "1.0 1.1 1.2 1.3", fires="versions-refused sweet32 suites-refused",
                     has="TLS_RSA_WITH_RC4_128_SHA TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                     broken="default"),
    "java-everything": Animal(java(everything="yes"), "3 1.0 1.1 1.2 1.3",
                              fires="versions-refused poodle freak suites-refused sweet32",
                              has="TLS_RSA_WITH_DES_CBC_SHA TLS_RSA_EXPORT_WITH_RC4_40_MD5 TLS_DH_anon_WITH_RC4_128_MD5",
                              broken="default modern"),
    # --- what nobody delivers any more: answers by a script, and no whole handshake ---
    "scripted-good": Animal(scripted("good"), "1.2", open=SCRIPTED, silent=f"{KNOWN} key-reuse"),
    "scripted-key-reuse": Animal(scripted("key_reuse"), "1.2", open=SCRIPTED, fires="key-reuse", traits={"key_reuse": "present"}),
    "scripted-heartbleed": Animal(scripted("heartbleed"), "1.2", open=SCRIPTED, fires="heartbleed heartbeat", broken="default",
                                  silent="ccs-injection"),
    "scripted-ccs": Animal(scripted("ccs_injection"), "1.2", open=SCRIPTED, fires="ccs-injection", broken="default",
                           silent="heartbleed"),
    "scripted-robot": Animal(scripted("robot_alert"), "1.2", open=SCRIPTED, fires="robot", broken="default"),
    "scripted-robot-none": Animal(scripted("static_rsa"), "1.2", open=SCRIPTED, silent="robot"),
    "scripted-compression": Animal(scripted("compression"), "1.2", open=SCRIPTED, fires="compression", broken="default"),
    "scripted-ssl2": Animal(scripted("ssl2"), "2 3 1.0", open=f"{SCRIPTED} downgrade-sentinel",
                            fires="drown poodle versions-refused fallback-scsv", broken="default"),
    "scripted-ssl3": Animal(scripted("ssl3"), "3 1.0 1.1 1.2", open=SCRIPTED, fires="poodle sweet32 fallback-scsv", broken="default",
                            silent="drown"),
    "scripted-no-sentinel": Animal(scripted("no_sentinel"), "1.0 1.1 1.2", open=SCRIPTED, fires="downgrade-sentinel fallback-scsv"),
    "scripted-no-renegotiation-info": Animal(scripted("no_renegotiation_info"), "1.2", open=SCRIPTED, fires="secure-renegotiation",
                                             broken="default"),
    "scripted-rsa-export": Animal(scripted("rsa_export"), "3 1.0", open=f"{SCRIPTED} downgrade-sentinel", fires="freak",
                                  broken="default"),
    "scripted-dhe-export": Animal(scripted("dhe_export"), "1.0 1.2", open=SCRIPTED, fires="logjam", broken="default"),
    "ticketbleed": Animal(ticketbleed(), "1.2", fires="ticketbleed", silent="heartbleed ccs-injection"),
    # --- several machines behind one address ---
    "in-turns": Animal(in_turns(handfast(), handfast(cert="later")), "1.2 1.3", open="ticketbleed", fires="answers-differ",
                       traits={"answers_differ": "present"}),
    "in-turns-alike": Animal(in_turns(handfast(), handfast()), "1.2 1.3", open="ticketbleed", silent="answers-differ", kept="default"),
    # --- ours ---
    "handfast-default": Animal(handfast(), "1.2 1.3", silent=GOOD, kept="default"),
    "handfast-modern": Animal(handfast("--policy", "modern"), "1.3", open="heartbeat", silent=GOOD, kept="default modern"),
    "handfast-classroom": Animal(handfast("--policy", "classroom", cert="rsa2048"), "1.2 1.3", fires="suites-only",
                                 broken="default modern",
                                 has="TLS_RSA_WITH_AES_128_GCM_SHA256"),
    "handfast-proxy": Animal(handfast_proxy(), "1.2 1.3", silent=GOOD, kept="default", traits={"redirect": "present"}),
}

# What no server here shows: {rule: {"fired" or "silent": why}}. A unit test of the books has it.
UNSHOWN = {}
