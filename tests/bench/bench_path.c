/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the worst pools cost: CPU time of one verification of 1,000 CAs that certify each other
 * crosswise, under several conditions. Fails (exit 1) if one takes LIMIT_MS or more. Built with -O2
 * and without sanitizers:
 *
 *   cmake -S . -B build/bench --preset release -DHF_TESTS=ON
 *   cmake --build build/bench --target bench_path && build/bench/bench/bench_path
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/testpki.h"

enum { CAS = 1000, NAMES = 32, ROUNDS = 10, LIMIT_MS = 50 };

static test_cert *ca[NAMES], *leaf;
static hf_span chain[1 + CAS];

static test_cert *make(unsigned name, const test_cert *issuer)
{
    char text[16];
    test_cert_options options = { .common_name = text, .ca = true, .key_slot = 5 + name };

    snprintf(text, sizeof text, "M%u", name);
    return test_cert_new(&options, issuer);
}

/* Every name is certified by every other. */
static void make_mesh(void)
{
    test_cert_options options = { .key_slot = TEST_KEY_LEAF };
    size_t n = 0;

    for (unsigned i = 0; i < NAMES; i++)
        ca[i] = make(i, NULL);
    leaf = test_cert_new(&options, ca[0]);
    chain[n++] = test_cert_der(leaf);
    for (unsigned i = 0; n < 1 + CAS; i++)
        if (i / NAMES % NAMES != i % NAMES)
            chain[n++] = test_cert_der(make(i / NAMES % NAMES, ca[i % NAMES]));
}

static double run(const char *what, hf_path_query query)
{
    hf_path_result result;
    double worst = 0;

    query.chain = chain;
    query.n_chain = 1 + CAS;
    for (int i = 0; i < ROUNDS; i++) {
        clock_t start = clock();
        hf_path_verify(&query, &result);
        double ms = 1000.0 * (double)(clock() - start) / CLOCKS_PER_SEC;
        worst = ms > worst ? ms : worst;
    }
    printf("%-44s %6.2f ms CPU, %2u signatures, %s\n", what, worst, result.signatures,
           hf_error_row_of(result.error)->name);
    return worst;
}

int main(void)
{
    static const uint16_t none[] = { 0 };
    test_pki *pki = test_pki_new(HF_KEY_P256);
    hf_path_query query = test_pki_query(pki), late = query, odd = query, webpki = query;
    double worst = 0, ms;

    late.now = TEST_NOW + 60 * TEST_DAY;
    odd.schemes = none;
    webpki.profile = HF_PROFILE_WEBPKI;
    make_mesh();
    const struct {
        const char *what;
        hf_path_query query;
    } rows[] = { { "1,000 cross-signed", query },
                 { "the same, profile webpki", webpki },
                 { "the same, all expired", late },
                 { "the same, no signature that may be checked", odd } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ms = run(rows[i].what, rows[i].query);
        worst = ms > worst ? ms : worst;
    }
    test_pki_free(pki);
    return worst < LIMIT_MS ? EXIT_SUCCESS : EXIT_FAILURE;
}
