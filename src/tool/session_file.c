/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A session holds the secret that both connections are protected by: its file is the user's alone, or is not touched.
 *
 *     "handfast session 1\n", its length (4 bytes), a checksum of it (8 bytes), the session
 *
 * A secret with one wrong bit would look like a server that is broken (bad_record_mac), and would do so again and again. The
 * checksum, FNV-1a, is enough against such damage; against somebody who changes the file on purpose it is nothing at all, which
 * is why the file must be ours alone.
 */
#include "tool/session_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "keys/session.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"

enum { SESSION_LIMIT = 64 * 1024, FILE_MODE = 0600, WORDS_MAX = 8192 };

static const char magic[] = "handfast session 1\n";
enum { MAGIC = sizeof magic - 1, LENGTH = 4, CHECKSUM = 8, HEADER = MAGIC + LENGTH + CHECKSUM };

/* ---- what surrounds a session ---- */

static void put_number(uint8_t *out, size_t bytes, uint64_t value)
{
    for (size_t i = bytes; i-- > 0; value >>= 8)
        out[i] = (uint8_t)value;
}

static uint64_t checksum(hf_span bytes)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.len; i++)
        sum = (sum ^ bytes.data[i]) * 0x100000001b3u;
    return sum;
}

static void put_header(uint8_t out[HEADER], hf_span session)
{
    memcpy(out, magic, MAGIC);
    put_number(out + MAGIC, LENGTH, session.len);
    put_number(out + MAGIC + LENGTH, CHECKSUM, checksum(session));
}

/* A damaged file gives its first byte alone, which is no session to the library, and is called a damaged one there. */
static hf_span unwrap(hf_span file)
{
    uint8_t header[HEADER];

    if (file.len <= HEADER)
        return hf_span_of(file.data, file.len > 0);
    hf_span session = hf_span_of(file.data + HEADER, file.len - HEADER);
    put_header(header, session);
    return memcmp(file.data, header, HEADER) == 0 ? session : hf_span_of(file.data, 1);
}

/* ---- reading ---- */

static int refuse(const char *path, const char *why)
{
    hf_error_what("cannot use the session file");
    hf_error_why("%s: %s", path, why);
    hf_error_next("give a file of your own, or one that is not there yet: --session FILE");
    return HF_EXIT_USAGE;
}

static int refuse_mode(const char *path, unsigned mode)
{
    hf_text command = hf_text_new(WORDS_MAX);

    hf_text_say(&command, "chmod 600 ");
    hf_text_say_word(&command, path);
    hf_error_what("others may have seen the secret in the session file, or have changed it");
    hf_error_why("%s: its mode is %04o, and 0600 is asked for", path, mode);
    hf_error_next("if you know that nobody did:");
    hf_error_command(command.data ? command.data : "chmod 600 FILE");
    hf_text_free(&command);
    return HF_EXIT_USAGE;
}

/* A damaged session is replaced, a key given by mistake is not. */
static bool looks_like_pem(const hf_session_file *file)
{
    static const char begin[] = "-----BEGIN ";

    return file->len >= sizeof begin - 1 && strstr((const char *)file->bytes, begin) != NULL;
}

/* Whoever could have planted the session knows its secret, and could be the server to us: the file must be ours alone. */
static int check(const char *path, const struct stat *s)
{
    if (!S_ISREG(s->st_mode))
        return refuse(path, "it is not a regular file");
    if (s->st_uid != geteuid())
        return refuse(path, "it belongs to another user, who may know the secret in it");
    if ((s->st_mode & 07777) != FILE_MODE)
        return refuse_mode(path, (unsigned)s->st_mode & 07777);
    return s->st_size > SESSION_LIMIT ? refuse(path, "it is too large for a session") : HF_EXIT_OK;
}

/* What was judged is what is read: the same descriptor. */
static int take(hf_session_file *file, int fd)
{
    hf_session session;
    struct stat s;
    int status = fstat(fd, &s) == 0 ? check(file->path, &s) : refuse(file->path, strerror(errno));

    if (status != HF_EXIT_OK)
        return status;
    file->bytes = hf_alloc((size_t)s.st_size + 1); /* a NUL after it */
    if (!file->bytes)
        return refuse(file->path, strerror(ENOMEM));
    while (file->len < (size_t)s.st_size) {
        ssize_t n = read(fd, file->bytes + file->len, (size_t)s.st_size - file->len);
        if (n <= 0)
            break; /* cut short meanwhile: a damaged session */
        file->len += (size_t)n;
    }
    file->inside = unwrap(hf_span_of(file->bytes, file->len));
    file->once = hf_session_read(file->inside, &session) == HF_OK && session.version == HF_TLS13;
    hf_wipe(&session, sizeof session);
    return HF_EXIT_OK;
}

static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

int hf_session_file_read(hf_session_file *file, const char *path)
{
    *file = (hf_session_file){ .path = path };
    int fd = path ? open_file(path) : -1;
    if (fd < 0 && path && errno != ENOENT)
        return refuse(path, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
    if (fd < 0)
        return HF_EXIT_OK;
    int status = take(file, fd);
    close(fd);
    if (status == HF_EXIT_OK && looks_like_pem(file))
        status = refuse(path, "it holds a key or a certificate, which would be overwritten");
    if (status != HF_EXIT_OK)
        hf_session_file_free(file);
    return status;
}

/* ---- a session that is used once ---- */

static void forget(hf_session_file *file)
{
    hf_free_secret(file->bytes, file->len);
    file->bytes = NULL;
    file->len = 0;
    file->inside = hf_span_of(NULL, 0);
}

/* Where it is ours alone: renaming succeeds for one run only. */
static bool private_name(const hf_session_file *file, char out[HF_SESSION_PATH_MAX])
{
    int n = snprintf(out, HF_SESSION_PATH_MAX, "%s.%ld.claimed", file->path, (long)getpid());

    return n > 0 && n < HF_SESSION_PATH_MAX;
}

/* The file may have been replaced since it was read: what is claimed is what is offered. */
static void take_claimed(hf_session_file *file, const char *path)
{
    int fd = open_file(path);

    unlink(path); /* whatever happens to us now, nothing is left behind */
    forget(file);
    if (fd >= 0 && take(file, fd) != HF_EXIT_OK)
        forget(file);
    if (fd >= 0)
        close(fd);
}

void hf_session_file_claim(hf_session_file *file)
{
    char path[HF_SESSION_PATH_MAX];

    if (!file->once)
        return;
    if (!private_name(file, path) || rename(file->path, path) != 0) {
        file->taken = errno == ENOENT;
        forget(file);
        return;
    }
    take_claimed(file, path);
    file->claimed = true;
    if (!file->once)
        hf_session_file_put_back(file);
}

void hf_session_file_put_back(hf_session_file *file)
{
    if (!file->claimed)
        return;
    file->claimed = false;
    if (hf_os_write_file(file->path, hf_span_of(file->bytes, file->len), FILE_MODE, false) !=
            HF_OK &&
        errno != EEXIST)
        hf_warn("%s: the session could not be put back: %s", file->path, strerror(errno));
}

/* ---- writing ---- */

static void cannot_write(const hf_session_file *file, hf_trouble *trouble, int why)
{
    if (trouble->happened)
        return;
    hf_trouble_own(trouble, HF_EXIT_IO, "SESSION_FILE", "us", "session");
    hf_trouble_sentence(trouble, "the session could not be kept");
    hf_trouble_where(trouble, "%s: %s", file->path, strerror(why));
    hf_trouble_hint(trouble,
                    "the connection itself was good, and a file that was there is unchanged; "
                    "give one in a folder that can be written: --session FILE");
}

void hf_session_file_keep(hf_session_file *file, hf_conn *conn)
{
    hf_span session = hf_conn_session(conn);
    uint8_t *copy = file->path && session.len > 0 ? hf_copy(session) : NULL;

    if (!copy)
        return;
    hf_free_secret(file->fresh, file->fresh_len);
    file->fresh = copy;
    file->fresh_len = session.len;
}

/* RFC 5246 7.2.2: a session that ended with a fatal alert is not resumed. One that was cut may be (7.2.1). */
static bool was_spoilt(hf_conn *conn)
{
    const hf_failure *failure = hf_conn_failure(conn);

    return failure && failure->alert_direction != HF_ALERT_NOT_SENT &&
           failure->alert != HF_ALERT_close_notify;
}

/* errno, or 0. */
static int write_fresh(const hf_session_file *file)
{
    size_t len = HEADER + file->fresh_len;
    uint8_t *bytes = hf_alloc(len);

    if (!bytes)
        return ENOMEM;
    put_header(bytes, hf_span_of(file->fresh, file->fresh_len));
    memcpy(bytes + HEADER, file->fresh, file->fresh_len);
    errno = EIO;
    int why =
        hf_os_write_file(file->path, hf_span_of(bytes, len), FILE_MODE, true) == HF_OK ? 0 : errno;
    hf_free_secret(bytes, len);
    return why;
}

void hf_session_file_write(const hf_session_file *file, hf_outcome *o)
{
    if (!file->path || !o->conn)
        return;
    o->session.file = file->path;
    o->session.there = file->len > 0;
    o->session.offered = o->session.there && !file->taken && !o->session.withheld;
    o->session.spent = file->claimed;
    o->session.taken = file->taken;
    if (was_spoilt(o->conn) && hf_conn_info_of(o->conn)->resumed && !file->claimed) {
        o->session.dropped = unlink(file->path) == 0; /* the session of a connection that failed */
        if (o->session.dropped)
            hf_warn("%s: the connection that resumed its session failed; the file is removed",
                    file->path);
        return;
    }
    if (file->fresh_len == 0 || was_spoilt(o->conn))
        return;
    int why = write_fresh(file);
    o->session.saved = why == 0;
    o->session.unwritten = why != 0;
    if (why)
        cannot_write(file, &o->trouble, why);
}

void hf_session_file_free(hf_session_file *file)
{
    hf_free_secret(file->bytes, file->len);
    hf_free_secret(file->fresh, file->fresh_len);
    *file = (hf_session_file){ .path = NULL };
}
