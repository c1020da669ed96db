/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Captures: which of their connections are TLS, which one is shown, and where the capture stopped making sense. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "explain/capture.h"
#include "explain/story.h"
#include "tool/exit.h"
#include "tool/explain.h"
#include "tool/say.h"
#include "tool/trace_out.h"

enum {
    KEYLOG_MAX = 64 << 20, /* bytes */
    LISTED = 40            /* connections, in the list */
};

typedef struct job {
    const hf_explain_options *o;
    hf_capture capture;
    const hf_tcp *tls[HF_STREAMS_MAX];
    size_t n;
    size_t chosen;
} job;

/* ---- secrets ---- */

static int read_keylog(job *j)
{
    uint8_t *bytes;
    size_t len, before = j->capture.keylog.n;

    if (!j->o->keylog)
        return HF_EXIT_OK;
    hf_error e = hf_os_read_file(j->o->keylog, KEYLOG_MAX, &bytes, &len);
    if (e != HF_OK) {
        int why = errno;
        hf_error_what("the key log cannot be read");
        hf_error_why("%s: %s", j->o->keylog,
                     e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
        hf_error_next("give the file that SSLKEYLOGFILE named: --keylog FILE");
        return HF_EXIT_USAGE;
    }
    e = hf_keylog_read(&j->capture.keylog, hf_span_of(bytes, len));
    hf_os_free(bytes, len);
    if (e != HF_OK)
        return hf_complain_row(e, "the key log cannot be read", j->o->keylog);
    if (j->capture.keylog.n == before)
        hf_warn("%s holds no line of a key log: what is encrypted stays so", j->o->keylog);
    return HF_EXIT_OK;
}

static void warn_of_secrets(const job *j, const hf_tape *tape)
{
    if (j->o->keylog && j->capture.keylog.n > 0 && tape->n_secrets == 0)
        hf_warn("%s holds no secrets of this connection: what is encrypted stays so", j->o->keylog);
}

/* ---- which ---- */

static void find_tls(job *j)
{
    for (size_t i = 0; i < j->capture.n; i++) {
        size_t at[2];
        if (hf_dissect_is_tls(&j->capture.tcp[i], at))
            j->tls[j->n++] = &j->capture.tcp[i];
    }
}

static void list_one(const hf_capture *capture, const hf_tcp *tcp, size_t number)
{
    char outcome[HF_WORDS_ROOM];
    hf_tape *tape = NULL;
    hf_story *story = NULL;

    if (hf_dissect(tcp, &capture->keylog, &tape) == HF_OK)
        story = hf_story_of(tape);
    if (story) {
        const char *version = hf_name_of(HF_NAMES_VERSIONS, story->end.version);
        bool named = story->connected || !version; /* by the outcome, or not at all */
        hf_note_lines("  %3zu  %s > %s  %s, %s%s%s\n", number, tape->client, tape->server,
                      *tape->target ? tape->target : tape->server, named ? "" : version,
                      named ? "" : ", ", hf_story_outcome(story, outcome));
    }
    hf_story_free(story);
    hf_tape_free(tape);
}

/* Beside what is shown, so that nobody takes the first for all. */
static void list(const job *j)
{
    if (j->n < 2 || hf_option_given(hf_command_named("explain"), j->o, "stream"))
        return;
    hf_note_lines("%s holds %zu TLS connections; the first is shown. Another one: handfast explain "
                  "--stream N\n",
                  j->o->what, j->n);
    for (size_t i = 0; i < j->n && i < LISTED; i++)
        list_one(&j->capture, j->tls[i], i + 1);
    if (j->n > LISTED)
        hf_note_lines("  … and %zu more\n", j->n - LISTED);
}

static void warn_of_the_rest(const job *j)
{
    const hf_capture *c = &j->capture;

    if (c->left_out > 0)
        hf_warn("%zu TCP connections were left out: only the first %d are looked at", c->left_out,
                HF_STREAMS_MAX);
    if (c->odd > 0)
        hf_warn("%llu packets could not be read as TCP; the first is packet %llu: %s",
                (unsigned long long)c->odd, (unsigned long long)c->oddity.packet, c->oddity.why);
}

/* ---- what is wrong ---- */

static void place(const job *j, char *out, size_t room)
{
    const hf_complaint *c = &j->capture.complaint;

    snprintf(out, room, "%s: after packet %llu, byte %zu of the file: %s", j->o->what,
             (unsigned long long)(c->packet > 0 ? c->packet - 1 : 0), c->offset, c->why);
}

static int explain_none(const job *j)
{
    const hf_capture *c = &j->capture;
    char where[HF_TAPE_NOTE_MAX + 512];

    if (c->complaint.happened) {
        place(j, where, sizeof where);
        hf_error_what("%s, and what came before is no TLS",
                      hf_error_row_of(HF_E_CAPTURE)->sentence);
        hf_error_why("%s", where);
    } else {
        hf_error_what("there is no TLS in this capture");
        hf_error_why("%s: %llu packets, %zu TCP connections, and none begins as TLS does",
                     j->o->what, (unsigned long long)c->packets, c->n);
    }
    hf_error_next("capture a connection from its beginning, with whole packets: tcpdump -s 0 -w "
                  "FILE port 443");
    return HF_EXIT_USAGE;
}

static int no_such_stream(const job *j)
{
    hf_error_what("there is no TLS connection %ld in this capture", j->o->stream);
    hf_error_why("%s holds %zu", j->o->what, j->n);
    hf_error_next("give --stream a number from 1 to %zu", j->n);
    return HF_EXIT_USAGE;
}

static int explain_end(const job *j)
{
    char where[HF_TAPE_NOTE_MAX + 512];

    if (!j->capture.complaint.happened)
        return HF_EXIT_OK;
    hf_out_flush();
    place(j, where, sizeof where);
    hf_error_what("%s", hf_error_row_of(HF_E_CAPTURE)->sentence);
    hf_error_why("%s", where);
    hf_error_next("%s", hf_error_row_of(HF_E_CAPTURE)->hint);
    return HF_EXIT_FINDING;
}

/* ---- showing ---- */

static int show(const job *j)
{
    hf_tape *tape = NULL;
    hf_error e = hf_dissect(j->tls[j->chosen], &j->capture.keylog, &tape);

    if (e != HF_OK)
        return hf_complain_row(e, "the connection cannot be shown", j->o->what);
    snprintf(tape->origin, sizeof tape->origin, "%.160s, TLS connection %zu of %zu", j->o->what,
             j->chosen + 1, j->n);
    warn_of_secrets(j, tape);
    int status = hf_trace_show(tape, &j->o->show);
    hf_tape_free(tape);
    return status;
}

static int explain(job *j)
{
    int status = read_keylog(j);

    if (status != HF_EXIT_OK)
        return status;
    find_tls(j);
    if (j->n == 0)
        return explain_none(j);
    if ((size_t)j->o->stream > j->n)
        return no_such_stream(j);
    j->chosen = (size_t)j->o->stream - 1;
    list(j);
    warn_of_the_rest(j);
    status = show(j);
    return status == HF_EXIT_OK ? explain_end(j) : status;
}

int hf_explain_capture(hf_span file, const hf_explain_options *options)
{
    static job j; /* large, and one a process */
    int status;

    memset(&j, 0, sizeof j);
    j.o = options;
    hf_error e = hf_capture_read(&j.capture, file);
    if (e == HF_OK || e == HF_E_CAPTURE)
        status = explain(&j);
    else
        status = hf_complain_row(e, "the capture cannot be read", options->what);
    hf_capture_free(&j.capture);
    return status;
}
