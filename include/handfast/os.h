/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * libhandfast_os: what needs files, descriptors or an operating system. Optional: an embedder with
 * its own files and sockets does not link it.
 */
#ifndef HANDFAST_OS_H
#define HANDFAST_OS_H

#include <handfast/conn.h>

HF_BEGIN_DECLS

/* Adds the system's CA certificates: SSL_CERT_FILE and SSL_CERT_DIR if they are set (unusable is
   HF_E_CONFIG_FILE then), else the usual places. source (may be NULL) gets what was used, or what
   could not be. They are public CAs (hf_trust_mark_public). */
hf_error hf_os_trust_system(hf_trust *trust, char *source, size_t room);
/* A PEM file, or every file of a directory. */
hf_error hf_os_trust_path(hf_trust *trust, const char *path, size_t *added);
/* Both may be one file. */
hf_error hf_os_identity(hf_identity **identity, const char *cert_path, const char *key_path,
                        const char *password);
/* The whole file in fresh memory with a NUL after it; at most `limit` bytes. Given back with hf_os_free. */
hf_error hf_os_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *len);
void hf_os_free(void *bytes, size_t len); /* wipes */
/* Written to a temporary name, synced, renamed. An existing file stays unless `replace`. */
hf_error hf_os_write_file(const char *path, hf_span bytes, unsigned mode, bool replace);
/* Appends lines to a key log (RFC 9850), mode 0600: hf_os_keylog is the hook (hf_hooks.keylog), the
   returned pointer its user. NULL: errno says why. */
void *hf_os_keylog_open(const char *path);
void hf_os_keylog(void *keylog, const char *line); /* for hf_hooks.keylog */
void hf_os_keylog_close(void *keylog); /* once no config uses it */

/* ---- a blocking descriptor ---- */

/* For programs without an event loop:
 *
 *     size_t len = 1;
 *     hf_error e = hf_os_handshake(conn, fd);
 *     if (e == HF_OK)
 *         e = hf_os_write(conn, fd, request, strlen(request));
 *     while (e == HF_OK && len > 0) {
 *         e = hf_os_read(conn, fd, bytes, sizeof bytes, &len);
 *         if (e == HF_OK)
 *             fwrite(bytes, 1, len, stdout);
 *     }
 *     hf_os_close(conn, fd);
 *     close(fd);
 *
 * SO_RCVTIMEO and SO_SNDTIMEO of the descriptor bound each wait, and SO_RCVTIMEO also the time that a record may take. Nothing is
 * kept between these calls: from any of them on the connection may also go to an event loop. Questions that only an application
 * can answer (HF_EVENT_VERIFY, HF_EVENT_CLIENT_HELLO) are HF_E_MISUSE; jobs are run on the spot.
 */
/* Handshakes until CONNECTED or FAILED, within HF_SET_HANDSHAKE_TIMEOUT. */
hf_error hf_os_handshake(hf_conn *conn, int fd);
/* Waits for data: *len bytes of it, 1 to room. HF_OK and *len 0: the peer has closed in order. HF_E_TRUNCATED_STREAM: he is gone
   without a close_notify, so what came may not be all. HF_E_TIMEOUT: SO_RCVTIMEO is over; between two records it may be tried
   again. Else why the connection failed. */
hf_error hf_os_read(hf_conn *conn, int fd, void *bytes, size_t room, size_t *len);
/* Writes all of it. HF_E_MISUSE: not connected, or closed (TLS 1.2: also by the peer). HF_E_TIMEOUT: SO_SNDTIMEO is over, and how
   much the peer got is not known. */
hf_error hf_os_write(hf_conn *conn, int fd, const void *bytes, size_t len);
/* In any state: the alert of what failed, user_canceled within a handshake, or close_notify; then FIN, and at most a second for the peer to close as well, because
   close() with unread bytes would take our last ones away from him. The descriptor stays open. */
hf_error hf_os_close(hf_conn *conn, int fd);

HF_END_DECLS
#endif
