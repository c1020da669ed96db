/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Sentences and hints by the row that a failure counts in. */
#include "tool/proxy/fail_words.h"

#include <stdio.h>
#include <string.h>

typedef struct words {
    hf_fail_reason reason;
    hf_blame blame;       /* of one that the proxy ended itself */
    const char *sentence; /* the same; NULL: the library's */
    const char *hint;     /* NULL: the library's */
} words;

static const words rows[] = {
    { HF_FAIL_name, HF_BLAME_POLICY, "no site has the name that the client asked for",
      "if it should be served, add it to a site's names; a site of the name default takes all "
      "others" },
    { HF_FAIL_unavailable, HF_BLAME_CONFIG, "the site has no certificate that could be shown",
      "handfast proxy status says which file is wrong, and why" },
    { HF_FAIL_spare_refused, HF_BLAME_CONFIG,
      "the site is unavailable, and the client refused the certificate that stands in for its own",
      "handfast proxy status says which file is wrong, and why" },
    { HF_FAIL_timeout, HF_BLAME_NETWORK, "the handshake took longer than limits.handshake",
      "the client or the network is slow, or it only holds the connection" },
    { HF_FAIL_aborted, HF_BLAME_US, "the proxy ended the handshake",
      "it stops, or is short of memory; its log says more" },
    { HF_FAIL_alpn, HF_BLAME_POLICY, NULL,
      "in http mode clients must offer http/1.1 or no ALPN at all, in tcp mode one of the site's "
      "alpn" },
    { HF_FAIL_closed, HF_BLAME_PEER, NULL,
      "he gave no reason: a health check or a scanner, or a client that does not trust what it "
      "saw" },
    { HF_FAIL_no_certificate, HF_BLAME_POLICY, NULL,
      "the client needs a certificate of a CA in the site's client_auth.ca" },
    { HF_FAIL_no_certificate_12, HF_BLAME_POLICY, NULL,
      "the client needs a certificate of a CA in the site's client_auth.ca" },
    { HF_FAIL_client_ca, HF_BLAME_PEER, NULL,
      "the client's certificate is of another CA than client_auth.ca holds, or it sent no "
      "intermediate" },
    { HF_FAIL_distrusted_ca, HF_BLAME_PEER, NULL,
      "the client does not know the CA: is the site's chain file whole, with all intermediates? If "
      "so, the client must be given the CA" },
    { HF_FAIL_distrusted_bad, HF_BLAME_PEER, NULL,
      "the client did not accept the site's certificate, perhaps for its name; its own log says "
      "more" },
    { HF_FAIL_distrusted_expired, HF_BLAME_PEER, NULL,
      "the site's certificate has expired, or the client's clock is wrong" },
};

/* Not by what the client or the library did: the proxy's own words are the better ones. */
static bool ended_it(const hf_failure *failure)
{
    return failure->code == HF_E_ABORTED || failure->code == HF_E_TIMEOUT ||
           hf_fail_reason_of(failure) == HF_FAIL_spare_refused;
}

static const words *row_of(hf_fail_reason reason)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].reason == reason)
            return &rows[i];
    return NULL;
}

const char *hf_fail_hint_of(hf_fail_reason reason)
{
    const words *row = row_of(reason);

    return row ? row->hint : NULL;
}

/* The library's hints speak to those who run its commands: an option of theirs is none of the proxy's. */
static const char *hint_of(const words *own, const hf_error_row *error)
{
    if (own && own->hint)
        return own->hint;
    return strstr(error->hint, "--")
               ? "its trace shows the message, if the configuration names a folder for them (state)"
               : error->hint;
}

hf_fail_words hf_fail_words_of(const hf_failure *failure)
{
    const hf_error_row *error = hf_error_row_of(failure->code);
    const words *own = row_of(hf_fail_reason_of(failure));
    bool ended = own && own->sentence && ended_it(failure);

    return (hf_fail_words){ .sentence = ended ? own->sentence : error->sentence,
                            .source = ended ? "" : error->source,
                            .hint = hint_of(own, error),
                            .blame = ended ? own->blame : failure->blame };
}

char *hf_fail_text(const hf_failure *failure, char *text, size_t room)
{
    hf_fail_words own = hf_fail_words_of(failure);

    if (!ended_it(failure))
        return hf_failure_text(failure, text, room);
    bool said = failure->alert_direction != HF_ALERT_NOT_SENT;
    snprintf(text, room, "%s%s%s", own.sentence,
             !said                                           ? ""
             : failure->alert_direction == HF_ALERT_RECEIVED ? ", as it said by "
                                                             : ", told by ",
             said ? hf_alert_name(failure->alert) : "");
    return text;
}
