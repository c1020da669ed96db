/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the messages settle (facts), and the row that each one is of. Whoever judges is the engine. */
#include "explain/follow.h"

#include "explain/names.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

void hf_follow_start(hf_follower *f)
{
    *f = (hf_follower){ .at = hf_opening, .epoch = { HF_PLAIN, HF_PLAIN } };
}

/* ---- suites that handfast does not speak ---- */

/* By its name: all that the two KeyExchange messages of TLS 1.2 depend on. False: their form is not known here. */
static bool kx_of_name(const char *name, hf_kx *kx)
{
    static const struct {
        const char *start;
        hf_kx kx;
    } starts[] = { { "TLS_ECDHE_ECDSA_", HF_KX_ECDHE_ECDSA },
                   { "TLS_ECDHE_RSA_", HF_KX_ECDHE_RSA },
                   { "TLS_ECDHE_PSK_", HF_KX_ECDHE_PSK },
                   { "TLS_RSA_WITH_", HF_KX_RSA },
                   { "TLS_PSK_WITH_", HF_KX_PSK } };

    for (size_t i = 0; name && i < sizeof starts / sizeof *starts; i++)
        if (strncmp(name, starts[i].start, strlen(starts[i].start)) == 0) {
            *kx = starts[i].kx;
            return true;
        }
    return false;
}

static bool kx_of(uint16_t code, hf_kx *kx)
{
    const hf_suite *suite = hf_suite_of(code);

    *kx = suite ? suite->kx : HF_KX_TLS13;
    return suite || kx_of_name(hf_name_of(HF_NAMES_SUITES, code), kx);
}

static bool name_has(uint16_t code, const char *part)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, code);

    return name && strstr(name, part) != NULL;
}

/* SRP's server has a fresh share, too (RFC 5054 2.5.3). */
static bool is_ephemeral(uint16_t code)
{
    hf_kx kx;

    return kx_of(code, &kx) ? hf_kx_is_ephemeral(kx)
                            : name_has(code, "DH") || name_has(code, "_SRP_");
}

/* Of suites without a pre-shared key (those have rows of their own): the server shows no certificate, and signs nothing
   (RFC 5246 7.4.2, RFC 5054 2.2, RFC 2712 3). */
static bool is_unsigned(uint16_t code)
{
    return name_has(code, "_anon_") || name_has(code, "_SRP_SHA_WITH_") || name_has(code, "_KRB5_");
}

static bool is_psk(uint16_t code)
{
    hf_kx kx;

    return kx_of(code, &kx) ? hf_kx_is_psk(kx) : name_has(code, "_PSK_WITH_");
}

static bool is_key_exchange(hf_msg msg)
{
    return msg == HF_MSG_ServerKeyExchange || msg == HF_MSG_ClientKeyExchange;
}

/* Versions before 1.2 have the messages of 1.2, those that are signed aside. */
hf_wire hf_follow_wire(const hf_follower *f, hf_role writer, hf_msg msg)
{
    bool old = f->version != 0 && f->version <= HF_TLS12;
    hf_wire w = { .version = old ? HF_TLS12 : f->version, .writer = writer };
    bool known = kx_of(f->cipher_suite, &w.kx);

    if (old && is_key_exchange(msg) && (!known || f->version != HF_TLS12))
        w.version = 0; /* then it is one field */
    return w;
}

hf_msg hf_follow_kind(hf_span message)
{
    hf_msg msg = message.len > 0 ? hf_msg_of_type(message.data[0]) : HF_MSG_UNKNOWN;

    if (msg != HF_MSG_ServerHello || message.len < HF_HANDSHAKE_HEADER)
        return msg;
    hf_span body = { message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER };
    return hf_is_retry(body) ? HF_MSG_HelloRetryRequest : msg;
}

/* ---- facts ---- */

static void learn_client_hello(hf_follower *f, hf_reader *r, const hf_wire *w)
{
    hf_client_hello hello;

    hf_client_hello_read(r, w, &hello);
    if (!hf_rd_ok(r))
        return;
    f->session_id_len = (uint8_t)hello.legacy_session_id.len;
    memcpy(f->session_id, hello.legacy_session_id.data, f->session_id_len);
    if (!HAS(&hello.ext, supported_versions) ||
        !hf_list16_has(hello.ext.supported_versions, HF_TLS13))
        return;
    f->facts |= HF_F_OFFER13;
    if (HAS(&hello.ext, early_data) && !(f->facts & HF_F_RETRY))
        f->facts |= HF_F_EARLY_OFFERED;
    if (HAS(&hello.ext, post_handshake_auth))
        f->facts |= HF_F_PHA_OFFERED;
    if (hello.legacy_session_id.len > 0)
        f->facts |= HF_F_COMPAT; /* RFC 9846 E.4 */
}

static void settle13(hf_follower *f, const hf_server_hello *hello)
{
    bool share = HAS(&hello->ext, key_share);

    f->facts |= HF_F_TLS13;
    f->version = hello->ext.selected_version;
    if (share)
        f->group = f->facts & HF_F_RETRY && hello->ext.selected_group ? hello->ext.selected_group
                                                                      : hello->ext.key_share.group;
    if (HAS(&hello->ext, pre_shared_key))
        f->facts |= HF_F_PSK;
}

static void settle12(hf_follower *f, const hf_server_hello *hello)
{
    hf_span echo = hello->legacy_session_id_echo;

    f->version = hello->legacy_version;
    f->greeted = true;
    if (echo.len > 0 && hf_span_equal(echo, hf_span_of(f->session_id, f->session_id_len)))
        f->facts |= HF_F_RESUMED;
    if (HAS(&hello->ext, session_ticket))
        f->facts |= HF_F_TICKET_PROMISED;
    if (HAS(&hello->ext, status_request) && !(f->facts & HF_F_RESUMED))
        f->facts |= HF_F_OCSP_PROMISED;
    if (is_psk(f->cipher_suite) && !(f->facts & HF_F_RESUMED))
        f->facts |= HF_F_PSK;
    if (is_ephemeral(f->cipher_suite))
        f->facts |= HF_F_EPHEMERAL;
}

static void learn_server_hello(hf_follower *f, hf_reader *r, const hf_wire *w)
{
    hf_server_hello hello;

    hf_server_hello_read(r, w, &hello);
    if (!hf_rd_ok(r))
        return;
    f->cipher_suite = hello.cipher_suite;
    if (HAS(&hello.ext, supported_versions))
        settle13(f, &hello);
    else
        settle12(f, &hello);
}

static void learn_extensions(hf_follower *f, hf_reader *r, const hf_wire *w)
{
    hf_encrypted_extensions ee;

    hf_encrypted_extensions_read(r, w, &ee);
    if (hf_rd_ok(r) && HAS(&ee.ext, early_data))
        f->facts |= HF_F_EARLY_ACCEPTED;
}

static void learn_certificate(hf_follower *f, hf_reader *r, const hf_wire *w)
{
    hf_certificate certificate;

    hf_certificate_read(r, w, &certificate);
    if (hf_rd_ok(r) && w->writer == HF_CLIENT && certificate.n_entries > 0)
        f->facts |= HF_F_CLIENT_CERT;
}

static void learn_group(hf_follower *f, hf_reader *r, const hf_wire *w)
{
    hf_server_key_exchange ske;

    hf_server_key_exchange_read(r, w, &ske);
    if (hf_rd_ok(r) && hf_kx_is_ephemeral(w->kx))
        f->group = ske.named_curve;
}

static void learn(hf_follower *f, hf_msg msg, hf_role writer, hf_span message)
{
    hf_wire w = hf_follow_wire(f, writer, msg);
    hf_fault fault = { 0 };
    bool headed = msg != HF_MSG_ChangeCipherSpec && message.len >= HF_HANDSHAKE_HEADER;

    if (!headed)
        return;
    hf_reader r = hf_rd_start(
        hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER),
        hf_msg_name(msg), HF_HANDSHAKE_HEADER, &fault, NULL);
    switch (msg) {
    case HF_MSG_ClientHello: learn_client_hello(f, &r, &w); break;
    case HF_MSG_HelloRetryRequest: f->facts |= HF_F_RETRY; /* fall through */
    case HF_MSG_ServerHello: learn_server_hello(f, &r, &w); break;
    case HF_MSG_EncryptedExtensions: learn_extensions(f, &r, &w); break;
    case HF_MSG_Certificate: learn_certificate(f, &r, &w); break;
    case HF_MSG_ServerKeyExchange:
        if (w.version == HF_TLS12)
            learn_group(f, &r, &w);
        break;
    case HF_MSG_Finished:
        f->facts |= writer == HF_SERVER ? HF_F_SERVER_DONE : HF_F_CLIENT_DONE;
        break;
    default: break;
    }
}

/* ---- rows ---- */

static bool is_tls13(const hf_follower *f)
{
    return f->facts & HF_F_TLS13 || (f->facts & HF_F_OFFER13 && f->version == 0);
}

static void change_keys(hf_follower *f, const hf_row *row)
{
    uint8_t *now = &f->epoch[row->writer];

    bool renewed = f->version == HF_TLS12 && *now >= HF_APP; /* RFC 5746: in another handshake */

    if (row->keys == HF_NEXT || (row->keys == HF_APP && renewed))
        *now = *now < UINT8_MAX ? (uint8_t)(*now + 1) : *now;
    else if (row->keys != HF_SAME)
        *now = row->keys;
}

/* Past everything that no message is needed for: other tables, changes of keys, the compatibility messages of TLS 1.3, which
   mean nothing and need not come. */
static void settle(hf_follower *f)
{
    while (f->at) {
        const hf_row *row = f->at;
        bool holds = hf_row_holds(row, f->facts);
        if (row->msg == HF_ROW_END) {
            f->ended = true;
            f->at = NULL;
        } else if (row->msg == HF_ROW_GO && holds) {
            f->at = hf_scripts_tls.table[row->go];
        } else if (!holds || row->msg == HF_ROW_GO ||
                   (row->msg == HF_MSG_ChangeCipherSpec && is_tls13(f))) {
            f->at++;
        } else if (row->msg == HF_ROW_KEYS) {
            change_keys(f, row);
            f->keys[row->writer] = row;
            f->at++;
        } else {
            return;
        }
    }
}

/* TLS 1.2's Finished is protected: who watches without keys never sees it, but what comes after. */
static bool is_unseen(const hf_follower *f, const hf_row *row)
{
    return row->msg == HF_MSG_Finished && !(f->facts & HF_F_TLS13) &&
           f->epoch[row->writer] >= HF_APP;
}

static bool stays_away(const hf_follower *f, const hf_row *row)
{
    bool papers = row->msg == HF_MSG_Certificate && row->writer == HF_SERVER;

    return row->optional || is_unseen(f, row) ||
           (papers && !(f->facts & HF_F_TLS13) && is_unsigned(f->cipher_suite));
}

/* The next row of that message. Rows that may stay away are passed; the first one that may not ends the search. */
static const hf_row *next_row(hf_follower *f, hf_msg msg, hf_role writer)
{
    hf_follower ahead = *f;

    for (settle(&ahead); ahead.at; settle(&ahead)) {
        if (ahead.at->msg == msg && ahead.at->writer == writer) {
            *f = ahead;
            return f->at++;
        }
        if (!stays_away(&ahead, ahead.at))
            return NULL;
        ahead.at++;
    }
    return NULL;
}

static const hf_row *row_in(hf_table table, hf_msg msg, hf_role writer, hf_facts facts)
{
    const hf_row *row = hf_scripts_tls.table[table];

    for (; row->msg != HF_ROW_END && row->msg != HF_ROW_GO; row++)
        if (row->msg == msg && row->writer == writer && hf_row_holds(row, facts))
            return row;
    return NULL;
}

/* TLS 1.3's ChangeCipherSpec has no place that matters. */
static const hf_row *compat_row(const hf_follower *f, hf_role writer)
{
    static const hf_table tables[] = { HF_TABLE_OPENING, HF_TABLE_SCRIPT13, HF_TABLE_IGNORED };
    const hf_row *row = NULL;

    for (size_t i = 0; !row && i < sizeof tables / sizeof *tables; i++)
        row = row_in(tables[i], HF_MSG_ChangeCipherSpec, writer, f->facts);
    return row;
}

/* What may follow a writer's Finished; a server's tickets may even precede the client's (RFC 9846 4.7.1). */
static const hf_row *later_row(const hf_follower *f, hf_msg msg, hf_role writer)
{
    bool server = writer == HF_SERVER, v13 = f->facts & HF_F_TLS13;

    if (!f->ended && !(f->facts & (server ? HF_F_SERVER_DONE : HF_F_CLIENT_DONE)))
        return NULL;
    if (v13)
        return row_in(server ? HF_TABLE_POST13_SERVER : HF_TABLE_POST13_CLIENT, msg, writer,
                      f->facts);
    return row_in(server ? HF_TABLE_POST12_SERVER : HF_TABLE_POST12_CLIENT, msg, writer, f->facts);
}

/* A server of TLS 1.2 may resume by a ticket although the client sent no session id: what follows ServerHello at once tells
   (RFC 5077 3.4). */
static bool turns_out_resumed(const hf_follower *f, hf_msg msg, hf_role writer)
{
    return f->greeted && !(f->facts & HF_F_RESUMED) && writer == HF_SERVER &&
           (msg == HF_MSG_ChangeCipherSpec || msg == HF_MSG_NewSessionTicket);
}

static const hf_row *row_of(hf_follower *f, hf_msg msg, hf_role writer)
{
    settle(f);
    if (turns_out_resumed(f, msg, writer)) {
        f->facts |= HF_F_RESUMED;
        f->facts &= ~(hf_facts)(HF_F_OCSP_PROMISED | HF_F_PSK);
        f->at = hf_resumed12;
    }
    if (msg == HF_MSG_ChangeCipherSpec && is_tls13(f))
        return compat_row(f, writer);
    const hf_row *row = next_row(f, msg, writer);
    return row ? row : later_row(f, msg, writer);
}

/* ---- proofs ---- */

static void note_proof(hf_follower *f, const hf_row *row, hf_msg msg, hf_role writer)
{
    bool empty = msg == HF_MSG_Certificate && writer == HF_CLIENT && !(f->facts & HF_F_CLIENT_CERT);
    bool bare = msg == HF_MSG_ServerKeyExchange && is_unsigned(f->cipher_suite);

    if (!empty && !bare)
        f->provable[writer == HF_CLIENT ? HF_SERVER : HF_CLIENT] |= row->proves;
}

/* ---- messages without a row ---- */

/* Whatever came before it, what follows a ChangeCipherSpec of TLS 1.2 is protected. */
static void lose_row(hf_follower *f, hf_msg msg, hf_role writer)
{
    bool old = f->version != 0 && f->version <= HF_TLS12;

    if (msg == HF_MSG_ChangeCipherSpec && old && f->epoch[writer] < HF_APP)
        f->epoch[writer] = HF_APP;
}

/* TLS 1.2: another handshake in the protection of the one before (RFC 5746), which was done. Keys and what was proved stay. */
static void renegotiate(hf_follower *f)
{
    f->facts &= HF_F_CLIENT_DONE | HF_F_SERVER_DONE;
    f->ended = false;
    f->at = hf_opening + 1; /* past this ClientHello */
}

const hf_row *hf_follow_message(hf_follower *f, hf_msg msg, hf_role writer, hf_span message)
{
    const hf_row *row = row_of(f, msg, writer);

    f->greeted = false;
    if (!row) {
        lose_row(f, msg, writer);
        return NULL;
    }
    if (msg == HF_MSG_ClientHello && f->ended)
        renegotiate(f);
    else
        f->facts |= row->optional;
    learn(f, msg, writer, message);
    if (row->keys)
        change_keys(f, row);
    note_proof(f, row, msg, writer);
    settle(f);
    return row;
}
