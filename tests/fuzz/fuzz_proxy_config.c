/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's configuration: any bytes. A file that is refused has a place inside the file and words that can be shown, and the same first fault alone and among all; one that is
 * accepted keeps the bounds of the table of keys, has a site for each of its names, and reads the same twice.
 */
#include "fuzz/fuzz.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/keys.h"
#include "tool/proxy/value.h"

/* ---- refused ---- */

/* How many lines, and how many characters the wanted one has. */
static unsigned count_lines(hf_span bytes, unsigned wanted, unsigned *columns)
{
    unsigned line = 1;

    *columns = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.data[i];
        bool cr_of_two = byte == '\r' && i + 1 < bytes.len && bytes.data[i + 1] == '\n';
        if (byte == '\n' || (byte == '\r' && !cr_of_two))
            line++;
        else if (line == wanted && (byte & 0xc0) != 0x80)
            ++*columns;
    }
    return line;
}

static void check_fault(hf_span bytes, const hf_config_fault *fault)
{
    unsigned columns, lines = count_lines(bytes, fault->at.line, &columns);

    CHECK(fault->at.line >= 1 && fault->at.line <= lines);
    CHECK(fault->at.column >= 1 && fault->at.column <= columns + 1);
    check_text(fault->what, sizeof fault->what);
    check_text(fault->why, sizeof fault->why);
    check_text(fault->next, sizeof fault->next);
    CHECK(fault->what[0] && fault->next[0] && strcmp(fault->file, "fuzz.yaml") == 0);
}

/* ---- accepted ---- */

static void dump_map(FILE *out, const char *above, const char *base);

static void dump_text(FILE *out, const hf_config_text *text)
{
    fprintf(out, " %u:%u %s\n", text->at.line, text->at.column, text->text ? text->text : "-");
}

static uint64_t number_at(const char *at, size_t size)
{
    uint64_t wide = 0;
    unsigned middle = 0;

    if (size == sizeof wide)
        memcpy(&wide, at, sizeof wide);
    else if (size == sizeof middle)
        memcpy(&middle, at, sizeof middle);
    else
        return (uint8_t)*at;
    return size == sizeof wide ? wide : middle;
}

static void check_number(const hf_key *key, uint64_t number)
{
    uint64_t low, high;

    if (key->kind == HF_KIND_BOOL)
        CHECK(number <= 1);
    if (!hf_value_bounds(key, &low, &high))
        return;
    if (key->kind == HF_KIND_SECONDS)
        number *= 1000;
    CHECK(number <= high &&
          (number >= low || (number == 0 && key->row.standard && !key->row.standard[0])));
}

static void dump_one(FILE *out, const hf_key *key, const char *base)
{
    if (!hf_kind_is_number(key->kind)) {
        const hf_config_text *text = (const void *)(base + key->at);
        CHECK(text->text || (key->row.standard && !key->row.standard[0]));
        dump_text(out, text);
        return;
    }
    uint64_t number = number_at(base + key->at, key->size);
    check_number(key, number);
    fprintf(out, " %llu\n", (unsigned long long)number);
}

static void check_count(const hf_key *key, size_t n)
{
    uint64_t low, high;

    CHECK(hf_value_bounds(key, &low, &high));
    CHECK(n <= high && (n >= low || (n == 0 && key->row.standard)));
}

static void dump_list(FILE *out, const hf_key *key, const char *base)
{
    const hf_config_list *list = (const void *)(base + key->at);

    if (hf_kind_is_number(key->kind)) {
        uint64_t n = number_at(base + key->count_at, sizeof n);
        check_count(key, (size_t)n);
        for (size_t i = 0; i < n; i++)
            fprintf(out, " %llu",
                    (unsigned long long)number_at(base + key->at + i * sizeof(unsigned),
                                                  sizeof(unsigned)));
        return;
    }
    check_count(key, list->n);
    for (size_t i = 0; i < list->n; i++) {
        CHECK(list->at[i].text && list->at[i].at.line > 0);
        dump_text(out, &list->at[i]);
    }
}

static void dump_maps(FILE *out, const hf_key *key, const char *base)
{
    uint64_t n = number_at(base + key->count_at, sizeof n);
    const char *elements = base + key->at;
    char above[80];

    if (key->size == sizeof elements)
        memcpy(&elements, base + key->at, sizeof elements);
    check_count(key, (size_t)n);
    snprintf(above, sizeof above, "%s[]", key->row.path);
    for (size_t i = 0; i < n; i++)
        dump_map(out, above, elements + i * key->one);
}

static void dump_map(FILE *out, const char *above, const char *base)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++) {
        if (!hf_key_is_below(key, above))
            continue;
        fprintf(out, "%s:", key->row.path);
        if (key->shape == HF_SHAPE_ONE)
            dump_one(out, key, base);
        else if (key->shape == HF_SHAPE_LIST)
            dump_list(out, key, base);
        else if (key->shape != HF_SHAPE_MAP)
            dump_maps(out, key, base);
        else if (number_at(base + key->at, sizeof(unsigned)) > 0 || key->row.standard[0])
            dump_map(out, key->row.path, base); /* what was left out has no required keys */
    }
}

static char *dump(const hf_proxy_config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    CHECK(out);
    dump_map(out, "", (const char *)config);
    fclose(out);
    CHECK(text);
    return text;
}

static void check_backend(const hf_config_backend *b)
{
    CHECK(b->host[0] && memchr(b->host, '\0', sizeof b->host));
    CHECK((b->kind == HF_BACKEND_TCP) == (b->port != 0));
    CHECK(!b->tls || b->kind == HF_BACKEND_TCP || b->tls_name.text);
    CHECK(!b->identity.chain.text == !b->identity.key.text);
}

static void check_site(const hf_proxy_config *config, const hf_config_site *site)
{
    CHECK(site->n_certificates <= HF_PROXY_CERTIFICATES_MAX &&
          site->n_backends <= HF_PROXY_BACKENDS_MAX);
    CHECK(!(site->mode == HF_SITE_TCP && (site->hsts.on || site->client_auth.paths.n > 0)));
    CHECK(site->client_auth.mode == HF_AUTH_NONE || site->client_auth.ca.text);
    CHECK(strncmp(site->policy.text, "classroom", 9) != 0);
    for (size_t i = 0; i < site->names.n; i++) {
        const char *name = site->names.at[i].text;
        CHECK(strlen(name) <= 253 &&
              strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.*") == strlen(name));
        CHECK(name[0] == '*' || hf_proxy_site_of(config, name));
    }
    for (size_t i = 0; i < site->n_backends; i++)
        check_backend(&site->backends[i]);
}

static void check_config(const hf_proxy_config *config)
{
    hf_config_fault warning;

    for (size_t i = 0; i < config->n_sites; i++)
        check_site(config, &config->sites[i]);
    for (size_t i = 0; i < 8 && hf_proxy_config_warning(config, i, &warning); i++)
        check_text(warning.what, sizeof warning.what);
}

/* ---- both ---- */

static char *read_once(hf_span bytes, hf_config_fault *fault)
{
    hf_proxy_config *config;
    bool good = hf_proxy_config_read(bytes, "fuzz.yaml", &config, fault);

    CHECK(good == (config != NULL));
    if (!good)
        return NULL;
    check_config(config);
    char *text = dump(config);
    hf_proxy_config_free(config);
    return text;
}

/* All of them: the first is the one alone, the others come in the order of the file. */
static void check_all(hf_span bytes, const hf_config_fault *alone)
{
    static hf_config_fault list[HF_PROXY_FAULTS_MAX];
    hf_config_faults all = { .at = list, .room = HF_PROXY_FAULTS_MAX };
    hf_proxy_config *config;

    CHECK(!hf_proxy_config_read_all(bytes, "fuzz.yaml", &config, &all) && !config);
    CHECK(all.n >= 1 && all.n <= all.room && (!all.more || all.n == all.room));
    CHECK(memcmp(&list[0], alone, sizeof *alone) == 0);
    for (size_t i = 0; i < all.n; i++) {
        check_fault(bytes, &list[i]);
        CHECK(i < 2 || !hf_place_before(list[i].at, list[i - 1].at));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_span bytes = { data, size };
    hf_config_fault first, second;
    char *once = read_once(bytes, &first), *twice = read_once(bytes, &second);

    CHECK(!once == !twice);
    if (once)
        CHECK(strcmp(once, twice) == 0);
    else
        CHECK(memcmp(&first.at, &second.at, sizeof first.at) == 0 &&
              strcmp(first.what, second.what) == 0);
    if (!once) {
        check_fault(bytes, &first);
        check_all(bytes, &first);
    }
    free(once);
    free(twice);
    return 0;
}
