/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast explain`: what the word is, a file or a code; and files that are traces of ours. */
#include "tool/explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <handfast/os.h>
#include "explain/capture.h"
#include "explain/outputs.h"
#include "tool/exit.h"
#include "tool/failures.h"
#include "tool/misuse.h"
#include "tool/say.h"
#include "tool/trace_out.h"

/* ---- saved traces ---- */

static void warn_of_options(const hf_explain_options *o)
{
    const hf_command *command = hf_command_named("explain");

    if (o->keylog)
        hf_warn("--keylog is for captures: what a saved trace could not read stays unread");
    if (hf_option_given(command, o, "stream"))
        hf_warn("--stream is for captures: a saved trace holds one connection");
}

static int explain_trace(hf_span file, const hf_explain_options *o)
{
    char why[HF_WHY_ROOM] = "";
    hf_tape *tape = NULL;
    hf_error e = hf_tape_from_json(file, &tape, why);

    if (e == HF_E_NO_MEMORY)
        return hf_complain_row(e, "the trace cannot be read", o->what);
    if (e != HF_OK) {
        hf_error_what("%s", hf_error_row_of(HF_E_TRACE_FORMAT)->sentence);
        hf_error_why("%s: %s", o->what, why);
        hf_error_next("%s", hf_error_row_of(HF_E_TRACE_FORMAT)->hint);
        return HF_EXIT_USAGE;
    }
    warn_of_options(o);
    int status = hf_trace_show(tape, &o->show);
    hf_tape_free(tape);
    return status;
}

/* ---- what is it? ---- */

/* Files that come here by mistake, by their first bytes. */
static const struct {
    const char *bytes;
    const char *is, *next;
} mistaken[] = {
    { "\x1f\x8b", "it is compressed (gzip)", "unpack it first: gunzip FILE" },
    { "\xfd"
      "7zXZ",
      "it is compressed (xz)", "unpack it first: unxz FILE" },
    { "\x28\xb5\x2f\xfd", "it is compressed (zstd)", "unpack it first: unzstd FILE" },
    { "-----BEGIN", "it is PEM: certificates or keys", "look at it with: handfast cert inspect" },
    { "<!doctype", "it is a page, which cannot be read back",
      "give the JSON or the capture of the same run" },
    { "CLIENT_", "it looks like a key log",
      "give it beside a capture: handfast explain --keylog KEYS CAPTURE" },
    { "SERVER_", "it looks like a key log",
      "give it beside a capture: handfast explain --keylog KEYS CAPTURE" },
};

static int explain_no(hf_span file, const hf_explain_options *o)
{
    const char *is = file.len == 0 ? "it is empty" : "its first bytes are those of none of these",
               *next = "give what handfast trace --json or tcpdump -w wrote";

    for (size_t i = 0; i < sizeof mistaken / sizeof *mistaken; i++) {
        size_t n = strlen(mistaken[i].bytes);
        if (file.len >= n && memcmp(file.data, mistaken[i].bytes, n) == 0) {
            is = mistaken[i].is;
            next = mistaken[i].next;
        }
    }
    hf_error_what("the file is neither a trace of handfast's nor a pcap or pcapng capture");
    hf_error_why("%s: %s", o->what, is);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}

static bool is_json(hf_span file)
{
    size_t i = 0;

    while (i < file.len && strchr(" \t\r\n", file.data[i]) && file.data[i])
        i++;
    return i < file.len && file.data[i] == '{';
}

static int explain_bytes(hf_span file, const hf_explain_options *o)
{
    if (hf_capture_is(file))
        return hf_explain_capture(file, o);
    return is_json(file) ? explain_trace(file, o) : explain_no(file, o);
}

/* The file would lie in the folder where failures are kept for a while. */
static bool was_a_failure(const char *path)
{
    char kept[HF_TRACE_PATH_MAX], folder[HF_TRACE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct stat a, b;

    if (!slash ||
        snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path) >= (int)sizeof folder)
        return false;
    return hf_failures_folder(kept) && stat(kept, &a) == 0 && stat(folder, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int explain_file(const hf_explain_options *o)
{
    const char *path = strcmp(o->what, "-") == 0 ? "/dev/stdin" : o->what;
    uint8_t *bytes;
    size_t len;
    hf_error e = hf_os_read_file(path, HF_CAPTURE_MAX, &bytes, &len);

    if (e == HF_OK) {
        int status = explain_bytes(hf_span_of(bytes, len), o);
        hf_os_free(bytes, len);
        return status;
    }
    int why = errno;
    hf_error_what("the file cannot be read");
    hf_error_why("%s: %s", o->what,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    if (why == ENOENT && was_a_failure(path))
        hf_error_next("only the last %d failures are kept; those that are there: ls -t '%.*s'",
                      HF_FAILURES_KEPT, (int)(strrchr(path, '/') - path), path);
    else
        hf_error_next(why == EFBIG ? "give less: a capture of the connection alone, at most 256 MB"
                                   : "give a trace, a capture, or a code: handfast explain 40");
    return HF_EXIT_USAGE;
}

bool hf_explain_is_file_name(const char *word)
{
    static const char *const ends[] = { ".json", ".pcap", ".pcapng", ".cap", ".dmp", ".html" };
    size_t len = strlen(word);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len > strlen(ends[i]) && strcmp(word + len - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* A word that nobody would use for a code. */
static bool looks_like_file(const char *word)
{
    return strcmp(word, "-") == 0 || strchr(word, '/') || hf_explain_is_file_name(word);
}

static bool is_there(const char *word)
{
    struct stat s;

    return stat(word, &s) == 0;
}

static void warn_of_two(const char *word)
{
    if (!looks_like_file(word) && hf_explain_knows(word))
        hf_note_lines(
            "%s is a file here; for the code of that name:\n    handfast explain --code %s\n", word,
            word);
}

/* What only a handshake has. NULL: none of them was given. */
static const char *not_for_codes(const hf_explain_options *o)
{
    return o->show.html           ? "--html"
           : o->show.pcapng       ? "--pcapng"
           : o->show.show_secrets ? "--show-secrets"
           : o->keylog            ? "--keylog"
                                  : NULL;
}

static int explain_code(const hf_explain_options *o)
{
    const char *option = not_for_codes(o);

    if (!option)
        return hf_explain_code(o->what, &o->show);
    if (o->code)
        return hf_misuse("--code goes with --json alone",
                         "a code has no page, no capture and no secrets", "leave the others out");
    hf_error_what("%s is for traces and captures", option);
    hf_error_why("there is no file %s, and a code has no page, no capture and no secrets", o->what);
    hf_error_next("leave %s out, or give a file", option);
    return HF_EXIT_USAGE;
}

int hf_cmd_explain(const hf_explain_options *o)
{
    int status = hf_trace_check(&o->show);

    if (status != HF_EXIT_OK)
        return status;
    if (o->code)
        return explain_code(o);
    if (!is_there(o->what) && (!looks_like_file(o->what) || hf_explain_knows(o->what)))
        return explain_code(o);
    warn_of_two(o->what);
    return explain_file(o);
}
