/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Files with one thing in them, as PEM or DER. */
#include "tool/cert_file.h"

#include <errno.h>
#include <string.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/say.h"

enum { FILE_LIMIT = 1024 * 1024 };

static bool is_der(hf_span file)
{
    return file.len > 2 && file.data[0] == 0x30 && file.data[1] >= 0x80;
}

static hf_error decode(hf_span file, const char *label, const char *other, uint8_t **der,
                       size_t *len)
{
    hf_span again = file;

    if (is_der(file)) {
        *der = hf_copy(file);
        *len = file.len;
        return *der ? HF_OK : HF_E_NO_MEMORY;
    }
    hf_error e = hf_pem_next(&file, label, der, len);
    return e == HF_E_CONFIG_PEM && other ? hf_pem_next(&again, other, der, len) : e;
}

hf_error hf_der_file(const char *path, const char *label, const char *other, uint8_t **der,
                     size_t *len)
{
    uint8_t *bytes;
    size_t n;

    TRY(hf_os_read_file(path, FILE_LIMIT, &bytes, &n));
    hf_error e = decode(hf_span_of(bytes, n), label, other, der, len);
    hf_os_free(bytes, n);
    return e;
}

int hf_cert_file_open(const char *path, hf_cert_file *file)
{
    memset(file, 0, sizeof *file);
    hf_error e = hf_der_file(path, "CERTIFICATE", NULL, &file->der, &file->len);
    int why = errno;

    if (e == HF_OK)
        e = hf_cert_parse(&file->cert, hf_span_of(file->der, file->len), NULL);
    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("the certificate cannot be read");
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("give the file of a certificate, PEM or DER");
    hf_cert_file_close(file);
    return HF_EXIT_USAGE;
}

void hf_cert_file_close(hf_cert_file *file)
{
    hf_free(file->der);
    memset(file, 0, sizeof *file);
}
