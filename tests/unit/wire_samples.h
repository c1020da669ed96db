/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A legal extension_data for each extension in each message that it may stand in, from the RFCs' own
   presentation language; and blocks made of them. */
#ifndef HF_TESTS_WIRE_SAMPLES_H
#define HF_TESTS_WIRE_SAMPLES_H

#include "unit/wire_support.h"

#define BINDER "20 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* `shortest`: any content of so many bytes or more is legal, as one field fills the extension. */
enum { EXACT = 1000 };
typedef struct sample {
    hf_ext ext;
    unsigned messages;
    const char *hex;
    size_t shortest;
} sample;

static const sample samples[] = {
    { HF_EXT_server_name, IN_CH | IN_CR, "000e 00 000b 6578616d706c652e636f6d", EXACT },
    { HF_EXT_server_name, IN_EE | IN_SH12, "", EXACT },
    { HF_EXT_extended_main_secret, IN_CH | IN_SH12, "", EXACT },
    { HF_EXT_renegotiation_info, IN_CH | IN_SH12, "00", EXACT },
    { HF_EXT_renegotiation_info, IN_CH | IN_SH12, "0c 000102030405060708090a0b", EXACT },
    { HF_EXT_supported_groups, IN_CH | IN_EE, "0006 001d 0017 0018", EXACT },
    { HF_EXT_ec_point_formats, IN_CH | IN_SH12, "02 00 01", EXACT },
    { HF_EXT_session_ticket, IN_CH, "aabbcc", 0 },
    { HF_EXT_session_ticket, IN_CH, "", 0 },
    { HF_EXT_session_ticket, IN_SH12, "", EXACT },
    { HF_EXT_application_layer_protocol_negotiation, IN_CH, "000c 02 6832 08 687474702f312e31",
      EXACT },
    { HF_EXT_application_layer_protocol_negotiation, IN_CH | IN_EE | IN_SH12, "0003 02 6832",
      EXACT },
    { HF_EXT_status_request, IN_CH, "01 0000 0000", EXACT },
    { HF_EXT_status_request, IN_CH, "01 0008 0003aabbcc 0001dd 0002 3000", EXACT },
    { HF_EXT_status_request, IN_CH, "02 ffffff", 1 },
    { HF_EXT_status_request, IN_CH, "02", 1 },
    { HF_EXT_status_request, IN_CR | IN_SH12, "", EXACT },
    { HF_EXT_status_request, IN_CT, "01 000003 aabbcc", EXACT },
    { HF_EXT_signature_algorithms, IN_CH | IN_CR, "0004 0403 0804", EXACT },
    { HF_EXT_signature_algorithms_cert, IN_CH | IN_CR, "0004 0403 0401", EXACT },
    { HF_EXT_signed_certificate_timestamp, IN_CH | IN_CR, "", EXACT },
    { HF_EXT_signed_certificate_timestamp, IN_CT | IN_SH12, "0007 0002 0102 0001 ff", EXACT },
    { HF_EXT_key_share, IN_CH, "0000", EXACT },
    { HF_EXT_key_share, IN_CH, "000b 001d 0002 aabb 0a0a 0001 00", EXACT },
    { HF_EXT_key_share, IN_SH, "001d 0002 aabb", EXACT },
    { HF_EXT_key_share, IN_HRR, "001d", EXACT },
    { HF_EXT_record_size_limit, IN_CH | IN_EE | IN_SH12, "4001", EXACT },
    { HF_EXT_max_fragment_length, IN_CH | IN_EE | IN_SH12, "02", EXACT },
    { HF_EXT_psk_key_exchange_modes, IN_CH, "02 00 01", EXACT },
    { HF_EXT_supported_versions, IN_CH, "06 7a7a 0304 0303", EXACT },
    { HF_EXT_supported_versions, IN_SH | IN_HRR, "0304", EXACT },
    { HF_EXT_cookie, IN_CH | IN_HRR, "0003 aabbcc", EXACT },
    { HF_EXT_certificate_authorities, IN_CH | IN_CR, "000a 0003 300100 0003 300101", EXACT },
    { HF_EXT_oid_filters, IN_CR, "0000", EXACT },
    { HF_EXT_oid_filters, IN_CR, "000e 03551d0f 0002 0500 03551d25 0000", EXACT },
    { HF_EXT_post_handshake_auth, IN_CH, "", EXACT },
    { HF_EXT_early_data, IN_CH | IN_EE, "", EXACT },
    { HF_EXT_early_data, IN_NST, "00004000", EXACT },
    { HF_EXT_padding, IN_CH, "000000", 0 },
    { HF_EXT_padding, IN_CH, "", 0 },
    { HF_EXT_pre_shared_key, IN_CH, "000a 0004 61626364 00000001 0021 " BINDER, EXACT },
    { HF_EXT_pre_shared_key, IN_CH, "000f 0001 61 00000001 0002 6263 fffffffe 0042 " BINDER BINDER,
      EXACT },
    { HF_EXT_pre_shared_key, IN_SH, "0001", EXACT },
};

static const unsigned each_message[] = {
    IN_CH, IN_SH, IN_HRR, IN_EE, IN_CR, IN_CT, IN_NST, IN_SH12
};

/* The first sample of an extension for a message; NULL where it may not stand. */
static inline const sample *sample_of(hf_ext ext, unsigned message)
{
    for (size_t i = 0; i < COUNT(samples); i++)
        if (samples[i].ext == ext && samples[i].messages & message)
            return &samples[i];
    return NULL;
}

/* type, length, data */
static inline void add_extension(bytes *block, uint16_t type, hf_span data)
{
    add_uint(block, type, 2);
    add_uint(block, data.len, 2);
    add_bytes(block, data);
}

static inline void add_sample(bytes *block, const sample *s)
{
    static bytes data;

    data.len = 0;
    add_hex(&data, s->hex);
    add_extension(block, hf_extension_type(s->ext), span_of(&data));
}

/* Reads extensions (a block without its length) as those of `message`; offsets count from the
   length's first byte. */
static inline hf_error read_block(unsigned message, hf_span extensions, hf_extensions *ext,
                                  hf_fault *fault, const hf_field_sink *sink)
{
    static bytes block;

    block.len = 0;
    add_uint(&block, extensions.len, 2);
    add_bytes(&block, extensions);
    *fault = (hf_fault){ 0 };
    hf_reader r = hf_rd_start(span_of(&block), "Message", 0, fault, sink);
    hf_extensions_read(&r, message, ext);
    hf_rd_end(&r);
    return fault->code;
}

/* The same with one extension, whose data starts at DATA. */
enum { DATA = 2 + 4 };

static inline hf_error read_data(hf_ext ext, unsigned message, hf_span data, hf_extensions *out,
                                 hf_fault *fault, const hf_field_sink *sink)
{
    static bytes extensions;

    extensions.len = 0;
    add_extension(&extensions, hf_extension_type(ext), data);
    if (message & (IN_SH | IN_HRR) && data.len < 2) /* their blocks have six bytes at least */
        add_extension(&extensions, 0xfffe, hf_span_str(""));
    return read_block(message, span_of(&extensions), out, fault, sink);
}

#endif
