/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Messages broken in one field, after the rows of alerts.tsv: the code, the path and the place. */
#include "unit/wire_support.h"

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define RETRY  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

static const struct {
    hf_msg msg;
    const hf_wire *w;
    const char *hex;
    hf_error code;
    const char *path;
    size_t at; /* in the body */
} malformed[] = {
    /* ch-session-id-over-32, ch-legacy-vectors-malformed */
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "21" RANDOM "00 0002 1301 01 00",
      HF_E_LENGTH_OUT_OF_RANGE, "ClientHello.legacy_session_id", 34 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0000 01 00", HF_E_LENGTH_OUT_OF_RANGE,
      "ClientHello.cipher_suites", 35 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0003 130113 01 00", HF_E_ODD_LIST,
      "ClientHello.cipher_suites", 35 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0002 1301 00", HF_E_LENGTH_OUT_OF_RANGE,
      "ClientHello.legacy_compression_methods", 39 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0002 1301 01 00 0005 0017 0000", HF_E_TRUNCATED,
      "ClientHello.extensions", 43 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0002 1301 01 00 0000 00", HF_E_TRAILING_BYTES,
      "ClientHello", 43 },
    /* sh-malformed, sh-13-extension-in-12 */
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "21" RANDOM "00 1301 00 0006 002b 0002 0304",
      HF_E_LENGTH_OUT_OF_RANGE, "ServerHello.legacy_session_id_echo", 34 },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "00 1301 00 0006 002b 0002 0304 00",
      HF_E_TRAILING_BYTES, "ServerHello", 46 },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "00 1301 00 0006 0033 0002 001d",
      HF_E_EXTENSION_NOT_ALLOWED, "ServerHello.extensions.key_share", 40 },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM "00 1301 00 000a 0017 0000 002b 0002 0304",
      HF_E_EXTENSION_NOT_ALLOWED, "ServerHello.extensions.extended_main_secret", 40 },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00", HF_E_TRUNCATED,
      "HelloRetryRequest.extensions", 38 },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00 0000", HF_E_LENGTH_OUT_OF_RANGE,
      "HelloRetryRequest.extensions", 38 },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00 0006 0029 0002 0000",
      HF_E_EXTENSION_NOT_ALLOWED, "HelloRetryRequest.extensions.pre_shared_key", 40 },
    { HF_MSG_HelloRetryRequest, &TLS13, "0303" RETRY "00 1301 00 0009 0033 0005 001d 0001 aa",
      HF_E_TRAILING_BYTES, "HelloRetryRequest.extensions.key_share", 46 },
    /* ee-malformed, ee-forbidden, cr-extension-not-allowed */
    { HF_MSG_EncryptedExtensions, &TLS13, "", HF_E_TRUNCATED, "EncryptedExtensions.extensions", 0 },
    { HF_MSG_EncryptedExtensions, &TLS13, "0001", HF_E_TRUNCATED, "EncryptedExtensions.extensions",
      2 },
    { HF_MSG_EncryptedExtensions, &TLS13, "0006 002b 0002 0304", HF_E_EXTENSION_NOT_ALLOWED,
      "EncryptedExtensions.extensions.supported_versions", 2 },
    { HF_MSG_CertificateRequest, &TLS13, "00", HF_E_TRUNCATED, "CertificateRequest.extensions", 1 },
    { HF_MSG_CertificateRequest, &TLS13, "00 0004 0010 0000", HF_E_EXTENSION_NOT_ALLOWED,
      "CertificateRequest.extensions.application_layer_protocol_negotiation", 3 },
    /* cert-lengths-bad, cert-entry-extension-not-allowed */
    { HF_MSG_Certificate, &TLS13, "01", HF_E_TRUNCATED, "Certificate.certificate_request_context",
      1 },
    { HF_MSG_Certificate, &TLS13, "00 000006 000000 0000 00", HF_E_LENGTH_OUT_OF_RANGE,
      "Certificate.certificate_list.cert_data", 4 },
    { HF_MSG_Certificate, &TLS13, "00 000004 000001 30", HF_E_TRUNCATED,
      "Certificate.certificate_list.extensions", 8 },
    { HF_MSG_Certificate, &TLS13, "00 000004 000002 30", HF_E_TRUNCATED,
      "Certificate.certificate_list.cert_data", 7 },
    { HF_MSG_Certificate, &TLS13, "00 000007 000001 30 0000", HF_E_TRUNCATED,
      "Certificate.certificate_list", 4 },
    { HF_MSG_Certificate, &TLS13, "00 000006 000001 30 0001", HF_E_TRUNCATED,
      "Certificate.certificate_list.extensions", 10 },
    { HF_MSG_Certificate, &TLS13, "00 00000a 000001 30 0004 0033 0000", HF_E_EXTENSION_NOT_ALLOWED,
      "Certificate.certificate_list.extensions.key_share", 10 },
    { HF_MSG_Certificate, &TLS13, "00 000005 000001 30 00 00", HF_E_TRUNCATED,
      "Certificate.certificate_list.extensions", 8 },
    { HF_MSG_Certificate, &TLS13, "00 000000 00", HF_E_TRAILING_BYTES, "Certificate", 4 },
    /* cv-malformed, fin-wrong-length */
    { HF_MSG_CertificateVerify, &TLS13, "0403 0002 aa", HF_E_TRUNCATED,
      "CertificateVerify.signature", 4 },
    { HF_MSG_CertificateVerify, &TLS13, "0403 0001 aa 00", HF_E_TRAILING_BYTES, "CertificateVerify",
      5 },
    { HF_MSG_Finished, &TLS13, "000102030405060708090a0b", HF_E_LENGTH_OUT_OF_RANGE,
      "Finished.verify_data", 0 },
    { HF_MSG_Finished, &TLS13, "", HF_E_LENGTH_OUT_OF_RANGE, "Finished.verify_data", 0 },
    { HF_MSG_Finished, &TLS13, RANDOM RANDOM "00", HF_E_LENGTH_OUT_OF_RANGE, "Finished.verify_data",
      0 },
    { HF_MSG_Finished, &TLS12, RANDOM, HF_E_LENGTH_OUT_OF_RANGE, "Finished.verify_data", 0 },
    /* nst-empty-ticket, nst-extension-bad, ku-wrong-length, eoed-nonempty */
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0000 0000", HF_E_LENGTH_OUT_OF_RANGE,
      "NewSessionTicket.ticket", 9 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0005 aa 0000", HF_E_TRUNCATED,
      "NewSessionTicket.ticket", 11 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0001 aa", HF_E_TRUNCATED,
      "NewSessionTicket.extensions", 12 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0001 aa 0004 0000 0000",
      HF_E_EXTENSION_NOT_ALLOWED, "NewSessionTicket.extensions.server_name", 14 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00 0001 aa 0004 002a 0000",
      HF_E_TRUNCATED, "NewSessionTicket.extensions.early_data.max_early_data_size", 18 },
    { HF_MSG_KeyUpdate, &TLS13, "", HF_E_TRUNCATED, "KeyUpdate.request_update", 0 },
    { HF_MSG_KeyUpdate, &TLS13, "0000", HF_E_TRAILING_BYTES, "KeyUpdate", 1 },
    { HF_MSG_EndOfEarlyData, &TLS13, "00", HF_E_TRAILING_BYTES, "EndOfEarlyData", 0 },
};

static void test_malformed_fields(void **state)
{
    static bytes body;
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        body.len = 0;
        add_hex(&body, malformed[i].hex);
        hf_error e = read_tight(malformed[i].msg, malformed[i].w, span_of(&body), &fault);
        if (e != malformed[i].code || strcmp(fault.path, malformed[i].path) != 0 ||
            fault.offset != 4 + malformed[i].at)
            fail_msg("%s %s: %s at %s, byte %zu", malformed[i].path, malformed[i].hex,
                     hf_error_row_of(e)->name, fault.path, fault.offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
