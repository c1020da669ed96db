/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From the validator's account of its rules (x509/path_account.h) to the checks of a tape. */
#include "explain/chain_checks.h"

#include <stdio.h>

#include "explain/chain_found.h"

/* "the name localhost that was asked for …" reads better than a rule about any name. */
static void put_rule(const hf_told *told, const hf_verify_options *options,
                     char text[HF_TAPE_NOTE_MAX])
{
    if (told->rule == HF_RULE_NAME)
        snprintf(text, HF_TAPE_NOTE_MAX, "the name %.200s is among its names", options->name);
    else
        snprintf(text, HF_TAPE_NOTE_MAX, "%s", hf_rule_rows[told->rule].words);
}

static void put_detail(const hf_told *told, const hf_leaf_known *known, char text[HF_TAPE_NOTE_MAX])
{
    if (told->error == HF_OK)
        hf_found_of(told, known, text);
    else
        snprintf(text, HF_TAPE_NOTE_MAX, "%s",
                 told->detail[0] ? told->detail : hf_error_row_of(told->error)->sentence);
}

static void add(hf_tape *tape, const hf_told *told, const hf_verify_options *options,
                const hf_leaf_known *known)
{
    hf_tape_check *check = hf_tape_check_add(tape);

    if (!check)
        return;
    check->certificate = told->certificate;
    check->kept = told->error == HF_OK;
    check->unknown = check->kept && hf_is_not_found(told, known);
    put_rule(told, options, check->rule);
    put_detail(told, known, check->detail);
    snprintf(check->source, sizeof check->source, "%s", hf_rule_rows[told->rule].source);
}

/* By certificate; of one certificate in the order of the validator. A broken rule comes last, and always finds room. */
static void add_all(hf_tape *tape, const hf_telling *t, const hf_verify_options *options,
                    const hf_leaf_known *known)
{
    for (unsigned place = 0; place < HF_PATH_MAX; place++)
        for (size_t i = 0; i < t->n; i++)
            if (t->rows[i].certificate == place && t->rows[i].error == HF_OK &&
                tape->n_checks < HF_TAPE_CHECKS_MAX - 1)
                add(tape, &t->rows[i], options, known);
    if (t->n > 0 && t->rows[t->n - 1].error != HF_OK)
        add(tape, &t->rows[t->n - 1], options, known);
}

hf_error hf_checks_of(hf_tape *tape, const hf_span *chain, size_t n,
                      const hf_verify_options *options)
{
    hf_path_account *account = hf_alloc(sizeof *account);
    hf_leaf_known known = { 0 };
    hf_verify_result result;

    if (!account)
        return HF_E_NO_MEMORY;
    hf_error verdict = hf_verify_chain_told(chain, n, options, account, &known, &result);
    tape->n_checks = 0;
    add_all(tape, &account->now, options, &known);
    tape->checks_done = true;
    hf_free(account);
    return verdict;
}
