"""A TCP proxy of 127.0.0.1 that goes wrong when it is told to.

    with FaultProxy(cluster.port) as proxy:
        …                       # connect to proxy.port
        proxy.blackhole()       # connections stay open, new ones are taken, no byte comes through
        proxy.heal()            # what was held back goes on
"""
import asyncio
import socket
import struct
import threading


class FaultProxy:
    """`delay`: seconds that each chunk waits, either way. `reset_after`: bytes from the server after which a
    connection is reset; None: never. `is_refusing`: new connections are reset at once. All can be set any
    time."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.delay = 0.0
        self.reset_after = None
        self.is_refusing = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._pairs = {}  # and the task that serves each
        self._open = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._accepting.cancel)
        self._thread.join()
        self._listener.close()

    def blackhole(self):
        self._call(self._open.clear)

    def heal(self):
        self.delay, self.reset_after, self.is_refusing = 0.0, None, False
        self._call(self._open.set)

    def reset_all(self):
        """RST to both ends of every connection."""
        self._call(lambda: [serving.cancel() for serving in list(self._pairs.values())])

    # -- for proxies that know what goes through them; all on the proxy's own thread --

    async def serve_pair(self, pair):
        """Moves bytes between the client and the server until both have ended."""
        await self.both_ways(pair, _as_it_is, _as_it_is)

    async def both_ways(self, pair, from_client, from_server):
        """Each function gets a chunk and a bytearray of its own, and gives what goes on."""
        ways = [self._loop.create_task(self._pump(pair, *way))
                for way in ((0, 1, from_client), (1, 0, from_server))]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def send(self, target, data):
        await self._loop.sock_sendall(target, data)

    # -- inside --

    def _call(self, function):
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (function(), done.set()))
        if not done.wait(10):
            raise RuntimeError("the proxy does not answer")

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._open = asyncio.Event()
        self._open.set()
        self._accepting = self._loop.create_task(self._accept())
        try:
            self._loop.run_until_complete(self._accepting)
        except asyncio.CancelledError:
            pass
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _accept(self):
        while True:
            client, _ = await self._loop.sock_accept(self._listener)
            client.setblocking(False)
            if self.is_refusing:
                _abort_at_close((client,))
                client.close()
            else:
                self._loop.create_task(self._serve(client))

    async def _serve(self, client):
        server = socket.socket()
        server.setblocking(False)
        pair = (client, server)
        self._pairs[pair] = asyncio.current_task()
        try:
            for each in pair:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.sock_connect(server, ("127.0.0.1", self.target_port))
            await self.serve_pair(pair)
        except (OSError, ValueError, asyncio.CancelledError):
            _abort_at_close(pair)
        finally:
            del self._pairs[pair]
            for each in pair:
                each.close()

    async def _pump(self, pair, origin, target, through):
        passed, unread = 0, bytearray()
        while data := await self._loop.sock_recv(pair[origin], 65536):
            await self._open.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            passed += len(data)
            if origin == 1 and self.reset_after is not None and passed > self.reset_after:
                raise ConnectionResetError
            if onward := await through(data, unread):
                await self.send(pair[target], onward)
        await self._open.wait()
        try:
            pair[target].shutdown(socket.SHUT_WR)
        except OSError:
            pass


async def _as_it_is(data, _):
    return data


def _abort_at_close(sockets):
    for each in sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
