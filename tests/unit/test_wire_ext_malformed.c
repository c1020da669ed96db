/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Extensions whose outer lengths are right and whose inner ones lie, or whose mandatory lists are
 * empty: the rows of alerts.tsv whose answer is decode_error, each with its path and its place.
 */
#include "unit/wire_samples.h"

typedef struct bad {
    hf_ext ext;
    unsigned messages;
    const char *hex;
    hf_error code;
    const char *field; /* below the extension's name; "": the extension itself */
    size_t at;         /* in extension_data */
} bad;

#define RANGE HF_E_LENGTH_OUT_OF_RANGE
#define CUT   HF_E_TRUNCATED
#define LEFT  HF_E_TRAILING_BYTES
#define ALPN  HF_EXT_application_layer_protocol_negotiation
#define SCT   HF_EXT_signed_certificate_timestamp

static const bad malformed[] = {
    /* ch-sni-malformed */
    { HF_EXT_server_name, IN_CH | IN_CR, "0000", RANGE, "server_name_list", 0 },
    { HF_EXT_server_name, IN_CH, "0001 00", CUT, "server_name_list.host_name", 3 },
    { HF_EXT_server_name, IN_CH, "0003 00 0000", RANGE, "server_name_list.host_name", 3 },
    { HF_EXT_server_name, IN_CH, "0004 00 0002 61", CUT, "server_name_list.host_name", 5 },
    { HF_EXT_server_name, IN_CH, "0005 00 0001 61 00", CUT, "server_name_list.host_name", 7 },
    { HF_EXT_server_name, IN_CH, "0003 07 0001", CUT, "server_name_list.name", 5 },
    { HF_EXT_server_name, IN_EE | IN_SH12, "0004 00 0001 61", LEFT, "", 0 },
    /* ch-flag-extension-nonempty, ee-malformed, sh-ack-nonempty */
    { HF_EXT_extended_main_secret, IN_CH | IN_SH12, "00", LEFT, "", 0 },
    { HF_EXT_post_handshake_auth, IN_CH, "00", LEFT, "", 0 },
    { HF_EXT_early_data, IN_CH | IN_EE, "00004000", LEFT, "", 0 },
    { HF_EXT_session_ticket, IN_SH12, "aa", LEFT, "", 0 },
    { HF_EXT_status_request, IN_CR | IN_SH12, "01 0000 0000", LEFT, "", 0 },
    { SCT, IN_CH | IN_CR, "0003 0001 ff", LEFT, "", 0 },
    /* ch-reneg-info-malformed */
    { HF_EXT_renegotiation_info, IN_CH | IN_SH12, "", CUT, "renegotiated_connection", 0 },
    { HF_EXT_renegotiation_info, IN_CH | IN_SH12, "01", CUT, "renegotiated_connection", 1 },
    { HF_EXT_renegotiation_info, IN_CH | IN_SH12, "00 00", LEFT, "", 1 },
    /* ch-supported-groups-malformed, ch-point-formats-empty, ch-sigalgs-malformed, cr-sigalgs-malformed */
    { HF_EXT_supported_groups, IN_CH | IN_EE, "0000", RANGE, "named_group_list", 0 },
    { HF_EXT_supported_groups, IN_CH | IN_EE, "0003 001d 00", HF_E_ODD_LIST, "named_group_list",
      0 },
    { HF_EXT_supported_groups, IN_CH, "0001 00", RANGE, "named_group_list", 0 },
    { HF_EXT_supported_groups, IN_CH, "0004 001d", CUT, "named_group_list", 2 },
    { HF_EXT_ec_point_formats, IN_CH | IN_SH12, "00", RANGE, "ec_point_format_list", 0 },
    { HF_EXT_ec_point_formats, IN_CH | IN_SH12, "02 00", CUT, "ec_point_format_list", 1 },
    { HF_EXT_signature_algorithms, IN_CH | IN_CR, "0000", RANGE, "supported_signature_algorithms",
      0 },
    { HF_EXT_signature_algorithms, IN_CH | IN_CR, "0003 0403 08", HF_E_ODD_LIST,
      "supported_signature_algorithms", 0 },
    { HF_EXT_signature_algorithms, IN_CH | IN_CR, "0002 0403 0804", LEFT, "", 4 },
    { HF_EXT_signature_algorithms_cert, IN_CH | IN_CR, "0000", RANGE,
      "supported_signature_algorithms", 0 },
    { HF_EXT_signature_algorithms_cert, IN_CH | IN_CR, "0003 0403 08", HF_E_ODD_LIST,
      "supported_signature_algorithms", 0 },
    { HF_EXT_signature_algorithms_cert, IN_CH | IN_CR, "0004 0403", CUT,
      "supported_signature_algorithms", 2 },
    /* ch-alpn-malformed, sh-alpn-malformed */
    { ALPN, IN_CH | IN_EE | IN_SH12, "0000", RANGE, "protocol_name_list", 0 },
    { ALPN, IN_CH | IN_EE | IN_SH12, "0001 00", RANGE, "protocol_name_list", 0 },
    { ALPN, IN_CH | IN_EE, "0002 00 00", RANGE, "protocol_name_list.ProtocolName", 2 },
    { ALPN, IN_CH, "0004 02 6832 00", RANGE, "protocol_name_list.ProtocolName", 5 },
    { ALPN, IN_CH | IN_EE, "0003 03 6832", CUT, "protocol_name_list.ProtocolName", 3 },
    { ALPN, IN_EE | IN_SH12, "0006 02 6832 02 6833", LEFT, "protocol_name_list", 5 },
    /* ch-other-extension-malformed */
    { HF_EXT_status_request, IN_CH, "", CUT, "status_type", 0 },
    { HF_EXT_status_request, IN_CH, "01", CUT, "responder_id_list", 1 },
    { HF_EXT_status_request, IN_CH, "01 0000", CUT, "request_extensions", 3 },
    { HF_EXT_status_request, IN_CH, "01 0002 0000 0000", RANGE, "responder_id_list.ResponderID",
      3 },
    { HF_EXT_status_request, IN_CH, "01 0003 0002 aa 0000", CUT, "responder_id_list.ResponderID",
      5 },
    { HF_EXT_status_request, IN_CH, "01 0000 0001", CUT, "request_extensions", 5 },
    { HF_EXT_record_size_limit, IN_CH | IN_EE | IN_SH12, "40", CUT, "RecordSizeLimit", 0 },
    { HF_EXT_record_size_limit, IN_CH | IN_EE | IN_SH12, "400100", LEFT, "", 2 },
    { HF_EXT_max_fragment_length, IN_CH | IN_EE, "", CUT, "MaxFragmentLength", 0 },
    { HF_EXT_cookie, IN_CH | IN_HRR, "0000", RANGE, "cookie", 0 },
    { HF_EXT_cookie, IN_CH | IN_HRR, "0002 aa", CUT, "cookie", 2 },
    { HF_EXT_certificate_authorities, IN_CH | IN_CR, "0000", RANGE, "authorities", 0 },
    { HF_EXT_certificate_authorities, IN_CH | IN_CR, "0002 0000", RANGE, "authorities", 0 },
    { HF_EXT_certificate_authorities, IN_CH | IN_CR, "0005 0001 30 0000", RANGE,
      "authorities.DistinguishedName", 5 },
    { HF_EXT_certificate_authorities, IN_CH | IN_CR, "0003 0002 30", CUT,
      "authorities.DistinguishedName", 4 },
    { HF_EXT_oid_filters, IN_CR, "0003 00 0000", RANGE, "filters.certificate_extension_oid", 2 },
    { HF_EXT_oid_filters, IN_CR, "0004 03 551d0f", CUT, "filters.certificate_extension_values", 6 },
    { HF_EXT_oid_filters, IN_CR, "0006 03 551d0f 0001", CUT, "filters.certificate_extension_values",
      8 },
    /* cert-ocsp-structure-bad */
    { HF_EXT_status_request, IN_CT, "", CUT, "status_type", 0 },
    { HF_EXT_status_request, IN_CT, "02 000001 aa", HF_E_STATUS_TYPE, "status_type", 0 },
    { HF_EXT_status_request, IN_CT, "01 000000", RANGE, "OCSPResponse", 1 },
    { HF_EXT_status_request, IN_CT, "01 000002 aa", CUT, "OCSPResponse", 4 },
    { SCT, IN_CT | IN_SH12, "", CUT, "sct_list", 0 },
    { SCT, IN_CT | IN_SH12, "0000", RANGE, "sct_list", 0 },
    { SCT, IN_CT | IN_SH12, "0002 0000", RANGE, "sct_list.SerializedSCT", 2 },
    { SCT, IN_CT | IN_SH12, "0001 00", CUT, "sct_list.SerializedSCT", 2 },
    /* ch-key-share-malformed, ch-key-share-empty-entry, sh-extension-malformed, hrr-extension-malformed */
    { HF_EXT_key_share, IN_CH, "", CUT, "client_shares", 0 },
    { HF_EXT_key_share, IN_CH, "00", CUT, "client_shares", 0 },
    { HF_EXT_key_share, IN_CH, "0004 001d 0000", RANGE, "client_shares.key_exchange", 4 },
    { HF_EXT_key_share, IN_CH, "0004 7a7a 0000", RANGE, "client_shares.key_exchange", 4 },
    { HF_EXT_key_share, IN_CH, "0005 001d 0002 aa", CUT, "client_shares.key_exchange", 6 },
    { HF_EXT_key_share, IN_CH, "0006 001d 0001 aa 00", CUT, "client_shares.group", 7 },
    { HF_EXT_key_share, IN_CH, "001d 0002 aabb", CUT, "client_shares", 2 },
    { HF_EXT_key_share, IN_SH, "001d", CUT, "key_exchange", 2 },
    { HF_EXT_key_share, IN_SH, "001d 0000", RANGE, "key_exchange", 2 },
    { HF_EXT_key_share, IN_SH, "001d 0001 aa 00", LEFT, "", 5 },
    { HF_EXT_key_share, IN_HRR, "001d 0001 aa", LEFT, "", 2 },
    { HF_EXT_supported_versions, IN_SH | IN_HRR, "02 0304", LEFT, "", 2 },
    { HF_EXT_pre_shared_key, IN_SH, "000000", LEFT, "", 2 },
    /* ch-supported-versions-malformed, ch-psk-modes-malformed */
    { HF_EXT_supported_versions, IN_CH, "00", RANGE, "versions", 0 },
    { HF_EXT_supported_versions, IN_CH, "01 03", RANGE, "versions", 0 },
    { HF_EXT_supported_versions, IN_CH, "03 0304 03", HF_E_ODD_LIST, "versions", 0 },
    { HF_EXT_supported_versions, IN_CH, "04 0304", CUT, "versions", 1 },
    { HF_EXT_supported_versions, IN_CH, "0304", CUT, "versions", 1 },
    { HF_EXT_psk_key_exchange_modes, IN_CH, "00", RANGE, "ke_modes", 0 },
    { HF_EXT_psk_key_exchange_modes, IN_CH, "02 01", CUT, "ke_modes", 1 },
    /* ch-psk-malformed */
    { HF_EXT_pre_shared_key, IN_CH, "0000 0021 " BINDER, RANGE, "identities", 0 },
    { HF_EXT_pre_shared_key, IN_CH, "0006 0000 00000001 0021 " BINDER, RANGE, "identities", 0 },
    { HF_EXT_pre_shared_key, IN_CH, "0007 0000 00000001 00 0021 " BINDER, RANGE,
      "identities.identity", 2 },
    { HF_EXT_pre_shared_key, IN_CH, "0007 0002 6162 000000 0021 " BINDER, CUT,
      "identities.obfuscated_ticket_age", 6 },
    { HF_EXT_pre_shared_key, IN_CH, "0007 0001 61 00000001", CUT, "binders", 9 },
    { HF_EXT_pre_shared_key, IN_CH, "0007 0001 61 00000001 0000", RANGE, "binders", 9 },
    { HF_EXT_pre_shared_key, IN_CH,
      "0007 0001 61 00000001 0020 1f "
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      RANGE, "binders", 9 },
    { HF_EXT_pre_shared_key, IN_CH,
      "0007 0001 61 00000001 0021 1f "
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      RANGE, "binders.PskBinderEntry", 11 },
    { HF_EXT_pre_shared_key, IN_CH,
      "0007 0001 61 00000001 0021 21 "
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      CUT, "binders.PskBinderEntry", 12 },
    { HF_EXT_pre_shared_key, IN_CH, "0007 0001 61 00000001 0022 " BINDER "00", RANGE,
      "binders.PskBinderEntry", 44 },
    /* nst-extension-bad */
    { HF_EXT_early_data, IN_NST, "", CUT, "max_early_data_size", 0 },
    { HF_EXT_early_data, IN_NST, "000040", CUT, "max_early_data_size", 0 },
    { HF_EXT_early_data, IN_NST, "0000400000", LEFT, "", 4 },
};

static void check_malformed(const bad *row, unsigned message)
{
    static bytes data;
    hf_extensions ext;
    hf_fault fault;
    char path[HF_FAULT_PATH_MAX];

    data.len = 0;
    add_hex(&data, row->hex);
    hf_error e = read_data(row->ext, message, span_of(&data), &ext, &fault, NULL);
    snprintf(path, sizeof path, "Message.extensions.%s%s%s",
             hf_extension_name(hf_extension_type(row->ext)), row->field[0] ? "." : "", row->field);
    if (e != row->code || strcmp(fault.path, path) != 0 || fault.offset != DATA + row->at)
        fail_msg("%s %s: %s at %s, byte %zu (%s)", path, row->hex, hf_error_row_of(e)->name,
                 fault.path, fault.offset, fault.rule);
    assert_int_equal(hf_error_row_of(e)->alert, HF_ALERT_decode_error);
}

static void test_lengths_that_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++)
        for (size_t m = 0; m < COUNT(each_message); m++)
            if (malformed[i].messages & each_message[m])
                check_malformed(&malformed[i], each_message[m]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths_that_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
