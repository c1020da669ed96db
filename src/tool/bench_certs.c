/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The certificates of the bench, made by our own code and written as PEM files, which every implementation reads. Two
 * hierarchies of one key type each: a root, an intermediate, a leaf for each side. What is sent is leaf and intermediate.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/clock.h"
#include "tool/bench_case.h"
#include "tool/exit.h"
#include "tool/order.h"
#include "tool/say.h"

/* A certificate with its key, while those below it are made. cert points into der. */
typedef struct holder {
    hf_private_key *key;
    uint8_t *der;
    size_t len;
    hf_cert cert;
} holder;

enum { ROOT, INTERMEDIATE, SERVER, CLIENT, HOLDERS };

static const char *const key_types[HF_BENCH_CHAINS] = { "p256", "rsa2048" };
static const char *const file_names[HF_BENCH_FILES] = { "ca.pem", "server.pem", "server.key",
                                                        "client.pem", "client.key" };

/* ---- making ---- */

static hf_error issue(holder *subject, hf_cert_request *want, const char *key_type,
                      const holder *issuer)
{
    const hf_random random = { NULL, NULL };
    hf_fault fault = { .code = HF_OK };
    int64_t now = hf_clock_wall();

    want->not_before = now - HF_CLOCK_SLACK;
    want->not_after = now + 7 * (int64_t)HF_DAY;
    TRY(hf_new_key(key_type, &subject->key));
    TRY(hf_cert_issue(want, subject->key, issuer ? &issuer->cert : NULL,
                      issuer ? issuer->key : subject->key, &random, &subject->der, &subject->len));
    return hf_cert_parse(&subject->cert, hf_span_of(subject->der, subject->len), &fault);
}

static hf_error make_chain(holder held[HOLDERS], const char *key_type)
{
    static const char *const server[] = { "localhost" }, *const client[] = { "client.localhost" };
    hf_cert_request wants[HOLDERS] = {
        { .common_name = "Bench root", .ca = true, .path_len = -1 },
        { .common_name = "Bench intermediate", .ca = true, .path_len = 0 },
        { .common_name = "localhost",
          .names = server,
          .n_names = 1,
          .path_len = -1,
          .eku = HF_EKU_SERVER_AUTH },
        { .common_name = "client",
          .names = client,
          .n_names = 1,
          .path_len = -1,
          .eku = HF_EKU_CLIENT_AUTH },
    };

    for (int i = 0; i < HOLDERS; i++)
        TRY(issue(&held[i], &wants[i], key_type, i == ROOT ? NULL : &held[i > 1 ? 1 : 0]));
    return HF_OK;
}

static void drop(holder held[HOLDERS])
{
    for (int i = 0; i < HOLDERS; i++) {
        hf_private_key_free(held[i].key);
        hf_free(held[i].der);
    }
}

/* ---- writing ---- */

static hf_error save(const char *path, hf_span bytes)
{
    return hf_os_write_file(path, bytes, 0600, false);
}

static hf_error save_key(const char *path, const holder *held)
{
    uint8_t *pem;
    size_t len;

    TRY(hf_private_key_to_pem(held->key, &pem, &len));
    hf_error e = save(path, hf_span_of(pem, len));
    hf_free_secret(pem, len);
    return e;
}

/* One certificate, or two as they go over the wire. */
static hf_error save_certs(const char *path, const holder *first, const holder *second)
{
    enum { ROOM = 16384 };
    char text[ROOM];
    size_t at = 0;

    for (const holder *held = first; held; held = held == first ? second : NULL) {
        uint8_t *pem;
        size_t len;
        TRY(hf_pem_write("CERTIFICATE", hf_span_of(held->der, held->len), &pem, &len));
        if (len <= ROOM - at)
            memcpy(text + at, pem, len);
        at += len;
        hf_free(pem);
        if (at > ROOM)
            return HF_E_LIMIT;
    }
    return save(path, hf_span_of(text, at));
}

static hf_error save_chain(const holder held[HOLDERS], char path[HF_BENCH_FILES][HF_BENCH_PATH])
{
    TRY(save_certs(path[0], &held[ROOT], NULL));
    TRY(save_certs(path[1], &held[SERVER], &held[INTERMEDIATE]));
    TRY(save_key(path[2], &held[SERVER]));
    TRY(save_certs(path[3], &held[CLIENT], &held[INTERMEDIATE]));
    return save_key(path[4], &held[CLIENT]);
}

static hf_error make_files(hf_bench_certs *certs, int chain)
{
    holder held[HOLDERS] = { { 0 } };
    char folder[HF_TEMP_PATH_MAX]; /* not the one beside what is written */

    memcpy(folder, certs->folder, sizeof folder);
    for (int file = 0; file < HF_BENCH_FILES; file++)
        snprintf(certs->path[chain][file], HF_BENCH_PATH, "%s/%s-%s", folder, key_types[chain],
                 file_names[file]);
    hf_error e = make_chain(held, key_types[chain]);
    if (e == HF_OK)
        e = save_chain(held, certs->path[chain]);
    drop(held);
    return e;
}

int hf_bench_certs_make(hf_bench_certs *certs, bool rsa)
{
    int status = hf_temp_make(certs->folder);
    hf_error e = HF_OK;

    if (status != HF_EXIT_OK)
        return status;
    for (int chain = 0; chain <= rsa && e == HF_OK; chain++)
        e = make_files(certs, chain);
    if (e == HF_OK)
        return HF_EXIT_OK;
    status = hf_complain_row(e, "no certificates could be made to measure with", certs->folder);
    hf_bench_certs_remove(certs);
    return status;
}

void hf_bench_certs_remove(hf_bench_certs *certs)
{
    if (certs->folder[0] && !hf_temp_remove(certs->folder))
        hf_warn("%s could not be removed: %s", certs->folder, strerror(errno));
    certs->folder[0] = '\0';
}
