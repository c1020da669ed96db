/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The thread and the loop take turns: it reads one buffer, says so, and waits. It is joined if it has
 * reached the end; stopped earlier it may be blocked in read, so its memory is static and stays.
 */
#include "tool/stdin_reader.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE = 16 * 1024 };

struct hf_stdin {
    uv_thread_t thread;
    uv_async_t async;
    uv_sem_t go;                /* the loop has used the buffer */
    uv_mutex_t lock;            /* of all below */
    bool stopped, ready, ended; /* ended: nothing more can be read, the thread returns */
    hf_stdin_got got;
    void *user;
    ssize_t n; /* what read said */
    int error;
    uint8_t bytes[PIECE];
};

static hf_stdin the_reader;

static bool is_stopped(hf_stdin *reader)
{
    uv_mutex_lock(&reader->lock);
    bool stopped = reader->stopped;
    uv_mutex_unlock(&reader->lock);
    return stopped;
}

/* Returns false when nobody wants more. */
static bool hand_over(hf_stdin *reader, ssize_t n, int error)
{
    uv_mutex_lock(&reader->lock);
    bool wanted = !reader->stopped;
    if (wanted) {
        reader->n = n;
        reader->error = n < 0 ? error : 0;
        reader->ready = true;
        reader->ended = n <= 0;
        uv_async_send(&reader->async);
    }
    uv_mutex_unlock(&reader->lock);
    return wanted && n > 0;
}

static void read_all(void *user)
{
    hf_stdin *reader = user;

    for (;;) {
        uv_sem_wait(&reader->go);
        if (is_stopped(reader))
            return;
        ssize_t n = read(STDIN_FILENO, reader->bytes, sizeof reader->bytes);
        while (n < 0 && errno == EINTR)
            n = read(STDIN_FILENO, reader->bytes, sizeof reader->bytes);
        if (!hand_over(reader, n, errno))
            return;
    }
}

static void wake(uv_async_t *async)
{
    hf_stdin *reader = async->data;

    uv_mutex_lock(&reader->lock);
    bool ready = reader->ready && !reader->stopped;
    size_t n = reader->n > 0 ? (size_t)reader->n : 0;
    reader->ready = false;
    uv_mutex_unlock(&reader->lock);
    if (ready)
        reader->got(reader->user, (hf_span){ reader->bytes, n }, reader->error);
}

hf_stdin *hf_stdin_start(uv_loop_t *loop, hf_stdin_got got, void *user)
{
    hf_stdin *reader = &the_reader;

    reader->got = got;
    reader->user = user;
    if (uv_async_init(loop, &reader->async, wake) != 0)
        return NULL;
    reader->async.data = reader;
    if (uv_mutex_init(&reader->lock) == 0 && uv_sem_init(&reader->go, 1) == 0 &&
        uv_thread_create(&reader->thread, read_all, reader) == 0)
        return reader;
    uv_close((uv_handle_t *)&reader->async, NULL);
    return NULL;
}

void hf_stdin_next(hf_stdin *reader)
{
    uv_sem_post(&reader->go);
}

void hf_stdin_stop(hf_stdin *reader)
{
    uv_mutex_lock(&reader->lock);
    bool first = !reader->stopped;
    reader->stopped = true;
    uv_mutex_unlock(&reader->lock);
    if (first)
        uv_close((uv_handle_t *)&reader->async, NULL);
    if (first && reader->ended)
        uv_thread_join(&reader->thread);
    else
        uv_sem_post(&reader->go); /* a thread that waits for us ends by itself */
}
