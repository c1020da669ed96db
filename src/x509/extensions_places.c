/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The extensions that say where to ask about a certificate: authorityInfoAccess and cRLDistributionPoints. Only their shape
   is checked; nothing is fetched. */
#include "x509/parts.h"

/* RFC 5280 4.2.2.1: one or more. */
void hf_aia_read(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "AuthorityInfoAccessSyntax");

    cert->aia = hf_span_of(content.p, hf_rd_left(&content));
    do {
        hf_reader access = hf_der_open(&content, HF_DER_SEQUENCE, "AccessDescription");
        hf_der_oid(&access, "accessMethod");
        hf_general_name_check(&access, "accessLocation");
        hf_rd_end(&access);
    } while (hf_rd_left(&content) > 0);
}

static void check_relative_name(hf_reader *name)
{
    hf_reader rdn = hf_der_open(name, HF_DER_CONTEXT_CONS(1), "nameRelativeToCRLIssuer");

    hf_rdn_check(&rdn);
}

static void check_point_name(hf_reader *point)
{
    hf_reader name = hf_der_open(point, HF_DER_CONTEXT_CONS(0), "distributionPoint");

    if (hf_der_peek(&name) == HF_DER_CONTEXT_CONS(1)) {
        check_relative_name(&name);
    } else {
        hf_reader full = hf_der_open(&name, HF_DER_CONTEXT_CONS(0), "fullName");
        hf_san_check(&full, "GeneralName");
    }
    hf_rd_end(&name);
}

/* RFC 5280 4.2.1.13: reasons alone name no place. */
static void check_point(hf_reader *point)
{
    bool named = false;

    if (hf_der_peek(point) == HF_DER_CONTEXT_CONS(0)) {
        check_point_name(point);
        named = true;
    }
    if (hf_der_peek(point) == HF_DER_CONTEXT(1))
        hf_der_flags_of(point, HF_DER_CONTEXT(1), "reasons");
    if (hf_der_peek(point) == HF_DER_CONTEXT_CONS(2)) {
        hf_reader issuer = hf_der_open(point, HF_DER_CONTEXT_CONS(2), "cRLIssuer");
        hf_san_check(&issuer, "GeneralName");
        named = true;
    }
    if (!named)
        hf_rd_refuse(point, HF_E_CERT_DER, 0, "distributionPoint",
                     "neither distributionPoint nor cRLIssuer");
    hf_rd_end(point);
}

void hf_crl_points_read(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "CRLDistributionPoints");

    cert->crl_points = hf_span_of(content.p, hf_rd_left(&content));
    do {
        hf_reader point = hf_der_open(&content, HF_DER_SEQUENCE, "DistributionPoint");
        check_point(&point);
    } while (hf_rd_left(&content) > 0);
}
