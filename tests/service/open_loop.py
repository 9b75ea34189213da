#!/usr/bin/env python3
"""Good traffic at a fixed rate, whatever the server does.

`open_loop.py PORT RATE SECONDS` prints what became of it as JSON. A request is due at its place in the
schedule; its latency counts from then, also when it had to wait for a connection.
"""
import json
import selectors
import socket
import sys
import time

REQUESTS = (
    b"GET /healthz HTTP/1.1\r\nHost: good\r\n\r\n",
    b"GET /api/resources?page_size=5 HTTP/1.1\r\nHost: good\r\n\r\n",
)
CONNECTIONS = 32


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = 0.0
        self.received = b""

    def ask(self, due, request):
        self.due = due
        self.received = b""
        self.socket.send(request)

    def take(self):
        """None while the answer is not whole; else whether it was a good one."""
        data = self.socket.recv(65536)
        if not data:
            return False
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        lengths = [
            line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        ]
        if not lengths or len(body) < int(lengths[0]):
            return None
        return head.startswith(b"HTTP/1.1 200 ") and len(body) == int(lengths[0])


def run(port, rate, seconds):
    selector = selectors.DefaultSelector()
    idle = [Connection(port) for _ in range(CONNECTIONS)]
    for each in idle:
        selector.register(each.socket, selectors.EVENT_READ, each)
    latencies, sent = [], 0
    begun = time.monotonic()
    end = begun + seconds
    while True:
        now = time.monotonic()
        while idle and sent < (now - begun) * rate and sent < rate * seconds:
            idle.pop().ask(begun + sent / rate, REQUESTS[sent % len(REQUESTS)])
            sent += 1
        if len(idle) == CONNECTIONS and sent >= rate * seconds or now > end + 10:
            break
        for key, _ in selector.select(max(0.0, min(0.01, begun + sent / rate - time.monotonic()))):
            good = key.data.take()
            if good is None:
                continue
            if good:
                latencies.append(time.monotonic() - key.data.due)
                idle.append(key.data)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                again = Connection(port)
                selector.register(again.socket, selectors.EVENT_READ, again)
                idle.append(again)
    latencies.sort()
    planned = int(rate * seconds)
    return {
        "planned": planned,
        "good": len(latencies),
        "failed": planned - len(latencies),
        "p50_ms": round(latencies[len(latencies) // 2] * 1000, 2) if latencies else None,
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 2) if latencies else None,
        "max_ms": round(latencies[-1] * 1000, 2) if latencies else None,
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))
