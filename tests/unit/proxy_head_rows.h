/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Heads that are refused: by what rule, in what words. ROW(name, bytes, status, words); bytes may hold NULs. */
#define H    "Host: a.test\r\n"
#define POST "POST / HTTP/1.1\r\n" H

/* ---- RFC 9112 6: how long the body is ---- */
ROW("CL and TE", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
    "Content-Length and Transfer-Encoding together")
ROW("TE and CL", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400,
    "Content-Length and Transfer-Encoding together")
ROW("CL 0 and TE", POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
    "Content-Length and Transfer-Encoding together")
ROW("CL and TE in HTTP/1.0",
    "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
    "Content-Length and Transfer-Encoding together")
ROW("two CL that differ", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400,
    "more than one Content-Length")
ROW("two CL that agree", POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", 400,
    "more than one Content-Length")
ROW("two CL, another between", POST "Content-Length: 5\r\nX: y\r\nCONTENT-LENGTH: 0\r\n\r\n", 400,
    "more than one Content-Length")
ROW("CL list", POST "Content-Length: 5, 5\r\n\r\n", 400, "Content-Length is a list")
ROW("CL list of one", POST "Content-Length: 5,\r\n\r\n", 400, "Content-Length is a list")
ROW("CL empty", POST "Content-Length:\r\n\r\n", 400, "Content-Length is empty")
ROW("CL blank", POST "Content-Length: \t \r\n\r\n", 400, "Content-Length is empty")
ROW("CL plus", POST "Content-Length: +5\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL minus", POST "Content-Length: -5\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL minus zero", POST "Content-Length: -0\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL with a space", POST "Content-Length: 1 2\r\n\r\n", 400,
    "Content-Length is not digits alone")
ROW("CL with a tab", POST "Content-Length: 1\t2\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL hexadecimal", POST "Content-Length: 0x5\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL a fraction", POST "Content-Length: 5.0\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL an exponent", POST "Content-Length: 1e3\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL quoted", POST "Content-Length: \"5\"\r\n\r\n", 400, "Content-Length is not digits alone")
ROW("CL with a semicolon", POST "Content-Length: 5;\r\n\r\n", 400,
    "Content-Length is not digits alone")
ROW("CL other digits", POST "Content-Length: \xd9\xa5\r\n\r\n", 400,
    "Content-Length is not digits alone")
ROW("CL octal", POST "Content-Length: 010\r\n\r\n", 400, "Content-Length begins with a zero")
ROW("CL two zeros", POST "Content-Length: 00\r\n\r\n", 400, "Content-Length begins with a zero")
ROW("CL 2^62 + 1", POST "Content-Length: 4611686018427387905\r\n\r\n", 400,
    "Content-Length is too large")
ROW("CL 2^64 + 5", POST "Content-Length: 18446744073709551621\r\n\r\n", 400,
    "Content-Length is too large")
ROW("CL 40 digits", POST "Content-Length: 1000000000000000000000000000000000000000\r\n\r\n", 400,
    "Content-Length is too large")
ROW("CL with an underscore", POST "Content_Length: 5\r\n\r\n", 400,
    "a framing field in another spelling")
ROW("TE with an underscore", POST "transfer_encoding: chunked\r\n\r\n", 400,
    "a framing field in another spelling")
ROW("CL with a dot", POST "Content.Length: 5\r\n\r\n", 400, "a framing field in another spelling")
ROW("CL with a tilde", POST "content~length: 5\r\n\r\n", 400, "a framing field in another spelling")
ROW("TE with an exclamation mark", POST "Transfer!Encoding: chunked\r\n\r\n", 400,
    "a framing field in another spelling")
ROW("two TE", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
    "more than one Transfer-Encoding")
ROW("two TE, one other", POST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n",
    400, "more than one Transfer-Encoding")
ROW("TE empty", POST "Transfer-Encoding:\r\n\r\n", 400, "Transfer-Encoding is not exactly chunked")
ROW("TE twice chunked", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE with a comma", POST "Transfer-Encoding: chunked,\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE a comma before", POST "Transfer-Encoding: ,chunked\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE with a parameter", POST "Transfer-Encoding: chunked;x\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE chunkedx", POST "Transfer-Encoding: chunkedx\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE quoted", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE unknown", POST "Transfer-Encoding: cow\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE cow, chunked", POST "Transfer-Encoding: cow, chunked\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE chunked before gzip", POST "Transfer-Encoding: chunked, gzip\r\n\r\n", 400,
    "Transfer-Encoding is not exactly chunked")
ROW("TE vertical tab",
    POST "Transfer-Encoding: \x0b"
         "chunked\r\n\r\n",
    400, "a control character")
ROW("TE gzip", POST "Transfer-Encoding: gzip\r\n\r\n", 501, "a transfer coding other than chunked")
ROW("TE gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501,
    "a transfer coding other than chunked")
ROW("TE deflate", POST "Transfer-Encoding: deflate\r\n\r\n", 501,
    "a transfer coding other than chunked")
ROW("TE x-compress", POST "Transfer-Encoding: X-Compress,chunked\r\n\r\n", 501,
    "a transfer coding other than chunked")
ROW("TE identity", POST "Transfer-Encoding: identity\r\n\r\n", 501,
    "a transfer coding other than chunked")
ROW("TE in HTTP/1.0", "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400,
    "Transfer-Encoding in HTTP/1.0")

/* ---- RFC 9112 2.2, 5: lines and fields ---- */
ROW("obs-fold", "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400, "a folded field (obs-fold)")
ROW("obs-fold with a tab", "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n", 400,
    "a folded field (obs-fold)")
ROW("obs-fold of TE", POST "Transfer-Encoding:\r\n chunked\r\n\r\n", 400,
    "a folded field (obs-fold)")
ROW("white line", "GET / HTTP/1.1\r\n" H " \r\n\r\n", 400, "a folded field (obs-fold)")
ROW("space before the first field", "GET / HTTP/1.1\r\n Host: a.test\r\n\r\n", 400,
    "white space before the first field")
ROW("tab before the first field", "GET / HTTP/1.1\r\n\tHost: a.test\r\n\r\n", 400,
    "white space before the first field")
ROW("bare LF", "GET / HTTP/1.1\nHost: a.test\n\n", 400, "a LF without CR")
ROW("bare LF after a field", "GET / HTTP/1.1\r\nHost: a.test\nX: y\r\n\r\n", 400, "a LF without CR")
ROW("bare LF at the end", "GET / HTTP/1.1\r\n" H "\n", 400, "a LF without CR")
ROW("bare LF first", "\nGET / HTTP/1.1\r\n" H "\r\n", 400, "a LF without CR")
ROW("bare CR", "GET / HTTP/1.1\r\nHost: a.test\rX: y\r\n\r\n", 400, "a CR without LF")
ROW("bare CR in the first line", "GET /\rx HTTP/1.1\r\n" H "\r\n", 400, "a CR without LF")
ROW("CR CR LF", "GET / HTTP/1.1\r\r\n" H "\r\n", 400, "a CR without LF")
ROW("NUL in a value", "GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", 400, "a NUL byte")
ROW("NUL in a name", "GET / HTTP/1.1\r\n" H "X\0: a\r\n\r\n", 400, "a NUL byte")
ROW("NUL in the target", "GET /\0 HTTP/1.1\r\n" H "\r\n", 400, "a NUL byte")
ROW("ESC in a value", "GET / HTTP/1.1\r\n" H "X: \x1b[2J\r\n\r\n", 400, "a control character")
ROW("DEL in a value", "GET / HTTP/1.1\r\n" H "X: \x7f\r\n\r\n", 400, "a control character")
ROW("form feed in a name", "GET / HTTP/1.1\r\n" H "X\x0c: a\r\n\r\n", 400, "a control character")
ROW("space before the colon", "GET / HTTP/1.1\r\nHost : a.test\r\n\r\n", 400,
    "white space before a field's colon")
ROW("tab before the colon", POST "Content-Length\t: 5\r\n\r\n", 400,
    "white space before a field's colon")
ROW("space before TE's colon", POST "Transfer-Encoding : chunked\r\n\r\n", 400,
    "white space before a field's colon")
ROW("space in a name", POST "Transfer Encoding: chunked\r\n\r\n", 400,
    "a field's name is not a token")
ROW("parenthesis in a name", "GET / HTTP/1.1\r\n" H "X(y): z\r\n\r\n", 400,
    "a field's name is not a token")
ROW("slash in a name", "GET / HTTP/1.1\r\n" H "X/y: z\r\n\r\n", 400,
    "a field's name is not a token")
ROW("quoted name", POST "\"Content-Length\": 5\r\n\r\n", 400, "a field's name is not a token")
ROW("umlaut in a name", "GET / HTTP/1.1\r\n" H "X\xc3\xa4: z\r\n\r\n", 400,
    "a field's name is not a token")
ROW("no-break space in a name", POST "Content-Length\xa0: 5\r\n\r\n", 400,
    "a field's name is not a token")
ROW("empty name", "GET / HTTP/1.1\r\n" H ": z\r\n\r\n", 400, "a field without a name")
ROW("no colon", "GET / HTTP/1.1\r\n" H "nothing\r\n\r\n", 400, "a field without a colon")
ROW("request line again", "GET / HTTP/1.1\r\n" H "GET /x HTTP/1.1\r\n\r\n", 400,
    "a field without a colon")
ROW("bytes after the head", "GET / HTTP/1.1\r\n" H "\r\nGET", 400, "bytes after the head")
ROW("no end", "GET / HTTP/1.1\r\n" H, 400, "the head is not whole")
ROW("nothing", "", 400, "the head is not whole")
ROW("an empty line alone", "\r\n", 400, "the head is not whole")

/* ---- RFC 9112 3: the request line ---- */
ROW("space first", " GET / HTTP/1.1\r\n" H "\r\n", 400, "white space before the request line")
ROW("tab first", "\tGET / HTTP/1.1\r\n" H "\r\n", 400, "white space before the request line")
ROW("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400,
    "empty lines before the request")
ROW("two spaces", "GET  / HTTP/1.1\r\n" H "\r\n", 400, "more than one space in the request line")
ROW("two spaces before the version", "GET /  HTTP/1.1\r\n" H "\r\n", 400,
    "more than one space in the request line")
ROW("space after the version", "GET / HTTP/1.1 \r\n" H "\r\n", 400,
    "the request line has more than three parts")
ROW("space in the target", "GET /a b HTTP/1.1\r\n" H "\r\n", 400,
    "the request line has more than three parts")
ROW("smuggled version", "GET / HTTP/1.1 HTTP/1.0\r\n" H "\r\n", 400,
    "the request line has more than three parts")
ROW("tab between", "GET\t/ HTTP/1.1\r\n" H "\r\n", 400, "the method is not a token")
ROW("tab in the target", "GET /\tx HTTP/1.1\r\n" H "\r\n", 400, "a tab in the request line")
ROW("tab before the version", "GET /\tHTTP/1.1\r\n" H "\r\n", 400,
    "the request line has no version")
ROW("HTTP/0.9", "GET /\r\n\r\n", 400, "the request line has no version")
ROW("version missing", "GET / \r\n" H "\r\n", 400, "the first line ends with a space")
ROW("method alone", "GET\r\n" H "\r\n", 400, "the request line has no target")
ROW("method and space", "GET \r\n" H "\r\n", 400, "the request line has no version")
ROW("method no token", "G@T / HTTP/1.1\r\n" H "\r\n", 400, "the method is not a token")
ROW("method empty", ": / HTTP/1.1\r\n" H "\r\n", 400, "the method is not a token")
ROW("method quoted", "\"GET\" / HTTP/1.1\r\n" H "\r\n", 400, "the method is not a token")
ROW("method lower case", "get / HTTP/1.1\r\n" H "\r\n", 501, "a method with lower-case letters")
ROW("method mixed case", "Head / HTTP/1.1\r\n" H "\r\n", 501, "a method with lower-case letters")
ROW("method long", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\n" H "\r\n", 501,
    "the method is too long")
ROW("CONNECT", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", 501,
    "CONNECT is not offered")
ROW("TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 501, "TRACE is not offered")
ROW("preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505, "the preface of HTTP/2")
ROW("HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", 505, "a version that is not HTTP/1")
ROW("HTTP/0.9 said", "GET / HTTP/0.9\r\n" H "\r\n", 505, "a version that is not HTTP/1")
ROW("HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", 505, "a version of HTTP/1 after 1.1")
ROW("HTTP/1.9", "GET / HTTP/1.9\r\n" H "\r\n", 505, "a version of HTTP/1 after 1.1")
ROW("HTTP/1.10", "GET / HTTP/1.10\r\n" H "\r\n", 400, "the version is malformed")
ROW("HTTP/01.1", "GET / HTTP/01.1\r\n" H "\r\n", 400, "the version is malformed")
ROW("HTTP/1", "GET / HTTP/1\r\n" H "\r\n", 400, "the version is malformed")
ROW("HTTP/1,1", "GET / HTTP/1,1\r\n" H "\r\n", 400, "the version is malformed")
ROW("HTTPS/1.1", "GET / HTTPS/1.1\r\n" H "\r\n", 400, "the version is malformed")
ROW("http/1.1", "GET / http/1.1\r\n" H "\r\n", 400, "the version is not in upper case")
ROW("Http/1.1", "GET / Http/1.1\r\n" H "\r\n", 400, "the version is not in upper case")
ROW("TLS", "\x16\x03\x01\x02\x00\x01", 400, "a TLS record where HTTP should begin")

/* ---- RFC 9112 3.2, RFC 9110 4.2, 7.2: target and Host ---- */
ROW("no Host", "GET / HTTP/1.1\r\n\r\n", 400, "no Host")
ROW("two Hosts", "GET / HTTP/1.1\r\n" H "Host: b.test\r\n\r\n", 400, "more than one Host")
ROW("two equal Hosts", "GET / HTTP/1.1\r\n" H "host: a.test\r\n\r\n", 400, "more than one Host")
ROW("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" H "Host: b.test\r\n\r\n", 400,
    "more than one Host")
ROW("Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "the host is empty")
ROW("Host a list", "GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host with a space", "GET / HTTP/1.1\r\nHost: a.test b.test\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host with a path", "GET / HTTP/1.1\r\nHost: a.test/x\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host with a scheme", "GET / HTTP/1.1\r\nHost: http://a.test\r\n\r\n", 400,
    "the host's port is none")
ROW("Host with an escape", "GET / HTTP/1.1\r\nHost: a%2etest\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host not ASCII", "GET / HTTP/1.1\r\nHost: \xc3\xa4.test\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host with an empty label", "GET / HTTP/1.1\r\nHost: a..test\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host of a dot", "GET / HTTP/1.1\r\nHost: .\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host a wildcard", "GET / HTTP/1.1\r\nHost: *.test\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host with userinfo", "GET / HTTP/1.1\r\nHost: me@a.test\r\n\r\n", 400,
    "a user's name before the host")
ROW("Host, no port", "GET / HTTP/1.1\r\nHost: a.test:\r\n\r\n", 400,
    "a host with a colon and no port")
ROW("Host, port 0", "GET / HTTP/1.1\r\nHost: a.test:0\r\n\r\n", 400, "the host's port is none")
ROW("Host, port 65536", "GET / HTTP/1.1\r\nHost: a.test:65536\r\n\r\n", 400,
    "the host's port is none")
ROW("Host, port of letters", "GET / HTTP/1.1\r\nHost: a.test:https\r\n\r\n", 400,
    "the host's port is none")
ROW("Host, port signed", "GET / HTTP/1.1\r\nHost: a.test:+443\r\n\r\n", 400,
    "the host's port is none")
ROW("Host, two ports", "GET / HTTP/1.1\r\nHost: a.test:443:80\r\n\r\n", 400,
    "the host's port is none")
ROW("Host only a port", "GET / HTTP/1.1\r\nHost: :443\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host IPv6 bare", "GET / HTTP/1.1\r\nHost: 2001:db8::1\r\n\r\n", 400, "the host's port is none")
ROW("Host IPv6 open", "GET / HTTP/1.1\r\nHost: [2001:db8::1\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host IPv6 and more", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host IPv6 zone", "GET / HTTP/1.1\r\nHost: [fe80::1%eth0]\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("Host brackets alone", "GET / HTTP/1.1\r\nHost: []\r\n\r\n", 400,
    "the host is neither a name nor an address")
ROW("target and Host differ", "GET http://b.test/ HTTP/1.1\r\n" H "\r\n", 400,
    "the target and Host differ")
ROW("target's and Host's ports differ", "GET http://a.test:81/ HTTP/1.1\r\n" H "\r\n", 400,
    "the target and Host differ")
ROW("absolute without Host", "GET http://a.test/ HTTP/1.1\r\n\r\n", 400, "no Host")
ROW("userinfo", "GET http://me:secret@a.test/ HTTP/1.1\r\n" H "\r\n", 400,
    "a user's name before the host")
ROW("absolute without authority", "GET http:///x HTTP/1.1\r\n" H "\r\n", 400, "the host is empty")
ROW("a scheme alone", "GET http:// HTTP/1.1\r\n" H "\r\n", 400, "the host is empty")
ROW("another scheme", "GET ftp://a.test/ HTTP/1.1\r\n" H "\r\n", 400,
    "the target is neither a path nor an http(s) address")
ROW("file", "GET file:///etc/passwd HTTP/1.1\r\n" H "\r\n", 400,
    "the target is neither a path nor an http(s) address")
ROW("no slash", "GET x HTTP/1.1\r\n" H "\r\n", 400,
    "the target is neither a path nor an http(s) address")
ROW("authority-form", "GET a.test:443 HTTP/1.1\r\n" H "\r\n", 400,
    "the target is neither a path nor an http(s) address")
ROW("query without a path", "GET http://a.test?x HTTP/1.1\r\n" H "\r\n", 400,
    "a query without a path")
ROW("fragment", "GET /#x HTTP/1.1\r\n" H "\r\n", 400, "a fragment in the target")
ROW("not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400, "a target that is not ASCII")
ROW("backslash", "GET /a\\..\\b HTTP/1.1\r\n" H "\r\n", 400, "a backslash in the path")
ROW("escaped NUL", "GET /a%00.html HTTP/1.1\r\n" H "\r\n", 400, "a NUL in the path")
ROW("half an escape", "GET /100% HTTP/1.1\r\n" H "\r\n", 400,
    "a percent sign without two hexadecimal digits in the path")
ROW("an escape of letters", "GET /%zz HTTP/1.1\r\n" H "\r\n", 400,
    "a percent sign without two hexadecimal digits in the path")
ROW("an escape into the query", "GET /%4?1 HTTP/1.1\r\n" H "\r\n", 400,
    "a percent sign without two hexadecimal digits in the path")
ROW("star for GET", "GET * HTTP/1.1\r\n" H "\r\n", 400, "\"*\" is for OPTIONS alone")
ROW("star and more", "OPTIONS *x HTTP/1.1\r\n" H "\r\n", 400,
    "the target is neither a path nor an http(s) address")

/* ---- RFC 9110 6.6.2, 7.6, 7.8, 10.1.1: the connection ---- */
ROW("Expect unknown", POST "Expect: the unexpected\r\nContent-Length: 5\r\n\r\n", 417,
    "Expect is not 100-continue")
ROW("Expect a list", POST "Expect: 100-continue, x\r\nContent-Length: 5\r\n\r\n", 417,
    "Expect is not 100-continue")
ROW("Expect empty", POST "Expect:\r\nContent-Length: 5\r\n\r\n", 417, "Expect is not 100-continue")
ROW("two Expect", POST "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    400, "more than one Expect")
ROW("Upgrade without Connection", "GET / HTTP/1.1\r\n" H "Upgrade: websocket\r\n\r\n", 400,
    "Upgrade without Connection: upgrade")
ROW("Upgrade with another Connection",
    "GET / HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: keep-alive\r\n\r\n", 400,
    "Upgrade without Connection: upgrade")
ROW("two Upgrade",
    "GET / HTTP/1.1\r\n" H "Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n", 400,
    "more than one Upgrade")
ROW("Connection no names", "GET / HTTP/1.1\r\n" H "Connection: close x\r\n\r\n", 400,
    "Connection is not a list of names")
ROW("Connection names CL", POST "Content-Length: 5\r\nConnection: close, Content-Length\r\n\r\n",
    400, "Connection names a field that is not the connection's")
ROW("Connection names TE",
    POST "Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n\r\n", 400,
    "Connection names a field that is not the connection's")
ROW("Connection names Host", "GET / HTTP/1.1\r\n" H "Connection: Host\r\n\r\n", 400,
    "Connection names a field that is not the connection's")
ROW("Trailer names CL", POST "Transfer-Encoding: chunked\r\nTrailer: X, Content-Length\r\n\r\n",
    400, "Trailer names a field that is none")
ROW("Trailer names TE", POST "Transfer-Encoding: chunked\r\nTrailer: transfer-encoding\r\n\r\n",
    400, "Trailer names a field that is none")
ROW("Trailer names Host", POST "Transfer-Encoding: chunked\r\nTrailer: Host\r\n\r\n", 400,
    "Trailer names a field that is none")
ROW("Trailer names ours", POST "Transfer-Encoding: chunked\r\nTrailer: X_Forwarded_For\r\n\r\n",
    400, "Trailer names a field that is none")
ROW("Trailer no names", POST "Transfer-Encoding: chunked\r\nTrailer: a b\r\n\r\n", 400,
    "Trailer is not a list of names")
ROW("Max-Forwards no number", "OPTIONS / HTTP/1.1\r\n" H "Max-Forwards: -1\r\n\r\n", 400,
    "Max-Forwards is not a number")
ROW("Max-Forwards empty", "OPTIONS / HTTP/1.1\r\n" H "Max-Forwards:\r\n\r\n", 400,
    "Max-Forwards is not a number")
ROW("two Max-Forwards", "OPTIONS / HTTP/1.1\r\n" H "Max-Forwards: 1\r\nMax-Forwards: 2\r\n\r\n",
    400, "more than one Max-Forwards")
#undef POST
#undef H
