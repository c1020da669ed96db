/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Each line is a ticket key: 16 bytes of its name, which every ticket shows, and 32 of the key itself. */
#include "tool/ticket_file.h"

#include <string.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/secret_file.h"

enum { NAME = 16, DIGITS = 2 * HF_TICKET_KEY };

static const char fresh_key[] = "make a line with: openssl rand -hex 48";

typedef struct reading {
    hf_secret_file file;
    unsigned lines[HF_TICKET_KEYS_MAX]; /* where each key stands */
} reading;

/* Two keys of one name: a ticket would be opened with the wrong one. */
static int check_name(const reading *r, const hf_ticket_file *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        if (memcmp(keys->keys[i], keys->keys[keys->n], NAME) == 0)
            return hf_secret_file_refuse(&r->file, fresh_key,
                                         "its name, the first 32 digits, is that of line %u",
                                         r->lines[i]);
    return HF_EXIT_OK;
}

static int add_line(reading *r, hf_ticket_file *keys, hf_span line)
{
    if (keys->n == HF_TICKET_KEYS_MAX)
        return hf_secret_file_refuse(&r->file, "remove the oldest: they stand last",
                                     "at most %d keys are taken", HF_TICKET_KEYS_MAX);
    if (line.len != DIGITS)
        return hf_secret_file_refuse(&r->file, fresh_key,
                                     "a key has %d hex digits, and here are %zu characters", DIGITS,
                                     line.len);
    if (!hf_hex_bytes(line, keys->keys[keys->n]))
        return hf_secret_file_refuse(&r->file, fresh_key,
                                     "there is something else than hex digits");
    r->lines[keys->n] = r->file.line;
    int status = check_name(r, keys);
    keys->n += status == HF_EXIT_OK;
    return status;
}

int hf_ticket_file_read(hf_ticket_file *keys, const char *path)
{
    reading r = { .lines = { 0 } };
    hf_span line;

    keys->n = 0;
    int status =
        hf_secret_file_open(&r.file, path, "--ticket-keys", "ticket keys", "96 hex digits");
    if (status != HF_EXIT_OK)
        return status;
    while (status == HF_EXIT_OK && hf_secret_file_line(&r.file, &line))
        status = add_line(&r, keys, line);
    if (status == HF_EXIT_OK && keys->n == 0) {
        r.file.line = 0;
        status = hf_secret_file_refuse(&r.file, fresh_key, "there is no key in it");
    }
    hf_secret_file_close(&r.file);
    return status;
}
