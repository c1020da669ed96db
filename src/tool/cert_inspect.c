/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert inspect: every certificate of a file or server, in words, as JSON or field by field. Nothing is
   verified. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <handfast/cert.h>
#include "base/bytes.h"
#include "base/clock.h"
#include "tool/cert_bag.h"
#include "tool/cert_dump.h"
#include "tool/cert_text.h"
#include "tool/cert_words.h"
#include "tool/connect_run.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/misuse.h"
#include "tool/moment.h"
#include "tool/options.h"
#include "tool/say.h"
#include "x509/summary.h"

enum { SAN_ROOM = 600 };

/* The certificate is what was to be looked at, so a damaged one is a finding. */
static int refuse_certificate(const char *path, size_t i, hf_span der, hf_error e)
{
    hf_fault fault = { .code = HF_OK };
    hf_cert cert;

    hf_cert_parse(&cert, der, &fault);
    hf_error_what("certificate %zu of %s cannot be read", i, path);
    if (fault.code != HF_OK)
        hf_error_why("%s, byte %zu: %s", fault.path, fault.offset,
                     *fault.rule ? fault.rule : hf_error_row_of(e)->sentence);
    else
        hf_error_why("%s", hf_error_row_of(e)->sentence);
    hf_error_next("%s", hf_error_row_of(e)->hint);
    return HF_EXIT_FINDING;
}

/* ---- JSON ---- */

static json_t *sans_json(const hf_cert *cert)
{
    json_t *list = json_array();
    hf_san_kind kind;
    hf_span name;
    char text[SAN_ROOM];

    for (hf_span rest = cert->san; hf_san_next(&rest, &kind, &name);) {
        hf_san_text(kind, name, text, sizeof text);
        json_array_append_new(list, hf_json_text(text));
    }
    return list;
}

static json_t *extensions_json(const hf_cert *cert)
{
    json_t *list = json_array();
    hf_extension_words x;

    for (hf_span rest = hf_cert_extensions_of(cert); hf_cert_words_next(&rest, &x);) {
        json_t *o = json_object();
        json_object_set_new(o, "oid", hf_json_text(x.oid));
        json_object_set_new(o, "name", hf_json_text(x.name));
        json_object_set_new(o, "critical", json_boolean(x.critical));
        json_object_set_new(o, "words", hf_json_text(x.words));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *cert_json(const hf_cert_summary *s, const hf_cert *cert)
{
    json_t *o = json_object();

    json_object_set_new(o, "subject", hf_json_text(s->subject));
    json_object_set_new(o, "issuer", hf_json_text(s->issuer));
    json_object_set_new(o, "serial", hf_json_text(s->serial));
    json_object_set_new(o, "is_ca", json_boolean(s->is_ca));
    json_object_set_new(o, "sans", sans_json(cert));
    json_object_set_new(o, "usage", hf_json_text(s->usage));
    json_object_set_new(o, "not_before", hf_json_time(s->not_before));
    json_object_set_new(o, "not_after", hf_json_time(s->not_after));
    json_object_set_new(o, "key", hf_json_text(s->key));
    json_object_set_new(o, "signature", hf_json_text(s->signature));
    json_object_set_new(o, "sha256", hf_json_text(s->fingerprint));
    json_object_set_new(o, "extensions", extensions_json(cert));
    return o;
}

static int print_json(const char *path, bool is_host, json_t *list)
{
    json_t *o = json_object();

    json_object_set_new(o, "schema", json_string("handfast.cert-inspect/1"));
    json_object_set_new(o, "file", hf_json_text(is_host ? NULL : path));
    json_object_set_new(o, "host", hf_json_text(is_host ? path : NULL));
    json_object_set_new(o, "certificates", list);
    return hf_json_print(o, true);
}

/* ---- words ---- */

static void show_extensions(const hf_cert *cert)
{
    hf_extension_words x;

    for (hf_span rest = hf_cert_extensions_of(cert); hf_cert_words_next(&rest, &x);)
        hf_out_lines("  %-13s %s%s: %s\n", "extension", x.name, x.critical ? " (critical)" : "",
                     x.words);
}

static int show_dump(const char *path, const hf_cert_bag *bag)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < bag->n; i++) {
        if (bag->n > 1)
            hf_out_lines("%s" HF_BOLD "Certificate %zu of %zu of %s" HF_PLAIN "\n",
                         i > 0 ? "\n" : "", i + 1, bag->n, path);
        if (!hf_cert_dump(bag->der[i]))
            status = refuse_certificate(path, i + 1, bag->der[i], HF_E_CERT_DER);
    }
    return status;
}

static int show(const hf_cert_inspect_options *options, const hf_cert_bag *bag, bool is_host)
{
    json_t *list = json_array();
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < bag->n; i++) {
        hf_cert_summary summary;
        hf_cert cert;
        hf_error e = hf_cert_summarize(bag->der[i], &summary);
        if (e != HF_OK || hf_cert_parse(&cert, bag->der[i], NULL) != HF_OK) {
            status = refuse_certificate(options->file, i + 1, bag->der[i], e);
        } else if (options->json) {
            json_array_append_new(list, cert_json(&summary, &cert));
        } else {
            hf_cert_text_whole(&summary, i + 1, bag->n);
            show_extensions(&cert);
        }
    }
    if (!options->json) {
        json_decref(list);
        return status;
    }
    int printed = print_json(options->file, is_host, list);
    return status != HF_EXIT_OK ? status : printed;
}

/* ---- the calendar ---- */

/* The one that expires first is the one to be renewed. */
static int check_expiry(const hf_cert_inspect_options *o, const hf_cert_bag *bag, int64_t within)
{
    int64_t now = hf_clock_wall(), soonest = INT64_MAX;
    char left[HF_WHEN_ROOM], subject[HF_CERT_TEXT_MAX] = "", where[HF_BAG_WHERE_ROOM] = "";
    hf_cert cert;

    for (size_t i = 0; i < bag->n; i++) {
        if (hf_cert_parse(&cert, bag->der[i], NULL) != HF_OK || cert.not_after >= soonest)
            continue;
        soonest = cert.not_after;
        hf_name_text(cert.subject, subject, sizeof subject);
        hf_bag_where(bag, i, where);
    }
    if (soonest == INT64_MAX || soonest - now >= within)
        return HF_EXIT_OK;
    hf_when_text(soonest, now, left);
    if (soonest < now)
        hf_error_what("a certificate has expired");
    else
        hf_error_what("a certificate expires within %s", o->expires_within);
    hf_error_why("%s%s%s: valid until %s", where, *subject ? ": " : "", subject, left);
    hf_error_next("have it issued again");
    return HF_EXIT_FINDING;
}

/* ---- the whole ---- */

/* What is no file, and ends in a port or begins as a URL does. */
static bool is_host(const char *text)
{
    const char *colon = strrchr(text, ':');

    if (access(text, F_OK) == 0)
        return false;
    if (strncmp(text, "https://", 8) == 0)
        return true;
    return colon && colon > text && colon[1] && !strchr(text, '/') &&
           strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

static int check_options(const hf_cert_inspect_options *o, int64_t *within)
{
    if (o->der && o->json)
        return hf_misuse("--der and --json exclude each other", "both want stdout for themselves",
                         "give one of them");
    if (!o->expires_within || hf_span_of_time(o->expires_within, within))
        return HF_EXIT_OK;
    hf_error_what("--expires-within takes hours, days or weeks");
    hf_error_why("--expires-within %s", o->expires_within);
    hf_error_next("write 36h, 14d or 2w");
    return HF_EXIT_USAGE;
}

static int fetch(const char *target, hf_cert_bag *bag)
{
    int status = hf_connect_chain(target, bag);

    if (status == HF_EXIT_OK)
        hf_note_lines("from %s; nothing is verified: see handfast connect, or cert verify\n",
                      target);
    return status;
}

int hf_cmd_cert_inspect(const hf_cert_inspect_options *options)
{
    hf_cert_bag bag = { .n = 0 };
    int64_t within = 0;
    bool host = is_host(options->file);
    int status = check_options(options, &within);

    if (status == HF_EXIT_OK)
        status = host ? fetch(options->file, &bag) : hf_bag_read(&bag, options->file);
    if (status == HF_EXIT_OK)
        status = options->der ? show_dump(options->file, &bag) : show(options, &bag, host);
    if (options->expires_within && (status == HF_EXIT_OK || status == HF_EXIT_FINDING)) {
        int expiry = check_expiry(options, &bag, within);
        status = status == HF_EXIT_OK ? expiry : status;
    }
    hf_bag_free(&bag);
    return status;
}
