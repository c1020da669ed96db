/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Names and GeneralNames from words. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/x509_make.h"

enum { WORD_ROOM = 512 };

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "x509_make: %s\n", what);
    abort();
}

/* The next piece of a list, without blanks around it. False at the end. */
static bool next_word(const char **list, const char *separator, char out[WORD_ROOM])
{
    *list += strspn(*list, " ");
    size_t len = strcspn(*list, separator);

    if (**list == '\0')
        return false;
    must(len < WORD_ROOM, *list);
    memcpy(out, *list, len);
    out[len] = '\0';
    *list += len + ((*list)[len] != '\0');
    return true;
}

/* ---- distinguished names ---- */

static hf_span attribute_type(const char *word, size_t len)
{
    static const struct {
        const char *name, *oid;
    } types[] = {
        { "C", "2.5.4.6" },
        { "O", "2.5.4.10" },
        { "OU", "2.5.4.11" },
        { "L", "2.5.4.7" },
        { "ST", "2.5.4.8" },
        { "CN", "2.5.4.3" },
        { "DC", "0.9.2342.19200300.100.1.25" },
        { "E", "1.2.840.113549.1.9.1" },
    };
    char dotted[WORD_ROOM];

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].name) == len && strncmp(types[i].name, word, len) == 0)
            return make_oid(types[i].oid);
    snprintf(dotted, sizeof dotted, "%.*s", (int)len, word);
    return make_oid(dotted);
}

static hf_span attribute_value(const char *value)
{
    static const struct {
        const char *mark;
        uint8_t tag;
    } tags[] = { { "(p)", HF_DER_PRINTABLE_STRING },
                 { "(i)", HF_DER_IA5_STRING },
                 { "(t)", HF_DER_T61_STRING },
                 { "(b)", 0x1e } };

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strncmp(value, tags[i].mark, 3) == 0)
            return make_text(tags[i].tag, value + 3);
    return make_text(HF_DER_UTF8_STRING, value);
}

static hf_span make_rdn(const char *words)
{
    char word[WORD_ROOM];
    hf_span all = { NULL, 0 };

    while (next_word(&words, "+", word)) {
        size_t type_len = strcspn(word, "=");
        must(word[type_len] == '=', word);
        all = make_join(all, MAKE(HF_DER_SEQUENCE, attribute_type(word, type_len),
                                  attribute_value(word + type_len + 1)));
    }
    return make_tlv(HF_DER_SET, all);
}

hf_span make_name(const char *words)
{
    char word[WORD_ROOM];
    hf_span all = { NULL, 0 };

    while (next_word(&words, ",", word))
        all = make_join(all, make_rdn(word));
    return make_tlv(HF_DER_SEQUENCE, all);
}

/* ---- general names ---- */

/* "192.0.2.1", or with "/24" an address and its mask. */
static hf_span ip_bytes(const char *word)
{
    char address[WORD_ROOM];
    uint8_t ip[32] = { 0 };
    const char *slash = strchr(word, '/');

    snprintf(address, sizeof address, "%.*s", (int)strcspn(word, "/"), word);
    size_t len = hf_parse_ip(address, ip);
    must(len > 0, word);
    if (!slash)
        return make_bytes(ip, len);
    for (unsigned bit = 0; bit < strtoul(slash + 1, NULL, 10); bit++)
        ip[len + bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
    return make_bytes(ip, 2 * len);
}

/* AnotherName: a type, and [0] EXPLICIT a value. */
static hf_span other_name(const char *word)
{
    char type[WORD_ROOM];
    size_t len = strcspn(word, "=");

    must(word[len] == '=', word);
    snprintf(type, sizeof type, "%.*s", (int)len, word);
    hf_span value = make_text(HF_DER_UTF8_STRING, word + len + 1);
    return MAKE(HF_DER_CONTEXT_CONS(0), make_oid(type), make_tlv(HF_DER_CONTEXT_CONS(0), value));
}

static hf_span registered_id(const char *word)
{
    hf_span oid = make_oid(word);

    return make_tlv(HF_DER_CONTEXT(8), hf_span_of(oid.data + 2, oid.len - 2));
}

static hf_span dns_name(const char *word)
{
    return make_text(HF_DER_CONTEXT(2), word);
}

static hf_span mail_address(const char *word)
{
    return make_text(HF_DER_CONTEXT(1), word);
}

static hf_span uri(const char *word)
{
    return make_text(HF_DER_CONTEXT(6), word);
}

static hf_span ip_address(const char *word)
{
    return make_tlv(HF_DER_CONTEXT(7), ip_bytes(word));
}

static hf_span directory_name(const char *word)
{
    return make_tlv(HF_DER_CONTEXT_CONS(4), make_name(word));
}

static hf_span x400_address(const char *word)
{
    (void)word;
    return make_tlv(HF_DER_CONTEXT_CONS(3), make_hex("3000"));
}

static hf_span edi_party_name(const char *word)
{
    (void)word;
    return make_tlv(HF_DER_CONTEXT_CONS(5), make_hex("a1020c00"));
}

static hf_span general_name(const char *word)
{
    static const struct {
        const char *kind;
        hf_span (*make)(const char *word);
    } kinds[] = {
        { "dns:", dns_name },      { "email:", mail_address }, { "uri:", uri },
        { "ip:", ip_address },     { "dir:", directory_name }, { "other:", other_name },
        { "rid:", registered_id }, { "x400:", x400_address },  { "edi:", edi_party_name },
        { "raw:", make_hex },
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(word, kinds[i].kind, strlen(kinds[i].kind)) == 0)
            return kinds[i].make(word + strlen(kinds[i].kind));
    must(false, word);
    return hf_span_of(NULL, 0);
}

hf_span make_general_names(const char *words)
{
    char word[WORD_ROOM];
    hf_span all = { NULL, 0 };

    while (next_word(&words, ";", word))
        all = make_join(all, general_name(word));
    return all;
}

/* ---- extension values ---- */

hf_span make_san(const char *words)
{
    return make_tlv(HF_DER_SEQUENCE, make_general_names(words));
}

static hf_span subtrees(uint8_t tag, const char *words)
{
    char word[WORD_ROOM];
    hf_span all = { NULL, 0 };

    if (!words)
        return all;
    while (next_word(&words, ";", word))
        all = make_join(all, make_tlv(HF_DER_SEQUENCE, general_name(word)));
    return make_tlv(tag, all);
}

hf_span make_name_constraints(const char *permitted, const char *excluded)
{
    return MAKE(HF_DER_SEQUENCE, subtrees(HF_DER_CONTEXT_CONS(0), permitted),
                subtrees(HF_DER_CONTEXT_CONS(1), excluded));
}
