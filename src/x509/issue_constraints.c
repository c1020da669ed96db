/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A private CA's limits (RFC 5280 4.2.1.10): written into it, and asked before it signs. A CA for some
 * names is one for no others: where no domain or no address is given, all of that kind are shut out.
 */
#include <stdio.h>

#include "x509/constraints.h"
#include "x509/constraints_kinds.h"
#include "x509/draft.h"
#include "x509/issue_signed.h"
#include "x509/label.h"

enum { PREFIX_MAX = 3, NETWORK_MAX = 32, NAME_ROOM = 400, SUBTREE_ROOM = 24, FIXED_ROOM = 128 };

/* Nobody has such a name (RFC 6761 6.4). */
static const char nowhere[] = "invalid";

/* ---- networks ---- */

static bool read_prefix(const char *digits, size_t most, size_t *prefix)
{
    size_t n = strlen(digits), v = 0;

    if (n == 0 || n > PREFIX_MAX || strspn(digits, "0123456789") != n)
        return false;
    for (size_t i = 0; i < n; i++)
        v = 10 * v + (size_t)(digits[i] - '0');
    *prefix = v;
    return v <= most;
}

/* Address and mask, the address without the bits that the mask does not hold; 0: no network. */
static size_t read_network(const char *text, uint8_t out[NETWORK_MAX])
{
    char address[64];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text), prefix;

    if (len >= sizeof address)
        return 0;
    memcpy(address, text, len);
    address[len] = '\0';
    size_t n = hf_parse_ip(address, out);
    prefix = 8 * n;
    if (n == 0 || (slash && !read_prefix(slash + 1, 8 * n, &prefix)))
        return 0;
    for (size_t i = 0; i < n; i++) {
        size_t ones = prefix < 8 ? prefix : 8;
        out[n + i] = (uint8_t)(0xff00u >> ones);
        out[i] &= out[n + i];
        prefix -= ones;
    }
    return 2 * n;
}

bool hf_is_permitted_name(const char *text)
{
    uint8_t network[NETWORK_MAX];

    return read_network(text, network) > 0 || hf_is_host_name(hf_span_str(text));
}

/* ---- writing ---- */

static void write_subtree(hf_builder *b, uint8_t kind, hf_span base)
{
    size_t subtree = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_value(b, kind, base);
    hf_dw_close(b, subtree);
}

/* Of a mail address's host "example.test" means it alone, ".example.test" all below it. */
static void write_domain(hf_builder *b, const char *domain)
{
    char below[NAME_ROOM];

    snprintf(below, sizeof below, ".%s", domain);
    write_subtree(b, HF_GN_DNS, hf_span_str(domain));
    write_subtree(b, HF_GN_EMAIL, hf_span_str(domain));
    write_subtree(b, HF_GN_EMAIL, hf_span_str(below));
}

static void write_permitted(hf_builder *b, const hf_cert_request *request, bool *addresses)
{
    size_t list = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
    uint8_t network[NETWORK_MAX];
    bool domains = false;

    for (size_t i = 0; i < request->n_permitted; i++) {
        size_t len = read_network(request->permitted[i], network);
        *addresses = *addresses || len > 0;
        domains = domains || len == 0;
        if (len > 0)
            write_subtree(b, HF_GN_IP, hf_span_of(network, len));
        else
            write_domain(b, request->permitted[i]);
    }
    if (!domains)
        write_domain(b, nowhere);
    hf_dw_close(b, list);
}

static void write_no_address(hf_builder *b)
{
    static const uint8_t all[NETWORK_MAX];
    size_t list = hf_dw_open(b, HF_DER_CONTEXT_CONS(1));

    write_subtree(b, HF_GN_IP, hf_span_of(all, 8));
    write_subtree(b, HF_GN_IP, hf_span_of(all, 32));
    hf_dw_close(b, list);
}

/* RFC 5280 4.2.1.10: critical. */
void hf_draft_constraints(hf_builder *b, const hf_cert_request *request)
{
    bool addresses = false;

    if (request->n_permitted == 0)
        return;
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_name_constraints, true);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    write_permitted(b, request, &addresses);
    if (!addresses)
        write_no_address(b);
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

size_t hf_draft_constraints_room(const hf_cert_request *request)
{
    size_t room = FIXED_ROOM;

    for (size_t i = 0; i < request->n_permitted; i++)
        room += 3 * (strlen(request->permitted[i]) + SUBTREE_ROOM);
    return room;
}

/* ---- asking ---- */

static hf_error check_name(const hf_cert *issuer, const char *name, char detail[HF_DETAIL_MAX])
{
    uint8_t buffer[NAME_ROOM];
    unsigned budget = HF_NAME_BUDGET;
    hf_cert named = { .path_len = -1 };
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    hf_draft_general_name(&b, name);
    TRY(hf_wr_finish(&b, &named.san));
    return hf_constraints_check(issuer, &named, false, &budget, detail);
}

hf_error hf_names_permitted(const hf_cert *issuer, const char *const *names, size_t n,
                            char detail[HF_DETAIL_MAX])
{
    detail[0] = '\0';
    for (size_t i = 0; i < n; i++)
        TRY(check_name(issuer, names[i], detail));
    return HF_OK;
}

/* Without the words that say of what kind it is: that shows. */
static void put_base(hf_label *list, uint8_t tag, hf_span base)
{
    char text[NAME_ROOM];
    size_t kind = tag == HF_GN_DNS ? sizeof "DNS name" : sizeof "address";

    hf_general_name_text(tag, base, text, sizeof text);
    if (list->len > 0)
        hf_label_add(list, ", ");
    hf_label_add(list, text + kind);
}

void hf_permitted_text(const hf_cert *issuer, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(issuer->name_constraints, "NameConstraints", 0, &fault, NULL);
    hf_label text = hf_label_start(out, room);

    if (hf_der_peek(&r) != HF_DER_CONTEXT_CONS(0))
        return;
    hf_reader list = hf_der_open(&r, HF_DER_CONTEXT_CONS(0), "permittedSubtrees");
    while (hf_rd_left(&list) > 0) {
        uint8_t tag = 0;
        hf_reader one = hf_der_open(&list, HF_DER_SEQUENCE, "GeneralSubtree");
        hf_span base = hf_der_any(&one, &tag, "base");
        if (hf_rd_ok(&list) && (tag == HF_GN_DNS || tag == HF_GN_IP))
            put_base(&text, tag, base);
    }
}
