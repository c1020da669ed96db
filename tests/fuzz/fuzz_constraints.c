/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Any bytes as a nameConstraints extension, any bytes as the names it meets. What must hold: a constraint never permits
 * more than without it, excluded beats permitted, a smaller budget gives the same answer or none, and a name that is made a
 * constraint itself holds that name. The input is: two bytes of length, the extension's value, then GeneralNames.
 */
#include "fuzz/fuzz.h"
#include "x509/constraints.h"
#include "x509/der_write.h"
#include "x509/parts.h"

enum { ROOM = 4096, NAME_ROOM = 1024 };

/* ---- asking ---- */

static hf_error ask(hf_span constraints, hf_span names, unsigned *budget)
{
    char detail[HF_DETAIL_MAX] = "";
    hf_cert issuer = { .name_constraints = constraints }, cert = { .san = names };
    hf_error e = hf_constraints_check(&issuer, &cert, false, budget, detail);

    CHECK(e == HF_OK || e == HF_E_CERT_NAME_NOT_PERMITTED || e == HF_E_CERT_NAME_EXCLUDED ||
          e == HF_E_CERT_NAME_CONSTRAINT || e == HF_E_CERT_BUDGET_NAMES);
    CHECK((e == HF_OK) == (detail[0] == '\0'));
    check_text(detail, sizeof detail);
    return e;
}

static hf_error ask_freely(hf_span constraints, hf_span names)
{
    unsigned budget = HF_NAME_BUDGET;

    return ask(constraints, names, &budget);
}

static bool good_names(hf_span names)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(names, "names", 0, &fault, NULL);

    hf_san_check(&r, "GeneralName");
    return fault.code == HF_OK;
}

static bool good_constraints(hf_span value, hf_span *content)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(value, "constraints", 0, &fault, NULL);

    hf_constraints_read(&r, content);
    hf_rd_end(&r);
    return fault.code == HF_OK;
}

/* ---- one list against both ---- */

/* The list under that tag, with tag and length; empty when it is not there. */
static hf_span list_of(hf_span content, uint8_t tag)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(content, "content", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        uint8_t found = hf_der_peek(&r);
        hf_span whole = hf_der_whole(&r, found, "list");
        if (found == tag)
            return whole;
    }
    return hf_span_of(NULL, 0);
}

static void check_lists(hf_span content, hf_span names)
{
    hf_error both = ask_freely(content, names);
    hf_error permitted = ask_freely(list_of(content, HF_DER_CONTEXT_CONS(0)), names);
    hf_error excluded = ask_freely(list_of(content, HF_DER_CONTEXT_CONS(1)), names);

    if (both == HF_E_CERT_BUDGET_NAMES)
        return;
    CHECK((both == HF_OK) == (permitted == HF_OK && excluded == HF_OK));
    CHECK(permitted != HF_E_CERT_NAME_EXCLUDED && excluded != HF_E_CERT_NAME_NOT_PERMITTED);
}

static void check_budget(hf_span content, hf_span names)
{
    unsigned left = HF_NAME_BUDGET, exact, short_by_one;
    hf_error e = ask(content, names, &left);

    exact = HF_NAME_BUDGET - left;
    if (e == HF_E_CERT_BUDGET_NAMES || exact == 0)
        return;
    short_by_one = exact - 1;
    CHECK(ask(content, names, &exact) == e && exact == 0);
    CHECK(ask(content, names, &short_by_one) == HF_E_CERT_BUDGET_NAMES);
}

/* ---- a name as its own constraint ---- */

/* As GeneralSubtrees under that tag: an address gets a mask of ones, the others stand as they are. */
static void write_list(hf_builder *b, uint8_t tag, uint8_t kind, hf_span name)
{
    size_t list = hf_dw_open(b, tag), subtree = hf_dw_open(b, HF_DER_SEQUENCE);
    size_t base = hf_dw_open(b, kind);

    hf_wr_bytes(b, name);
    for (size_t i = 0; kind == HF_DER_CONTEXT(7) && i < name.len; i++)
        hf_wr_u8(b, 0xff);
    hf_dw_close(b, base);
    hf_dw_close(b, subtree);
    hf_dw_close(b, list);
}

static hf_error ask_own(bool permitted, bool excluded, uint8_t kind, hf_span name)
{
    uint8_t buffer[ROOM], one[ROOM];
    hf_builder b = hf_wr_start(buffer, sizeof buffer), n = hf_wr_start(one, sizeof one);

    if (permitted)
        write_list(&b, HF_DER_CONTEXT_CONS(0), kind, name);
    if (excluded)
        write_list(&b, HF_DER_CONTEXT_CONS(1), kind, name);
    hf_dw_value(&n, kind, name);
    CHECK(b.error == HF_OK && n.error == HF_OK);
    return ask_freely(hf_span_of(b.data, b.len), hf_span_of(n.data, n.len));
}

/* URIs and wildcards are no constraints, and what is malformed is neither: those are refused all the same. */
static void check_own(uint8_t kind, hf_span name)
{
    hf_error permitted = ask_own(true, false, kind, name);

    if (permitted == HF_E_CERT_NAME_CONSTRAINT) {
        CHECK(ask_own(false, true, kind, name) == HF_E_CERT_NAME_CONSTRAINT);
        return;
    }
    CHECK(permitted == HF_OK);
    CHECK(ask_own(false, true, kind, name) == HF_E_CERT_NAME_EXCLUDED);
    CHECK(ask_own(true, true, kind, name) == HF_E_CERT_NAME_EXCLUDED);
}

static void check_each_own(hf_span names)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(names, "names", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        uint8_t tag;
        hf_span name = hf_der_any(&r, &tag, "name");
        if (name.len <= NAME_ROOM)
            check_own(tag, name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    hf_span value = input_take(&in, input_u16(&in)), rest = input_take(&in, in.left), content;
    uint8_t *v = tight_copy(value), *n = tight_copy(rest);
    hf_span names = hf_span_of(n, rest.len);
    bool names_good = names.len > 0 && good_names(names);

    if (names_good)
        check_each_own(names);
    if (good_constraints(hf_span_of(v, value.len), &content)) {
        ask_freely(content, names);
        if (names_good) {
            check_lists(content, names);
            check_budget(content, names);
        }
    }
    free(v);
    free(n);
    return 0;
}
