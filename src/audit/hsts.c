/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 *     Strict-Transport-Security = [ directive ] *( ";" [ directive ] )
 *     directive                 = token [ "=" ( token / quoted-string ) ]
 *
 * Names have no case; each may stand there once; max-age must; what is unknown is skipped; a header that is not of this form is ignored
 * whole (RFC 6797 6.1, 8.1). preload is no directive of the RFC, but of the list that browsers bring along.
 */
#include "audit/hsts.h"

#include "base/bytes.h"

enum { DIRECTIVES_MAX = 16, DIGITS_MAX = 18 };

typedef struct directive {
    hf_span name, value; /* of a quoted string what is inside */
    bool has_value;
} directive;

typedef struct parser {
    const char *at;
    hf_hsts *hsts;
    hf_span names[DIRECTIVES_MAX];
    size_t n;
    bool has_max_age;
} parser;

/* RFC 2616 2.2: CHARs but controls and separators. */
static bool is_token(char c)
{
    return c > 0x20 && c < 0x7f && !strchr("()<>@,;:\\\"/[]?={}", c);
}

static void skip_blanks(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

static hf_span token(parser *p)
{
    const char *start = p->at;

    while (is_token(*p->at))
        p->at++;
    return hf_span_of(start, (size_t)(p->at - start));
}

/* False: it does not end. */
static bool quoted(parser *p, hf_span *inside)
{
    const char *start = ++p->at;

    while (*p->at && *p->at != '"')
        p->at += *p->at == '\\' && p->at[1] ? 2 : 1;
    *inside = hf_span_of(start, (size_t)(p->at - start));
    return *p->at && *p->at++ == '"';
}

static const char *read_directive(parser *p, directive *d)
{
    *d = (directive){ .name = token(p) };
    if (d->name.len == 0)
        return "a directive without a name";
    skip_blanks(p);
    if (*p->at != '=')
        return NULL;
    p->at++;
    skip_blanks(p);
    d->has_value = true;
    if (*p->at == '"')
        return quoted(p, &d->value) ? NULL : "a quoted string that does not end";
    d->value = token(p);
    return d->value.len > 0 ? NULL : "a directive with an empty value";
}

static bool is_named(const directive *d, const char *name)
{
    return hf_span_equal_text(d->name, hf_span_str(name));
}

/* delta-seconds: digits and nothing else. So many that they do not fit mean for ever. */
static const char *read_max_age(parser *p, const directive *d)
{
    uint64_t seconds = 0;

    p->has_max_age = true;
    for (size_t i = 0; i < d->value.len; i++) {
        uint8_t c = d->value.data[i];
        if (c < '0' || c > '9')
            return "max-age is not a number of seconds";
        seconds = i < DIGITS_MAX ? seconds * 10 + (c - '0') : INT64_MAX;
    }
    p->hsts->max_age = seconds;
    return d->value.len > 0 ? NULL : "max-age has no value";
}

static const char *note_name(parser *p, hf_span name)
{
    for (size_t i = 0; i < p->n; i++)
        if (hf_span_equal_text(p->names[i], name))
            return "a directive stands there twice";
    if (p->n == DIRECTIVES_MAX)
        return "too many directives";
    p->names[p->n++] = name;
    return NULL;
}

static const char *take(parser *p, const directive *d)
{
    const char *wrong = note_name(p, d->name);

    if (wrong)
        return wrong;
    if (is_named(d, "max-age"))
        return read_max_age(p, d);
    if (is_named(d, "includeSubDomains"))
        p->hsts->subdomains = true;
    if (is_named(d, "preload"))
        p->hsts->preload = true;
    return is_named(d, "includeSubDomains") && d->has_value ? "includeSubDomains has a value"
                                                            : NULL;
}

static const char *read_all(parser *p)
{
    const char *wrong = NULL;
    directive d;

    for (;;) {
        skip_blanks(p);
        if (*p->at && *p->at != ';') {
            wrong = read_directive(p, &d);
            if (!wrong)
                wrong = take(p, &d);
        }
        skip_blanks(p);
        if (wrong || !*p->at)
            return wrong;
        if (*p->at++ != ';')
            return "directives are not divided by semicolons";
    }
}

void hf_hsts_read(hf_hsts *hsts, const char *value)
{
    parser p = { .at = value, .hsts = hsts };

    *hsts = (hf_hsts){ .wrong = NULL };
    hsts->wrong = read_all(&p);
    if (!hsts->wrong && !p.has_max_age)
        hsts->wrong = "max-age is missing";
    if (hsts->wrong)
        *hsts = (hf_hsts){ .wrong = hsts->wrong };
}
