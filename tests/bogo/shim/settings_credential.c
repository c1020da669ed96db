/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificates that an end can show: each credential of the options becomes an identity, in order of preference. */
#include "inside.h"
#include "settings.h"

#include <handfast/os.h>
#include <stdio.h>
#include <string.h>

/* BoringSSL's order where a test does not give one. */
static const uint16_t usual[] = { 0x0807, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501,
                                  0x0603, 0x0806, 0x0601, 0x0809, 0x080a, 0x080b };

static bool fits(uint16_t code, hf_key_type key)
{
    const hf_scheme *s = hf_scheme_of(code);

    return hf_scheme_fits(s, key, HF_TLS12) || hf_scheme_fits(s, key, HF_TLS13);
}

/* What a credential signs with is its own business, whatever is taken from the peer. */
static int set_schemes(hf_identity *id, const shim_list *wanted)
{
    const uint16_t *list = wanted->n > 0 ? wanted->at : usual;
    size_t len = wanted->n > 0 ? wanted->n : sizeof usual / sizeof *usual, n = 0;

    memset(id->signer->schemes, 0, sizeof id->signer->schemes);
    id->signer->beyond_policy = true;
    for (size_t i = 0; i < len; i++) {
        if (!hf_scheme_of(list[i]))
            return SHIM_UNIMPLEMENTED;
        if (fits(list[i], id->leaf.key.type) && n < HF_SIGNER_SCHEMES - 1)
            id->signer->schemes[n++] = list[i];
    }
    return SHIM_OK;
}

/* The tests' responses are not OCSP's, but bytes that only have to come through. */
static int staple(hf_identity *id, hf_span response)
{
    hf_staple *made = response.len > 0 ? hf_alloc(sizeof *made) : NULL;

    if (response.len == 0)
        return SHIM_OK;
    if (!made)
        return SHIM_FAILED;
    atomic_init(&made->refs, 1);
    made->next_update = INT64_MAX;
    made->response = hf_span_of(hf_copy(response), response.len);
    id->staple = made;
    return SHIM_OK;
}

static int add(visit *v, const shim_credential *credential, int number)
{
    seen *mine = seen_of(v);
    hf_identity *id = NULL;
    int code;

    if (!credential->cert_file)
        return SHIM_OK;
    hf_error e =
        hf_os_identity(&id, credential->cert_file,
                       credential->key_file ? credential->key_file : credential->cert_file, NULL);
    if (e != HF_OK) {
        fprintf(stderr, "%s: %s\n", credential->cert_file, hf_error_row_of(e)->sentence);
        return SHIM_FAILED;
    }
    code = set_schemes(id, &credential->signing_prefs);
    if (code == SHIM_OK)
        code = staple(id, credential->ocsp_response);
    if (code == SHIM_OK && hf_config_add_identity(v->config, id) != HF_OK)
        code = SHIM_FAILED;
    mine->identities[mine->n_identities] = id;
    mine->credentials[mine->n_identities++] = number;
    hf_identity_free(id);
    return code;
}

int settings_credentials(visit *v)
{
    const options *o = v->options;
    int code = SHIM_OK;

    for (size_t i = 0; i < o->n_credentials && code == SHIM_OK; i++)
        code = add(v, &o->credentials[i], (int)i);
    return code == SHIM_OK ? add(v, &o->fallback, NO_CREDENTIAL) : code;
}
