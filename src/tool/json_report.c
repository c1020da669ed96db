/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast.connect/1, member by member. */
#include "tool/json_report.h"

#include <string.h>

#include <handfast/cert.h>
#include <handfast/policy.h>
#include "tool/json_text.h"
#include "tool/psk_file.h"
#include "tool/report.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

void hf_json_agreed(json_t *object, hf_conn *conn)
{
    static const hf_conn_info none;
    const hf_conn_info *info = conn ? hf_conn_info_of(conn) : &none;
    char psk[HF_PSK_NAME_ROOM];

    set(object, "version", hf_json_text(hf_version_name(info->version)));
    set(object, "cipher_suite", hf_json_text(hf_code_name(HF_SUITES, info->cipher_suite)));
    set(object, "key_exchange", hf_json_text(hf_key_exchange_name(info)));
    set(object, "group", hf_json_text(hf_code_name(HF_GROUPS, info->group)));
    set(object, "signature_scheme", hf_json_text(hf_code_name(HF_SCHEMES, info->signature_scheme)));
    set(object, "forward_secrecy", json_boolean(info->forward_secrecy));
    set(object, "round_trips", json_integer(info->round_trips));
    set(object, "alpn", hf_json_text(info->alpn));
    set(object, "server_name", hf_json_text(info->server_name));
    set(object, "resumed", json_boolean(info->resumed));
    set(object, "extended_main_secret",
        json_boolean(info->extended_main_secret || info->version == HF_TLS13));
    set(object, "early_data", json_string(hf_early_name(info->early)));
    set(object, "early_data_error",
        info->early_error == HF_OK ? json_null()
                                   : json_string(hf_error_row_of(info->early_error)->name));
    set(object, "psk", json_boolean(info->psk_used));
    set(object, "psk_identity",
        info->psk_used ? hf_json_text_or_null(hf_psk_name(info->psk_identity, psk)) : json_null());
    set(object, "bytes",
        json_pack("{s:I s:I s:I s:I}", "in", (json_int_t)info->bytes_in, "out",
                  (json_int_t)info->bytes_out, "data_in", (json_int_t)info->data_in, "data_out",
                  (json_int_t)info->data_out));
}

/* "DNS:localhost, IP:127.0.0.1" as a list. */
static json_t *sans_list(const char *sans)
{
    json_t *list = json_array();

    while (*sans) {
        size_t n = strcspn(sans, ",");
        char name[HF_CERT_TEXT_MAX + 8];

        if (n < sizeof name) {
            memcpy(name, sans, n);
            name[n] = '\0';
            json_array_append_new(list, hf_json_text(name));
        }
        sans += n;
        sans += strspn(sans, ", ");
    }
    return list;
}

json_t *hf_json_certificate(hf_span der)
{
    hf_cert_summary c;

    if (hf_cert_summarize(der, &c) != HF_OK)
        return json_null();
    return json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o s:o s:b}", "subject",
                     hf_json_text(c.subject), "issuer", hf_json_text(c.issuer), "serial",
                     hf_json_text(c.serial), "sans", sans_list(c.sans), "not_before",
                     hf_json_time(c.not_before), "not_after", hf_json_time(c.not_after), "key",
                     hf_json_text(c.key), "signature", hf_json_text(c.signature), "sha256",
                     hf_json_text(c.fingerprint), "ca", c.is_ca);
}

/* Who the peer proved to be in the handshake that is resumed. */
static json_t *remembered(const hf_peer *who)
{
    return json_pack("{s:o s:o s:n s:o s:o}", "subject", hf_json_text(who->subject), "sans",
                     sans_list(who->sans), "not_before", "not_after", hf_json_time(who->not_after),
                     "sha256", hf_json_text(who->fingerprint));
}

/* What is told of the leaf beside the chain. `leaf` may be NULL. */
static void set_leaf(json_t *object, json_t *leaf)
{
    static const char *const members[][2] = { { "subject", "subject" },
                                              { "sans", "sans" },
                                              { "not_before", "not_before" },
                                              { "not_after", "not_after" },
                                              { "fingerprint", "sha256" } };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *value = json_object_get(leaf, members[i][1]);
        if (value)
            json_object_set(object, members[i][0], value);
        else
            set(object, members[i][0],
                strcmp(members[i][0], "sans") == 0 ? json_array() : json_null());
    }
}

/* null: the server sent none. */
static json_t *staple(const hf_conn_info *info)
{
    if (!info || !info->stapled)
        return json_null();
    return json_string(info->staple == HF_KNOWN_GOOD      ? "good"
                       : info->staple == HF_KNOWN_REVOKED ? "revoked"
                                                          : "unusable");
}

static json_t *peer(hf_conn *conn)
{
    const hf_span *der = NULL;
    size_t n = conn ? hf_conn_peer_chain(conn, &der) : 0;
    const hf_conn_info *info = conn ? hf_conn_info_of(conn) : NULL;
    const hf_peer *who = conn && n == 0 ? hf_conn_peer(conn) : NULL;
    bool verified = info && hf_peer_is_proved(info);
    json_t *chain = json_array(), *object = json_object(), *leaf = who ? remembered(who) : NULL;

    for (size_t i = 0; i < n; i++)
        json_array_append_new(chain, hf_json_certificate(der[i]));
    set(object, "verified", json_boolean(verified));
    set(object, "error",
        !info || verified || info->peer_error == HF_OK
            ? json_null()
            : json_string(hf_error_row_of(info->peer_error)->name));
    set(object, "staple", staple(info));
    set_leaf(object, who ? leaf : json_array_get(chain, 0));
    json_decref(leaf);
    set(object, "chain", chain);
    return object;
}

/* What the server asked us for. */
static json_t *own_certificate(hf_conn *conn)
{
    static const hf_conn_info none;
    const hf_conn_info *info = conn ? hf_conn_info_of(conn) : &none;
    json_t *authorities = json_array();
    char name[HF_CERT_TEXT_MAX];

    for (size_t i = 0; conn && hf_conn_authority(conn, i, name, sizeof name); i++)
        json_array_append_new(authorities, hf_json_text(name));
    return json_pack("{s:b s:b s:o}", "requested", info->certificate_requested, "sent",
                     info->certificate_sent, "authorities", authorities);
}

void hf_json_client(json_t *object, hf_conn *conn)
{
    const hf_conn_info *info = hf_conn_info_of(conn);
    const hf_peer *who = hf_conn_peer(conn);
    json_t *client = json_object(), *leaf = who ? remembered(who) : NULL;

    set(client, "requested", json_boolean(info->certificate_requested));
    set(client, "verified", json_boolean(who != NULL));
    set_leaf(client, leaf);
    json_object_del(client, "not_before");
    json_decref(leaf);
    set(object, "client_certificate", client);
}

/* null: no --session. */
static json_t *session(const hf_outcome *o)
{
    static const hf_conn_info none;
    const hf_conn_info *info = o->conn ? hf_conn_info_of(o->conn) : &none;

    if (!o->session.file)
        return json_null();
    return json_pack("{s:b s:o s:b}", "offered", o->session.offered, "error",
                     info->session_error == HF_OK
                         ? json_null()
                         : json_string(hf_error_row_of(info->session_error)->name),
                     "saved", o->session.saved);
}

static json_t *phase(double ms)
{
    return ms < 0 ? json_null() : hf_json_ms(ms);
}

static json_t *timing(const hf_outcome *o)
{
    bool dialled = o->dial.tried > 0;

    return json_pack("{s:o s:o s:o s:o s:o}", "dns", hf_json_ms(o->dial.lookup_ms), "connect",
                     dialled ? hf_json_ms(o->dial.connect_ms) : json_null(), "handshake",
                     phase(o->handshake_ms), "first_byte", phase(o->first_byte_ms), "total",
                     phase(o->total_ms));
}

/* By lower-case name; a header that came several times has its values in one string (RFC 9110 5.3). */
static json_t *headers(const hf_http_response *http)
{
    json_t *object = json_object();

    for (size_t i = 0; i < http->n_headers; i++) {
        const char *name = hf_http_header_name(http, i);
        json_t *value = hf_json_text(hf_http_header_value(http, i));
        json_t *before = json_object_get(object, name);

        if (before && value) {
            json_t *both = json_sprintf("%s%s%s", json_string_value(before),
                                        strcmp(name, "set-cookie") == 0 ? "\n" : ", ",
                                        json_string_value(value));
            json_decref(value);
            value = both;
        }
        set(object, name, value);
    }
    return object;
}

static json_t *http_part(const hf_http_response *http)
{
    if (!http || http->status == 0)
        return json_null();
    return json_pack("{s:i s:o s:I}", "status", http->status, "headers", headers(http),
                     "body_bytes", (json_int_t)http->body_bytes);
}

json_t *hf_json_report(const hf_outcome *o)
{
    json_t *object = json_object();
    char host[HF_HOST_MAX + 8];

    hf_target_text(o->target->host, o->target->port, host, sizeof host);
    set(object, "schema", json_string("handfast.connect/1"));
    set(object, "ok", json_boolean(!o->trouble.happened));
    set(object, "target", json_string(host));
    set(object, "address", hf_json_text_or_null(o->dial.address));
    hf_json_agreed(object, o->conn);
    set(object, "peer", peer(o->conn));
    set(object, "client_certificate", own_certificate(o->conn));
    set(object, "session", session(o));
    set(object, "timing", timing(o));
    set(object, "http", http_part(o->http));
    set(object, "failure", hf_trouble_json(&o->trouble));
    return object;
}
