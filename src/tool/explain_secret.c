/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Secrets by the names that traces, key logs and RFC 9846 give them: what each is made from, and what it opens. */
#include <string.h>
#include <strings.h>

#include "tool/explain.h"

/* A secret may have several spellings: in the RFC, as a label of the key log (RFC 9850), in older texts. */
enum { SPELLINGS = 3 };

static const struct {
    const char *names[SPELLINGS];
    const char *is, *opens, *source;
} rows[] = {
    { { "early_secret" },
      "The first stage of TLS 1.3's key schedule: made from the pre-shared key, or from zeros "
      "where there is none.",
      "nothing by itself: binder_key and the early secrets come from it",
      "RFC 9846 7.1" },
    { { "binder_key" },
      "Made from the Early Secret. The MAC by which a ClientHello proves that its writer has the "
      "pre-shared key is made with it.",
      "nothing",
      "RFC 9846 7.1" },
    { { "client_early_traffic_secret" },
      "Made from the Early Secret and the ClientHello.",
      "0-RTT data, from the client alone",
      "RFC 9846 7.1" },
    { { "early_exporter_secret", "early_exporter_master_secret" },
      "Made from the Early Secret and the ClientHello, for keys of the application in 0-RTT.",
      "nothing of TLS itself",
      "RFC 9846 7.5" },
    { { "handshake_secret" },
      "The second stage: the Early Secret with the result of the key exchange.",
      "nothing by itself: the handshake traffic secrets come from it",
      "RFC 9846 7.1" },
    { { "client_handshake_traffic_secret" },
      "Made from the Handshake Secret and the messages up to ServerHello.",
      "what the client writes until its Finished, that included",
      "RFC 9846 7.1" },
    { { "server_handshake_traffic_secret" },
      "Made from the Handshake Secret and the messages up to ServerHello.",
      "what the server writes from EncryptedExtensions to its Finished: its certificate is in it",
      "RFC 9846 7.1" },
    { { "main_secret" },
      "The third stage: the Handshake Secret with zeros. RFC 8446 called it the master secret.",
      "nothing by itself: the application traffic secrets come from it",
      "RFC 9846 7.1" },
    { { "client_application_traffic_secret_0", "CLIENT_TRAFFIC_SECRET_0",
        "client_application_traffic_secret" },
      "Made from the Main Secret and the messages up to the server's Finished. Each KeyUpdate "
      "makes the next: _1, _2, …",
      "the client's application data",
      "RFC 9846 7.1" },
    { { "server_application_traffic_secret_0", "SERVER_TRAFFIC_SECRET_0",
        "server_application_traffic_secret" },
      "Made from the Main Secret and the messages up to the server's Finished. Each KeyUpdate "
      "makes the next: _1, _2, …",
      "the server's application data, and its tickets",
      "RFC 9846 7.1" },
    { { "exporter_secret", "exporter_master_secret" },
      "Made from the Main Secret, for keys that the application wants of the handshake.",
      "nothing of TLS itself",
      "RFC 9846 7.5" },
    { { "resumption_secret", "resumption_master_secret" },
      "Made from the Main Secret and all messages up to the client's Finished: the pre-shared keys "
      "of tickets come from it.",
      "nothing of this connection; the 0-RTT data of a later one",
      "RFC 9846 7.1" },
    { { "CLIENT_RANDOM" },
      "A label in key logs, for TLS 1.2: after it stand the client's random, by which the "
      "connection is found, and the master secret.",
      "the whole connection, in both directions",
      "RFC 9850 2" },
    { { "write_key", "client_write_key", "server_write_key" },
      "In TLS 1.2, a part of the key_block; in TLS 1.3 made from a traffic secret. Each direction "
      "has its own.",
      "the records of its direction",
      "RFC 5246 6.3" },
};
enum { N = sizeof rows / sizeof *rows };

/* client_application_traffic_secret_3 is the third after _0. */
static bool is_later(const char *word, const char *name)
{
    size_t n = strlen(name);

    return n > 2 && strcmp(name + n - 2, "_0") == 0 && strlen(word) >= n &&
           strncasecmp(word, name, n - 1) == 0 &&
           strspn(word + n - 1, "0123456789N") == strlen(word) - (n - 1);
}

static bool is_asked(const hf_asked *asked, size_t i)
{
    for (size_t k = 0; k < SPELLINGS && rows[i].names[k]; k++)
        if (hf_asked_is(asked, rows[i].names[k]) || is_later(asked->word, rows[i].names[k]))
            return true;
    return false;
}

void hf_explain_secrets(const hf_asked *asked, hf_entries *entries)
{
    hf_entry entry;

    for (size_t i = 0; i < N; i++) {
        if (!is_asked(asked, i))
            continue;
        hf_entry_begin(&entry, "a secret", rows[i].names[0], "");
        hf_entry_line(&entry, "", "%s", rows[i].is);
        hf_entry_line(&entry, "opens", "%s", rows[i].opens);
        hf_entry_line(&entry, "rule", "%s", rows[i].source);
        hf_entries_put(entries, &entry);
    }
}

void hf_explain_each_secret(void (*each)(void *user, const char *name), void *user)
{
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < SPELLINGS && rows[i].names[k]; k++)
            each(user, rows[i].names[k]);
}
