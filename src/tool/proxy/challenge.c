/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The only files that a worker opens: of one folder, by a name that is letters, digits, "-" and "_" alone (base64url, as tokens are),
 * no symbolic links, nothing but regular files, with the rights of the worker's user. So no path leads out of the folder.
 */
#include "tool/proxy/challenge.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

static const char prefix[] = "/.well-known/acme-challenge/";

/* Where they are, below the folder: certbot --webroot and acme.sh -w make the first; others write into the folder itself. */
static const char *const layouts[] = { "/.well-known/acme-challenge", "" };

bool hf_challenge_is_path(hf_span path)
{
    size_t n = sizeof prefix - 1;

    return path.len >= n && memcmp(path.data, prefix, n) == 0;
}

static bool token_of(hf_span path, char token[HF_CHALLENGE_TOKEN])
{
    size_t at = sizeof prefix - 1, len;
    const uint8_t *query = memchr(path.data, '?', path.len);

    len = (query ? (size_t)(query - path.data) : path.len) - at;
    if (len == 0 || len >= HF_CHALLENGE_TOKEN)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = path.data[at + i], l = hf_lower(c);
        if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
            return false;
        token[i] = (char)c;
    }
    token[len] = '\0';
    return true;
}

/* Of a file that is no more than that; it may change meanwhile. */
static uint8_t *read_all(int fd, size_t *len)
{
    uint8_t *bytes = hf_alloc(HF_CHALLENGE_MAX);
    size_t n = 0;
    ssize_t more = 1;

    while (bytes && n < HF_CHALLENGE_MAX && more > 0) {
        more = read(fd, bytes + n, HF_CHALLENGE_MAX - n);
        n += more > 0 ? (size_t)more : 0;
    }
    if (more < 0) {
        hf_free(bytes);
        return NULL;
    }
    *len = n;
    return bytes;
}

static int open_file(const hf_proxy_config *config, const char *layout, const char *token)
{
    char path[PATH_MAX];
    size_t n;

    hf_proxy_path(config, config->challenges.text, path, sizeof path);
    n = strlen(path);
    if (n + strlen(layout) + strlen(token) + 2 > sizeof path)
        return -1;
    snprintf(path + n, sizeof path - n, "%s/%s", layout, token);
    return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

uint8_t *hf_challenge_read(const hf_proxy_config *config, hf_span path, size_t *len)
{
    char token[HF_CHALLENGE_TOKEN];
    uint8_t *bytes = NULL;

    if (!token_of(path, token))
        return NULL;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts && !bytes; i++) {
        int fd = open_file(config, layouts[i], token);
        struct stat is;
        if (fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode) && is.st_size <= HF_CHALLENGE_MAX)
            bytes = read_all(fd, len);
        if (fd >= 0)
            close(fd);
    }
    return bytes;
}
