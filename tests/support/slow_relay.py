# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A relay that makes a server on this machine far away: what it passes on leaves after half a round trip, and a connection's first bytes after
another whole one, since on a real path connect() itself would have taken that.

    with slow(port, 0.05) as far: audit(f"127.0.0.1:{far.port}")"""
import asyncio
import contextlib
import threading


class SlowRelay:
    def __init__(self, port, round_trip):
        self.behind, self.round_trip = port, round_trip
        self.loop, self.port = asyncio.new_event_loop(), 0
        self.connections = self.open = self.most = 0  # all, now, at a time
        self.up = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.up.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.visit, "127.0.0.1", 0, backlog=128))
        self.port = server.sockets[0].getsockname()[1]
        self.up.set()
        self.loop.run_forever()
        server.close()
        self.loop.run_until_complete(self.end_all())
        self.loop.close()

    @staticmethod
    async def end_all():
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def visit(self, reader, writer):
        self.connections += 1
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await self.carry(reader, writer)
        finally:
            self.open -= 1

    async def carry(self, reader, writer):
        begun = self.loop.time()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        except OSError:
            writer.close()
            return
        with contextlib.suppress(asyncio.CancelledError):  # close()
            await asyncio.gather(self.pass_on(reader, far_writer, begun + self.round_trip), self.pass_on(far_reader, writer, begun))

    async def pass_on(self, reader, writer, not_before):
        """In order, each piece half a round trip after it came; many can be under way."""
        under_way = asyncio.Queue()
        sender = asyncio.ensure_future(self.send(under_way, writer))
        data = b"?"
        while data:
            try:
                data = await reader.read(65536)
            except OSError:
                data = b""
            await under_way.put((max(self.loop.time(), not_before) + self.round_trip / 2, data))
        await sender

    async def send(self, under_way, writer):
        with contextlib.suppress(OSError):
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        # The other direction may still have something on its way.
        await asyncio.sleep(self.round_trip)
        writer.close()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


@contextlib.contextmanager
def slow(port, round_trip):
    """round_trip: seconds"""
    relay = SlowRelay(port, round_trip)
    try:
        yield relay
    finally:
        relay.close()
