/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is refused of the proxy's configuration, at which place and in which words. The words are part of the test: they are all that
 * a person gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy_config_support.h"
#include "tool/proxy/fault.h"
#include "tool/say.h"

#define LISTEN  "listen: [\"127.0.0.1:8443\"]\n"
#define CERTS   "    certificates: [{chain: a.pem, key: a.key}]\n"
#define ANOTHER "  - names: [a.test]\n" CERTS "    backend: \"127.0.0.1:9000\"\n"
#define SITES   "sites:\n" ANOTHER
/* A whole file with these names, or this backend. */
#define NAMES(names)                                                                               \
    LISTEN "sites:\n  - names: " names "\n" CERTS "    backend: \"127.0.0.1:9000\"\n"
#define BACKEND(backend) LISTEN "sites:\n  - names: [a.test]\n" CERTS "    backend: " backend "\n"

typedef struct row {
    const char *text;
    size_t len;
    unsigned line, column;
    const char *what;
} row;
#define ROW(text, line, column, what)                                                              \
    {                                                                                              \
        text, sizeof(text) - 1, line, column, what                                                 \
    }

/* clang-format off */
static const row rows[] = {
    ROW("", 1, 1, "the file is empty"),
    ROW("# nothing\n", 1, 1, "the file is empty"),
    ROW("---\n", 2, 1, "the file is empty"),
    ROW("listen: [\"\351\"]\n", 1, 11, "this byte is not UTF-8 (0xe9)"),
    ROW(LISTEN "user: \303\244\303\n", 2, 8, "this byte is not UTF-8 (0xc3)"),
    ROW("\377\376l\000i\000", 1, 1, "the file is UTF-16"),
    ROW(LISTEN "user: a\000b\n", 2, 8, "a NUL byte stands here"),
    ROW(LISTEN "user: \033[0m\n", 2, 7, "a control character stands here (U+001B)"),
    ROW(LISTEN "# \302\205\n", 2, 3, "a control character stands here (U+0085)"),
    ROW(LISTEN "\n  # \342\200\250\n", 3, 5, "a control character stands here (U+2028)"),
    ROW(LISTEN "user: \357\273\277a\n", 2, 7, "a control character stands here (U+FEFF)"),
    ROW("listen: a\r\nuser: b\r\n\007\r\n", 3, 1, "a control character stands here (U+0007)"),
    ROW("a\rb\r\007", 3, 1, "a control character stands here (U+0007)"),
    ROW("listen: [\"a\"\nsites: []\n", 2, 1, "the list [ that begins at 1:9 does not end before this"),
    ROW("listen: [\"a]\nuser: \"b\"\n", 2, 8, "the list [ that begins at 1:9 does not end before this"),
    ROW(LISTEN "user: \"abc\n", 2, 7, "a quote (\") begins here and does not end"),
    ROW(LISTEN "admin:\"127.0.0.1:1\"\nuser: a\n", 2, 1, "a key is wanted, a word stands here"),
    ROW(LISTEN "sites: [{names:[a]}]\n", 2, 10, "a key is wanted, a word stands here"),
    ROW(LISTEN "sites:\n  - names: [a]\n   mode: tcp\n", 4, 4, "the indentation of this line, 3 blanks, fits none above it"),
    ROW(LISTEN "sites:\n  - names: [a]\n\n# b\n      mode: tcp\n", 6, 7, "the indentation of this line, 6 blanks, fits none above it"),
    ROW(LISTEN "sites:\n  - mode: tcp\n      policy: modern\n", 4, 13, "a key cannot stand here"),
    ROW(LISTEN "\tuser: a\n", 2, 1, "a tab stands where YAML wants blanks"),
    ROW(LISTEN "user: @a\n", 2, 7, "a word that begins with @ needs quotes"),
    ROW(NAMES("[*.a.test]"), 3, 13, "a word that begins with * needs quotes"),
    ROW(NAMES("[*a]"), 3, 13, "*a is an alias, and aliases are refused"),
    ROW(NAMES("[&a]"), 3, 13, "an anchor (&) stands here, and anchors are refused"),
    ROW(LISTEN "admin: &here x\n", 2, 8, "an anchor (&) stands here, and anchors are refused"),
    ROW(LISTEN "admin: !!str x\n", 2, 8, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "admin: ! x\n", 2, 8, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "workers: !!int 4\n", 2, 10, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "limits: !x {}\n", 2, 9, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "redirect: &r []\n", 2, 11, "an anchor (&) stands here, and anchors are refused"),
    ROW(LISTEN SITES "---\n" LISTEN SITES, 6, 1, "a second document begins here (---)"),
    ROW("%TAG ! tag:x,2000:\n---\n" LISTEN SITES, 1, 1, "a %TAG directive stands here, and tags are refused"),
    ROW(LISTEN "user: [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]\n", 2, 22, "this is nested too deep"),
    ROW("listen: [::1]:8443\n" SITES, 1, 9, "an address that begins with [ needs quotes"),
    ROW(LISTEN "user: a: b\n", 2, 8, "a key cannot stand here"),
    ROW(LISTEN "  user: b\n", 2, 3, "the indentation of this line, 2 blanks, fits none above it"),
    ROW("{", 1, 2, "this is not YAML"),
    ROW("{\"listen\": []}\nuser: a\n", 2, 1, "more stands here than the configuration holds"),
    ROW("listen\n", 1, 1, "a mapping of keys is wanted, a word stands here"),
    ROW("[]\n", 1, 1, "a mapping of keys is wanted, a list stands here"),
    ROW("listen:[\"127.0.0.1:8443\"]\n", 1, 1, "a mapping of keys is wanted, a word stands here"),
    ROW("~\n", 1, 1, "the file is empty"),
    ROW("listen: 127.0.0.1:8443\n" SITES, 1, 9, "listen: a list is wanted, a word stands here"),
    ROW("listen: {a: b}\n" SITES, 1, 9, "listen: a list is wanted, a mapping of keys stands here"),
    ROW("listen: [[::1]]\n" SITES, 1, 10, "an address that begins with [ needs quotes"),
    ROW("listen:\n- [::]:443\n" SITES, 2, 3, "an address that begins with [ needs quotes"),
    ROW(LISTEN SITES "    mode:tcp\n", 6, 5, "a key is wanted, a word stands here"),
    ROW("listen: [~]\n" SITES, 1, 10, "listen: nothing stands behind it"),
    ROW("listen: []\n" SITES, 1, 9, "listen: the list is empty"),
    ROW("listen:\n" SITES, 1, 1, "listen: nothing stands behind it"),
    ROW(LISTEN "user: \"\"\n", 2, 1, "user: nothing stands behind it"),
    ROW(LISTEN "user: [a]\n", 2, 7, "user: a word is wanted, a list stands here"),
    ROW(LISTEN "limits: 10s\n", 2, 9, "limits: a mapping of keys is wanted, a word stands here"),
    ROW(LISTEN "limits: [10s]\n", 2, 9, "limits: a mapping of keys is wanted, a list stands here"),
    ROW(LISTEN "limits:\n" SITES, 2, 1, "limits: nothing stands behind it"),
    ROW(LISTEN "sites: a.test\n", 2, 8, "sites: a list is wanted, a word stands here"),
    ROW(LISTEN "sites: [a.test]\n", 2, 9, "sites: a mapping of keys is wanted, a word stands here"),
    ROW(LISTEN "sites: {names: [a]}\n", 2, 8, "sites: a list is wanted, a mapping of keys stands here"),
    ROW(LISTEN "sites: []\n", 2, 8, "sites: the list is empty"),
    ROW(LISTEN "sites: [~]\n", 2, 9, "sites: nothing stands behind it"),
    ROW(LISTEN "? [a]\n: b\n", 2, 3, "a key is wanted, a list stands here"),
    ROW(LISTEN "{a: b}: c\n", 2, 1, "a key is wanted, a mapping of keys stands here"),
    ROW(LISTEN "user: \"a\\0b\"\n", 2, 7, "user: the word holds a control character"),
    ROW(LISTEN "user: \"a\\x9b0m\"\n", 2, 7, "user: the word holds a control character"),
    ROW(LISTEN "user: |\n  a\n  b\n", 2, 7, "user: the word holds a control character"),
    ROW(LISTEN "\"user\\0\": a\n", 2, 1, "a key is wanted, a word with a control character stands here"),
    ROW(LISTEN "sitez: []\n", 2, 1, "there is no key sitez here; did you mean sites?"),
    ROW(LISTEN "Listen: []\n", 2, 1, "there is no key Listen here; did you mean listen?"),
    ROW(LISTEN "backends: []\n", 2, 1, "there is no key backends here"),
    ROW(LISTEN "server: []\n", 2, 1, "there is no key server here; did you mean sites?"),
    ROW(LISTEN "max_age: 1\n", 2, 1, "there is no key max_age here"),
    ROW(LISTEN "quux: 1\n", 2, 1, "there is no key quux here"),
    ROW(LISTEN "<<: {}\n", 2, 1, "there is no key << here"),
    ROW(LISTEN "user: a\nuser: b\n", 3, 1, "user stands here a second time"),
    ROW(LISTEN "user: a\n\"user\": b\n", 3, 1, "user stands here a second time"),
    ROW(LISTEN LISTEN, 2, 1, "listen stands here a second time"),
    ROW(LISTEN SITES "    proxy_pass: x\n", 6, 5, "there is no key proxy_pass here; did you mean backend?"),
    ROW(LISTEN SITES "    host: x\n", 6, 5, "there is no key host here; did you mean names?"),
    ROW(LISTEN SITES "    hsts: {maxage: 1}\n", 6, 12, "there is no key maxage here; did you mean max_age?"),
    ROW(LISTEN SITES "    hsts: {}\n", 6, 11, "the key max_age is missing"),
    ROW(LISTEN SITES "    names: [b.test]\n", 6, 5, "names stands here a second time"),
    ROW(SITES, 1, 1, "the key listen is missing"),
    ROW(LISTEN, 1, 1, "the key sites is missing"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n", 3, 5, "the key certificates is missing"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n    certificates: [{chain: a.pem}]\n", 4, 20, "the key key is missing"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n    certificates: []\n", 4, 19, "certificates: the list is empty"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n    certificates: {chain: a, key: b}\n", 4, 19, "certificates: a list is wanted, a mapping of keys stands here"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n    certificates: [a.pem]\n", 4, 20, "certificates: a mapping of keys is wanted, a word stands here"),
    ROW(LISTEN "sites:\n  - names: []\n", 3, 12, "names: the list is empty"),
    ROW(LISTEN "sites:\n  - names: [a.test]\n    certificates: [{chain: a, key: b}]\n", 3, 5, "the key backend is missing"),
    ROW("listen: [\"127.0.0.1\"]\n" SITES, 1, 10, "listen: 127.0.0.1 is not an address to listen on"),
    ROW("listen: [\"a.test:443\"]\n" SITES, 1, 10, "listen: a.test:443 is not an address to listen on"),
    ROW("listen: [\"[::1]\"]\n" SITES, 1, 10, "listen: [::1] is not an address to listen on"),
    ROW("listen: [\"::1:443\"]\n" SITES, 1, 10, "listen: ::1:443 is not an address to listen on"),
    ROW("listen: [\"127.0.0.1:70000\"]\n" SITES, 1, 10, "listen: 127.0.0.1:70000 is not an address to listen on"),
    ROW(LISTEN "admin: \"nowhere\"\n" SITES, 2, 8, "admin: nowhere is not an address to listen on"),
    ROW(LISTEN "workers: many\n", 2, 10, "workers: many is not a whole number"),
    ROW(LISTEN "workers: 0\n", 2, 10, "workers: 0 is out of bounds"),
    ROW(LISTEN "workers: 257\n", 2, 10, "workers: 257 is out of bounds"),
    ROW(LISTEN "workers: -1\n", 2, 10, "workers: -1 is not a whole number"),
    ROW(LISTEN "workers: 010\n", 2, 10, "workers: 010 is not a whole number"),
    ROW(LISTEN "workers: 1.5\n", 2, 10, "workers: 1.5 is not a whole number"),
    ROW(LISTEN "workers: 99999999999999999999\n", 2, 10, "workers: 99999999999999999999 is not a whole number"),
    ROW(LISTEN "limits: {handshake: 10x}\n", 2, 21, "handshake: 10x is not a duration"),
    ROW(LISTEN "limits: {handshake: 11m}\n", 2, 21, "handshake: 11m is out of bounds"),
    ROW(LISTEN "limits: {handshake: 999ms}\n", 2, 21, "handshake: 999ms is out of bounds"),
    ROW(LISTEN "limits: {handshake: 1h}\n", 2, 21, "handshake: 1h is out of bounds"),
    ROW(LISTEN "limits: {head_bytes: 16k}\n", 2, 22, "head_bytes: 16k is not a size"),
    ROW(LISTEN "limits: {head_bytes: 17KiB}\n", 2, 22, "head_bytes: 17KiB is out of bounds"),
    ROW(LISTEN "limits: {connections: 0}\n", 2, 23, "connections: 0 is out of bounds"),
    ROW(LISTEN "limits: {memory: 15KiB}\n", 2, 18, "memory: 15KiB is out of bounds"),
    ROW(LISTEN "limits: {memory: 2MiB}\n", 2, 18, "memory: 2MiB is out of bounds"),
    ROW(LISTEN "limits: {connect: 99ms}\n", 2, 19, "connect: 99ms is out of bounds"),
    ROW(LISTEN "limits: {response: 2d}\n", 2, 20, "response: 2d is out of bounds"),
    ROW(LISTEN "log_requests: none\n", 2, 15, "log_requests: none is not true or false"),
    ROW(LISTEN "limits: {idle: 10 s}\n", 2, 16, "idle: 10 s is not a duration"),
    ROW(LISTEN "admin_public: yes\n", 2, 15, "admin_public: yes is not true or false"),
    ROW(LISTEN "admin_public: \"true\"\n", 2, 15, "admin_public: true is not true or false"),
    ROW(LISTEN "admin_public: True\n", 2, 15, "admin_public: True is not true or false"),
    ROW(LISTEN "admin_public: 1\n", 2, 15, "admin_public: 1 is not true or false"),
    ROW(LISTEN "log: jsn\n", 2, 6, "log: jsn is not possible here"),
    ROW(LISTEN "log: xml\n", 2, 6, "log: xml is not possible here"),
    ROW(LISTEN "user: a:b\n", 2, 7, "user: a:b is not a user name"),
    ROW(LISTEN "user: abcdefghijklmnopqrstuvwxyzabcdefg\n", 2, 7, "user: abcdefghijklmnopqrstuvwxyzabcdefg is not a user name"),
    ROW(LISTEN "log: [json]\n", 2, 6, "log: a word is wanted, a list stands here"),
    ROW(LISTEN "redirect: ! []\n", 2, 11, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "user: [] \n? ! x\n: y\n", 3, 3, "a tag (!) stands here, and tags are refused"),
    ROW(LISTEN "control: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 2, 10, "control: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa... is not a path of a socket"),
    ROW(LISTEN "proxy_protocol_from: [a.test]\n", 2, 23, "proxy_protocol_from: a.test is not an IP address or network"),
    ROW(LISTEN "proxy_protocol_from: [10.0.0.0/33]\n", 2, 23, "proxy_protocol_from: 10.0.0.0/33 is not an IP address or network"),
    ROW(LISTEN "proxy_protocol_from: [10.0.0.1/8]\n", 2, 23, "proxy_protocol_from: 10.0.0.1/8 is not an IP address or network"),
    ROW(LISTEN "reminders: {percent: [0]}\n", 2, 23, "percent: 0 is out of bounds"),
    ROW(LISTEN "reminders: {percent: [101]}\n", 2, 23, "percent: 101 is out of bounds"),
    ROW(LISTEN "reminders: {percent: [1,2,3,4,5,6,7,8,9]}\n", 2, 22, "percent: the list is too long (9)"),
    ROW(LISTEN "reminders: {percent: 50}\n", 2, 22, "percent: a list is wanted, a word stands here"),
    ROW(NAMES("[\"*\"]"), 3, 13, "names: * is not a name for a site"),
    ROW(NAMES("[\"*.test\"]"), 3, 13, "names: *.test is not a name for a site"),
    ROW(NAMES("[\"a.*.test\"]"), 3, 13, "names: a.*.test is not a name for a site"),
    ROW(NAMES("[\"*a.test\"]"), 3, 13, "names: *a.test is not a name for a site"),
    ROW(NAMES("[\"*.*.a.test\"]"), 3, 13, "names: *.*.a.test is not a name for a site"),
    ROW(NAMES("[\"*.\"]"), 3, 13, "names: *. is not a name for a site"),
    ROW(NAMES("[192.0.2.1]"), 3, 13, "names: 192.0.2.1 is not a name for a site"),
    ROW(NAMES("[\"::1\"]"), 3, 13, "names: ::1 is not a name for a site"),
    ROW(NAMES("[\"a.test:443\"]"), 3, 13, "names: a.test:443 is not a name for a site"),
    ROW(NAMES("[a..test]"), 3, 13, "names: a..test is not a name for a site"),
    ROW(NAMES("[\"a b\"]"), 3, 13, "names: a b is not a name for a site"),
    ROW(NAMES("[\"*.192.0.2.1\"]"), 3, 13, "names: *.192.0.2.1 is not a name for a site"),
    ROW(BACKEND("\"127.0.0.1\""), 5, 14, "backend: 127.0.0.1 is not an address of a backend"),
    ROW(BACKEND("\"http://127.0.0.1:80\""), 5, 14, "backend: http://127.0.0.1:80 is not an address of a backend"),
    ROW(BACKEND("\"127.0.0.1:80/x\""), 5, 14, "backend: 127.0.0.1:80/x is not an address of a backend"),
    ROW(BACKEND("\"127.0.0.1:0\""), 5, 14, "backend: 127.0.0.1:0 is not an address of a backend"),
    ROW(BACKEND("[]"), 5, 14, "backend: the list is empty"),
    ROW(BACKEND("\"unix:\""), 5, 14, "backend: unix: is not an address of a backend"),
    ROW(BACKEND("{}"), 5, 14, "the key address is missing"),
    ROW(BACKEND("{address: \"a:1\", tls: true}"), 5, 36, "tls: a mapping of keys is wanted, a word stands here"),
    ROW(BACKEND("{address: \"a:1\", ca: b}"), 5, 31, "there is no key ca here"),
    ROW(BACKEND("{address: \"a:1\", name: b}"), 5, 31, "there is no key name here"),
    ROW(BACKEND("{address: \"a:1\", proxy_protocol: v3}"), 5, 47, "proxy_protocol: v3 is not possible here"),
    ROW(BACKEND("[[\"a:1\"]]"), 5, 15, "backend: a mapping of keys is wanted, a list stands here"),
    ROW(BACKEND("{address: \"a:1\", tls: {name: \"a b\"}}"), 5, 43, "name: a b is not a host name"),
    ROW(BACKEND("[\"a:1\", ~]"), 5, 22, "backend: nothing stands behind it"),
    ROW(LISTEN SITES "    policy: classroom\n", 6, 13, "policy: classroom is not a policy for the proxy"),
    ROW(LISTEN SITES "    policy: classroom-2026-11\n", 6, 13, "policy: classroom-2026-11 is not a policy for the proxy"),
    ROW(LISTEN SITES "    policy: moderm\n", 6, 13, "policy: moderm is not a policy for the proxy"),
    ROW(LISTEN SITES "    policy: x\n", 6, 13, "policy: x is not a policy for the proxy"),
    ROW(LISTEN SITES "    mode: udp\n", 6, 11, "mode: udp is not possible here"),
    ROW(LISTEN SITES "    on_expired: 504\n", 6, 17, "on_expired: 504 is not possible here"),
    ROW(LISTEN SITES "    mode: tcp\n    alpn: [\"a b\"]\n", 7, 12, "alpn: a b is not a protocol name"),
    ROW(LISTEN SITES "    hsts: {max_age: 1ms}\n", 6, 21, "max_age: 1ms is not a duration"),
    ROW(LISTEN SITES "    hsts: {max_age: 5000d}\n", 6, 21, "max_age: 5000d is out of bounds"),
    ROW(LISTEN SITES "    client_auth: {ca: a, paths: [admin]}\n", 6, 34, "paths: admin is not a path of a URL"),
    ROW(LISTEN SITES "    client_auth: {ca: a, paths: [/a/../b]}\n", 6, 34, "paths: /a/../b is not a path of a URL"),
    ROW(LISTEN SITES "    client_auth: {ca: a, paths: [\"/a?b\"]}\n", 6, 34, "paths: /a?b is not a path of a URL"),
    ROW(LISTEN SITES "    client_auth: {ca: a, paths: [/\xc3\x84rger]}\n", 6, 34, "paths: /\xc3\x84rger is not a path of a URL"),
    ROW(LISTEN SITES "    client_auth: {ca: a, paths: []}\n", 6, 33, "paths: the list is empty"),
    ROW(LISTEN SITES ANOTHER, 6, 13, "a.test stands in two sites"),
    ROW(LISTEN SITES "  - names: [A.Test]\n    certificates: [{chain: a.pem, key: a.key}]\n    backend: \"127.0.0.1:9000\"\n", 6, 13, "a.test stands in two sites"),
    ROW(NAMES("[a.test, a.test]"), 3, 21, "a.test stands twice in this site"),
    ROW(NAMES("[default, a.test]"), 3, 13, "names: default stands beside other names"),
    ROW(LISTEN "sites:\n  - names: [default]\n    certificates: [{chain: a.pem, key: a.key}]\n    backend: \"127.0.0.1:9000\"\n  - names: [default]\n    certificates: [{chain: a.pem, key: a.key}]\n    backend: \"127.0.0.1:9000\"\n", 6, 13, "there are two default sites"),
    ROW(LISTEN SITES "    hsts: {max_age: 31536000}\n    mode: tcp\n", 6, 11, "hsts: a site in tcp mode sends no headers"),
    ROW(LISTEN SITES "    alpn: [h2]\n", 6, 12, "alpn: h2 in http mode"),
    ROW(LISTEN SITES "    alpn: [http/1.1, mqtt]\n", 6, 22, "alpn: http mode speaks http/1.1 alone"),
    ROW(LISTEN SITES "    mode: tcp\n    alpn: [a, a]\n", 7, 15, "alpn: a protocol stands here a second time"),
    ROW(LISTEN SITES "    client_auth: {}\n", 6, 18, "client_auth: ca is missing"),
    ROW(LISTEN SITES "    client_auth: {mode: request}\n", 6, 18, "client_auth: ca is missing"),
    ROW(LISTEN SITES "    mode: tcp\n    client_auth: {ca: a, paths: [/a]}\n", 7, 34, "paths: a site in tcp mode has no paths"),
    ROW(LISTEN SITES "    client_auth: {mode: request, ca: a, paths: [/a]}\n", 6, 49, "paths: nothing is required there"),
    ROW(LISTEN SITES "    hsts: {max_age: 31535999, include_subdomains: true, preload: true}\n", 6, 11, "hsts: preload with a max_age of less than a year"),
    ROW(LISTEN SITES "    hsts: {max_age: 31536000, preload: true}\n", 6, 11, "hsts: preload without include_subdomains"),
    ROW(LISTEN "redirect: [\"127.0.0.1:8443\"]\n" SITES, 2, 12, "redirect: 127.0.0.1:8443 is taken"),
    ROW(LISTEN "redirect: [\"localhost:8443\"]\n" SITES, 2, 12, "redirect: localhost:8443 is taken"),
    ROW(LISTEN "redirect: [\":8443\"]\n" SITES, 2, 12, "redirect: :8443 is taken"),
    ROW("listen: [\":8443\", \":8443\"]\n" SITES, 1, 19, "listen: :8443 stands here a second time"),
    ROW(LISTEN "admin: \"8443\"\n" SITES, 2, 8, "admin: 8443 is taken"),
    ROW(LISTEN "admin: \":9443\"\n" SITES, 2, 8, "admin: :9443 can be reached from outside"),
    ROW(LISTEN "admin: \"[::]:9443\"\n" SITES, 2, 8, "admin: [::]:9443 can be reached from outside"),
    ROW(LISTEN "admin: \"192.0.2.1:9443\"\n" SITES, 2, 8, "admin: 192.0.2.1:9443 can be reached from outside"),
    ROW("admin: \"127.0.0.1:8443\"\n" LISTEN SITES, 2, 10, "listen: 127.0.0.1:8443 is taken"),
    ROW(LISTEN "challenges: www\n" SITES, 2, 13, "challenges: nothing serves them, as there is no redirect"),
    ROW(LISTEN "proxy_protocol_from: [10.0.0.0/8]\n" SITES, 2, 23, "proxy_protocol_from: it is said who may send a header, but none is read"),
    ROW(LISTEN "reminders: {percent: [50, 50]}\n" SITES, 2, 12, "reminders: the percentages do not ascend"),
    ROW(BACKEND("\"127.0.0.1:8443\""), 5, 14, "backend: 127.0.0.1:8443 is the proxy itself"),
    ROW(BACKEND("\"localhost:8443\""), 5, 14, "backend: localhost:8443 is the proxy itself"),
    ROW("listen: [\":8443\"]\nsites:\n  - names: [a.test]\n    certificates: [{chain: a.pem, key: a.key}]\n    backend: \"127.0.0.1:8443\"\n", 5, 14, "backend: 127.0.0.1:8443 is the proxy itself"),
    ROW(BACKEND("{address: \"unix:/x\", tls: {}}"), 5, 40, "tls: name is missing"),
    ROW(BACKEND("{address: \"a:1\", tls: {chain: x}}"), 5, 44, "tls: chain without key"),
    ROW(BACKEND("{address: \"a:1\", tls: {key: x}}"), 5, 42, "tls: key without chain"),
    ROW(BACKEND("{address: \"a:1\", tls: {password_file: x}}"), 5, 52, "tls: password_file without key"),
    ROW(LISTEN SITES "    mode: tcp\n" ANOTHER "    mode: tcp\n", 7, 13, "a.test stands in two sites"),
    ROW(LISTEN SITES "    mode: tcp\n    alpn: [x, y]\n" ANOTHER "    mode: tcp\n    alpn: [y]\n", 8, 13, "a.test stands in two sites"),
    ROW(LISTEN SITES "    mode: tcp\n    alpn: [http/1.1]\n" ANOTHER, 8, 13, "a.test stands in two sites"),
    ROW(LISTEN "admin: \":1\"\nbad: x\n" SITES, 3, 1, "there is no key bad here"),
    ROW(LISTEN "challenges: x\nadmin: \":1\"\n" SITES, 2, 13, "challenges: nothing serves them, as there is no redirect"),
};
/* clang-format on */

/* ---- what is refused ---- */

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static void check_refusal(const row *r)
{
    if (hf_proxy_config_read(hf_span_of(r->text, r->len), "p.yaml", &config, &fault))
        fail_msg("row %zu is accepted: %s", (size_t)(r - rows), r->text);
    if (fault.at.line != r->line || fault.at.column != r->column ||
        strcmp(fault.what, r->what) != 0)
        fail_msg("row %zu, %s\nis:     %u:%u %s\nshould: %u:%u %s", (size_t)(r - rows), r->text,
                 fault.at.line, fault.at.column, fault.what, r->line, r->column, r->what);
    assert_null(config);
    assert_string_equal(fault.file, "p.yaml");
    assert_true(fault.why[0] && fault.next[0]);
    assert_true(is_printable(fault.what) && is_printable(fault.why) && is_printable(fault.next));
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_refusal(&rows[i]);
}

/* Most rows say what in one part; these need all three. */
static void test_three_parts(void **state)
{
    (void)state;
    assert_false(reads(LISTEN "sitez: []\n"));
    assert_string_equal(fault.what, "there is no key sitez here; did you mean sites?");
    assert_string_equal(
        fault.why,
        "the keys here are: listen, redirect, admin, admin_public, control, user, workers, "
        "challenges, "
        "ticket_keys, state, log, log_requests, proxy_protocol, proxy_protocol_from, limits, "
        "reminders, sites");
    assert_string_equal(
        fault.next,
        "write it like this: sites: [{names: [a.test], certificates: [{chain: a.pem, key: a.key}], "
        "backend: \"127.0.0.1:9000\"}]");
    assert_false(reads(LISTEN SITES "    policy: classroom\n"));
    assert_string_equal(fault.why, "it is for teaching: without forward secrecy, whoever gets the "
                                   "key later reads all that was "
                                   "recorded, so a proxy in front of a service never speaks it");
    assert_false(reads(LISTEN "max_age: 1\n"));
    assert_string_equal(fault.next, "it stands elsewhere: sites[].hsts.max_age");
    assert_false(reads(LISTEN SITES "    redirect: []\n"));
    assert_string_equal(fault.next, "it stands at the top of the file, not in here");
    assert_false(reads(LISTEN "limits: {handshake: 11m}\n"));
    assert_string_equal(fault.why, "it goes from 1s to 10m");
    assert_false(reads(LISTEN SITES ANOTHER));
    assert_string_equal(
        fault.why,
        "the first is at 3:13; one name leads to one site, unless alpn tells them apart");
    assert_false(reads(LISTEN "sites: x\n"));
    assert_string_equal(fault.why, "the keys of each of sites are: names, certificates, backend, "
                                   "mode, hsts, client_auth, alpn, "
                                   "policy, fallback, on_expired");
}

/* A long word is cut between characters, and cannot steer a terminal. */
static void test_shown(void **state)
{
    char text[400] = LISTEN "log: ", shown[HF_SHOWN_MAX];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        strcat(text, "\xc3\xa4");
    assert_false(reads(text));
    assert_non_null(strstr(fault.what, "\xc3\xa4... is not possible here"));
    assert_string_equal(hf_fault_shown("a\x1b[0m\n", shown), "a?[0m?");
}

static char *repeated(const char *before, const char *part, size_t n, const char *after)
{
    size_t len = strlen(part);
    char *text = malloc(strlen(before) + n * len + strlen(after) + 1), *at;

    assert_non_null(text);
    at = text + sprintf(text, "%s", before);
    for (size_t i = 0; i < n; i++, at += len)
        memcpy(at, part, len);
    strcpy(at, after);
    return text;
}

static void refuses(char *text, const char *what)
{
    assert_false(reads(text));
    assert_string_equal(fault.what, what);
    free(text);
}

static void test_limits(void **state)
{
    (void)state;
    refuses(repeated("", "#", HF_PROXY_FILE_MAX + 1, ""), "the file is too long: 1048577 bytes");
    refuses(repeated("", "#", HF_PROXY_FILE_MAX, ""), "the file is empty");
    refuses(repeated("listen: [", "a,", HF_PROXY_NODES_MAX + 1, "]\n"),
            "the file holds too many values");
    refuses(repeated("listen: [", "a,", HF_PROXY_LISTENERS_MAX + 1, "]\n"),
            "listen: the list is too long (65)");
    refuses(repeated(LISTEN "sites: [", "a,", HF_PROXY_SITES_MAX + 1, "]\n"),
            "sites: the list is too long (1025)");
    refuses(repeated(LISTEN "sites: [{names: [", "a,", HF_PROXY_NAMES_MAX + 1, "]}]\n"),
            "names: the list is too long (257)");
    refuses(
        repeated(LISTEN "sites: [{certificates: [", "a,", HF_PROXY_CERTIFICATES_MAX + 1, "]}]\n"),
        "certificates: the list is too long (9)");
    refuses(repeated(LISTEN "sites: [{backend: [", "\"a:1\",", HF_PROXY_BACKENDS_MAX + 1, "]}]\n"),
            "backend: the list is too long (65)");
    refuses(
        repeated(LISTEN "sites: [{client_auth: {paths: [", "/a,", HF_PROXY_PATHS_MAX + 1, "]}}]\n"),
        "paths: the list is too long (65)");
    refuses(repeated("a: ", "[", HF_PROXY_DEPTH_MAX + 1, ""), "this is nested too deep");
}

/* admin may stand where only those of the same network come. */
static void test_admin(void **state)
{
    static const char *const good[] = { "127.0.0.1:1",   "[::1]:1",      "10.1.2.3:1",
                                        "192.168.0.1:1", "172.31.0.1:1", "[fd00::1]:1",
                                        "[fe80::1]:1",   "100.64.0.1:1", "[fe80::1%lo]:1",
                                        "localhost:1" };
    static const char *const bad[] = { "0.0.0.0:1", "[::]:1",          "172.32.0.1:1",
                                       "8.8.8.8:1", "[2001:db8::1]:1", "[::ffff:8.8.8.8]:1" };
    char text[300];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "admin: \"%s\"\n" LISTEN SITES, good[i]);
        must_read(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "admin: \"%s\"\n" LISTEN SITES, bad[i]);
        assert_false(reads(text));
        strcat(text, "admin_public: true\n");
        must_read(text);
    }
}

/* ---- all of them ---- */

static hf_config_fault list[HF_PROXY_FAULTS_MAX];
static hf_config_faults all = { .at = list, .room = HF_PROXY_FAULTS_MAX };

static void expect_all(const char *text, const row *expected, size_t n)
{
    assert_false(reads(text));
    assert_false(hf_proxy_config_read_all(hf_span_str(text), "p.yaml", &config, &all));
    assert_null(config);
    for (size_t i = 0; i < all.n && i < n; i++) {
        const row *r = &expected[i];
        if (list[i].at.line != r->line || list[i].at.column != r->column ||
            strcmp(list[i].what, r->what) != 0)
            fail_msg("%zu is %u:%u %s", i, list[i].at.line, list[i].at.column, list[i].what);
        assert_string_equal(list[i].file, "p.yaml");
        assert_true(list[i].why[0] && list[i].next[0]);
    }
    assert_int_equal(all.n, n);
    assert_string_equal(list[0].what, fault.what);
    assert_string_equal(list[0].why, fault.why);
    assert_string_equal(list[0].next, fault.next);
    assert_memory_equal(&list[0].at, &fault.at, sizeof fault.at);
}
#define EXPECT_ALL(text, ...)                                                                      \
    expect_all(text, (const row[]){ __VA_ARGS__ },                                                 \
               sizeof((const row[]){ __VA_ARGS__ }) / sizeof(row))
#define IS(line, column, what)                                                                     \
    {                                                                                              \
        NULL, 0, line, column, what                                                                \
    }

/* clang-format off */
static void test_all_of_form(void **state)
{
    (void)state;
    EXPECT_ALL("listen: [\"127.0.0.1:8443\", nonsense, \"x\\e\"]\nadmn: \"127.0.0.1:1\"\nsites:\n"
               "  - names: [a.test, \"b test\"]\n    certificates: [{chain: a.pem, kee: a.key}]\n"
               "    backend: \"nowhere\"\n    hsts: {max_age: forever}\n"
               "  - names: []\n    certificates: x\n    mode: htp\n    mode: tcp\nlimits:\n",
               IS(1, 28, "listen: nonsense is not an address to listen on"),
               IS(1, 38, "listen: the word holds a control character"),
               IS(2, 1, "there is no key admn here; did you mean admin?"),
               IS(4, 21, "names: b test is not a name for a site"),
               IS(5, 35, "there is no key kee here; did you mean key?"),
               IS(6, 14, "backend: nowhere is not an address of a backend"),
               IS(7, 21, "max_age: forever is not a duration"),
               IS(8, 5, "the key backend is missing"),
               IS(8, 12, "names: the list is empty"),
               IS(9, 19, "certificates: a list is wanted, a word stands here"),
               IS(10, 11, "mode: htp is not possible here"),
               IS(11, 5, "mode stands here a second time"),
               IS(12, 1, "limits: nothing stands behind it"));
    assert_false(all.more);
}

/* The first is what was the only one before there were others; a key that is misspelt is not missing as well. */
static void test_what_is_missing(void **state)
{
    (void)state;
    EXPECT_ALL("user: a b\nbad: 1\n", IS(1, 7, "user: a b is not a user name"),
               IS(1, 1, "the key listen is missing"), IS(1, 1, "the key sites is missing"),
               IS(2, 1, "there is no key bad here"));
    EXPECT_ALL(LISTEN "sitez: []\n", IS(2, 1, "there is no key sitez here; did you mean sites?"));
}

static void test_all_of_sense(void **state)
{
    (void)state;
    EXPECT_ALL(LISTEN "challenges: www\nadmin: \"127.0.0.1:8443\"\nreminders: {percent: [50, 50, 50]}\n"
               SITES "    hsts: {max_age: 1, preload: true}\n" ANOTHER,
               IS(2, 13, "challenges: nothing serves them, as there is no redirect"),
               IS(3, 8, "admin: 127.0.0.1:8443 is taken"),
               IS(4, 12, "reminders: the percentages do not ascend"),
               IS(9, 11, "hsts: preload with a max_age of less than a year"),
               IS(9, 11, "hsts: preload without include_subdomains"),
               IS(10, 13, "a.test stands in two sites"));
    assert_false(all.more);
}

/* Sense of what has no form cannot be judged, and of YAML itself libyaml knows the first. */
static void test_one_kind_after_the_other(void **state)
{
    (void)state;
    EXPECT_ALL(LISTEN "challenges: www\nbad: 1\n" SITES, IS(3, 1, "there is no key bad here"));
    EXPECT_ALL("bad: 1\nlisten: [a\nsites: []\n", IS(3, 6, "the list [ that begins at 2:9 does not end before this"));
}
/* clang-format on */

static void count_all(char *text, size_t n, bool more)
{
    assert_false(hf_proxy_config_read_all(hf_span_str(text), "p.yaml", &config, &all));
    assert_int_equal(all.n, n);
    assert_int_equal(all.more, more);
    free(text);
}

static void test_too_many(void **state)
{
    (void)state;
    count_all(repeated("listen: [", "a,", HF_PROXY_FAULTS_MAX, "]\n" SITES), HF_PROXY_FAULTS_MAX,
              false);
    count_all(repeated("listen: [", "a,", HF_PROXY_FAULTS_MAX + 1, "]\n" SITES),
              HF_PROXY_FAULTS_MAX, true);
    assert_int_equal(list[HF_PROXY_FAULTS_MAX - 1].at.column, 10 + 2 * (HF_PROXY_FAULTS_MAX - 1));
    count_all(repeated("listen: [", "\":1\",", HF_PROXY_FAULTS_MAX + 2, "]\n" SITES),
              HF_PROXY_FAULTS_MAX, true);
    assert_int_equal(list[HF_PROXY_FAULTS_MAX - 1].at.column, 10 + 5 * HF_PROXY_FAULTS_MAX);
}

/* ---- saying it ---- */

/* What goes to stderr meanwhile. */
static void said_of(const hf_config_fault *told, char *out, size_t room)
{
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);

    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    hf_say_start("never");
    hf_config_fault_say(told);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    out[fread(out, 1, room - 1, file)] = '\0';
    fclose(file);
}

static void test_said(void **state)
{
    char said[1024];

    (void)state;
    assert_false(reads(LISTEN "admin_public: yes\n"));
    said_of(&fault, said, sizeof said);
    assert_string_equal(
        said, "handfast: /etc/handfast/proxy.yaml:2:15: admin_public: yes is not true or false\n"
              "  yes, no, on and off are words like any other here, and so are True and FALSE\n"
              "  next: write it like this: admin_public: true\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_refusals, tear_down),
        cmocka_unit_test_teardown(test_three_parts, tear_down),
        cmocka_unit_test_teardown(test_shown, tear_down),
        cmocka_unit_test_teardown(test_limits, tear_down),
        cmocka_unit_test_teardown(test_admin, tear_down),
        cmocka_unit_test_teardown(test_all_of_form, tear_down),
        cmocka_unit_test_teardown(test_what_is_missing, tear_down),
        cmocka_unit_test_teardown(test_all_of_sense, tear_down),
        cmocka_unit_test_teardown(test_one_kind_after_the_other, tear_down),
        cmocka_unit_test_teardown(test_too_many, tear_down),
        cmocka_unit_test_teardown(test_said, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
