"""A fault proxy before Redis, which can also answer in its place.

    with RedisProxy(redis.port) as proxy:
        proxy.reply = b"-LOADING Redis is loading the dataset in memory\\r\\n"
"""
import asyncio

from fault_proxy import FaultProxy
from resp import value_end

# What a server says that is there and does not do its work.
REFUSALS = {
    "LOADING": b"-LOADING Redis is loading the dataset in memory\r\n",
    "OOM": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "READONLY": b"-READONLY You can't write against a read only replica.\r\n",
    "MISCONF": b"-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "
               b"disk.\r\n",
    "NOAUTH": b"-NOAUTH Authentication required.\r\n",
    "MASTERDOWN": b"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
    "garbage": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "wrong type": b"*2\r\n:1\r\n$-1\r\n",
}


class RedisProxy(FaultProxy):
    """`reply`: bytes that each command is answered with from now on, and Redis does not see it; None: Redis
    answers. What it has under way is answered by it first. `replied`: how many were answered so."""

    def __init__(self, target_port):
        super().__init__(target_port)
        self.reply = None
        self.replied = 0

    def heal(self):
        self.reply = None
        super().heal()

    async def serve_pair(self, pair):
        await _Conversation(self, pair).run()


class _Conversation:
    """One connection. Commands are counted on their way there, replies on their way back."""

    def __init__(self, proxy, pair):
        self.proxy = proxy
        self.pair = pair
        self.under_way = 0
        self.settled = asyncio.Event()
        self.settled.set()
        self.is_subscribed = False  # then there are more replies than commands

    async def run(self):
        await self.proxy.both_ways(self.pair, self.commands, self.replies)

    async def commands(self, data, unread):
        """What goes on to Redis of the data; the rest stays until its command is whole."""
        unread += data
        there, position = bytearray(), 0
        while position < len(unread) and (end := value_end(unread, position)) is not None:
            command = bytes(unread[position:end])
            position = end
            if self.proxy.reply is None or self.is_subscribed:
                self.is_subscribed |= b"SUBSCRIBE\r\n" in command.upper()
                self.under_way += 1
                self.settled.clear()
                there += command
                continue
            if there:
                await self.proxy.send(self.pair[1], there)
                there = bytearray()
            await self.settled.wait()
            if reply := self.proxy.reply:
                self.proxy.replied += 1
                await self.proxy.send(self.pair[0], reply)
        del unread[:position]
        return there

    async def replies(self, data, unread):
        if self.is_subscribed:
            return data
        unread += data
        position = 0
        while position < len(unread) and (end := value_end(unread, position)) is not None:
            position = end
            self.under_way -= 1
        del unread[:position]
        if self.under_way <= 0:
            self.settled.set()
        return data
