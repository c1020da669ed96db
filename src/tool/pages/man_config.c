/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast-proxy.yaml(5): the keys of the proxy's configuration, from the table that reads it. docs/proxy-reference.md has the same. */
#include <string.h>

#include "tool/pages/pages.h"
#include "tool/proxy/keys.h"
#include "tool/proxy/smallest.h"

#define PAGE "handfast-proxy.yaml"

static const char about[] =
    "What *handfast-proxy-run*(1), *handfast-proxy-check*(1), *handfast-proxy-reload*(1) and "
    "*handfast-proxy-status*(1) read: /etc/handfast/proxy.yaml, unless another file is named. One "
    "YAML document in UTF-8, at most 1 MiB, 16 levels deep, without aliases, anchors and tags. "
    "Unknown keys, keys that stand twice and keys without a value are refused. Relative paths are "
    "relative to the file's folder.\n\n"
    "A duration is a number with ms, s, m, h or d, or of seconds; a size is a number with KiB, MiB "
    "or GiB, or of bytes; true or false is no other word. An address to listen on is ADDRESS:PORT, "
    "\\[::1]:PORT, localhost:PORT, :PORT or \\*:PORT for every IPv4 address, or PORT for "
    "127.0.0.1.\n\n";

static const char example[] =
    "# EXAMPLES\n\nThe smallest useful one:\n\n```\n" HF_PROXY_SMALLEST "```\n\n";

static const char *how_many(const hf_key *key)
{
    return key->shape == HF_SHAPE_MAPS_OR_ONE ? "One or a list: "
           : key->row.list                    ? "A list: "
                                              : "Takes: ";
}

static void standard(FILE *out, const hf_key_row *row)
{
    if (!row->standard)
        fputs(" Must be given.", out);
    else if (*row->standard && strcmp(row->standard, "{}") != 0) {
        fputs(" Without it: ", out);
        sc_bold(out, row->standard);
        fputs(".", out);
    }
}

static void entry(FILE *out, const hf_key *key)
{
    const hf_key_row *row = &key->row;

    sc_bold(out, hf_key_name(key));
    fputs("\n\t", out);
    sc_words(out, row->help);
    fputs("\n\n\t", out);
    sc_words(out, how_many(key));
    sc_words(out, row->kind);
    if (*row->values) {
        fputs(", ", out);
        sc_words(out, row->values);
        fputs(row->list ? " of them" : "", out);
    }
    fputs(".", out);
    standard(out, row);
    fputs("\n\n\tExample: ", out);
    sc_bold(out, row->sample);
    fputs("\n\n", out);
}

static void section(FILE *out, const char *above)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (hf_key_is_below(key, above))
            entry(out, key);
}

static void below(FILE *out, const hf_key *key)
{
    char above[PAGE_NAME_ROOM];

    snprintf(above, sizeof above, "%s%s", key->row.path, key->row.list ? "[]" : "");
    fprintf(out, "## %s\n\n", above); /* scdoc takes titles as they are */
    section(out, above);
}

void page_man_config(const char *folder)
{
    FILE *out = page_open(folder, PAGE ".5.scd");
    const hf_key *key;

    sc_begin(out, PAGE, 5, "The configuration of handfast proxy");
    fputs("# DESCRIPTION\n\n", out);
    fputs(about, out);
    fputs("# KEYS\n\n", out);
    section(out, "");
    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (key->kind == HF_KIND_NONE)
            below(out, key);
    fputs(example, out);
    fputs("# FILES\n\n/etc/handfast/proxy.yaml\n\tThe configuration, if no other is named.\n\n"
          "share/doc/handfast/docs/proxy.md\n\tThe guide: how things are done. "
          "proxy-reference.md beside it has all keys as tables.\n\n",
          out);
    fputs("# SEE ALSO\n\n*handfast-proxy*(1), *handfast-proxy-run*(1), "
          "*handfast-proxy-check*(1)\n",
          out);
    page_close(out);
}
