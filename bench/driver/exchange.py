"""One HTTP exchange at a time, the answer kept as it came over the wire."""

import json
import socket
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    wire: bytes  # head and body
    body: bytes
    fields: dict  # by their names in lower case

    def json(self):
        return json.loads(self.body)


def exchange(
    port: int, path: str, method: str = "GET", body: bytes = b"", fields: tuple = (), timeout: float = 10.0
) -> Answer:
    """Sends one request as the generator does and reads its answer, which has to carry a Content-Length."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += "".join(f"{field}\r\n" for field in fields)
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(head.encode() + b"\r\n" + body)
        return read_answer(connection)


def read_answer(connection: socket.socket) -> Answer:
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = int(fields["content-length"])
    while len(body) < length:
        body += receive(connection)
    return Answer(int(lines[0].split()[1]), head + b"\r\n\r\n" + body, body, fields)


def receive(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection instead of answering")
    return data


def wait_until_answers(port: int, path: str, process, seconds: float = 20.0) -> None:
    """Returns once `path` is answered with 200; raises when the process ends first or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with status {process.returncode} before it answered")
        try:
            if exchange(port, path, timeout=2.0).status == 200:
                return
        except OSError:
            time.sleep(0.0005)
        else:
            time.sleep(0.0005)
    raise RuntimeError(f"{path} was not answered with 200 within {seconds:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
