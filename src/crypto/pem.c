/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The textual encoding of RFC 7468: finding, decoding and writing blocks. Text outside of blocks
   is ignored. What a block means is others' business. */
#include "crypto/pem.h"

#include "crypto/base64.h"

enum { LINE = 64 };

static const char dashes[] = "-----";

/* Takes `prefix` off the front of *text. */
static bool take(hf_span *text, const char *prefix)
{
    size_t len = strlen(prefix);

    if (text->len < len || memcmp(text->data, prefix, len) != 0)
        return false;
    *text = hf_span_of(text->data + len, text->len - len);
    return true;
}

static hf_span take_line(hf_span *text)
{
    const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    size_t len = end ? (size_t)(end - text->data) : text->len;
    hf_span line = { text->data, len };

    if (text->len > 0)
        *text = hf_span_of(text->data + len + (end ? 1 : 0), text->len - len - (end ? 1 : 0));
    while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == ' ' ||
                            line.data[line.len - 1] == '\t'))
        line.len--;
    return line;
}

/* "-----BEGIN label-----" or END: the label, or data NULL. */
static hf_span label_of(hf_span line, const char *word)
{
    size_t tail = sizeof dashes - 1;

    if (!take(&line, dashes) || !take(&line, word) || line.len < tail ||
        memcmp(line.data + line.len - tail, dashes, tail) != 0)
        return (hf_span){ NULL, 0 };
    return hf_span_of(line.data, line.len - tail);
}

bool hf_pem_find(hf_span *text, hf_pem_block *block)
{
    hf_span rest = *text;

    while (rest.len > 0) {
        const uint8_t *start = rest.data;
        hf_span label = label_of(take_line(&rest), "BEGIN ");

        if (!label.data)
            continue;
        *block = (hf_pem_block){ .label = label, .body = { rest.data, 0 } };
        while (rest.len > 0 && !block->closed) {
            const uint8_t *at = rest.data;
            hf_span end = label_of(take_line(&rest), "END ");

            block->closed = end.data && hf_span_equal(end, label);
            block->body.len = (size_t)(at - block->body.data);
        }
        block->whole = hf_span_of(start, (size_t)(rest.data - start));
        *text = rest;
        return true;
    }
    *text = rest;
    return false;
}

hf_error hf_pem_decode(const hf_pem_block *block, uint8_t **der, size_t *len)
{
    size_t room = block->body.len;
    uint8_t *out;

    if (!block->closed)
        return HF_E_CONFIG_PEM;
    out = hf_alloc(room);
    if (!out)
        return HF_E_NO_MEMORY;
    if (hf_base64_decode(block->body, out, len) && *len > 0) {
        *der = out;
        return HF_OK;
    }
    hf_free_secret(out, room);
    return HF_E_CONFIG_PEM;
}

hf_error hf_pem_next(hf_span *pem, const char *label, uint8_t **der, size_t *len)
{
    hf_pem_block block;

    while (hf_pem_find(pem, &block)) {
        if (!hf_span_equal(block.label, hf_span_str(label)))
            continue;
        hf_error e = hf_pem_decode(&block, der, len);
        if (e != HF_OK)
            *pem = hf_span_of(block.whole.data, (size_t)(pem->data + pem->len - block.whole.data));
        return e;
    }
    return HF_E_CONFIG_PEM;
}

static char *put_edge(char *at, const char *word, const char *label)
{
    const char *const parts[] = { dashes, word, label, dashes, "\n" };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        memcpy(at, parts[i], strlen(parts[i]));
        at += strlen(parts[i]);
    }
    return at;
}

hf_error hf_pem_write(const char *label, hf_span der, uint8_t **pem, size_t *len)
{
    const size_t step = LINE / 4 * 3, edges = 2 * (2 * strlen(dashes) + strlen(label) + 1) + 10;
    size_t lines = (der.len + step - 1) / step;
    char *text = hf_alloc(edges + hf_base64_len(der.len) + lines + 1);
    char *at;

    if (!text)
        return HF_E_NO_MEMORY;
    at = put_edge(text, "BEGIN ", label);
    for (size_t i = 0; i < der.len; i += step) {
        size_t now = der.len - i < step ? der.len - i : step;

        hf_base64_encode(hf_span_of(der.data + i, now), at);
        at += hf_base64_len(now);
        *at++ = '\n';
    }
    at = put_edge(at, "END ", label);
    *pem = (uint8_t *)text;
    *len = (size_t)(at - text);
    return HF_OK;
}
