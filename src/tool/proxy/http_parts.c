/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Characters and words of HTTP (RFC 9110 5.6), and its comma-separated lists. */
#include "tool/proxy/http_parts.h"

bool hf_is_tchar(uint8_t c)
{
    return hf_is_digit(c) || hf_is_letter(c) || (c > ' ' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool hf_is_token(hf_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!hf_is_tchar(text.data[i]))
            return false;
    return text.len > 0;
}

int hf_hex_digit(uint8_t c)
{
    if (hf_is_digit(c))
        return c - '0';
    c = hf_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hf_is_word(hf_span text, const char *word)
{
    return hf_span_equal_text(text, hf_span_str(word));
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

hf_span hf_trim(hf_span text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = hf_span_of(text.data + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool hf_list_next(hf_span *rest, hf_span *element)
{
    while (rest->len > 0) {
        const uint8_t *comma = memchr(rest->data, ',', rest->len);
        size_t n = comma ? (size_t)(comma - rest->data) : rest->len;
        size_t taken = comma ? n + 1 : n;

        *element = hf_trim(hf_span_of(rest->data, n));
        *rest = hf_span_of(rest->data + taken, rest->len - taken);
        if (element->len > 0)
            return true;
    }
    return false;
}

bool hf_head_next(const hf_head *head, const char *name, size_t *at, hf_span *value)
{
    hf_span wanted = hf_span_str(name);

    while (*at < head->n_fields) {
        const hf_head_field *field = &head->fields[(*at)++];

        if (hf_span_equal_text(field->name, wanted)) {
            *value = field->value;
            return true;
        }
    }
    return false;
}
