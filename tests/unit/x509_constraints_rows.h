/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Name constraints kind by kind: what a CA may speak for, the names of a certificate, the answer
 * (RFC 5280 4.2.1.10). Names are written as in x509_make.h.
 */
#ifndef HF_TESTS_X509_CONSTRAINTS_ROWS_H
#define HF_TESTS_X509_CONSTRAINTS_ROWS_H

#include "x509/constraints.h"

#define OK            HF_OK
#define NOT_PERMITTED HF_E_CERT_NAME_NOT_PERMITTED
#define EXCLUDED      HF_E_CERT_NAME_EXCLUDED
#define REFUSED       HF_E_CERT_NAME_CONSTRAINT

typedef struct row {
    const char *permitted, *excluded; /* NULL: that list is not there */
    const char *sans, *subject;       /* NULL: none */
    hf_error expected;
} row;

/* ---- DNS names ---- */

static const row dns[] = {
    { "dns:example.com", NULL, "dns:example.com", NULL, OK },
    { "dns:example.com", NULL, "dns:www.example.com", NULL, OK },
    { "dns:example.com", NULL, "dns:a.b.c.example.com", NULL, OK },
    { "dns:example.com", NULL, "dns:WWW.Example.COM", NULL, OK },
    { "dns:EXAMPLE.com", NULL, "dns:www.example.com", NULL, OK },
    { "dns:example.com", NULL, "dns:badexample.com", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:not-example.com", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:com", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:example.com.evil.org", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:example.org", NULL, NOT_PERMITTED },
    { "dns:host.example.com", NULL, "dns:example.com", NULL, NOT_PERMITTED },
    { "dns:example.com; dns:example.org", NULL, "dns:a.example.org", NULL, OK },
    { "dns:example.com; dns:example.org", NULL, "dns:a.example.net", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:example.com; dns:example.org", NULL, NOT_PERMITTED },
    { "dns:com", NULL, "dns:example.com", NULL, OK },
    { "dns:", NULL, "dns:example.com", NULL, OK },
    { "dns:a_b.example.com", NULL, "dns:x.a_b.example.com", NULL, OK },
    { NULL, "dns:example.com", "dns:example.com", NULL, EXCLUDED },
    { NULL, "dns:example.com", "dns:www.example.com", NULL, EXCLUDED },
    { NULL, "dns:example.com", "dns:WWW.EXAMPLE.COM", NULL, EXCLUDED },
    { NULL, "dns:example.com", "dns:badexample.com", NULL, OK },
    { NULL, "dns:www.example.com", "dns:example.com", NULL, OK },
    { NULL, "dns:example.com", "dns:ok.org; dns:not.example.com", NULL, EXCLUDED },
    { NULL, "dns:", "dns:example.com", NULL, EXCLUDED },
    { NULL, "dns:", "ip:192.0.2.1", NULL, OK },
    { "dns:example.com", "dns:example.com", "dns:example.com", NULL, EXCLUDED },
    { "dns:example.com", "dns:secret.example.com", "dns:www.example.com", NULL, OK },
    { "dns:example.com", "dns:secret.example.com", "dns:a.secret.example.com", NULL, EXCLUDED },
    { "dns:www.example.com", "dns:example.com", "dns:www.example.com", NULL, EXCLUDED },
    /* a wildcard stands for every label in its place (RFC 9525 6.3) */
    { "dns:example.com", NULL, "dns:*.example.com", NULL, OK },
    { "dns:com", NULL, "dns:*.example.com", NULL, OK },
    { "dns:a.example.com", NULL, "dns:*.example.com", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:*.badexample.com", NULL, NOT_PERMITTED },
    { "dns:example.com", NULL, "dns:*.com", NULL, NOT_PERMITTED },
    { NULL, "dns:foo.example.com", "dns:*.example.com", NULL, EXCLUDED },
    { NULL, "dns:FOO.example.com", "dns:*.EXAMPLE.com", NULL, EXCLUDED },
    { NULL, "dns:example.com", "dns:*.example.com", NULL, EXCLUDED },
    { NULL, "dns:com", "dns:*.example.com", NULL, EXCLUDED },
    { NULL, "dns:example.com", "dns:*.com", NULL, EXCLUDED },
    { NULL, "dns:foo.example.org", "dns:*.example.com", NULL, OK },
    { NULL, "dns:a.foo.example.com", "dns:*.example.com", NULL, OK },
    { NULL, "dns:com", "dns:*.com.example", NULL, OK },
    /* malformed constraints */
    { "dns:.example.com", NULL, "dns:www.example.com", NULL, REFUSED },
    { NULL, "dns:.example.com", "dns:example.org", NULL, REFUSED },
    { "dns:*.example.com", NULL, "dns:www.example.com", NULL, REFUSED },
    { NULL, "dns:*.example.com", "dns:example.org", NULL, REFUSED },
    { "dns:example.com.", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:example..com", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:.", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:exa mple.com", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:https://example.com", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:192.0.2.1", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:example.com; dns:.example.org", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:.example.com", NULL, "ip:192.0.2.1", NULL, REFUSED },
    /* malformed names, which are nowhere */
    { "dns:example.com", NULL, "dns:.example.com", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:www..example.com", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:example.com.", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:w*.example.com", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:*.*.example.com", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:*", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:*.", NULL, REFUSED },
    { "dns:example.com", NULL, "dns:*example.com", NULL, REFUSED },
    { NULL, "dns:example.com", "dns:.example.org", NULL, REFUSED },
    { NULL, "dns:", "dns:..", NULL, REFUSED },
    { "ip:192.0.2.0/24", NULL, "dns:.example.com", NULL, OK },
};

/* ---- addresses ---- */

static const row addresses[] = {
    { "ip:192.0.2.0/24", NULL, "ip:192.0.2.1", NULL, OK },
    { "ip:192.0.2.0/24", NULL, "ip:192.0.2.255", NULL, OK },
    { "ip:192.0.2.0/24", NULL, "ip:192.0.3.0", NULL, NOT_PERMITTED },
    { "ip:192.0.2.0/24", NULL, "ip:192.0.1.255", NULL, NOT_PERMITTED },
    { "ip:192.0.2.1/32", NULL, "ip:192.0.2.1", NULL, OK },
    { "ip:192.0.2.1/32", NULL, "ip:192.0.2.2", NULL, NOT_PERMITTED },
    { "ip:192.0.2.128/25", NULL, "ip:192.0.2.128", NULL, OK },
    { "ip:192.0.2.128/25", NULL, "ip:192.0.2.127", NULL, NOT_PERMITTED },
    { "ip:0.0.0.0/0", NULL, "ip:203.0.113.9", NULL, OK },
    { "ip:192.0.2.77/24", NULL, "ip:192.0.2.1", NULL, OK }, /* bits under the mask do not count */
    { "ip:10.0.0.0/8; ip:192.0.2.0/24", NULL, "ip:10.9.8.7; ip:192.0.2.3", NULL, OK },
    { "ip:10.0.0.0/8; ip:192.0.2.0/24", NULL, "ip:10.9.8.7; ip:11.0.0.0", NULL, NOT_PERMITTED },
    { NULL, "ip:192.0.2.0/24", "ip:192.0.2.1", NULL, EXCLUDED },
    { NULL, "ip:192.0.2.0/24", "ip:192.0.3.1", NULL, OK },
    { NULL, "ip:0.0.0.0/0", "ip:192.0.3.1", NULL, EXCLUDED },
    { NULL, "ip:0.0.0.0/0", "dns:example.com", NULL, OK },
    { "ip:10.0.0.0/8", "ip:10.1.0.0/16", "ip:10.2.0.1", NULL, OK },
    { "ip:10.0.0.0/8", "ip:10.1.0.0/16", "ip:10.1.0.1", NULL, EXCLUDED },
    { "ip:2001:db8::/32", NULL, "ip:2001:db8::1", NULL, OK },
    { "ip:2001:db8::/32", NULL, "ip:2001:db9::1", NULL, NOT_PERMITTED },
    { "ip:::1/128", NULL, "ip:::1", NULL, OK },
    { "ip:::1/128", NULL, "ip:::2", NULL, NOT_PERMITTED },
    { "ip:2001:db8::/33", NULL, "ip:2001:db8:7fff::1", NULL, OK },
    { "ip:2001:db8::/33", NULL, "ip:2001:db8:8000::1", NULL, NOT_PERMITTED },
    { "ip:::/0", NULL, "ip:fe80::1", NULL, OK },
    { NULL, "ip:::1/128", "ip:::1", NULL, EXCLUDED },
    { NULL, "ip:2001:db8::/32", "ip:2001:db9::1", NULL, OK },
    { NULL, "ip:::/0", "ip:2001:db9::1", NULL, EXCLUDED },
    /* one kind of name, two families */
    { "ip:192.0.2.0/24", NULL, "ip:::1", NULL, NOT_PERMITTED },
    { "ip:::/0", NULL, "ip:192.0.2.1", NULL, NOT_PERMITTED },
    { NULL, "ip:::/0", "ip:192.0.2.1", NULL, OK },
    { NULL, "ip:0.0.0.0/0", "ip:::ffff:192.0.2.1", NULL, OK },
    { "ip:192.0.2.0/24; ip:2001:db8::/32", NULL, "ip:192.0.2.9; ip:2001:db8::9", NULL, OK },
    /* malformed: no mask, a mask with holes, other lengths */
    { "raw:87047f000001", NULL, "ip:127.0.0.1", NULL, REFUSED },
    { "raw:871000000000000000000000000000000001", NULL, "ip:::1", NULL, REFUSED },
    { "raw:87080a000000ff00ff00", NULL, "ip:10.0.0.1", NULL, REFUSED },
    { "raw:87080a0000007fffffff", NULL, "ip:10.0.0.1", NULL, REFUSED },
    { NULL, "raw:87080a000000ff00ff00", "ip:192.0.2.1", NULL, REFUSED },
    { NULL, "raw:87080a000000000000ff", "dns:example.com", NULL, REFUSED },
    { "raw:87090a000000ff00000000", NULL, "ip:10.0.0.1", NULL, REFUSED },
    { "raw:8700", NULL, "ip:10.0.0.1", NULL, REFUSED },
    { "ip:192.0.2.0/24", NULL, "raw:8708c0000200ffffff00", NULL, REFUSED },
    { NULL, "ip:192.0.2.0/24", "raw:8703c00002", NULL, REFUSED },
};

/* ---- mail addresses ---- */

static const row emails[] = {
    { "email:foo@example.com", NULL, "email:foo@example.com", NULL, OK },
    { "email:foo@example.com", NULL, "email:foo@EXAMPLE.com", NULL, OK },
    { "email:foo@example.com", NULL, "email:Foo@example.com", NULL, NOT_PERMITTED },
    { "email:foo@example.com", NULL, "email:bar@example.com", NULL, NOT_PERMITTED },
    { "email:foo@example.com", NULL, "email:foo@a.example.com", NULL, NOT_PERMITTED },
    { "email:example.com", NULL, "email:foo@example.com", NULL, OK },
    { "email:Example.COM", NULL, "email:foo@example.com", NULL, OK },
    { "email:example.com", NULL, "email:foo@a.example.com", NULL, NOT_PERMITTED },
    { "email:example.com", NULL, "email:foo@badexample.com", NULL, NOT_PERMITTED },
    { "email:.example.com", NULL, "email:foo@a.example.com", NULL, OK },
    { "email:.example.com", NULL, "email:foo@a.b.example.com", NULL, OK },
    { "email:.example.com", NULL, "email:foo@example.com", NULL, NOT_PERMITTED },
    { "email:.example.com", NULL, "email:foo@badexample.com", NULL, NOT_PERMITTED },
    { "email:.example.com", NULL, "email:foo@com", NULL, NOT_PERMITTED },
    { NULL, "email:.example.com", "email:foo@x", NULL, OK },
    { "email:", NULL, "email:foo@example.com", NULL, OK },
    { "email:*@example.com", NULL, "email:*@example.com", NULL, OK },
    { "email:*@example.com", NULL, "email:user@example.com", NULL, NOT_PERMITTED },
    { "email:*@example.com", NULL, "email:*@subdomain.example.com", NULL, NOT_PERMITTED },
    { "email:**@example.com", NULL, "email:**@example.com", NULL, OK },
    { "email:**@example.com", NULL, "email:*@example.com", NULL, NOT_PERMITTED },
    { "email:user*@example.com", NULL, "email:user*@example.com", NULL, OK },
    { "email:user*@example.com", NULL, "email:user1@example.com", NULL, NOT_PERMITTED },
    { "email:a.b+c@example.com", NULL, "email:a.b+c@example.com", NULL, OK },
    { NULL, "email:foo@example.com", "email:foo@example.com", NULL, EXCLUDED },
    { NULL, "email:foo@example.com", "email:bar@example.com", NULL, OK },
    { NULL, "email:example.com", "email:bar@example.com", NULL, EXCLUDED },
    { NULL, "email:example.com", "email:bar@www.example.com", NULL, OK },
    { NULL, "email:.example.com", "email:bar@www.example.com", NULL, EXCLUDED },
    { NULL, "email:.example.com", "email:bar@example.com", NULL, OK },
    { NULL, "email:", "email:bar@example.com", NULL, EXCLUDED },
    { NULL, "email:", "dns:example.com", NULL, OK },
    { "email:example.com", "email:root@example.com", "email:root@example.com", NULL, EXCLUDED },
    { "email:example.com", "email:root@example.com", "email:foo@example.com", NULL, OK },
    /* malformed constraints */
    { "email:invalid@invalid@example.com", NULL, "email:example@example.com", NULL, REFUSED },
    { "email:@example.com", NULL, "email:foo@example.com", NULL, REFUSED },
    { "email:foo@", NULL, "email:foo@example.com", NULL, REFUSED },
    { "email:foo@.example.com", NULL, "email:foo@a.example.com", NULL, REFUSED },
    { "email:*.example.com", NULL, "email:foo@a.example.com", NULL, REFUSED },
    { "email:..example.com", NULL, "email:foo@a.example.com", NULL, REFUSED },
    { "email:.", NULL, "email:foo@a.example.com", NULL, REFUSED },
    /* malformed names, or such as are not understood */
    { "email:example.com", NULL, "email:invalid@address@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:.foo@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:foo..bar@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:foo.@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:\"foo\"@example.com", NULL, REFUSED },
    { "email:example.com", NULL, "email:foo bar@example.com", NULL, REFUSED },
    { NULL, "email:example.com", "email:foo@[192.0.2.1]", NULL, REFUSED },
    { NULL, "email:example.com", "email:foo@*.example.org", NULL, REFUSED },
    /* RFC 5280 4.2.1.10: emailAddress in the subject, if there is no rfc822Name */
    { "email:example.com", NULL, NULL, "CN=a, E=(i)foo@example.com", OK },
    { "email:example.com", NULL, NULL, "CN=a, E=(i)foo@example.org", NOT_PERMITTED },
    { "email:example.com", NULL, "dns:example.org", "E=(i)foo@example.org", NOT_PERMITTED },
    { "email:example.com", NULL, NULL, "CN=a+E=foo@example.org", NOT_PERMITTED },
    { "email:example.com", NULL, NULL, "E=(i)foo@example.com, E=(i)a@example.org", NOT_PERMITTED },
    { "email:example.com", NULL, "email:foo@example.com", "E=(i)foo@example.org", OK },
    { NULL, "email:example.com", NULL, "E=(i)foo@example.com", EXCLUDED },
    { NULL, "email:example.com", NULL, "E=(i)nobody", REFUSED },
    { NULL, "email:example.com", NULL, "E=(b)foo@example.com", EXCLUDED },
    { NULL, "dns:example.com", NULL, "E=(i)nobody", OK },
};

/* ---- URIs ---- */

static const row uris[] = {
    { "uri:example.com", NULL, "uri:https://example.com/path", NULL, OK },
    { "uri:example.com", NULL, "uri:https://EXAMPLE.com", NULL, OK },
    { "uri:example.com", NULL, "uri:spiffe+x://example.com:8443?q#f", NULL, OK },
    { "uri:example.com", NULL, "uri:ftp://user:secret@example.com/", NULL, OK },
    { "uri:example.com", NULL, "uri:https://example.com:/", NULL, OK },
    { "uri:example.com", NULL, "uri:https://www.example.com/", NULL, NOT_PERMITTED },
    { "uri:example.com", NULL, "uri:https://example.org/", NULL, NOT_PERMITTED },
    { "uri:example.com", NULL, "uri:https://example.org/example.com", NULL, NOT_PERMITTED },
    { "uri:example.com", NULL, "uri:https://example.com@example.org/", NULL, NOT_PERMITTED },
    { "uri:example.com", NULL, "uri:https://example.org?@example.com/", NULL, NOT_PERMITTED },
    { "uri:example.com", NULL, "uri:https://example.org#@example.com/", NULL, NOT_PERMITTED },
    { "uri:.example.com", NULL, "uri:https://www.example.com/", NULL, OK },
    { "uri:.example.com", NULL, "uri:https://a.b.example.com/", NULL, OK },
    { "uri:.example.com", NULL, "uri:https://example.com/", NULL, NOT_PERMITTED },
    { "uri:.example.com", NULL, "uri:https://badexample.com/", NULL, NOT_PERMITTED },
    { "uri:", NULL, "uri:https://example.com/", NULL, OK },
    { NULL, "uri:example.com", "uri:https://example.com/", NULL, EXCLUDED },
    { NULL, "uri:example.com", "uri:HTTPS://Example.Com:443", NULL, EXCLUDED },
    { NULL, "uri:example.com", "uri:https://www.example.com/", NULL, OK },
    { NULL, "uri:.example.com", "uri:https://www.example.com/", NULL, EXCLUDED },
    { NULL, "uri:.example.com", "uri:https://example.com/", NULL, OK },
    { NULL, "uri:", "uri:https://example.com/", NULL, EXCLUDED },
    { "uri:.example.com", "uri:a.example.com", "uri:https://a.example.com/", NULL, EXCLUDED },
    /* without an authority, or with an address */
    { "uri:example.com", NULL, "uri:urn:example:com", NULL, REFUSED },
    { "uri:example.com", NULL, "uri:mailto:foo@example.com", NULL, REFUSED },
    { "uri:example.com", NULL, "uri:https://192.0.2.1/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://[2001:db8::1]/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https:///path", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:example.com", NULL, REFUSED },
    { NULL, "uri:example.com", "uri://example.com/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:1https://example.com/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://a@b@example.com/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://example.com:80a/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://exam%70le.com/", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://example.com./", NULL, REFUSED },
    { NULL, "uri:example.com", "uri:https://example.org\\@example.com/", NULL, REFUSED },
    { "dns:example.com", NULL, "uri:urn:example:com", NULL, OK },
    /* malformed constraints */
    { "uri:https://example.com", NULL, "uri:https://example.com/", NULL, REFUSED },
    { "uri:*.example.com", NULL, "uri:https://a.example.com/", NULL, REFUSED },
    { "uri:example.com:443", NULL, "uri:https://example.com/", NULL, REFUSED },
    { "uri:192.0.2.1", NULL, "uri:https://example.com/", NULL, REFUSED },
    { NULL, "uri:.", "dns:example.com", NULL, REFUSED },
};

/* A leading dot where it is no mistake: all that is below the domain, and not the domain itself. */
static const row dotted[] = {
    { "dns:.example.com", NULL, "dns:www.example.com", NULL, OK },
    { "dns:.example.com", NULL, "dns:a.b.Example.com", NULL, OK },
    { "dns:.example.com", NULL, "dns:*.example.com", NULL, OK },
    { "dns:.example.com", NULL, "dns:*.a.example.com", NULL, OK },
    { "dns:.example.com", NULL, "dns:example.com", NULL, NOT_PERMITTED },
    { "dns:.example.com", NULL, "dns:badexample.com", NULL, NOT_PERMITTED },
    { "dns:.example.com", NULL, "dns:*.badexample.com", NULL, NOT_PERMITTED },
    { "dns:.example.com", NULL, "dns:*.com", NULL, NOT_PERMITTED },
    { "dns:.example.com", NULL, "dns:com", NULL, NOT_PERMITTED },
    { "dns:.example.com", NULL, "ip:192.0.2.1", NULL, OK },
    { NULL, "dns:.example.com", "dns:www.example.com", NULL, EXCLUDED },
    { NULL, "dns:.example.com", "dns:*.example.com", NULL, EXCLUDED },
    { NULL, "dns:.example.com", "dns:example.com", NULL, OK },
    { NULL, "dns:.example.com", "dns:*.com", NULL, OK },
    { NULL, "dns:.example.com", "dns:badexample.com", NULL, OK },
    { NULL, "dns:.a.example.com", "dns:*.example.com", NULL, OK },
    { "dns:.", NULL, "dns:example.com", NULL, REFUSED },
    { "dns:..example.com", NULL, "dns:a.example.com", NULL, REFUSED },
    { NULL, "dns:.*.example.com", "dns:a.example.com", NULL, REFUSED },
    { "dns:", NULL, "dns:example.com", NULL, OK },
    { "dns:example.com", NULL, "dns:.example.com", NULL, REFUSED },
};

/* ---- distinguished names ---- */

/* The value of O in a subtree and in a name, as octets of these kinds of string. */
typedef struct value_row {
    uint8_t base_tag;
    const char *base;
    uint8_t name_tag;
    const char *name;
    hf_error permitted, excluded;
} value_row;

#define UTF8      0x0c
#define NUMERIC   0x12
#define PRINTABLE 0x13
#define T61       0x14
#define IA5       0x16
#define VISIBLE   0x1a
#define GENERAL   0x1b
#define UNIVERSAL 0x1c
#define BMP       0x1e

#define EVIL     "4576696c20436f7270" /* Evil Corp */
#define EVIL_BMP "004500560049004c00200063004f00520050"
#define EVIL_UNIVERSAL                                                                             \
    "00000045000000760000006900000"                                                                \
    "06c0000002000000043000000"                                                                    \
    "6f0000007200000070"

static const value_row values[] = {
    /* the same, whatever the kind */
    { UTF8, EVIL, BMP, EVIL_BMP, OK, EXCLUDED },
    { UTF8, EVIL, UNIVERSAL, EVIL_UNIVERSAL, OK, EXCLUDED },
    { UTF8, EVIL, T61, "4556494c2020636f7270", OK, EXCLUDED },
    { UTF8, EVIL, VISIBLE, "206576696c20636f727020", OK, EXCLUDED },
    { UTF8, EVIL, PRINTABLE, EVIL, OK, EXCLUDED },
    { UTF8, EVIL, IA5, EVIL, OK, EXCLUDED },
    { BMP, EVIL_BMP, UTF8, EVIL, OK, EXCLUDED },
    { UNIVERSAL, EVIL_UNIVERSAL, BMP, EVIL_BMP, OK, EXCLUDED },
    { T61, EVIL, VISIBLE, EVIL, OK, EXCLUDED },
    { UTF8, "31203233", NUMERIC, "31203233", OK, EXCLUDED },
    { NUMERIC, "31203233", PRINTABLE, "3120203233", OK, EXCLUDED },
    { UTF8, "c3bc", T61, "fc", OK, EXCLUDED },
    { UTF8, "c3bc", BMP, "00fc", OK, EXCLUDED },
    { UTF8, "f09f9880", UNIVERSAL, "0001f600", OK, EXCLUDED },
    /* surely another */
    { UTF8, EVIL, BMP, "0045007600690078", NOT_PERMITTED, OK },
    { UTF8, EVIL, UNIVERSAL, "00000045", NOT_PERMITTED, OK },
    { UTF8, EVIL, T61, "4576696c", NOT_PERMITTED, OK },
    { UTF8, EVIL, VISIBLE, "4576696c436f7270", NOT_PERMITTED, OK },
    { NUMERIC, "31", NUMERIC, "32", NOT_PERMITTED, OK },
    { UTF8, "41c3bc", UTF8, "42c3bc", NOT_PERMITTED, OK },
    { UTF8, EVIL, UTF8, "", NOT_PERMITTED, OK },
    /* nobody can be sure: characters that look the same, or that do not show */
    { UTF8, EVIL, UTF8, "4576696cc2a0436f7270", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, "4576696ce2808b20436f7270", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, EVIL "20c2a0", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, EVIL "c2a0", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, "457601696c20436f7270", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, BMP,
      "0415007600690"
      "06c00200043006f00720070",
      NOT_PERMITTED, EXCLUDED },
    { UTF8, "c39c", UTF8, "c3bc", NOT_PERMITTED, EXCLUDED },
    { UTF8, "c3bc", UTF8, "75cc88", NOT_PERMITTED, EXCLUDED },
    /* malformed, or of a kind that is not understood */
    { UTF8, EVIL, GENERAL, EVIL, NOT_PERMITTED, EXCLUDED },
    { GENERAL, EVIL, UTF8, "78", NOT_PERMITTED, EXCLUDED },
    { GENERAL, EVIL, GENERAL, EVIL, OK, EXCLUDED },
    { UTF8, EVIL, BMP, EVIL_BMP "00", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UNIVERSAL, "00000045ff000076", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, "c145", NOT_PERMITTED, EXCLUDED },
    { UTF8, EVIL, UTF8, "e08185", NOT_PERMITTED, EXCLUDED },
    { UTF8, "c3", UTF8, "c3bc", NOT_PERMITTED, EXCLUDED },
};

static const row directories[] = {
    { "dir:CN=foo", NULL, NULL, "CN=foo", OK },
    { "dir:CN=foo", NULL, NULL, "CN=not-foo", NOT_PERMITTED },
    { "dir:CN=foo", NULL, "dir:CN=foo", "CN=foo", OK },
    { "dir:CN=foo", NULL, "dir:CN=foo", NULL, OK },
    { "dir:CN=foo", NULL, "dir:CN=foo", "CN=not-foo", NOT_PERMITTED },
    { "dir:CN=foo", NULL, "dir:CN=bar", "CN=foo", NOT_PERMITTED },
    { "dir:C=DE, O=Example", NULL, NULL, "C=DE, O=Example, CN=a", OK },
    { "dir:C=DE, O=Example", NULL, NULL, "C=DE, O=Example", OK },
    { "dir:C=DE, O=Example", NULL, NULL, "C=DE", NOT_PERMITTED },
    { "dir:C=DE, O=Example", NULL, NULL, "O=Example, C=DE", NOT_PERMITTED },
    { "dir:O=Example", NULL, NULL, "C=DE, O=Example", NOT_PERMITTED },
    { "dir:O=Example", NULL, NULL, "O=Example Ltd", NOT_PERMITTED },
    { "dir:O=Example", NULL, NULL, "OU=Example", NOT_PERMITTED },
    { "dir:O=Example; dir:O=Other", NULL, NULL, "O=Other, CN=x", OK },
    { "dir:", NULL, NULL, "CN=anything", OK },
    { "dir:CN=foo", NULL, "dns:example.com", NULL, OK }, /* an empty subject is no name */
    { NULL, "dir:", NULL, "CN=anything", EXCLUDED },
    { NULL, "dir:", "dns:example.com", NULL, OK },
    { NULL, "dir:CN=foo", NULL, "CN=foo", EXCLUDED },
    { NULL, "dir:CN=foo", "dir:CN=bar", "CN=foo", EXCLUDED },
    { NULL, "dir:CN=foo", "dir:CN=foo", "CN=bar", EXCLUDED },
    { NULL, "dir:C=DE, O=Example", NULL, "C=DE, O=Example, CN=a", EXCLUDED },
    { NULL, "dir:C=DE, O=Example", NULL, "C=DE, O=Other, CN=a", OK },
    { NULL, "dir:C=DE, O=Example", NULL, "C=DE", OK },
    { "dir:C=DE", "dir:C=DE, O=Bad", NULL, "C=DE, O=Good", OK },
    { "dir:C=DE", "dir:C=DE, O=Bad", NULL, "C=DE, O=Bad, CN=a", EXCLUDED },
    /* RFC 5280 7.1: case and white space, between the kinds of string that have them */
    { "dir:O=Example", NULL, NULL, "O=EXAMPLE", OK },
    { "dir:O=(p)Example", NULL, NULL, "O=example", OK },
    { "dir:O=Example", NULL, NULL, "O=(p)example", OK },
    { "dir:O=Big   Example ", NULL, NULL, "O=big example", OK },
    { "dir:O=Big Example", NULL, NULL, "O=  Big\tExample", OK },
    { "dir:O=Big Example", NULL, NULL, "O=BigExample", NOT_PERMITTED },
    { "dir:DC=(i)Example", NULL, NULL, "DC=(i)example", OK },
    { "dir:O=(t)Example", NULL, NULL, "O=(t)Example", OK },
    { "dir:O=(t)Example", NULL, NULL, "O=(t)example", OK },
    { "dir:O=(t)Example", NULL, NULL, "O=Example", OK },
    { "dir:O=(b)Example", NULL, NULL, "O=(b)Example, CN=a", OK },
    { "dir:O=\xc3\x9c", NULL, NULL, "O=\xc3\xbc", NOT_PERMITTED },
    { NULL, "dir:O=(p)EXAMPLE", NULL, "O=Example, CN=a", EXCLUDED },
    { NULL, "dir:O= ex  ample ", NULL, "O=Ex Ample, CN=a", EXCLUDED },
    /* sets */
    { "dir:CN=a+OU=b", NULL, NULL, "CN=a+OU=b", OK },
    { "dir:CN=a+OU=b", NULL, NULL, "OU=b+CN=a", OK },
    { "dir:CN=a+OU=b", NULL, NULL, "CN=a", NOT_PERMITTED },
    { "dir:CN=a", NULL, NULL, "CN=a+OU=b", NOT_PERMITTED },
    { "dir:CN=a+CN=b", NULL, NULL, "CN=a+CN=a", NOT_PERMITTED },
    { "dir:CN=a+CN=a", NULL, NULL, "CN=a+CN=b", NOT_PERMITTED },
    { "dir:CN=a+CN=a", NULL, NULL, "CN=a", NOT_PERMITTED },
    { "dir:CN=a", NULL, NULL, "CN=a+CN=a", NOT_PERMITTED },
    { NULL, "dir:CN=long+OU=b", NULL, "OU=b+CN=LONG", EXCLUDED },
    { "dir:CN=a", NULL, NULL, "L=1+L=2+L=3+L=4+L=5+L=6+L=7+L=8+L=9", REFUSED },
    { "dir:L=1+L=2+L=3+L=4+L=5+L=6+L=7+L=8+L=9", NULL, NULL, "CN=a", REFUSED },
    /* malformed: no Name, two, an empty RDN */
    { "raw:a400", NULL, NULL, "CN=a", REFUSED },
    { "raw:a40430003000", NULL, NULL, "CN=a", REFUSED },
    { "raw:a40430023100", NULL, NULL, "CN=a", REFUSED },
    { "dir:CN=a", NULL, "raw:a4020500", NULL, REFUSED },
    { NULL, "dir:CN=a", "raw:a40430023100", NULL, REFUSED },
};

/* ---- kinds that are not understood, and kinds beside one another ---- */

static const row others[] = {
    { NULL, "other:1.2.3=x", "other:1.2.3=x", NULL, REFUSED },
    { NULL, "other:1.2.3=x", "other:1.2.4=y", NULL, REFUSED },
    { "other:1.2.3=x", NULL, "other:1.2.3=x", NULL, REFUSED },
    { NULL, "other:1.2.3=x", "dns:example.com", NULL, OK },
    { "other:1.2.3=x", NULL, "dns:example.com", "CN=a", OK },
    { "other:1.2.3=x", NULL, NULL, NULL, OK },
    { "dns:example.com", NULL, "other:1.2.3=x", NULL, OK },
    { NULL, "rid:1.2.3", "rid:1.2.4", NULL, REFUSED },
    { "rid:1.2.3", NULL, "rid:1.2.3", NULL, REFUSED },
    { NULL, "rid:1.2.3", "dns:example.com", NULL, OK },
    { NULL, "x400:", "x400:", NULL, REFUSED },
    { NULL, "x400:", "edi:", NULL, OK },
    { "edi:", NULL, "edi:", NULL, REFUSED },
    { "edi:", NULL, "email:a@example.com", NULL, OK },
    /* permitted subtrees of one kind say nothing of another */
    { "ip:192.0.2.0/24", NULL, "dns:example.com", NULL, OK },
    { NULL, "ip:192.0.2.0/24", "dns:example.com", NULL, OK },
    { "dns:example.com", NULL, "ip:192.0.2.1", NULL, OK },
    { "dns:example.com", NULL, "email:a@example.org", NULL, OK },
    { "dns:example.com", NULL, "uri:https://example.org/", NULL, OK },
    { "email:example.com", NULL, "dns:example.org", NULL, OK },
    { "uri:example.com", NULL, "dns:example.org", NULL, OK },
    { "dir:O=Example", NULL, "dns:example.org", "O=Example", OK },
    /* all kinds at once: one wrong name is enough */
    { "dns:example.com; ip:10.0.0.0/8; email:example.com", NULL,
      "dns:a.example.com; ip:10.1.1.1; email:a@example.com", "CN=a", OK },
    { "dns:example.com; ip:10.0.0.0/8; email:example.com", NULL,
      "dns:a.example.com; ip:10.1.1.1; email:a@example.org", "CN=a", NOT_PERMITTED },
    { "dns:example.com; ip:10.0.0.0/8; email:example.com", "ip:10.1.0.0/16",
      "dns:a.example.com; ip:10.1.1.1; email:a@example.com", "CN=a", EXCLUDED },
    { "dns:example.com", "ip:0.0.0.0/0; ip:::/0", "dns:a.example.com", "CN=a", OK },
    { "dns:example.com", "ip:0.0.0.0/0; ip:::/0", "dns:a.example.com; ip:::1", NULL, EXCLUDED },
    { "dns:example.com", "other:1.2.3=x", "dns:a.example.com; other:1.2.3=x", NULL, REFUSED },
    { "dns:example.com", NULL, NULL, "CN=www.example.org", OK }, /* a common name is no DNS name */
};

#endif
