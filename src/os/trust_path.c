/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* CA certificates from one file, or from every file of a folder. Which place: trust.c. */
#include <handfast/os.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
    FILE_LIMIT = 16 * 1024 * 1024, /* a bundle of all public CAs has about 250 KiB */
    FOLDER_LIMIT = 4096,           /* files */
    PATH_ROOM = 4096
};

static bool looks_like_der(const uint8_t *bytes, size_t len)
{
    return len > 2 && bytes[0] == 0x30 && bytes[1] > 0x7f;
}

static hf_error add_file(hf_trust *trust, const char *path, size_t *added)
{
    uint8_t *bytes;
    size_t len;

    *added = 0;
    TRY(hf_os_read_file(path, FILE_LIMIT, &bytes, &len));
    hf_error e = hf_trust_add_pem(trust, hf_span_of(bytes, len), added);
    if (e == HF_E_CONFIG_PEM && looks_like_der(bytes, len)) {
        e = hf_trust_add_der(trust, hf_span_of(bytes, len));
        *added = e == HF_OK;
        if (e != HF_OK && e != HF_E_NO_MEMORY)
            e = HF_E_CONFIG_PEM;
    }
    hf_os_free(bytes, len);
    return e;
}

/* Files that were read: OpenSSL's folders hold each of them again under the hash of its name. */
typedef struct seen_files {
    size_t n;
    struct {
        dev_t device;
        ino_t file;
    } at[FOLDER_LIMIT];
} seen_files;

static bool is_new(seen_files *seen, const struct stat *s)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->at[i].device == s->st_dev && seen->at[i].file == s->st_ino)
            return false;
    if (seen->n == FOLDER_LIMIT)
        return false;
    seen->at[seen->n].device = s->st_dev;
    seen->at[seen->n].file = s->st_ino;
    seen->n++;
    return true;
}

/* A file that is no certificate does not spoil the folder, and neither does one that we may not
   read. */
static hf_error add_entry(hf_trust *trust, const char *folder, const char *name, seen_files *seen,
                          size_t *total)
{
    char path[PATH_ROOM];
    struct stat s;
    size_t added;
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (name[0] == '.' || n < 0 || (size_t)n >= sizeof path)
        return HF_OK;
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode) || !is_new(seen, &s))
        return HF_OK;
    hf_error e = add_file(trust, path, &added);
    *total += added;
    return e == HF_E_NO_MEMORY ? e : HF_OK;
}

static hf_error add_all(hf_trust *trust, DIR *dir, const char *folder, size_t *added)
{
    seen_files *seen = hf_alloc(sizeof *seen);
    const struct dirent *entry;
    hf_error e = seen ? HF_OK : HF_E_NO_MEMORY;

    while (e == HF_OK && (entry = readdir(dir)) != NULL)
        e = add_entry(trust, folder, entry->d_name, seen, added);
    hf_free(seen);
    return e;
}

static hf_error add_folder(hf_trust *trust, const char *folder, size_t *added)
{
    DIR *dir = opendir(folder);

    *added = 0;
    if (!dir)
        return HF_E_CONFIG_FILE;
    hf_error e = add_all(trust, dir, folder, added);
    closedir(dir);
    if (e == HF_OK && *added == 0)
        e = HF_E_CONFIG_PEM;
    return e;
}

hf_error hf_os_trust_path(hf_trust *trust, const char *path, size_t *added)
{
    struct stat s;
    size_t n = 0;

    if (stat(path, &s) != 0)
        return HF_E_CONFIG_FILE;
    hf_error e = S_ISDIR(s.st_mode) ? add_folder(trust, path, &n) : add_file(trust, path, &n);
    if (added)
        *added = n;
    return e;
}
