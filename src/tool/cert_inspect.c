/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert inspect: every certificate of a file in words or as JSON. Nothing is verified. */
#include <errno.h>
#include <string.h>

#include <handfast/cert.h>
#include <handfast/os.h>
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/options.h"
#include "tool/say.h"
#include "x509/summary.h"

enum { FILE_LIMIT = 4 * 1024 * 1024, CERTS_MAX = 512, SAN_ROOM = 600 };

/* The certificates of one file, as DER of our own. */
typedef struct cert_file {
    size_t n;
    struct {
        uint8_t *der;
        size_t len;
    } at[CERTS_MAX];
} cert_file;

/* ---- reading ---- */

static bool is_der(hf_span file)
{
    return file.len > 2 && file.data[0] == 0x30 && file.data[1] >= 0x80;
}

static hf_error add(cert_file *certs, uint8_t *der, size_t len)
{
    if (!der)
        return HF_E_NO_MEMORY;
    certs->at[certs->n].der = der;
    certs->at[certs->n].len = len;
    certs->n++;
    return HF_OK;
}

static hf_error split(hf_span file, cert_file *certs)
{
    uint8_t *der;
    size_t len;

    if (is_der(file))
        return add(certs, hf_copy(file), file.len);
    while (certs->n < CERTS_MAX) {
        hf_error e = hf_pem_next(&file, "CERTIFICATE", &der, &len);
        if (e != HF_OK)
            return certs->n > 0 && e == HF_E_CONFIG_PEM ? HF_OK : e;
        TRY(add(certs, der, len));
    }
    return HF_E_LIMIT;
}

static void forget(cert_file *certs)
{
    for (size_t i = 0; i < certs->n; i++)
        hf_free(certs->at[i].der);
    hf_free(certs);
}

/* ---- complaints ---- */

static int refuse_file(const char *path, int why)
{
    hf_error_what("the file could not be read");
    hf_error_why("%s: %s", path, strerror(why));
    hf_error_next("check its name and permissions");
    return HF_EXIT_IO;
}

static int refuse_content(const char *path, hf_error e)
{
    if (e != HF_E_CONFIG_PEM && e != HF_E_LIMIT)
        return hf_error_row(e, "the certificates could not be read", path);
    hf_error_what("there is no certificate to inspect");
    if (e == HF_E_LIMIT)
        hf_error_why("%s: it holds more than %d certificates", path, CERTS_MAX);
    else
        hf_error_why("%s: it holds no whole -----BEGIN CERTIFICATE----- block and is not DER",
                     path);
    hf_error_next("give a certificate or a chain; a private key cannot be inspected");
    return HF_EXIT_USAGE;
}

/* The certificate is what was to be looked at, so a damaged one is a finding. */
static int refuse_certificate(const char *path, size_t i, hf_span der, hf_error e)
{
    hf_fault fault = { .code = HF_OK };
    hf_cert cert;

    hf_cert_parse(&cert, der, &fault);
    hf_error_what("certificate %zu of %s cannot be read", i, path);
    if (fault.code != HF_OK)
        hf_error_why("%s, byte %zu: %s", fault.path, fault.offset,
                     *fault.rule ? fault.rule : hf_error_sentence(e));
    else
        hf_error_why("%s", hf_error_sentence(e));
    hf_error_next("%s", hf_error_hint(e));
    return HF_EXIT_FINDING;
}

/* ---- JSON ---- */

static json_t *sans_json(hf_span der)
{
    hf_fault fault = { .code = HF_OK };
    json_t *list = json_array();
    hf_san_kind kind;
    hf_span name;
    hf_cert cert;
    char text[SAN_ROOM];

    if (hf_cert_parse(&cert, der, &fault) != HF_OK)
        return list;
    for (hf_span rest = cert.san; hf_san_next(&rest, &kind, &name);) {
        hf_san_text(kind, name, text, sizeof text);
        json_array_append_new(list, hf_json_text(text));
    }
    return list;
}

static json_t *cert_json(const hf_cert_summary *s, hf_span der)
{
    json_t *o = json_object();

    json_object_set_new(o, "subject", hf_json_text(s->subject));
    json_object_set_new(o, "issuer", hf_json_text(s->issuer));
    json_object_set_new(o, "serial", hf_json_text(s->serial));
    json_object_set_new(o, "is_ca", json_boolean(s->is_ca));
    json_object_set_new(o, "sans", sans_json(der));
    json_object_set_new(o, "usage", hf_json_text(s->usage));
    json_object_set_new(o, "not_before", hf_json_time(s->not_before));
    json_object_set_new(o, "not_after", hf_json_time(s->not_after));
    json_object_set_new(o, "key", hf_json_text(s->key));
    json_object_set_new(o, "signature", hf_json_text(s->signature));
    json_object_set_new(o, "sha256", hf_json_text(s->fingerprint));
    return o;
}

static int print_json(const char *path, json_t *list)
{
    json_t *o = json_object();

    json_object_set_new(o, "schema", json_string("handfast.cert-inspect/1"));
    json_object_set_new(o, "file", hf_json_text(path));
    json_object_set_new(o, "certificates", list);
    return hf_json_print(o, true);
}

/* ---- the whole ---- */

static int show(const hf_cert_inspect_options *options, const cert_file *certs)
{
    json_t *list = json_array();
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < certs->n; i++) {
        hf_span der = { certs->at[i].der, certs->at[i].len };
        hf_cert_summary summary;
        hf_error e = hf_cert_summarize(der, &summary);
        if (e != HF_OK)
            status = refuse_certificate(options->file, i + 1, der, e);
        else if (options->json)
            json_array_append_new(list, cert_json(&summary, der));
        else
            hf_cert_text_whole(&summary, i + 1, certs->n);
    }
    if (!options->json) {
        json_decref(list);
        return status;
    }
    int printed = print_json(options->file, list);
    return status != HF_EXIT_OK ? status : printed;
}

int hf_cmd_cert_inspect(const hf_cert_inspect_options *options)
{
    uint8_t *bytes;
    size_t len;

    bool from_stdin = strcmp(options->file, "-") == 0;

    if (hf_os_read_file(from_stdin ? "/dev/stdin" : options->file, FILE_LIMIT, &bytes, &len) !=
        HF_OK)
        return refuse_file(options->file, errno);
    cert_file *certs = hf_alloc(sizeof *certs);
    hf_error e = certs ? split(hf_span_of(bytes, len), certs) : HF_E_NO_MEMORY;
    int status = e == HF_OK ? show(options, certs) : refuse_content(options->file, e);
    if (certs)
        forget(certs);
    hf_os_free(bytes, len);
    return status;
}
