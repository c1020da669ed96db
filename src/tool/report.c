/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was agreed, with whom, and how long it took: one fact a line. */
#include "tool/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <handfast/cert.h>
#include <handfast/policy.h>
#include "base/clock.h"
#include "registry/registry.h"
#include "tool/cert_text.h"
#include "tool/psk_file.h"
#include "tool/say.h"

enum { AUTHORITIES_SHOWN = 8 };

typedef void (*sayer)(const char *, ...);

const char *hf_version_name(uint16_t version)
{
    return version == HF_TLS13 ? "TLS 1.3" : version == HF_TLS12 ? "TLS 1.2" : NULL;
}

static const char *or_none(const char *text)
{
    return text && *text ? text : "none";
}

bool hf_peer_is_proved(const hf_conn_info *info)
{
    return info->peer_verified || (info->connected && info->psk_used);
}

const char *hf_early_name(hf_early early)
{
    static const char *const names[] = { "none", "offered", "accepted", "rejected" };

    return names[early];
}

/* Of TLS 1.2: no share of anybody's, but the key that both had. */
static bool is_plain_psk(const hf_conn_info *info)
{
    const hf_suite *suite = hf_suite_of(info->cipher_suite);

    return info->version == HF_TLS12 && suite && suite->kx == HF_KX_PSK;
}

static bool is_static_rsa(const hf_conn_info *info)
{
    const hf_suite *suite = hf_suite_of(info->cipher_suite);

    return info->version == HF_TLS12 && info->group == 0 && suite && suite->kx == HF_KX_RSA;
}

const char *hf_key_exchange_name(const hf_conn_info *info)
{
    const hf_group *group = hf_group_of(info->group);

    if (info->resumed && !group)
        return NULL;
    if (is_static_rsa(info))
        return "RSA";
    if (is_plain_psk(info))
        return "PSK";
    if (!group)
        return NULL;
    if (!group->classical)
        return info->psk_used ? "ML-KEM-PSK" : "ML-KEM";
    if (info->psk_used)
        return group->post_quantum ? "ECDHE+ML-KEM-PSK" : "ECDHE-PSK";
    return group->post_quantum ? "ECDHE+ML-KEM" : "ECDHE";
}

static const char *group_remark(const hf_group *group)
{
    if (!group || !group->post_quantum)
        return "";
    return group->classical ? " (hybrid: safe from quantum computers too)"
                            : " (post-quantum alone: no ECDHE beside it)";
}

void hf_key_exchange_text(const hf_conn_info *info, char out[HF_KEY_EXCHANGE_ROOM])
{
    const hf_group *group = hf_group_of(info->group);

    if (info->resumed && !group)
        snprintf(out, HF_KEY_EXCHANGE_ROOM, "none: the session's master secret again");
    else if (is_static_rsa(info))
        snprintf(out, HF_KEY_EXCHANGE_ROOM,
                 "RSA (the premaster secret is encrypted to the server's key)");
    else if (is_plain_psk(info))
        snprintf(out, HF_KEY_EXCHANGE_ROOM, "PSK (nothing but the pre-shared key)");
    else
        snprintf(out, HF_KEY_EXCHANGE_ROOM, "%s%s%s", group ? group->name : "none",
                 group_remark(group), info->psk_used ? ", with the pre-shared key" : "");
}

static void day_of(int64_t seconds, char out[16])
{
    time_t t = (time_t)seconds;
    struct tm utc;

    if (!gmtime_r(&t, &utc) || strftime(out, 16, "%Y-%m-%d", &utc) == 0)
        snprintf(out, 16, "?");
}

static void say_certificate(const hf_cert_summary *leaf, size_t n, sayer say)
{
    char from[16], until[16], validity[HF_WHEN_ROOM];

    day_of(leaf->not_before, from);
    day_of(leaf->not_after, until);
    say("  certificate    %s\n", or_none(leaf->subject));
    say("  for            %s\n", or_none(leaf->sans));
    say("  issued by      %s\n", or_none(leaf->issuer));
    hf_validity_text(leaf->not_before, leaf->not_after, hf_clock_wall(), validity);
    say("  valid          %s to %s, %s\n", from, until, validity);
    say("  key            %s, chain of %zu certificate%s\n", leaf->key, n, n == 1 ? "" : "s");
}

/* A resumed session has no certificates: what they said at first is remembered. */
static void say_remembered(const hf_peer *peer, sayer say)
{
    char validity[HF_WHEN_ROOM];

    hf_validity_text(0, peer->not_after, hf_clock_wall(), validity);
    say("  certificate    %s (of the session's first handshake)\n", or_none(peer->subject));
    say("  for            %s\n", or_none(peer->sans));
    say("  valid          %s\n", validity);
}

static const char *revocation_text(const hf_conn_info *info)
{
    if (info->resumed)
        return "not asked again: a session is resumed";
    if (info->staple == HF_KNOWN_GOOD)
        return "good, says the OCSP response that the server stapled";
    if (info->staple == HF_KNOWN_REVOKED)
        return HF_RED "REVOKED" HF_PLAIN ", says the OCSP response that the server stapled";
    if (info->revocation == HF_KNOWN_GOOD)
        return "good, says the CA's CRL";
    if (info->revocation == HF_KNOWN_REVOKED)
        return HF_RED "REVOKED" HF_PLAIN ", says the CA's CRL";
    return info->stapled ? "not known: the staple is of no use"
                         : "not checked: no staple, and no CRL that fits";
}

static void say_revocation(const hf_conn_info *info, sayer say)
{
    say("  revocation     %s%s%s\n", revocation_text(info), info->revocation_detail[0] ? "; " : "",
        info->revocation_detail);
}

/* Whoever has the key is the peer: there is no certificate to speak of. */
static void say_psk(const hf_conn_info *info, sayer say)
{
    char name[HF_PSK_NAME_ROOM];

    say("  identity       " HF_GREEN "verified" HF_PLAIN ": pre-shared key %s\n",
        hf_psk_name(info->psk_identity, name));
}

static void say_peer(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    const hf_span *chain = NULL;
    size_t n = hf_conn_peer_chain(o->conn, &chain);
    hf_cert_summary leaf;

    if (info->psk_used) {
        say_psk(info, say);
        return;
    }
    if (info->peer_verified)
        say("  identity       " HF_GREEN "verified" HF_PLAIN ": %s\n", o->name);
    else
        say("  identity       " HF_RED "NOT VERIFIED" HF_PLAIN ": %s%s%s\n",
            hf_error_row_of(info->peer_error)->sentence, info->peer_error_detail[0] ? ": " : "",
            info->peer_error_detail);
    if (n > 0 && hf_cert_summarize(chain[0], &leaf) == HF_OK)
        say_certificate(&leaf, n, say);
    else if (hf_conn_peer(o->conn))
        say_remembered(hf_conn_peer(o->conn), say);
    say_revocation(info, say);
}

/* Only where it was asked for. */
static void say_early(const hf_conn_info *info, sayer say)
{
    if (info->early == HF_EARLY_ACCEPTED)
        say("  early data     0-RTT data accepted\n");
    else if (info->early != HF_EARLY_NONE)
        say("  early data     0-RTT data rejected by the server, and sent again\n");
    else if (info->early_error != HF_OK)
        say("  early data     no 0-RTT data was sent: %s\n",
            hf_error_row_of(info->early_error)->sentence);
}

static void say_agreed(const hf_conn_info *info, sayer say)
{
    const char *scheme = hf_code_name(HF_SCHEMES, info->signature_scheme);
    char exchange[HF_KEY_EXCHANGE_ROOM];

    hf_key_exchange_text(info, exchange);
    say("  protocol       %s, %u round trip%s%s\n", or_none(hf_version_name(info->version)),
        info->round_trips, info->round_trips == 1 ? "" : "s",
        info->retried ? " (the server asked for another key share)" : "");
    say("  cipher suite   %s\n", or_none(hf_code_name(HF_SUITES, info->cipher_suite)));
    say("  key exchange   %s%s\n", exchange,
        info->forward_secrecy ? ", forward" HF_TIE "secrecy"
                              : ", " HF_RED "NO" HF_TIE "forward" HF_TIE "secrecy" HF_PLAIN);
    if (info->version == HF_TLS12)
        say("  master secret  %s\n", info->extended_main_secret
                                         ? "extended: bound to this handshake (RFC 7627)"
                                         : "not extended: RFC 7627 is missing");
    say("  resumed        %s\n", info->resumed ? "yes: resumed session, from before" : "no");
    say_early(info, say);
    say("  signature      %s\n", scheme           ? scheme
                                 : info->resumed  ? "none: the session vouches for the server"
                                 : info->psk_used ? "none: the pre-shared key vouches for both ends"
                                                  : "none");
    say("  application    %s\n", info->alpn ? info->alpn : "no protocol negotiated (ALPN)");
}

static const char *what_was_kept(const hf_outcome *o)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);

    if (o->session.saved)
        return info->session_error == HF_E_SESSION_OTHER_PEER
                   ? "the old one was replaced; keep one file for each server"
                   : "kept for the next time";
    if (o->session.unwritten)
        return "the file could not be written";
    if (o->session.dropped)
        return "the file is removed, as the connection failed";
    if (o->session.spent)
        return "it is used up, and the server gave no new one";
    if (info->resumed)
        return "the file stays as it is";
    if (info->psk_used)
        return "none is kept, as the pre-shared key makes handshakes short";
    return info->peer_verified ? "the server gave none to keep"
                               : "sessions with an unverified peer are not kept";
}

static const char *why_not_resumed(const hf_conn_info *info)
{
    if (info->session_error == HF_OK)
        return "the server began anew";
    if (info->session_error == HF_E_SESSION_DECLINED)
        return "the server did not take it up (another --alpn or --http than then, restarted, or "
               "expired)";
    return hf_error_row_of(info->session_error)->sentence;
}

/* With --session: what became of it. */
static void say_session(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    const char *saved = what_was_kept(o);

    if (!o->session.file)
        return;
    if (o->session.taken)
        say("  session        not resumed: another run took it; %s\n", saved);
    else if (info->resumed)
        say("  session        resumed; %s\n", saved);
    else if (o->session.there)
        say("  session        not resumed: %s; %s\n", why_not_resumed(info), saved);
    else
        say("  session        %s%s\n", info->psk_used ? "" : "none to resume yet; ", saved);
}

static void say_own_certificate(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    char name[HF_CERT_TEXT_MAX], why[HF_OWN_WITHHELD_ROOM];
    bool any = hf_conn_authority(o->conn, 0, name, sizeof name);

    if (info->certificate_sent)
        say("  ours           the server asked for a certificate, and got one\n");
    if (!info->certificate_requested || info->certificate_sent)
        return;
    hf_own_cert_withheld(&o->own, any, why);
    if (*why)
        say("  ours           %s\n", why);
    say("  ours           the server asked for a certificate, and got none%s\n",
        any ? "; it would take one of:" : "");
    for (size_t i = 0; i < AUTHORITIES_SHOWN && hf_conn_authority(o->conn, i, name, sizeof name);
         i++)
        say("                 %s\n", name);
}

static void say_http(const hf_outcome *o, sayer say)
{
    if (o->http && o->http->status)
        say("  http           status %d, %llu bytes of body\n", o->http->status,
            (unsigned long long)o->http->body_bytes);
}

void hf_report(const hf_outcome *o, sayer say)
{
    const hf_conn_info *info = hf_conn_info_of(o->conn);
    char where[HF_HOST_MAX + 8];

    hf_target_text(o->target->shown, o->target->port, where, sizeof where);
    say(HF_BOLD "%s" HF_PLAIN " at %s", where, o->dial.address);
    if (strcmp(o->target->shown, o->target->host) != 0)
        say(" (on the wire: %s)", o->target->host);
    say("\n");
    say_agreed(info, say);
    say_peer(o, say);
    say_own_certificate(o, say);
    say_session(o, say);
    say_http(o, say);
    say("  time           look-up %.1f, connect %.1f, handshake %.1f, total %.1f ms\n",
        o->dial.lookup_ms, o->dial.connect_ms, o->handshake_ms, o->total_ms);
    say("  bytes          %llu received, %llu sent\n", (unsigned long long)info->bytes_in,
        (unsigned long long)info->bytes_out);
}
