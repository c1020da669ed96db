/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One case of the limbo schema a line on standard input, the verdict of OpenSSL's X509_verify_cert a line
 * on standard output. Set as a careful application would: partial chains (any trusted certificate is an
 * anchor, as for us), policies checked, no common names, no partial wildcards, 112 bits of security.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

enum { SECURITY_LEVEL = 2, UNPARSED = -1 };

static X509 *read_cert(const json_t *pem)
{
    const char *text = json_string_value(pem);
    BIO *bio = BIO_new_mem_buf(text ? text : "", -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return cert;
}

/* Those that cannot be read are left out. */
static STACK_OF(X509) * read_certs(const json_t *list)
{
    STACK_OF(X509) *certs = sk_X509_new_null();

    for (size_t i = 0; i < json_array_size(list); i++) {
        X509 *cert = read_cert(json_array_get(list, i));
        if (cert && !sk_X509_push(certs, cert))
            X509_free(cert);
    }
    return certs;
}

/* "2026-06-01T12:00:00+00:00": the generator writes UTC alone. */
static time_t read_time(const char *text)
{
    struct tm tm = { .tm_isdst = 0 };

    if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
        return time(NULL);
    return timegm(&tm);
}

static void set_question(X509_STORE_CTX *ctx, const json_t *json)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    const char *kind = json_string_value(json_object_get(json, "validation_kind"));
    const json_t *name = json_object_get(json, "expected_peer_name");
    const char *value = json_string_value(json_object_get(name, "value"));
    const char *type = json_string_value(json_object_get(name, "kind"));
    bool client = kind && strcmp(kind, "CLIENT") == 0;

    X509_STORE_CTX_set_default(ctx, client ? "ssl_client" : "ssl_server");
    X509_VERIFY_PARAM_set_time(
        param, read_time(json_string_value(json_object_get(json, "validation_time"))));
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK);
    /* RFC 5280 6.1.1 (c); left out, it is not "any" to OpenSSL once a certificate demands an explicit policy */
    X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy));
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (value && type && strcmp(type, "IP") == 0)
        X509_VERIFY_PARAM_set1_ip_asc(param, value);
    else if (value)
        X509_VERIFY_PARAM_set1_host(param, value, 0);
}

static int verify(X509 *leaf, STACK_OF(X509) * trusted, STACK_OF(X509) * sent, const json_t *json)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE *store = X509_STORE_new();
    int error = X509_V_ERR_UNSPECIFIED;

    for (int i = 0; i < sk_X509_num(trusted); i++)
        X509_STORE_add_cert(store, sk_X509_value(trusted, i));
    if (X509_STORE_CTX_init(ctx, store, leaf, sent)) {
        set_question(ctx, json);
        bool good = X509_verify_cert(ctx) == 1;
        error = X509_STORE_CTX_get_error(ctx);
        if (!good && error == X509_V_OK)
            error = X509_V_ERR_UNSPECIFIED;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return error;
}

static int judge(const json_t *json)
{
    X509 *leaf = read_cert(json_object_get(json, "peer_certificate"));
    STACK_OF(X509) *trusted = read_certs(json_object_get(json, "trusted_certs"));
    STACK_OF(X509) *sent = read_certs(json_object_get(json, "untrusted_intermediates"));
    int error = leaf ? verify(leaf, trusted, sent, json) : UNPARSED;

    sk_X509_pop_free(trusted, X509_free);
    sk_X509_pop_free(sent, X509_free);
    X509_free(leaf);
    return error;
}

static bool answer(const json_t *json)
{
    int error = judge(json);
    const char *words = error == X509_V_OK  ? ""
                        : error == UNPARSED ? "the leaf does not parse"
                                            : X509_verify_cert_error_string(error);
    json_t *line = json_pack("{s:O, s:s, s:s}", "id", json_object_get(json, "id"), "result",
                             error == X509_V_OK ? "SUCCESS" : "FAILURE", "context", words);
    bool good = line && json_dumpf(line, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;

    json_decref(line);
    return good;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool good = true;

    while (good && (len = getline(&line, &room, stdin)) > 0) {
        json_t *json = json_loadb(line, (size_t)len, 0, NULL);
        good = json && answer(json);
        json_decref(json);
    }
    free(line);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
