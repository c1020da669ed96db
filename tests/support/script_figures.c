/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The drawings. As in the RFCs the client's messages stand on the left and the server's on the right;
 * {} is under handshake keys, [] under application keys, () under early-data keys, none in the clear.
 * `if` lists what must hold for the message to be there, ! what must not.
 */
#include "support/script_figures.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* RFC 9846 figure 1, with 4.2.4 (retry), 4.3.10 (early data is offered and refused) and E.4 (CCS). */
static const char tls13_certificate[] =
    "ClientHello\n"
    "ChangeCipherSpec                                   if compat early\n"
    "                        HelloRetryRequest          if retry\n"
    "                        ChangeCipherSpec           if retry compat\n"
    "ChangeCipherSpec                                   if retry compat !early\n"
    "ClientHello                                        if retry\n"
    "                        ServerHello\n"
    "                        ChangeCipherSpec           if compat !retry\n"
    "                        {EncryptedExtensions}\n"
    "                        {CertificateRequest}       if request\n"
    "                        {Certificate}\n"
    "                        {CertificateVerify}\n"
    "                        {Finished}\n"
    "ChangeCipherSpec                                   if compat !retry !early\n"
    "{Certificate}                                      if request\n"
    "{CertificateVerify}                                if request certificate\n"
    "{Finished}\n";

/* RFC 9846 figures 3 and 4. */
static const char tls13_psk[] =
    "ClientHello\n"
    "ChangeCipherSpec                                   if compat early\n"
    "                        HelloRetryRequest          if retry\n"
    "                        ChangeCipherSpec           if retry compat\n"
    "ChangeCipherSpec                                   if retry compat !early\n"
    "ClientHello                                        if retry\n"
    "                        ServerHello\n"
    "                        ChangeCipherSpec           if compat !retry\n"
    "                        {EncryptedExtensions}\n"
    "                        {Finished}\n"
    "ChangeCipherSpec                                   if compat !retry !early\n"
    "(EndOfEarlyData)                                   if accepted\n"
    "{Finished}\n";

/* RFC 5246 figure 1, with RFC 6066 8 (stapling), RFC 8422 5.4 and RFC 5077 figure 1 (ticket). */
static const char tls12_certificate[] =
    "ClientHello\n"
    "                        ServerHello\n"
    "                        Certificate\n"
    "                        CertificateStatus          if stapled\n"
    "                        ServerKeyExchange          if ephemeral\n"
    "                        CertificateRequest         if request\n"
    "                        ServerHelloDone\n"
    "Certificate                                        if request\n"
    "ClientKeyExchange\n"
    "CertificateVerify                                  if request certificate\n"
    "ChangeCipherSpec\n"
    "[Finished]\n"
    "                        NewSessionTicket           if ticket\n"
    "                        ChangeCipherSpec\n"
    "                        [Finished]\n";

/* RFC 4279 2 and RFC 5489 2. */
static const char tls12_psk[] =
    "ClientHello\n"
    "                        ServerHello\n"
    "                        ServerKeyExchange          if ephemeral\n"
    "                        ServerKeyExchange          if hint !ephemeral\n"
    "                        ServerHelloDone\n"
    "ClientKeyExchange\n"
    "ChangeCipherSpec\n"
    "[Finished]\n"
    "                        NewSessionTicket           if ticket\n"
    "                        ChangeCipherSpec\n"
    "                        [Finished]\n";

/* RFC 5246 figure 2, with RFC 5077 figure 2. */
static const char tls12_abbreviated[] =
    "ClientHello\n"
    "                        ServerHello\n"
    "                        NewSessionTicket           if ticket\n"
    "                        ChangeCipherSpec\n"
    "                        [Finished]\n"
    "ChangeCipherSpec\n"
    "[Finished]\n";

static const struct {
    const char *word;
    hf_facts fact;
} words[] = {
    { "compat", HF_F_COMPAT },           { "early", HF_F_EARLY_OFFERED },
    { "accepted", HF_F_EARLY_ACCEPTED }, { "retry", HF_F_RETRY },
    { "request", HF_F_CERT_REQUESTED },  { "certificate", HF_F_CLIENT_CERT },
    { "stapled", HF_F_OCSP_SENT },       { "ephemeral", HF_F_EPHEMERAL },
    { "hint", HF_F_PSK_HINT },           { "ticket", HF_F_TICKET_PROMISED },
};

/* The numbers of IANA's registry "TLS HandshakeType". */
static const struct {
    hf_msg msg;
    int number;
} numbers[] = {
    { HF_MSG_HelloRequest, 0 },
    { HF_MSG_ClientHello, 1 },
    { HF_MSG_ServerHello, 2 },
    { HF_MSG_NewSessionTicket, 4 },
    { HF_MSG_EndOfEarlyData, 5 },
    { HF_MSG_EncryptedExtensions, 8 },
    { HF_MSG_Certificate, 11 },
    { HF_MSG_ServerKeyExchange, 12 },
    { HF_MSG_CertificateRequest, 13 },
    { HF_MSG_ServerHelloDone, 14 },
    { HF_MSG_CertificateVerify, 15 },
    { HF_MSG_ClientKeyExchange, 16 },
    { HF_MSG_Finished, 20 },
    { HF_MSG_CertificateStatus, 22 },
    { HF_MSG_KeyUpdate, 24 },
    { HF_MSG_HelloRetryRequest, SCRIPT_RETRY },
    { HF_MSG_ChangeCipherSpec, SCRIPT_CCS },
};

int script_injection_of(hf_msg msg)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].msg == msg)
            return numbers[i].number;
    return -1;
}

/* ---- reading a drawing ---- */

typedef struct line {
    script_step step;
    hf_facts need, avoid;
} line;

typedef struct drawing {
    const char *text;
    size_t n;
    line lines[24];
} drawing;

static drawing drawings[] = {
    { .text = tls13_certificate }, { .text = tls13_psk },         { .text = tls12_certificate },
    { .text = tls12_psk },         { .text = tls12_abbreviated },
};

static hf_msg msg_named(const char *name, size_t len)
{
    for (int m = HF_MSG_NONE + 1; m < HF_MSG_UNKNOWN; m++) {
        const char *known = hf_msg_name((hf_msg)m);
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return (hf_msg)m;
    }
    assert(!"a message of the drawing is not in the registry");
    return HF_MSG_UNKNOWN;
}

static hf_facts fact_named(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
            return words[i].fact;
    assert(!"a condition of the drawing is not a word of ours");
    return 0;
}

static void read_line(line *l, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    size_t word;

    l->step.writer = *at == ' ' ? HF_SERVER : HF_CLIENT;
    l->step.epoch = HF_PLAIN;
    while (*at == ' ')
        at++;
    if (!isalpha((unsigned char)*at)) {
        l->step.epoch = *at == '{' ? HF_HANDSHAKE : *at == '[' ? HF_APP : HF_EARLY;
        at++;
    }
    word = strcspn(at, " )}]\n");
    l->step.msg = (uint8_t)msg_named(at, word);
    for (at += word; at < end; at += word) {
        at += strspn(at, " )}]");
        bool not = *at == '!';
        at += not ? 1 : 0;
        word = strcspn(at, " \n");
        if (at >= end || word == 0 || (word == 2 && memcmp(at, "if", 2) == 0))
            continue;
        *(not ? &l->avoid : &l->need) |= fact_named(at, word);
    }
}

static const drawing *read_drawing(drawing *d)
{
    if (d->n == 0)
        for (const char *at = d->text; *at; at += strcspn(at, "\n") + 1)
            read_line(&d->lines[d->n++], at, strcspn(at, "\n"));
    return d;
}

static const drawing *drawing_of(hf_facts wire)
{
    bool psk = wire & HF_F_PSK;
    size_t which = wire & HF_F_TLS13 ? (psk ? 1 : 0) : wire & HF_F_RESUMED ? 4 : psk ? 3 : 2;

    return read_drawing(&drawings[which]);
}

script_trace script_draw(hf_facts wire, unsigned ccs_of)
{
    const drawing *d = drawing_of(wire);
    script_trace out = { .n = 0 };

    for (size_t i = 0; i < d->n; i++) {
        const line *l = &d->lines[i];
        bool compat = l->step.msg == HF_MSG_ChangeCipherSpec && (wire & HF_F_TLS13);
        if ((wire & l->need) == l->need && !(wire & l->avoid) &&
            (!compat || (ccs_of >> l->step.writer & 1)))
            out.step[out.n++] = l->step;
    }
    return out;
}

/* ---- traces ---- */

script_trace script_without_ccs(const script_trace *trace)
{
    script_trace out = { .n = 0 };

    for (size_t i = 0; i < trace->n; i++)
        if (trace->step[i].msg != HF_MSG_ChangeCipherSpec)
            out.step[out.n++] = trace->step[i];
    return out;
}

bool script_same_trace(const script_trace *a, const script_trace *b)
{
    return a->n == b->n && memcmp(a->step, b->step, a->n * sizeof *a->step) == 0;
}

bool script_saw(const script_trace *trace, hf_role writer, hf_msg msg)
{
    for (size_t i = 0; i < trace->n; i++)
        if (trace->step[i].writer == writer && trace->step[i].msg == msg)
            return true;
    return false;
}

const char *script_trace_text(const script_trace *trace)
{
    static char text[SCRIPT_STEPS_MAX * 32];
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < trace->n && at < sizeof text; i++) {
        const script_step *s = &trace->step[i];
        int n =
            snprintf(text + at, sizeof text - at, "%c.%s/%s ", s->writer == HF_CLIENT ? 'C' : 'S',
                     hf_msg_name((hf_msg)s->msg), hf_epoch_name(s->epoch));
        at += n > 0 ? (size_t)n : 0;
    }
    return text;
}
