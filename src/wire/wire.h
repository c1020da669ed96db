/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The messages of the handshake as structs, one file a message, each with a _read and a _write.
 * No decisions here: what `_read` reads, `_write` writes back byte for byte; whether a value is
 * acceptable is the handshake floor's question. Spans point into the message that was read.
 *
 * A _read gets the body (without the four bytes of the handshake header: a reader over it starts at
 * HF_HANDSHAKE_HEADER) and never a connection: the same function serves the engine, the explainer
 * and a passive dissector.
 */
#ifndef HF_WIRE_H
#define HF_WIRE_H

#include "base/builder.h"
#include "base/reader.h"
#include "registry/registry.h"

/* What a parser has to know beside the bytes. */
typedef struct hf_wire {
    uint16_t version; /* negotiated, 0: not yet */
    hf_role writer;
    hf_kx kx; /* TLS 1.2: of the suite; the two KeyExchange messages have no other clue */
} hf_wire;

enum {
    HF_HANDSHAKE_HEADER = 4,
    HF_EXTENSIONS_MAX = 64, /* in one block */
    HF_RANDOM = 32
};

/* Extensions by their row in extensions.def, for sets of them. */
typedef enum hf_ext {
#define HF_EXTENSION(name, type, messages) HF_EXT_##name,
#include "registry/extensions.def"
#undef HF_EXTENSION
    HF_EXT_COUNT
} hf_ext;

#define HF_EXT_BIT(ext) ((uint32_t)1 << HF_EXT_##ext)

/* The messages that carry extensions, as bits. CT: each CertificateEntry. */
enum {
    IN_CH = 1,
    IN_SH = 2,
    IN_HRR = 4,
    IN_EE = 8,
    IN_CR = 16,
    IN_CT = 32,
    IN_NST = 64,
    IN_SH12 = 128
};

typedef struct hf_key_share {
    uint16_t group;
    hf_span key_exchange;
} hf_key_share;

typedef struct hf_psk_identity {
    hf_span identity;
    uint32_t obfuscated_ticket_age;
} hf_psk_identity;

/* PskKeyExchangeMode (RFC 9846 4.3.9): the only one that is spoken here. */
enum { HF_PSK_DHE_KE = 1 };

/* CertificateStatusType (RFC 6066 8). */
enum { HF_STATUS_OCSP = 1 };

/* One struct for all messages: what was absent stays zero. `present` has a bit for each extension
   that was read or is to be written. */
typedef struct hf_extensions {
    uint32_t present;
    hf_span raw;           /* the content of the block; _write keeps the order it has */
    uint16_t unknown_type; /* the first type that is not in the table and not GREASE … */
    bool has_unknown;      /* … valid if this is set */
    uint16_t grease_type;  /* reading: the last GREASE type … */
    bool has_grease;       /* … if there was one */

    hf_span host_name;        /* server_name; empty in an acknowledgement */
    bool sni_two_names;       /* two host_name entries */
    hf_span supported_groups; /* list16 */
    hf_span point_formats;
    hf_span session_ticket;
    hf_span renegotiated_connection;
    hf_span alpn;           /* content of ProtocolNameList: vec8 names */
    uint8_t status_type;    /* CH: HF_STATUS_OCSP, or what is skipped */
    hf_span status_request; /* CH: what follows status_type; empty to write: two empty lists */
    hf_span ocsp_response;  /* CT */
    hf_span signature_algorithms, signature_algorithms_cert; /* list16 */
    hf_span sct_list;
    hf_span key_shares;      /* CH: content of client_shares; walk with hf_key_share_next */
    hf_key_share key_share;  /* SH */
    uint16_t selected_group; /* HRR */
    uint16_t record_size_limit;
    uint8_t max_fragment_length;
    hf_span psk_modes;          /* one byte each */
    hf_span supported_versions; /* CH: list16 */
    uint16_t selected_version;  /* SH, HRR */
    hf_span cookie;
    hf_span authorities; /* content of certificate_authorities: vec16 names */
    hf_span oid_filters;
    uint32_t max_early_data_size;        /* NST */
    size_t padding;                      /* bytes */
    hf_span psk_identities, psk_binders; /* contents of the two lists */
    /* CH: where the binders list (with its length) starts, from byte 0 of the message: ClientHello is
       hashed up to there. */
    size_t psk_binders_offset;
    uint16_t selected_identity; /* SH */

    /* Writing a ClientHello only: GREASE types to write first and last (0: none; RFC 8701). */
    uint16_t grease_first, grease_last;
} hf_extensions;

/* The block with its two-byte length. `message` is one of IN_…. Refuses duplicates, extensions that
   may not appear there, and more than HF_EXTENSIONS_MAX; skips what is unknown. An absent block
   (nothing left) is legal for a 1.2 ClientHello and ServerHello only. */
void hf_extensions_read(hf_reader *r, unsigned message, hf_extensions *ext);
/* Those of `present`: first in the order of `raw`, with the unknown ones copied from there, then the
   rest in the order of the table. A block to be written afresh has an empty `raw`. In a ClientHello
   pre_shared_key is last, so that its binders are the message's last bytes. */
void hf_extensions_write(hf_builder *b, unsigned message, const hf_extensions *ext);
/* Where the type stands in the block that was read; NULL: it is not there. */
const uint8_t *hf_extension_at(const hf_extensions *ext, uint16_t type);
/* Next entry of client_shares; false at its end. The block was checked when it was read. */
bool hf_key_share_next(hf_span *rest, hf_key_share *share);
/* Next name of alpn (or any list of vec8, as psk_binders). */
bool hf_name_next(hf_span *rest, hf_span *name);
/* Next name of authorities (or any list of vec16, as the entries of sct_list). */
bool hf_name16_next(hf_span *rest, hf_span *name);
/* Next entry of psk_identities. */
bool hf_psk_identity_next(hf_span *rest, hf_psk_identity *psk);
uint16_t hf_extension_type(hf_ext ext);
/* The row of a type, or HF_EXT_COUNT. */
hf_ext hf_extension_row(uint16_t type);

/* ---- the messages ---- */

typedef struct hf_client_hello {
    uint16_t legacy_version;
    uint8_t random[HF_RANDOM];
    hf_span legacy_session_id;
    hf_span cipher_suites; /* list16 */
    hf_span legacy_compression_methods;
    bool has_extensions;
    hf_extensions ext;
} hf_client_hello;
void hf_client_hello_read(hf_reader *r, const hf_wire *w, hf_client_hello *hello);
void hf_client_hello_write(hf_builder *b, const hf_wire *w, const hf_client_hello *hello);

/* ServerHello and HelloRetryRequest: the latter has a fixed random (RFC 9846 4.2.3). */
typedef struct hf_server_hello {
    uint16_t legacy_version;
    uint8_t random[HF_RANDOM];
    hf_span legacy_session_id_echo;
    uint16_t cipher_suite;
    uint8_t legacy_compression_method;
    bool has_extensions;
    hf_extensions ext;
} hf_server_hello;
extern const uint8_t hf_retry_random[HF_RANDOM];
/* From the body alone, before it is parsed; false if it is too short to tell. */
bool hf_is_retry(hf_span body);
/* Reads either; extensions are judged as IN_HRR if the random says so, as IN_SH if supported_versions is there, else IN_SH12. */
void hf_server_hello_read(hf_reader *r, const hf_wire *w, hf_server_hello *hello);
void hf_server_hello_write(hf_builder *b, const hf_wire *w, const hf_server_hello *hello);

typedef struct hf_encrypted_extensions {
    hf_extensions ext;
} hf_encrypted_extensions;
void hf_encrypted_extensions_read(hf_reader *r, const hf_wire *w, hf_encrypted_extensions *ee);
void hf_encrypted_extensions_write(hf_builder *b, const hf_wire *w,
                                   const hf_encrypted_extensions *ee);

/* TLS 1.2 (RFC 5246 7.4.4) has three lists and no extensions: signature_algorithms and authorities of
   `ext` hold two of them, as if they were extensions. */
typedef struct hf_certificate_request {
    hf_span certificate_request_context;
    hf_span certificate_types; /* TLS 1.2: one byte each, at least one */
    hf_extensions ext;
} hf_certificate_request;
void hf_certificate_request_read(hf_reader *r, const hf_wire *w, hf_certificate_request *request);
void hf_certificate_request_write(hf_builder *b, const hf_wire *w,
                                  const hf_certificate_request *request);

/* TLS 1.2 (RFC 5246 7.4.2) has neither a context nor extensions of entries. */
enum { HF_CERTIFICATE_ENTRIES_MAX = 10 };
typedef struct hf_certificate {
    hf_span certificate_request_context;
    size_t n_entries; /* more than the maximum: HF_E_CERT_CHAIN_TOO_LONG */
    struct {
        hf_span cert_data;
        hf_extensions ext;
    } entries[HF_CERTIFICATE_ENTRIES_MAX];
} hf_certificate;
void hf_certificate_read(hf_reader *r, const hf_wire *w, hf_certificate *certificate);
void hf_certificate_write(hf_builder *b, const hf_wire *w, const hf_certificate *certificate);

typedef struct hf_certificate_verify {
    uint16_t algorithm;
    hf_span signature;
} hf_certificate_verify;
void hf_certificate_verify_read(hf_reader *r, const hf_wire *w, hf_certificate_verify *verify);
void hf_certificate_verify_write(hf_builder *b, const hf_wire *w,
                                 const hf_certificate_verify *verify);

typedef struct hf_finished {
    hf_span verify_data;
} hf_finished;
void hf_finished_read(hf_reader *r, const hf_wire *w, hf_finished *finished);
void hf_finished_write(hf_builder *b, const hf_wire *w, const hf_finished *finished);

/* TLS 1.2 (RFC 5077 3.3): a lifetime hint (0: none) and a ticket, which may be empty. */
typedef struct hf_new_session_ticket {
    uint32_t ticket_lifetime, ticket_age_add;
    hf_span ticket_nonce, ticket;
    hf_extensions ext;
} hf_new_session_ticket;
void hf_new_session_ticket_read(hf_reader *r, const hf_wire *w, hf_new_session_ticket *ticket);
void hf_new_session_ticket_write(hf_builder *b, const hf_wire *w,
                                 const hf_new_session_ticket *ticket);

/* request_update is not judged here (0 or 1: HF_E_KEY_UPDATE_VALUE is the handshake's). */
typedef struct hf_key_update {
    uint8_t request_update;
} hf_key_update;
void hf_key_update_read(hf_reader *r, const hf_wire *w, hf_key_update *update);
void hf_key_update_write(hf_builder *b, const hf_wire *w, const hf_key_update *update);

/* ---- messages that only TLS 1.2 has ---- */

/* ServerKeyExchange, as w->kx says: ECDHE with a named curve, signed (RFC 8422 5.4); the same unsigned, after a hint
   (RFC 5489 2); the hint alone (RFC 4279 2). */
enum { HF_NAMED_CURVE = 3 };
typedef struct hf_server_key_exchange {
    hf_span psk_identity_hint; /* PSK suites; may be empty */
    uint8_t curve_type;        /* not judged here; what follows is read as for named_curve */
    uint16_t named_curve;
    hf_span point;  /* 1 byte or more */
    hf_span params; /* reading: curve_type to point, which is what was signed */
    uint16_t algorithm;
    hf_span signature;
} hf_server_key_exchange;
void hf_server_key_exchange_read(hf_reader *r, const hf_wire *w, hf_server_key_exchange *ske);
void hf_server_key_exchange_write(hf_builder *b, const hf_wire *w,
                                  const hf_server_key_exchange *ske);
/* The part that is signed alone. */
void hf_server_ecdh_params_write(hf_builder *b, const hf_server_key_exchange *ske);

/* ClientKeyExchange, as w->kx says: the client's point (RFC 8422 5.7, a vec8 "ecdh_Yc"), the encrypted premaster secret
   (RFC 5246 7.4.7.1, a vec16 "encrypted_pre_master_secret"); PSK suites: a vec16 "psk_identity", and with ECDHE the point
   after it (RFC 4279 2, RFC 5489 2). */
typedef struct hf_client_key_exchange {
    hf_span psk_identity; /* PSK suites; may be empty */
    hf_span exchange;
} hf_client_key_exchange;
void hf_client_key_exchange_read(hf_reader *r, const hf_wire *w, hf_client_key_exchange *cke);
void hf_client_key_exchange_write(hf_builder *b, const hf_wire *w,
                                  const hf_client_key_exchange *cke);

/* CertificateStatus (RFC 6066 8): status_type must be ocsp, HF_E_STATUS_TYPE. */
typedef struct hf_certificate_status {
    hf_span ocsp_response;
} hf_certificate_status;
void hf_certificate_status_read(hf_reader *r, const hf_wire *w, hf_certificate_status *status);
void hf_certificate_status_write(hf_builder *b, const hf_wire *w,
                                 const hf_certificate_status *status);

/* EndOfEarlyData, HelloRequest, ServerHelloDone: no content. */
void hf_empty_read(hf_reader *r, const hf_wire *w);

typedef struct hf_alert_message {
    uint8_t level, description;
} hf_alert_message;
void hf_alert_read(hf_reader *r, hf_alert_message *alert);

/* ---- framing ---- */

/* Starts and ends a handshake message: header, then the body is written, then closed. */
void hf_message_open(hf_builder *b, hf_msg msg);
void hf_message_close(hf_builder *b);
/* Any message as a tree of named fields to the sink, with its header: what trace and explain use, and how the
   offset of a field is found. HF_OK or the fault. msg tells HelloRetryRequest from ServerHello. */
hf_error hf_message_explain(hf_msg msg, const hf_wire *w, hf_span message,
                            const hf_field_sink *sink, hf_fault *fault);

#endif
