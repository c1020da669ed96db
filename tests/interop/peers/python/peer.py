# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A peer on Python's module ssl. `peer.py server ADDR:PORT OPTIONS` answers a request with a page, or echoes with --echo;
`peer.py client ADDR:PORT OPTIONS` comes --visits times and remembers its session in between. Each connection of a client is a
line of JSON on stdout, followed by what the server sent."""
import argparse
import json
import socket
import ssl
import sys
import threading

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
RECORD = 16384
AHEAD = 4 * RECORD
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def read_options(words):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("role", choices=("client", "server"))
    parser.add_argument("address")
    parser.add_argument("--ca", help="a server with one demands client certificates")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--tls", choices=VERSIONS)
    parser.add_argument("--suites", help="of TLS 1.2, as OpenSSL calls them, divided by colons")
    parser.add_argument("--group", help="one alone: the module takes no list of them before Python 3.15")
    parser.add_argument("--alpn")
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--ids", action="store_true", help="no tickets")
    parser.add_argument("--cut", action="store_true", help="ends without close_notify")
    parser.add_argument("--memory", action="store_true", help="by way of MemoryBIO; clients only")
    parser.add_argument("--visits", type=int, default=1)
    parser.add_argument("--send")
    parser.add_argument("--name", default="localhost")
    return parser.parse_args(words)


def context_of(options):
    server = options.role == "server"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE  # whose groups are also the server's otherwise
    if options.ids:
        context.options |= ssl.OP_NO_TICKET
    if options.tls:
        context.minimum_version = context.maximum_version = VERSIONS[options.tls]
    if options.ca:
        context.load_verify_locations(options.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    if options.cert:
        context.load_cert_chain(options.cert, options.key)
    if options.suites:
        context.set_ciphers(options.suites)
    if options.group:
        context.set_ecdh_curve(options.group)
    if options.alpn:
        context.set_alpn_protocols(options.alpn.split(","))
    return context


def describe(tls):
    subject = dict(pair for rdn in (tls.getpeercert() or {}).get("subject", ()) for pair in rdn)
    return json.dumps({"version": tls.version(), "suite": tls.cipher()[0], "resumed": tls.session_reused,
                       "alpn": tls.selected_alpn_protocol(), "subject": subject.get("commonName")})


class Memory:
    """A connection by way of MemoryBIO, with the methods of an SSLSocket that are used here."""

    def __init__(self, context, plain, name, session):
        self.plain, self.incoming, self.outgoing = plain, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name, session=session)
        self.step(self.tls.do_handshake)

    def step(self, action, *words):
        """Repeats the action until it no longer waits for bytes; all that it leaves is sent."""
        while True:
            try:
                return action(*words)
            except ssl.SSLWantReadError:
                self.flush()
                got = self.plain.recv(RECORD)
                self.incoming.write(got) if got else self.incoming.write_eof()
            finally:
                self.flush()

    def flush(self):
        if self.outgoing.pending:
            self.plain.sendall(self.outgoing.read())

    def recv(self, n):
        try:
            return self.step(self.tls.read, n)
        except ssl.SSLZeroReturnError:
            return b""

    def sendall(self, data):
        self.step(self.tls.write, data)

    def unwrap(self):
        self.step(self.tls.unwrap)

    def close(self):
        self.plain.close()

    def __getattr__(self, name):
        return getattr(self.tls, name)


def receive(tls, n):
    got = b""
    while len(got) < n and (part := tls.recv(RECORD)):
        got += part
    return got


def talk(tls, data, echoed):
    """Sends the data and reads what comes. What is echoed is read meanwhile: it may be longer than what the sockets hold."""
    got = bytearray()
    for i in range(0, len(data), RECORD):
        tls.sendall(data[i:i + RECORD])
        while echoed and i > len(got) + AHEAD:
            got += tls.recv(RECORD)
    if echoed:
        return got + receive(tls, len(data) - len(got))
    while part := tls.recv(RECORD):
        got += part
    return got


def visit(context, options, data, session):
    """One connection, and the session that it leaves. In TLS 1.3 that comes after the handshake, in a ticket."""
    host, port = options.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as plain:
        if options.memory:
            tls = Memory(context, plain, options.name, session)
        else:
            tls = context.wrap_socket(plain, server_hostname=options.name, session=session, suppress_ragged_eofs=False)
        said = describe(tls)
        if options.cut:
            tls.sendall(data)
            tls.close()
            return None
        got = talk(tls, data, options.echo)
        session = tls.session  # which an SSLSocket forgets at its end
        tls.unwrap()
        sys.stdout.buffer.write(said.encode() + b"\n" + bytes(got) + b"\n")
        tls.close()
        return session


def client(options):
    context, session = context_of(options), None
    data = REQUEST
    if options.send:
        with open(options.send, "rb") as file:
            data = file.read()
    for _ in range(options.visits):
        session = visit(context, options, data, session)


def echo(tls):
    while data := tls.recv(RECORD):
        tls.sendall(data)


def page(tls):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = tls.recv(RECORD)
        if not part:
            return
        head += part
    body = describe(tls) + "\n"
    tls.sendall(f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


def serve(context, options, plain):
    try:
        with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as tls:
            (echo if options.echo else page)(tls)
            if not options.cut:
                tls.unwrap()
    except OSError as e:
        print(e, flush=True)


def server(options):
    context = context_of(options)
    host, port = options.address.rsplit(":", 1)
    with socket.create_server((host, int(port))) as listener:
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=serve, args=(context, options, plain), daemon=True).start()


def main():
    options = read_options(sys.argv[1:])
    try:
        {"client": client, "server": server}[options.role](options)
    except ssl.SSLError as e:
        sys.exit(str(e))


main()
