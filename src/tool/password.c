/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Passwords never stand on a command line, where every user of the machine could read them. */
#include "tool/password.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"

int hf_password_file(const char *path, char out[HF_PASSWORD_MAX])
{
    uint8_t *bytes;
    size_t len;
    hf_error e = hf_os_read_file(path, 64 * 1024, &bytes, &len);
    int why = errno;

    if (e != HF_OK) {
        hf_error_what("cannot read the password of the key");
        hf_error_why("%s: %s", path,
                     e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
        hf_error_next("give a file whose first line is the password: --key-password-file FILE");
        return HF_EXIT_USAGE;
    }
    size_t n = strcspn((const char *)bytes, "\r\n");
    bool fits = n < HF_PASSWORD_MAX;
    if (fits) {
        memcpy(out, bytes, n);
        out[n] = '\0';
    }
    hf_os_free(bytes, len);
    return fits ? HF_EXIT_OK
                : hf_complain_row(HF_E_CONFIG_KEY_PASSWORD,
                                  "the password is longer than 1023 bytes", path);
}

/* One line of stdin, byte by byte: nothing of it may stay in a stream's buffer. */
static size_t read_line(char out[HF_PASSWORD_MAX])
{
    size_t n = 0;

    while (n + 1 < HF_PASSWORD_MAX && read(STDIN_FILENO, out + n, 1) == 1 && out[n] != '\n')
        n++;
    out[n] = '\0';
    return n;
}

bool hf_password_ask(const char *what, char out[HF_PASSWORD_MAX])
{
    struct termios shown, hidden;

    if (!hf_say_terminal() || tcgetattr(STDIN_FILENO, &shown) != 0)
        return false;
    hf_note("Password of %s: ", what);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    size_t n = read_line(out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    hf_note("\n");
    return n > 0;
}
