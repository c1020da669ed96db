/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What reading a certificate costs: every certificate of the system's store through hf_cert_parse and through
 * OpenSSL's d2i_X509, in turns in the same run, the best of ROUNDS each. Every one has to parse. `make bench` builds
 * and runs it; by hand, in a build with optimisation and without sanitizers:
 *
 *   bench_cert [FILE]        a PEM bundle [/etc/ssl/certs/ca-certificates.crt]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/x509.h>

#include "crypto/signature.h"
#include "x509/x509.h"

enum { CERTS_MAX = 1000, FILE_MAX = 4 << 20, ROUNDS = 50, OUR_TIMES = 20, EXPECTED_RATIO = 20 };

static hf_span certs[CERTS_MAX];
static size_t n_certs;

static bool read_store(const char *path)
{
    static uint8_t pem[FILE_MAX];
    FILE *file = fopen(path, "rb");
    uint8_t *der = NULL;
    size_t len = 0;

    if (!file)
        return false;
    hf_span text = hf_span_of(pem, fread(pem, 1, sizeof pem, file));
    fclose(file);
    while (n_certs < CERTS_MAX && hf_pem_next(&text, "CERTIFICATE", &der, &len) == HF_OK)
        certs[n_certs++] = hf_span_of(der, len);
    return n_certs > 0;
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

/* µs a certificate; *bad counts those that do not parse. */
static double run_ours(size_t *bad)
{
    hf_cert cert;
    double start = now_us();

    *bad = 0;
    for (int k = 0; k < OUR_TIMES; k++)
        for (size_t i = 0; i < n_certs; i++)
            *bad += hf_cert_parse(&cert, certs[i], NULL) != HF_OK;
    *bad /= OUR_TIMES;
    return (now_us() - start) / (double)(n_certs * OUR_TIMES);
}

static double run_theirs(size_t *bad)
{
    double start = now_us();

    *bad = 0;
    for (size_t i = 0; i < n_certs; i++) {
        const unsigned char *at = certs[i].data;
        X509 *cert = d2i_X509(NULL, &at, (long)certs[i].len);
        *bad += !cert;
        X509_free(cert);
    }
    return (now_us() - start) / (double)n_certs;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/etc/ssl/certs/ca-certificates.crt";
    double ours = 1e9, theirs = 1e9;
    size_t our_bad = 0, their_bad = 0;

    if (!read_store(path)) {
        fprintf(stderr, "%s holds no certificate\n", path);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < ROUNDS; i++) {
        double one = run_ours(&our_bad), other = run_theirs(&their_bad);
        ours = one < ours ? one : ours;
        theirs = other < theirs ? other : theirs;
    }
    printf("%zu certificates of %s\n", n_certs, path);
    printf("%-44s %6.2f us CPU a certificate, %zu do not parse\n", "hf_cert_parse", ours, our_bad);
    printf("%-44s %6.2f us CPU a certificate, %zu do not parse\n", "d2i_X509", theirs, their_bad);
    printf("%-44s %6.1f (expected: %d at least)\n", "times faster", theirs / ours, EXPECTED_RATIO);
    for (size_t i = 0; i < n_certs; i++)
        hf_free((void *)(uintptr_t)certs[i].data);
    return our_bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
