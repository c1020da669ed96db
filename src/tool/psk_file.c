/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* An identity is a name and may be said; of a line that is wrong nothing is, for it may be a key. */
#include "tool/psk_file.h"

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/secret_file.h"

static const char fresh_key[] =
    "a key must be random bytes, not a password; make one with: openssl rand -hex 32";
static const char format[] =
    "write lines of identity:hex, for instance: device1:$(openssl rand -hex 32)";

static const char without_blank[] =
    "take it out: what stands there would count, and nobody would see it";

typedef struct line_parts {
    hf_span identity, digits;
} line_parts;

/* At the last ':', as identities may hold some (MAC addresses, urn:…) and keys hold none. */
static bool split(hf_span line, line_parts *parts)
{
    size_t n = line.len;

    while (n > 0 && line.data[n - 1] != ':')
        n--;
    if (n == 0)
        return false;
    parts->identity = hf_span_of(line.data, n - 1);
    parts->digits = hf_span_of(line.data + n, line.len - n);
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool has_controls(hf_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] == 0x7f)
            return true;
    return false;
}

/* ---- what may be wrong with a line ---- */

static int check_identity(const hf_secret_file *f, hf_span identity)
{
    if (identity.len == 0)
        return hf_secret_file_refuse(f, format, "the identity before the ':' is empty");
    if (is_blank(identity.data[0]))
        return hf_secret_file_refuse(f, without_blank, "a blank stands before the identity");
    if (is_blank(identity.data[identity.len - 1]))
        return hf_secret_file_refuse(f, without_blank,
                                     "a blank stands between the identity and the ':'");
    if (identity.len > HF_PSK_IDENTITY_MAX)
        return hf_secret_file_refuse(f, "choose a shorter name",
                                     "the identity has %zu bytes, at most %d are allowed",
                                     identity.len, HF_PSK_IDENTITY_MAX);
    if (has_controls(identity))
        return hf_secret_file_refuse(f, format, "there is a control character in the identity");
    return HF_EXIT_OK;
}

/* One character, which is none of a key's. */
static int refuse_digit(const hf_secret_file *f, uint8_t c, size_t place)
{
    static const char reason[] = "the key holds something else than hex digits";

    if (c > ' ' && c < 0x7f)
        return hf_secret_file_refuse(f, format, "%s: '%c' at place %zu of it", reason, c, place);
    return hf_secret_file_refuse(f, format, "%s: %s at place %zu of it", reason,
                                 is_blank(c) ? "a blank" : "a byte that is no ASCII letter", place);
}

static int check_digits(const hf_secret_file *f, hf_span digits)
{
    if (digits.len == 0)
        return hf_secret_file_refuse(f, format, "there is no key behind the ':'");
    if (is_blank(digits.data[0]))
        return hf_secret_file_refuse(f, without_blank,
                                     "a blank stands between the ':' and the key");
    size_t n = hf_hex_digits(digits);
    return n == digits.len ? HF_EXIT_OK : refuse_digit(f, digits.data[n], n + 1);
}

static int check_length(const hf_secret_file *f, size_t digits)
{
    if (digits % 2 != 0)
        return hf_secret_file_refuse(f, "was the line cut off?",
                                     "the key has an odd number of digits, %zu", digits);
    if (digits < 2 * HF_PSK_KEY_MIN)
        return hf_secret_file_refuse(f, fresh_key, "the key has %zu byte%s, at least %d are needed",
                                     digits / 2, digits == 2 ? "" : "s", HF_PSK_KEY_MIN);
    if (digits > 2 * HF_PSK_KEY_MAX)
        return hf_secret_file_refuse(f, fresh_key, "the key has %zu bytes, at most %d are taken",
                                     digits / 2, HF_PSK_KEY_MAX);
    return HF_EXIT_OK;
}

/* Which line names it first. */
static unsigned first_line_of(const hf_secret_file *f, hf_span identity)
{
    hf_secret_file again = *f;
    line_parts parts;
    hf_span line;

    again.at = 0;
    again.line = 0;
    while (hf_secret_file_line(&again, &line))
        if (split(line, &parts) && hf_span_equal(parts.identity, identity))
            return again.line;
    return 0;
}

static int refuse(const hf_secret_file *f, hf_error e, hf_span identity)
{
    char name[HF_PSK_NAME_ROOM];

    if (e == HF_E_PSK_TWICE)
        return hf_secret_file_refuse(f, "give each identity one key",
                                     "the identity %s has a key in line %u already",
                                     hf_psk_name(identity, name), first_line_of(f, identity));
    if (e == HF_E_LIMIT)
        return hf_secret_file_refuse(f, "give fewer keys", "at most %d keys are taken",
                                     HF_PSKS_MAX);
    return hf_secret_file_refuse(f, hf_error_row_of(e)->hint, "%s", hf_error_row_of(e)->sentence);
}

/* ---- loading ---- */

static int add_line(const hf_secret_file *f, hf_psks *psks, hf_span line)
{
    uint8_t key[HF_PSK_KEY_MAX];
    line_parts parts;

    if (!split(line, &parts))
        return hf_secret_file_refuse(f, format, "there is no ':' between identity and key");
    int status = check_identity(f, parts.identity);
    if (status == HF_EXIT_OK)
        status = check_digits(f, parts.digits);
    if (status == HF_EXIT_OK)
        status = check_length(f, parts.digits.len);
    if (status != HF_EXIT_OK)
        return status;
    hf_hex_bytes(parts.digits, key);
    hf_error e = hf_psks_add(psks, parts.identity, hf_span_of(key, parts.digits.len / 2));
    hf_wipe(key, sizeof key);
    return e == HF_OK ? HF_EXIT_OK : refuse(f, e, parts.identity);
}

static int check_whole(const hf_secret_file *read, size_t n, const char *wanted, bool found)
{
    hf_secret_file f = *read;

    f.line = 0;
    if (n == 0)
        return hf_secret_file_refuse(&f, format, "there is no key in it");
    if (wanted && !found)
        return hf_secret_file_refuse(
            &f, "correct --psk-identity, or leave it out: the first is taken then",
            "there is no identity %s in it", wanted);
    return HF_EXIT_OK;
}

static int load(hf_psk_file *file, hf_secret_file *f, const char *wanted)
{
    int status = HF_EXIT_OK;
    bool found = false;
    line_parts parts;
    hf_span line;

    while (status == HF_EXIT_OK && hf_secret_file_line(f, &line)) {
        found |=
            wanted && split(line, &parts) && hf_span_equal(parts.identity, hf_span_str(wanted));
        status = add_line(f, file->psks, line);
        file->n++;
    }
    return status == HF_EXIT_OK ? check_whole(f, file->n, wanted, found) : status;
}

int hf_psk_file_load(hf_psk_file *file, const char *path, const char *wanted)
{
    hf_secret_file f;

    *file = (hf_psk_file){ .psks = NULL };
    if (!path)
        return HF_EXIT_OK;
    int status = hf_secret_file_open(&f, path, "--psk-file", "pre-shared keys", "identity:hex");
    if (status != HF_EXIT_OK)
        return status;
    file->psks = hf_psks_new();
    status = file->psks ? load(file, &f, wanted)
                        : hf_complain_row(HF_E_NO_MEMORY, "cannot load the pre-shared keys", path);
    hf_secret_file_close(&f);
    if (status != HF_EXIT_OK)
        hf_psk_file_free(file);
    return status;
}

void hf_psk_file_free(hf_psk_file *file)
{
    hf_psks_free(file->psks);
    *file = (hf_psk_file){ .psks = NULL };
}

const char *hf_psk_name(hf_span identity, char out[HF_PSK_NAME_ROOM])
{
    size_t n = identity.len < HF_PSK_NAME_ROOM ? identity.len : HF_PSK_NAME_ROOM - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = identity.data[i] < ' ' || identity.data[i] == 0x7f ? '?' : (char)identity.data[i];
    out[n] = '\0';
    return out;
}
