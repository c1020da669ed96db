/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A signer without a function: the application answers HF_JOB_SIGN, or the handshake fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signature.h"
#include "policy/policy.h"
#include "support/pair.h"

typedef struct scene {
    hf_policy policy;
    bool external;
} scene;

static void configure(hf_config *config, hf_role role, void *user)
{
    static const hf_signer_ops nobody;
    const scene *s = user;
    hf_identity *id = NULL;

    if (role == HF_CLIENT)
        return;
    hf_signer *signer =
        hf_signer_new(&nobody, NULL, (const uint16_t[]){ HF_SCHEME_ecdsa_secp256r1_sha256, 0 });
    assert_int_equal(hf_identity_new(&id, shared_pki(HF_KEY_P256)->chain, 2, signer), HF_OK);
    assert_int_equal(hf_config_add_identity(config, id), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, s->external), HF_OK);
    hf_signer_free(signer);
    hf_identity_free(id);
}

static void start(pair *p, scene *s, uint16_t version)
{
    pair_options o = {
        .policy = { &s->policy, &s->policy }, .no_identity = true, .configure = configure, .user = s
    };

    s->policy = policy_of_version("default", version);
    pair_start(p, &o);
}

/* As the application does it that has the key. */
static hf_error sign_job(hf_job *job)
{
    uint8_t signature[1024];
    size_t len = sizeof signature;
    uint16_t scheme;
    hf_span input = hf_job_input(job, &scheme);

    assert_int_equal(scheme, HF_SCHEME_ecdsa_secp256r1_sha256);
    assert_int_equal(hf_sign(shared_pki(HF_KEY_P256)->leaf->key, HF_SIG_ECDSA, HF_SHA256, input,
                             signature, &len),
                     HF_OK);
    return hf_job_set_output(job, hf_span_of(signature, len));
}

/* Runs both ends; a signature is answered by `sign`. Returns how many there were. */
static unsigned serve(pair *p, hf_error (*sign)(hf_job *job))
{
    hf_conn *server = p->end[HF_SERVER].conn;
    unsigned signatures = 0;
    hf_job *job;

    for (pair_run(p); (job = hf_conn_job_next(server)) != NULL; pair_run(p)) {
        bool signs = hf_job_kind_of(job) == HF_JOB_SIGN;
        signatures += signs;
        hf_conn_job_done(server, job, signs ? sign(job) : hf_job_run(job));
    }
    return signatures;
}

static void assert_failed(pair *p)
{
    const hf_failure *f = hf_conn_failure(p->end[HF_SERVER].conn);

    assert_non_null(f);
    assert_int_equal(f->code, HF_E_JOB_FAILED);
    assert_false(p->end[HF_SERVER].connected || p->end[HF_CLIENT].connected);
}

static const uint16_t versions[] = { HF_TLS12, HF_TLS13 };

static void test_the_application_signs(void **state)
{
    (void)state;
    for (int v = 0; v < 2; v++) {
        scene s = { .external = true };
        pair p;
        start(&p, &s, versions[v]);
        assert_int_equal(serve(&p, sign_job), 1);
        pair_connect(&p);
        pair_free(&p);
    }
}

static void test_run_without_a_function_it_fails(void **state)
{
    (void)state;
    for (int v = 0; v < 2; v++) {
        scene s = { .external = true };
        pair p;
        start(&p, &s, versions[v]);
        assert_int_equal(serve(&p, hf_job_run), 1);
        assert_failed(&p);
        pair_free(&p);
    }
}

/* Nobody is asked at all. */
static void test_without_external_jobs_it_fails(void **state)
{
    (void)state;
    for (int v = 0; v < 2; v++) {
        scene s = { .external = false };
        pair p;
        start(&p, &s, versions[v]);
        assert_int_equal(serve(&p, sign_job), 0);
        assert_failed(&p);
        pair_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_application_signs),
        cmocka_unit_test(test_run_without_a_function_it_fails),
        cmocka_unit_test(test_without_external_jobs_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
