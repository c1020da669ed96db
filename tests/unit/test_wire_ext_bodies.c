/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is inside each extension: each legal form is read, named and written back; each cut and
 * each extra byte is a fault with its code, path and place.
 */
#include "unit/wire_samples.h"

static void check_sample(const sample *s, unsigned message)
{
    static bytes data;
    static events heard;
    static uint8_t out[BYTES_MAX];
    hf_field_sink sink = { hear, &heard };
    hf_builder b = hf_wr_start(out, sizeof out);
    hf_extensions ext;
    hf_fault fault;
    hf_span back;

    data.len = heard.n = 0;
    heard.depth = 0;
    add_hex(&data, s->hex);
    if (read_data(s->ext, message, span_of(&data), &ext, &fault, &sink) != HF_OK)
        fail_msg("%s, byte %zu: %s (%s)", fault.path, fault.offset, fault.rule, s->hex);
    assert_int_equal(ext.present, (uint32_t)1 << s->ext);
    assert_covered(&heard, 0, 2 + ext.raw.len);
    hf_extensions_write(&b, message, &ext);
    assert_int_equal(hf_wr_finish(&b, &back), HF_OK);
    if (s->ext == HF_EXT_server_name && message & (IN_EE | IN_SH12))
        assert_int_equal(ext.host_name.len, 0);
    assert_int_equal(back.len, 2 + ext.raw.len);
    assert_memory_equal(back.data + 2, ext.raw.data, ext.raw.len);
}

static void test_legal_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        for (size_t m = 0; m < COUNT(each_message); m++)
            if (samples[i].messages & each_message[m])
                check_sample(&samples[i], each_message[m]);
}

static void expect_cut(const sample *s, const events *heard, size_t kept, hf_error e,
                       const hf_fault *fault)
{
    char path[HF_FAULT_PATH_MAX];
    const hf_field *field = field_cut(heard, 2, DATA + kept);

    if (kept >= s->shortest) {
        assert_int_equal(e, HF_OK);
        return;
    }
    assert_non_null(field);
    snprintf(path, sizeof path, "Message.extensions.%s.%s",
             hf_extension_name(hf_extension_type(s->ext)), field->name);
    assert_string_equal(fault->path, path);
    assert_int_equal(e, HF_E_TRUNCATED);
    assert_int_equal(fault->offset, field->offset);
}

static void cut_sample(const sample *s, unsigned message)
{
    static bytes data;
    static events heard;
    hf_field_sink sink = { hear, &heard };
    hf_extensions ext;
    hf_fault fault;

    data.len = heard.n = 0;
    heard.depth = 0;
    add_hex(&data, s->hex);
    assert_int_equal(read_data(s->ext, message, span_of(&data), &ext, &fault, &sink), HF_OK);
    for (size_t kept = 0; kept < data.len; kept++) {
        hf_error e = read_data(s->ext, message, hf_span_of(data.data, kept), &ext, &fault, NULL);
        expect_cut(s, &heard, kept, e, &fault);
    }
    add_uint(&data, 0, 1);
    hf_error e = read_data(s->ext, message, span_of(&data), &ext, &fault, NULL);
    if (s->shortest != EXACT) {
        assert_int_equal(e, HF_OK);
        return;
    }
    assert_int_equal(e, HF_E_TRAILING_BYTES);
    assert_int_equal(fault.offset, DATA + data.len - 1);
    assert_string_equal(fault.path + strlen("Message.extensions."),
                        hf_extension_name(hf_extension_type(s->ext)));
}

/* RFC 9846 4.3, 6: an extension that ends inside a field, or does not end after its last one. */
static void test_cut_and_longer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        for (size_t m = 0; m < COUNT(each_message); m++)
            if (samples[i].messages & each_message[m])
                cut_sample(&samples[i], each_message[m]);
}

/* ---- what the fields hold ---- */

static hf_extensions parse(hf_ext which, unsigned message, const char *hex)
{
    static bytes data;
    hf_extensions ext;
    hf_fault fault;

    data.len = 0;
    add_hex(&data, hex);
    assert_int_equal(read_data(which, message, span_of(&data), &ext, &fault, NULL), HF_OK);
    return ext;
}

/* RFC 6066 3: other name types are skipped, two host names are noted. */
static void test_server_names(void **state)
{
    (void)state;
    hf_extensions ext = parse(HF_EXT_server_name, IN_CH, "000b 07 0003 aabbcc 00 0002 6162");
    assert_true(hf_span_equal(ext.host_name, hf_span_str("ab")) && !ext.sni_two_names);
    ext = parse(HF_EXT_server_name, IN_CH, "0008 00 0001 61 00 0001 62");
    assert_true(hf_span_equal(ext.host_name, hf_span_str("a")) && ext.sni_two_names);
    ext = parse(HF_EXT_server_name, IN_CH, "0003 07 0000");
    assert_true(ext.host_name.len == 0 && ext.present == HF_EXT_BIT(server_name));
}

static void test_key_shares(void **state)
{
    hf_extensions ext = parse(HF_EXT_key_share, IN_CH, "000b 001d 0002 aabb 0a0a 0001 00");
    hf_span rest = ext.key_shares;
    hf_key_share share;

    (void)state;
    assert_true(hf_key_share_next(&rest, &share));
    assert_int_equal(share.group, HF_GROUP_x25519);
    assert_true(hf_span_equal(share.key_exchange, hf_span_str("\xaa\xbb")));
    assert_true(hf_key_share_next(&rest, &share));
    assert_int_equal(share.group, 0x0a0a);
    assert_false(hf_key_share_next(&rest, &share));
    assert_int_equal(parse(HF_EXT_key_share, IN_CH, "0000").key_shares.len, 0);
    assert_int_equal(parse(HF_EXT_key_share, IN_SH, "0017 0001 04").key_share.group,
                     HF_GROUP_secp256r1);
    assert_int_equal(parse(HF_EXT_key_share, IN_HRR, "0018").selected_group, HF_GROUP_secp384r1);
    rest = hf_span_of("\x00\x1d\x00\x02\xaa", 5); /* a broken list ends the walk */
    assert_false(hf_key_share_next(&rest, &share));
    assert_int_equal(rest.len, 0);
}

static void test_lists_of_names(void **state)
{
    hf_extensions ext = parse(HF_EXT_application_layer_protocol_negotiation, IN_CH,
                              "000c 02 6832 08 687474702f312e31");
    hf_span rest = ext.alpn, name;

    (void)state;
    assert_true(hf_name_next(&rest, &name) && hf_span_equal(name, hf_span_str("h2")));
    assert_true(hf_name_next(&rest, &name) && hf_span_equal(name, hf_span_str("http/1.1")));
    assert_false(hf_name_next(&rest, &name));
    ext = parse(HF_EXT_certificate_authorities, IN_CR, "000a 0003 300100 0003 300101");
    rest = ext.authorities;
    assert_true(hf_name16_next(&rest, &name) && name.len == 3);
    assert_true(hf_name16_next(&rest, &name) && name.data[2] == 1);
    assert_false(hf_name16_next(&rest, &name));
}

static void test_values(void **state)
{
    (void)state;
    hf_extensions ext = parse(HF_EXT_supported_versions, IN_CH, "06 7a7a 0304 0303");
    assert_int_equal(hf_list16_count(ext.supported_versions), 3);
    assert_true(hf_list16_has(ext.supported_versions, HF_TLS13));
    assert_false(hf_list16_has(ext.supported_versions, 0x0302));
    assert_int_equal(parse(HF_EXT_supported_versions, IN_SH, "0304").selected_version, HF_TLS13);
    assert_int_equal(parse(HF_EXT_early_data, IN_NST, "00004000").max_early_data_size, 0x4000);
    assert_int_equal(parse(HF_EXT_record_size_limit, IN_EE, "4001").record_size_limit, 16385);
    assert_int_equal(parse(HF_EXT_max_fragment_length, IN_CH, "04").max_fragment_length, 4);
    assert_int_equal(parse(HF_EXT_padding, IN_CH, "01020304").padding, 4);
    assert_int_equal(parse(HF_EXT_pre_shared_key, IN_SH, "0003").selected_identity, 3);
    assert_int_equal(parse(HF_EXT_status_request, IN_CH, "02 ff").status_type, 2);
    assert_int_equal(parse(HF_EXT_status_request, IN_CT, "01 000003 aabbcc").ocsp_response.len, 3);
    assert_int_equal(parse(HF_EXT_cookie, IN_HRR, "0003 aabbcc").cookie.len, 3);
    assert_int_equal(parse(HF_EXT_session_ticket, IN_CH, "aabb").session_ticket.len, 2);
    ext = parse(HF_EXT_pre_shared_key, IN_CH, "0007 0001 61 00000001 0021 " BINDER);
    assert_int_equal(ext.psk_binders_offset, DATA + 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legal_forms),    cmocka_unit_test(test_cut_and_longer),
        cmocka_unit_test(test_server_names),   cmocka_unit_test(test_key_shares),
        cmocka_unit_test(test_lists_of_names), cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
