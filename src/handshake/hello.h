/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files about hellos tell each other. */
#ifndef HF_HANDSHAKE_HELLO_H
#define HF_HANDSHAKE_HELLO_H

#include "handshake/engine.h"

/* Fills the suites and extensions of a ClientHello to be written. */
hf_error hf_offer(hf_engine *e, hf_client_hello *hello);
/* The GREASE value number `which` of this connection (RFC 8701). */
uint16_t hf_grease(const hf_engine *e, size_t which);

/* ---- pre-shared keys (psk.c, psk_choose.c) ---- */

/* Client: pre_shared_key and psk_key_exchange_modes of a hello; then its binders, once the message is whole. */
hf_error hf_offer_psks(hf_engine *e, hf_extensions *ext);
hf_error hf_write_binders(hf_engine *e, uint8_t *message, size_t len);
/* Client: ServerHello's choice among them. */
hf_error hf_accept_psk(hf_engine *e, const hf_server_hello *h);
/* Server: the choice; HF_WAIT while a look-up is under way. None: hs->psk_len stays 0. */
hf_error hf_choose_psk(hf_engine *e);
/* Server, at ServerHello: the choice is final. */
hf_error hf_settle_psk(hf_engine *e);
/* Server: keys shared beforehand are taken here; not if clients must show a certificate. */
bool hf_takes_psk(const hf_engine *e);
/* The binder of a key over a ClientHello that ends before its binders. */
hf_error hf_make_binder(const hf_engine *e, const hf_offered_psk *psk, hf_span partial_hello,
                        uint8_t out[HF_HASH_MAX]);
void hf_use_psk(hf_handshake *hs, const hf_offered_psk *psk, uint16_t index);
static inline bool hf_offers_psk_dhe(const hf_extensions *ext)
{
    return ext->psk_modes.len > 0 && memchr(ext->psk_modes.data, HF_PSK_DHE_KE, ext->psk_modes.len);
}
/* Server: made under these settings, for this name, by a client that would be accepted now, and not expired. */
bool hf_session_fits(const hf_engine *e, const hf_session *s);

/* ---- 0-RTT (early.c) ---- */

void hf_offer_early(hf_engine *e, hf_extensions *ext);
hf_error hf_accept_early(hf_engine *e, const hf_extensions *ext);
/* Client: what was offered is not taken. */
void hf_early_rejected(hf_engine *e, hf_error why);
/* Server: info.early says whether it is taken; HF_WAIT while the register is asked. */
hf_error hf_judge_early(hf_engine *e);
hf_error hf_derive_early(hf_engine *e, hf_span psk);

/* Judges the fields of hs->hello that no choice depends on (RFC 9846 4.2.2, 9.2). */
hf_error hf_check_client_hello(hf_engine *e);
/* The second ClientHello against the first (RFC 9846 4.2.2, 4.2.4). */
hf_error hf_check_second_hello(hf_engine *e);
/* The server's choices: suite, group, protocol, identity; whether a HelloRetryRequest is needed. */
hf_error hf_choose(hf_engine *e);
/* The next code of the preferred list, from *i on, that the other one has. */
bool hf_next_common(hf_span offered, const uint16_t *ours, bool ours_first, size_t *i,
                    uint16_t *code);
/* The client's key share for the chosen group, into hs->peer_share; false: there is none. */
bool hf_find_share(hf_engine *e, uint16_t group, hf_span *share);
/* A share of that group from either end has `wanted` bytes (RFC 9846 4.3.8.1, 4.3.8.2). */
hf_error hf_check_share_length(hf_engine *e, const hf_group *group, hf_span share, size_t wanted);
hf_error hf_choose_share(hf_engine *e);
hf_error hf_choose_identity(hf_engine *e);

/* Checks that ServerHello and HelloRetryRequest have in common. */
hf_error hf_check_server_fields(hf_engine *e, const hf_server_hello *hello);
/* Extensions of an answer: all must have been offered. `also` are bits that need no offer (cookie). (RFC 9846 4.3) */
hf_error hf_check_solicited(hf_engine *e, const hf_extensions *ext, uint32_t also);
hf_error hf_set_suite(hf_engine *e, uint16_t code);
/* The answers to ALPN and record_size_limit, which stand in EncryptedExtensions or in a ServerHello of TLS 1.2. */
hf_error hf_check_alpn_answer(hf_engine *e, const hf_extensions *ext);
hf_error hf_check_size_limit_answer(hf_engine *e, const hf_extensions *ext);
/* The record_size_limit that we announce when that version is the newest that may be spoken. */
uint16_t hf_record_limit(const hf_engine *e, uint16_t version);
/* … and writing them. store: room for the one name. */
void hf_fill_answers(const hf_engine *e, hf_extensions *ext, uint8_t store[257]);

/* The scheme of a handshake signature against the key of the peer's certificate. */
hf_error hf_check_scheme_key(hf_engine *e, const hf_scheme *scheme);

/* ---- stapling ---- */

/* Server: the response for this client; empty: it did not ask, or there is none that is of now. */
hf_span hf_staple_to_send(hf_engine *e);
/* Client: keeps what came for the leaf; empty is none. */
hf_error hf_keep_staple(hf_engine *e, hf_span response);
/* Of the SCTs that came beside a certificate. */
void hf_count_scts(hf_engine *e, const hf_extensions *ext);
/* Submits the check of the peer's chain once all is there that it needs. In TLS 1.2 a staple may be announced: then when it has
   come, or when the next message shows that it does not. Done already: nothing. */
hf_error hf_owe_chain(hf_engine *e);

/* ---- TLS 1.2 ---- */

/* Whether a certificate with that key is one for such a suite (RFC 5246 7.4.2). */
bool hf_kx_fits(hf_kx kx, hf_key_type key);

/* What only a ClientHello of TLS 1.2 must obey (hello_check12.c). */
hf_error hf_check_client_hello12(hf_engine *e);
/* Suite, group and identity together (choose12.c), or a session that is resumed. */
hf_error hf_choose12(hf_engine *e);
hf_error hf_choose_alpn(hf_engine *e);
/* For info.alpn. */
hf_error hf_keep_alpn(hf_engine *e, hf_span name);
/* The first identity that `take` takes: those for the name that the client asked for before others, those whose chain the client
   says it can check before others. suite: NULL for TLS 1.3. */
typedef bool hf_take_identity(hf_engine *e, const hf_suite *suite, hf_identity *identity);
bool hf_pick_identity(hf_engine *e, const hf_suite *suite, hf_take_identity *take);
/* The ServerHello of TLS 1.2 (server_hello12.c): fields of ours, and the client's checks. */
hf_error hf_build_server_hello12(hf_engine *e);
hf_error hf_accept_server_hello12(hf_engine *e, const hf_server_hello *hello);
/* TLS_FALLBACK_SCSV and TLS_EMPTY_RENEGOTIATION_INFO_SCSV. */
enum { HF_FALLBACK_SCSV = 0x5600, HF_RENEGOTIATION_SCSV = 0x00ff };
/* A peer that wants to renegotiate: a warning, then the end. */
hf_error hf_refuse_renegotiation(hf_engine *e);

#endif
