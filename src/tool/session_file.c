/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A session holds the secret that both connections are protected by: its file is the user's alone, or is not touched. */
#include "tool/session_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"

enum { SESSION_LIMIT = 64 * 1024, FILE_MODE = 0600, WORDS_MAX = 8192 };

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

int hf_session_file_read(hf_session_file *file, const char *path)
{
    struct stat s;

    *file = (hf_session_file){ .path = path };
    if (!path || (stat(path, &s) != 0 && errno == ENOENT))
        return HF_EXIT_OK;
    if (stat(path, &s) != 0)
        return refuse(path, strerror(errno));
    if (!S_ISREG(s.st_mode))
        return refuse(path, "it is not a regular file");
    if ((s.st_mode & 07777) != FILE_MODE)
        return refuse_mode(path, (unsigned)s.st_mode & 07777);
    if (s.st_size > SESSION_LIMIT)
        return refuse(path, "it is too large for a session");
    if (hf_os_read_file(path, SESSION_LIMIT, &file->bytes, &file->len) != HF_OK)
        return refuse(path, strerror(errno));
    if (!looks_like_pem(file))
        return HF_EXIT_OK;
    hf_session_file_free(file);
    return refuse(path, "it holds a key or a certificate, which would be overwritten");
}

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

void hf_session_file_write(const hf_session_file *file, hf_outcome *o)
{
    hf_span fresh = { file->fresh, file->fresh_len };

    if (!file->path || !o->conn)
        return;
    o->session.file = file->path;
    o->session.offered = file->len > 0;
    if (fresh.len == 0 || was_spoilt(o->conn))
        return;
    if (hf_os_write_file(file->path, fresh, FILE_MODE, true) == HF_OK)
        o->session.saved = true;
    else
        cannot_write(file, &o->trouble, errno);
}

void hf_session_file_free(hf_session_file *file)
{
    if (file->bytes)
        hf_os_free(file->bytes, file->len);
    hf_free_secret(file->fresh, file->fresh_len);
    *file = (hf_session_file){ .path = NULL };
}
