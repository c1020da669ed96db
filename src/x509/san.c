/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* GeneralNames: their shape when a certificate is parsed, and walking over them afterwards. */
#include "x509/parts.h"

/* The choices of GeneralName (RFC 5280 4.2.1.6) by tag number. */
static const struct {
    bool constructed, ascii;
    hf_san_kind kind;
} choices[] = {
    { true, false, HF_SAN_OTHER },  /* otherName */
    { false, true, HF_SAN_EMAIL },  /* rfc822Name */
    { false, true, HF_SAN_DNS },    /* dNSName */
    { true, false, HF_SAN_OTHER },  /* x400Address */
    { true, false, HF_SAN_OTHER },  /* directoryName */
    { true, false, HF_SAN_OTHER },  /* ediPartyName */
    { false, true, HF_SAN_URI },    /* uniformResourceIdentifier */
    { false, false, HF_SAN_IP },    /* iPAddress */
    { false, false, HF_SAN_OTHER }, /* registeredID */
};

static bool is_ascii(hf_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == 0 || text.data[i] >= 0x80)
            return false;
    return text.len > 0;
}

static hf_span read_choice(hf_reader *r, hf_san_kind *kind, const char *field)
{
    uint8_t tag = 0;
    hf_span name = hf_der_any(r, &tag, field);
    size_t number = tag & 0x1f;

    *kind = HF_SAN_OTHER;
    if (!hf_rd_ok(r))
        return name;
    if (number >= sizeof choices / sizeof *choices ||
        tag !=
            (choices[number].constructed ? HF_DER_CONTEXT_CONS(number) : HF_DER_CONTEXT(number))) {
        hf_rd_refuse(r, HF_E_CERT_DER, name.len, field, "tag %02x is not a choice of GeneralName",
                     tag);
        return hf_span_of(NULL, 0);
    }
    *kind = choices[number].kind;
    if (choices[number].ascii && !is_ascii(name))
        hf_rd_refuse(r, HF_E_CERT_DER, name.len, field, "a name that is empty or not ASCII");
    if (*kind == HF_SAN_IP && name.len != 4 && name.len != 16)
        hf_rd_refuse(r, HF_E_CERT_DER, name.len, field, "an address of %zu bytes, 4 or 16 allowed",
                     name.len);
    return name;
}

/* The only choice whose tag is explicit: a Name with its own tag is inside. */
static void check_directory_name(hf_reader *r)
{
    hf_reader wrapped = hf_der_open(r, HF_DER_CONTEXT_CONS(4), "directoryName");

    hf_name_read(&wrapped, "directoryName");
    hf_rd_end(&wrapped);
}

void hf_general_name_check(hf_reader *r, const char *field)
{
    hf_san_kind kind;

    if (hf_der_peek(r) == HF_DER_CONTEXT_CONS(4))
        check_directory_name(r);
    else
        read_choice(r, &kind, field);
}

void hf_san_check(hf_reader *value, const char *field)
{
    size_t n = 0;

    do {
        hf_general_name_check(value, field);
        if (++n > HF_CERT_SANS_MAX)
            hf_rd_refuse(value, HF_E_CERT_DER, 0, field, "more than %d names", HF_CERT_SANS_MAX);
    } while (hf_rd_left(value) > 0);
}

bool hf_san_next(hf_span *rest, hf_san_kind *kind, hf_span *name)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(*rest, "GeneralNames", 0, &fault, NULL);

    if (rest->len == 0)
        return false;
    *name = read_choice(&r, kind, "GeneralName");
    *rest = hf_rd_ok(&r) ? hf_span_of(r.p, hf_rd_left(&r)) : hf_span_of(NULL, 0);
    return hf_rd_ok(&r);
}
