/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading whole files into memory that is wiped when it is given back. Failures leave errno. */
#include <handfast/os.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"

enum { FIRST_ROOM = 16 * 1024 };

/* Memory that grows; what it held before is wiped, for it may be a key. */
typedef struct grower {
    uint8_t *bytes;
    size_t len, room, limit;
} grower;

static bool grow(grower *g, size_t room)
{
    uint8_t *bigger = hf_alloc(room + 1);

    if (!bigger)
        return false;
    if (g->len > 0)
        memcpy(bigger, g->bytes, g->len);
    hf_free_secret(g->bytes, g->room);
    g->bytes = bigger;
    g->room = room;
    return true;
}

/* One byte more than the limit is room enough to see that a file is too long. */
static size_t next_room(const grower *g)
{
    size_t room = g->room > 0 ? g->room * 2 : FIRST_ROOM;

    return room < g->limit + 1 ? room : g->limit + 1;
}

static hf_error read_all(int fd, grower *g)
{
    for (;;) {
        if (g->len == g->room && !grow(g, next_room(g)))
            return HF_E_NO_MEMORY;
        ssize_t n = read(fd, g->bytes + g->len, g->room - g->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return HF_E_CONFIG_FILE;
        if (n == 0)
            return HF_OK;
        g->len += (size_t)n;
        if (g->len > g->limit) {
            errno = EFBIG;
            return HF_E_CONFIG_FILE;
        }
    }
}

hf_error hf_os_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *len)
{
    grower g = { .limit = limit < SIZE_MAX / 4 ? limit : SIZE_MAX / 4 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    *bytes = NULL;
    *len = 0;
    if (fd < 0)
        return HF_E_CONFIG_FILE;
    hf_error e = read_all(fd, &g);
    int why = errno;
    close(fd);
    if (e != HF_OK) {
        hf_free_secret(g.bytes, g.room);
        errno = why;
        return e;
    }
    *bytes = g.bytes;
    *len = g.len;
    return HF_OK;
}

/* The memory is at least one byte longer than what was read, and that byte is no secret. */
void hf_os_free(void *bytes, size_t len)
{
    hf_free_secret(bytes, len);
}
