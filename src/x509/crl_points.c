/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Distribution points (RFC 5280 4.2.1.13, 5.2.5): a CA may split its list over several CRLs, of which
 * each names its place. A certificate that is not on the CRL of another place need not be good.
 */
#include "x509/revocation_parts.h"

/* The DistributionPointName, a CHOICE, within its EXPLICIT [0]; empty: not there. */
static hf_span point_name(hf_reader *point)
{
    return hf_der_peek(point) == HF_DER_CONTEXT_CONS(0)
               ? hf_der_read(point, HF_DER_CONTEXT_CONS(0), "distributionPoint")
               : hf_span_of(NULL, 0);
}

/* fullName's GeneralNames; nothing is left in it for a nameRelativeToCRLIssuer. */
static hf_reader full_names(hf_span name, hf_fault *fault)
{
    hf_reader r = hf_status_start(name, "DistributionPointName", fault);
    hf_span names = hf_der_read(&r, HF_DER_CONTEXT_CONS(0), "fullName");

    return hf_rd_start(names, "fullName", 0, fault, NULL);
}

static hf_span next_name(hf_reader *names)
{
    const uint8_t *from = names->p;
    uint8_t tag;

    hf_der_any(names, &tag, "GeneralName");
    return hf_rd_ok(names) ? hf_span_of(from, (size_t)(names->p - from)) : hf_span_of(NULL, 0);
}

static bool has_name(hf_span point, hf_span name)
{
    hf_fault fault;
    hf_reader names = full_names(point, &fault);

    while (hf_rd_left(&names) > 0)
        if (hf_span_equal(next_name(&names), name))
            return true;
    return false;
}

/* One name in common, or the same name relative to the issuer, who is the same. */
static bool same_point(hf_span a, hf_span b)
{
    hf_fault fault;

    if (a.len > 0 && hf_span_equal(a, b))
        return true;
    hf_reader names = full_names(a, &fault);
    while (hf_rd_left(&names) > 0) {
        hf_span name = next_name(&names);
        if (name.len > 0 && has_name(b, name))
            return true;
    }
    return false;
}

/* A point for some reasons only, or of another CRL issuer, does not lead to a CRL that settles the matter. */
static bool next_point(hf_reader *points, hf_span *name)
{
    while (hf_rd_left(points) > 0) {
        hf_reader point = hf_der_open(points, HF_DER_SEQUENCE, "DistributionPoint");
        *name = point_name(&point);
        if (hf_rd_ok(points) && hf_rd_left(&point) == 0)
            return true;
    }
    return false;
}

/* RFC 5280 6.3.3: a certificate without distribution points is taken to have its issuer's name as one. */
static bool is_issuers(hf_span point, hf_span issuer)
{
    hf_fault fault;
    hf_reader names = full_names(point, &fault);

    while (hf_der_peek(&names) != 0) {
        uint8_t tag = 0;
        hf_span name = hf_der_any(&names, &tag, "GeneralName");
        if (tag == HF_DER_CONTEXT_CONS(4) && hf_span_equal(name, issuer))
            return true;
    }
    return false;
}

bool hf_crl_point_fits(const hf_crl *crl, const hf_cert *cert)
{
    hf_fault fault;
    hf_reader idp = hf_status_start(crl->idp, "IssuingDistributionPoint", &fault);
    hf_span place = point_name(&idp), name;

    if (place.len == 0)
        return fault.code == HF_OK;
    if (cert->crl_points.len == 0)
        return is_issuers(place, cert->issuer);
    hf_reader points = hf_status_start(cert->crl_points, "CRLDistributionPoints", &fault);
    while (next_point(&points, &name))
        if (same_point(place, name))
            return true;
    return false;
}
