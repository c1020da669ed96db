#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A backend for the proxy's tests, HTTP/1.1 with keep-alive. `proxied_backend.py PORT|PATH NAME`:
  GET /            what was asked, as JSON: {"backend": NAME, "method": …, "target": …, "headers": [[name, value] …]}
  GET /bytes/N     N bytes, with their length
  POST /sink       {"length": …, "sha256": …} of the body
  POST /echo       the body
`proxied_backend.py PORT echo` sends back what comes, whatever it is."""
import asyncio
import hashlib
import json
import sys

PATTERN = bytes(i * 7 % 251 for i in range(1 << 16))


class Request:
    def __init__(self, head):
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        self.method, self.target, _ = first.split(" ")
        self.headers = [[part.strip() for part in line.split(":", 1)] for line in lines]

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)


async def body_of(request, reader):
    """Its parts."""
    if request.header("transfer-encoding"):
        while size := int((await reader.readline()).split(b";")[0], 16):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return
    left = int(request.header("content-length") or 0)
    while left:
        part = await reader.read(min(left, 1 << 18))
        if not part:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(part)
        yield part


async def answer_bytes(writer, n):
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {n}\r\n\r\n".encode())
    while n:
        part = PATTERN[:n]
        n -= len(part)
        writer.write(part)
        await writer.drain()


def answer(writer, body, kind="application/json"):
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


async def one(request, reader, writer, name):
    if request.target.startswith("/bytes/"):
        await answer_bytes(writer, int(request.target[7:]))
    elif request.target == "/sink":
        length, digest = 0, hashlib.sha256()
        async for part in body_of(request, reader):
            length += len(part)
            digest.update(part)
        answer(writer, json.dumps({"length": length, "sha256": digest.hexdigest()}).encode())
    elif request.target == "/echo":
        answer(writer, b"".join([part async for part in body_of(request, reader)]), "application/octet-stream")
    else:
        told = {"backend": name, "method": request.method, "target": request.target, "headers": request.headers}
        answer(writer, json.dumps(told).encode())
    await writer.drain()


async def serve(reader, writer, name):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            request = Request(head)
            await one(request, reader, writer, name)
            if (request.header("connection") or "").lower() == "close":
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def echo(reader, writer):
    try:
        while part := await reader.read(1 << 16):
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(place, name):
    def talk(reader, writer):
        return echo(reader, writer) if name == "echo" else serve(reader, writer, name)
    options = {"backlog": 1024, "limit": 1 << 20}
    if place.isdigit():
        server = await asyncio.start_server(talk, "127.0.0.1", int(place), reuse_address=True, **options)
    else:
        server = await asyncio.start_unix_server(talk, place, **options)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
