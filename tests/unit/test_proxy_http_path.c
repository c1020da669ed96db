/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which paths a rule for "/admin" holds for: every spelling that some backend reads as it, and no other path. */
#include "unit/proxy_support.h"

typedef struct row {
    const char *path, *why;
} row;

/* Below "/admin". */
static const row below[] = {
    { "/admin", "as it is" },
    { "/admin/", "as it is" },
    { "/admin/x", "below" },
    { "/admin?x", "a query" },
    { "/admin/users?next=/", "a query" },
    { "/ADMIN", "IIS, Windows: no case" },
    { "/AdMiN/x", "no case" },
    { "//admin", "nginx, Apache, Rails merge slashes" },
    { "///admin", "the same" },
    { "/admin//x", "the same" },
    { "//x.test/admin", "Node's URL, PHP's parse_url: an authority first" },
    { "///x.test/admin", "WHATWG: the same" },
    { "//user@x.test:80/admin?x", "the same" },
    { "/./admin", "a dot" },
    { "/././admin", "dots" },
    { "/admin/.", "a dot" },
    { "/%2e/admin", "an escaped dot" },
    { "/%252e/admin", "escaped twice" },
    { "/x/../admin", "it climbs" },
    { "/x/%2e%2e/admin", "escaped" },
    { "/x/.%2e/y/../../admin", "half escaped" },
    { "/x%2f..%2fadmin", "slashes escaped" },
    { "/x/..%5cadmin", "a backslash, escaped" },
    { "/x%5c..%5cadmin", "two" },
    { "/x/..%255cadmin", "escaped twice" },
    { "/admin/..", "who does not climb stays" },
    { "/admin/../admin", "up and down" },
    { "/x/.../admin", "old Windows" },
    { "/x/..%20/admin", "Windows trims" },
    { "/%61dmin", "a letter escaped" },
    { "/%61%64%6d%69%6e", "all letters escaped" },
    { "/%41DMIN", "and its case" },
    { "/%2561dmin/x", "escaped twice" },
    { "/%252561dmin", "three times" },
    { "/%25%36%31dmin", "the escape is escaped, digit by digit" },
    { "/%25%32%35%36%31dmin", "the same once more" },
    { "/%2fadmin", "Apache's AllowEncodedSlashes" },
    { "/%252fadmin", "escaped twice" },
    { "/admin%2fx", "below by an escaped slash" },
    { "/admin%252f", "escaped twice" },
    { "/admin%5cx", "below by a backslash" },
    { "/%5cadmin", "IIS" },
    { "/%5c/admin", "IIS" },
    { "/admin;v=1", "Tomcat, Jetty, Spring: parameters" },
    { "/admin;v=1/x", "parameters in the middle" },
    { "/admin;", "empty parameters" },
    { "/admin%3bx", "escaped" },
    { "/admin%253bx", "escaped twice" },
    { "/;/admin", "nothing but parameters" },
    { "/;x=1/admin/users", "the same" },
    { "/;;/;/admin", "the same" },
    { "/%3b/admin", "escaped" },
    { "/%253b/admin", "escaped twice" },
    { "/;%2fadmin", "with an escaped slash" },
    { "/;x%2fy/admin", "Tomcat takes parameters off before it reads escapes" },
    { "/%3bx%252fy/admin", "the same, one floor up" },
    { "/;x%5cy/admin", "the same with a backslash" },
    { "/;jsessionid=1/./;/admin", "all of it" },
    { "/.;/admin", "a dot with parameters" },
    { "/.;x=1/admin", "the same" },
    { "/x/..;/admin", "Tomcat behind a proxy" },
    { "/x/..;a=b/admin", "the same" },
    { "/x/..%3b/admin", "escaped" },
    { "/x/%2e%2e%3b/admin", "all escaped" },
    { "/admin.", "Windows trims dots" },
    { "/admin..", "the same" },
    { "/admin./x", "in the middle" },
    { "/admin%20", "Windows, PHP trim spaces" },
    { "/admin%20/x", "in the middle" },
    { "/admin%20.%20", "both" },
    { "/admin+", "a space of forms" },
    { "/%20admin", "trimmed before" },
    { "/%20/admin", "trimmed to nothing" },
    { "/admin%2500", "C strings end there" },
    { "/admin%2500.png", "the same" },
    { "/%2500admin", "or drop it" },
    { "/ad%2500min", "or drop it" },
    { "/admin%0a", "\"$\" of regular expressions" },
    { "/admin%0d%0ax", "lines" },
    { "/admin%09", "a tab" },
    { "/%09admin", "a tab" },
    { "/ad%0amin", "WHATWG takes tabs and lines out" },
    { "/.%0a/admin", "the same" },
    { "/x/.%0d./admin", "the same" },
    { "/admin%7f", "a control character" },
    { "/admin%23x", "a fragment, read again" },
    { "/admin%3fx", "a query, read again" },
    { "/admin%253fx", "escaped twice" },
    { "/admin%25", "half an escape" },
    { "/admin.json", "Rails: a format; Spring: a suffix" },
    { "/admin.php", "Apache's MultiViews, try_files" },
    { "/admin.html;x", "both" },
    { "/admin::$DATA", "NTFS streams" },
    { "/admin:$i30:$INDEX_ALLOCATION/x", "the same" },
    { "/%c0%afadmin", "an overlong slash" },
    { "/admin%c0%afx", "the same" },
    { "/x/%c0%ae%c0%ae/admin", "overlong dots" },
    { "/x/..%c1%9cadmin", "an overlong backslash" },
    { "/x/..%e0%80%afadmin", "three bytes" },
    { "/x/..%f0%80%80%afadmin", "four bytes" },
    { "/x/..%f8%80%80%80%afadmin", "five bytes" },
    { "/%c1%a1dmin", "an overlong letter" },
    { "/admin%c0%80", "an overlong NUL" },
    { "/x/..%25c0%25afadmin", "escaped twice" },
    { "/%ffadmin", "no UTF-8: dropped" },
    { "/admin%ff", "the same" },
    { "/%ff/admin", "to nothing" },
    { "/ad%c3min", "half a character" },
    { "/%ef%bd%81dmin", "wide letters: best fit, NFKC" },
    { "/%ef%bc%a1dmin", "their capitals" },
    { "/%ef%bc%8fadmin", "a wide slash" },
    { "/x/%ef%bc%8e%ef%bc%8e/admin", "wide dots" },
    { "/%ef%bc%8561dmin", "a wide percent sign" },
    { "/adm%c4%b1n", "a dotless i" },
    { "/%25u0061dmin", "IIS" },
    { "/%25uff41dmin", "IIS, wide" },
    { "/x/..%25u2215admin", "IIS, best fit" },
    { "/%ef%bb%bfadmin", "HFS+ drops what nobody sees" },
    { "/ad%c2%admin", "a hyphen that nobody sees" },
    { "/ad%c2%admin/x", "the same" },
    { "/a%e2%80%8bd%e2%81%a0min", "no width, twice" },
    { "/admin%f3%a0%80%81", "a tag" },
    { "/index.php/admin", "PHP: what is behind the script" },
    { "/index.php/%61dmin/x", "the same" },
    { "/public/index.php/admin", "the same" },
    { "/index.php;/;/admin", "the same" },
    { "/cgi-bin/app.cgi/admin", "CGI" },
    { "/(S(x))/admin", "ASP.NET without cookies" },
    { "/(S(x))/adm/(S(y))in", "the same" },
    { "/adm/(S(y))in", "the same" },
    { "/%28A(x)F(y))/admin", "the same" },
};

/* Not below "/admin". */
static const row beside[] = {
    { "/", "the root" },
    { "*", "OPTIONS" },
    { "", "nothing" },
    { "/administer", "longer" },
    { "/administer/x", "longer" },
    { "/admin-x", "longer" },
    { "/admin_x", "longer" },
    { "/admins", "longer" },
    { "/admin2", "longer" },
    { "/admin%20x", "another name" },
    { "/admin%61", "longer, escaped" },
    { "/admin%2561", "longer, escaped twice" },
    { "/%61dminister", "longer, escaped" },
    { "/adm", "shorter" },
    { "/-admin", "another name" },
    { "/xadmin", "another name" },
    { "/x/admin", "elsewhere" },
    { "/x/y/admin/z", "elsewhere" },
    { "/x;v=1/admin", "elsewhere, with parameters" },
    { "/x%2fadmin", "elsewhere, escaped" },
    { "/x%252fadmin", "elsewhere, escaped twice" },
    { "/x?/admin", "in the query" },
    { "/?/../admin", "in the query" },
    { "/x/..", "to the root" },
    { "/../x", "over the root" },
    { "/x/../administer", "climbs to a longer one" },
    { "/;/x", "parameters" },
    { "/;x=admin", "in parameters" },
    { "/x;admin", "in parameters" },
    { "/.well-known/admin", "elsewhere" },
    { "/.admin", "hidden" },
    { "//x.test/y", "an authority" },
    { "//x.test/y/admin", "an authority" },
    { "/index.php", "a script" },
    { "/index.php/x", "a script" },
    { "/index.php/x/admin", "a script" },
    { "/index.phtml/admin", "no script" },
    { "/a.b/admin", "no script" },
    { "/(x)/admin", "brackets" },
    { "/%c3%a4dmin", "another letter" },
    { "/admin%c3%a4", "longer" },
    { "/%e6%97%a5%e6%9c%ac/x", "another script" },
    { "/caf%c3%a9/x%20y", "ordinary" },
    { "/a+b/c,d/e@f", "ordinary" },
};

static bool is_below(const char *path, const char *prefix)
{
    return hf_path_below(tight(path, strlen(path)), prefix);
}

static void test_spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        if (!is_below(below[i].path, "/admin"))
            fail_msg("%s (%s) is open", below[i].path, below[i].why);
}

static void test_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if (is_below(beside[i].path, "/admin/"))
            fail_msg("%s (%s) is locked", beside[i].path, beside[i].why);
}

static void test_deeper_prefixes(void **state)
{
    static const char *const ours[] = {
        "/api/admin",       "/api/;/admin",         "/api/;x=1/admin",  "/api;x/admin/y",
        "/api//admin",      "/api/./admin",         "/api%2fadmin",     "/api%5cadmin",
        "/api./admin.",     "/x/../api/y/../admin", "/api/x/..;/admin", "/api;x%2fy/admin",
        "/;/api/;/admin/;", "/api/%252e/admin",     "//x/api/admin",    "/x.php/api/admin",
    };
    static const char *const others[] = { "/api",         "/admin",      "/api/administer",
                                          "/api/x/admin", "/admin/api",  "/x/api/admin",
                                          "/apiadmin",    "/api;/other", "/admin/../api" };

    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!is_below(ours[i], "/api/admin"))
            fail_msg("%s is open", ours[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_below(others[i], "/api/admin"))
            fail_msg("%s is locked", others[i]);
}

/* Prefixes with what has a meaning in paths. */
static void test_prefixes(void **state)
{
    (void)state;
    assert_true(is_below("/anything", "/"));
    assert_true(is_below("/", "/"));
    assert_true(is_below("/a/x/../b", "/a/b"));
    assert_true(is_below("/a//b/c", "/a/b"));
    assert_false(is_below("/b/../a", "/a/b"));
    assert_false(is_below("/a/bc", "/a/b"));
    assert_true(is_below("/.git/config", "/.git"));
    assert_true(is_below("/%2egit", "/.git"));
    assert_false(is_below("/git", "/.git"));
    assert_true(is_below("/v1.2/x", "/v1.2"));
    assert_false(is_below("/v1.3/x", "/v1.2"));
    assert_true(is_below("/caf%C3%A9", "/caf\xc3\xa9"));
    assert_false(is_below("/cafe", "/caf\xc3\xa9"));
    assert_true(is_below("/c++", "/c++"));
    assert_false(is_below("/c", "/c++"));
}

/* Whatever the length, the answer comes at once, and a path that is longer than any is below. */
static void test_long(void **state)
{
    static char path[HF_HEAD_START_MAX + 64];

    (void)state;
    memset(path, '/', sizeof path - 1);
    assert_true(is_below(path, "/admin"));
    path[HF_HEAD_START_MAX] = '\0';
    assert_false(is_below(path, "/admin"));
    for (size_t i = 0; i + 2 < HF_HEAD_START_MAX; i += 2)
        memcpy(path + i, i == 0 ? "/%" : "25", 2);
    assert_false(is_below(path, "/admin"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_deeper_prefixes),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests_name("proxy's protected paths", tests, NULL, NULL);
}
