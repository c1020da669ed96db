/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading certificates out of files, and saying why there was none. */
#include "tool/cert_bag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "crypto/signature.h"
#include "tool/exit.h"
#include "tool/say.h"

enum { FILE_LIMIT = 4 * 1024 * 1024 };

static bool is_der(hf_span file)
{
    return file.len > 2 && file.data[0] == 0x30 && file.data[1] >= 0x80;
}

/* ---- the bag ---- */

static hf_error grow(hf_cert_bag *bag)
{
    size_t room = bag->room > 0 ? 2 * bag->room : 16;
    hf_cert_bag next = { .n = bag->n, .room = room };

    if (bag->n == HF_BAG_MAX)
        return HF_E_LIMIT;
    next.der = hf_alloc(room * sizeof *next.der);
    next.from = hf_alloc(room * sizeof *next.from);
    next.place = hf_alloc(room * sizeof *next.place);
    if (!next.der || !next.from || !next.place) {
        hf_free(next.der);
        hf_free(next.from);
        hf_free(next.place);
        return HF_E_NO_MEMORY;
    }
    for (size_t i = 0; i < bag->n; i++) {
        next.der[i] = bag->der[i];
        next.from[i] = bag->from[i];
        next.place[i] = bag->place[i];
    }
    hf_free(bag->der);
    hf_free(bag->from);
    hf_free(bag->place);
    *bag = next;
    return HF_OK;
}

/* Takes the memory over, also when it fails. */
static hf_error take(hf_cert_bag *bag, uint8_t *der, size_t len, const char *from, size_t place)
{
    hf_error e = !der ? HF_E_NO_MEMORY : bag->n == bag->room ? grow(bag) : HF_OK;

    if (e != HF_OK) {
        hf_free(der);
        return e;
    }
    bag->der[bag->n] = hf_span_of(der, len);
    bag->from[bag->n] = from;
    bag->place[bag->n++] = place;
    return HF_OK;
}

hf_error hf_bag_add(hf_cert_bag *bag, hf_span der, const char *from, size_t place)
{
    return take(bag, hf_copy(der), der.len, from, place);
}

void hf_bag_free(hf_cert_bag *bag)
{
    for (size_t i = 0; i < bag->n; i++)
        hf_free((void *)(uintptr_t)bag->der[i].data);
    hf_free(bag->der);
    hf_free(bag->from);
    hf_free(bag->place);
    *bag = (hf_cert_bag){ .n = 0 };
}

void hf_bag_where(const hf_cert_bag *bag, size_t i, char out[HF_BAG_WHERE_ROOM])
{
    bool alone = bag->place[i] == 1 && (i + 1 == bag->n || bag->place[i + 1] == 1);

    if (alone)
        snprintf(out, HF_BAG_WHERE_ROOM, "%.150s", bag->from[i]);
    else
        snprintf(out, HF_BAG_WHERE_ROOM, "certificate %zu of %.120s", bag->place[i], bag->from[i]);
}

/* ---- files ---- */

static hf_error split(hf_cert_bag *bag, hf_span file, const char *from)
{
    uint8_t *der;
    size_t len;

    if (is_der(file))
        return hf_bag_add(bag, file, from, 1);
    for (size_t place = 1;; place++) {
        hf_error e = hf_pem_next(&file, "CERTIFICATE", &der, &len);
        if (e != HF_OK)
            return place > 1 && e == HF_E_CONFIG_PEM ? HF_OK : e;
        TRY(take(bag, der, len, from, place));
    }
}

static int refuse_file(const char *path, int why)
{
    hf_error_what("the file could not be read");
    hf_error_why("%s: %s", path, strerror(why));
    hf_error_next("check its name and permissions");
    return HF_EXIT_IO;
}

static int refuse_content(const char *path, hf_error e)
{
    if (e != HF_E_CONFIG_PEM && e != HF_E_LIMIT)
        return hf_complain_row(e, "the certificates could not be read", path);
    hf_error_what("there is no certificate to inspect");
    if (e == HF_E_LIMIT)
        hf_error_why("%s: there are more than %d certificates", path, HF_BAG_MAX);
    else
        hf_error_why("%s: it holds no whole -----BEGIN CERTIFICATE----- block and is not DER",
                     path);
    hf_error_next("give a certificate or a chain; a private key cannot be inspected");
    return HF_EXIT_USAGE;
}

int hf_bag_read(hf_cert_bag *bag, const char *path)
{
    uint8_t *bytes;
    size_t len;
    bool from_stdin = strcmp(path, "-") == 0;

    if (hf_os_read_file(from_stdin ? "/dev/stdin" : path, FILE_LIMIT, &bytes, &len) != HF_OK)
        return refuse_file(path, errno);
    hf_error e = split(bag, hf_span_of(bytes, len), from_stdin ? "stdin" : path);
    hf_os_free(bytes, len);
    return e == HF_OK ? HF_EXIT_OK : refuse_content(path, e);
}

int hf_bag_read_all(hf_cert_bag *bag, const char *const *paths, size_t n)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < n && status == HF_EXIT_OK; i++)
        status = hf_bag_read(bag, paths[i]);
    return status;
}
