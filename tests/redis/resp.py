"""Redis' protocol (RESP2) as far as tests speak it: one blocking connection, and where a value ends."""
import socket

LONGEST_LINE = 64 * 1024


class ErrorReply(Exception):
    """The server answered with an error; its text begins with the kind."""


def encode(*words):
    """The bytes of one command. Words are bytes, or anything whose text is meant."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def value_end(data, begin=0):
    """The position behind the value that begins there, None while it is not whole. ValueError: no RESP."""
    line_end = data.find(b"\r\n", begin)
    if line_end < 0:
        if len(data) - begin > LONGEST_LINE:
            raise ValueError("a line of RESP does not end")
        return None
    kind, rest, end = data[begin:begin + 1], data[begin + 1:line_end], line_end + 2
    if kind in b"+-:" and kind:
        return end
    if kind == b"$":
        size = int(rest)
        end += 0 if size < 0 else size + 2
        return end if end <= len(data) else None
    if kind == b"*":
        for _ in range(max(0, int(rest))):
            end = value_end(data, end)
            if end is None:
                return None
        return end
    raise ValueError(f"no RESP: {bytes(data[begin:begin + 60])!r}")


def parse(data, begin=0):
    """(value, position behind it) of a whole value: bytes, str of a status, int, None, list, ErrorReply."""
    line_end = data.index(b"\r\n", begin)
    kind, rest, end = data[begin:begin + 1], data[begin + 1:line_end], line_end + 2
    match kind:
        case b"+":
            return rest.decode(), end
        case b"-":
            return ErrorReply(rest.decode()), end
        case b":":
            return int(rest), end
        case b"$":
            size = int(rest)
            return (None, end) if size < 0 else (bytes(data[end:end + size]), end + size + 2)
    values = []
    for _ in range(int(rest)):
        value, end = parse(data, end)
        values.append(value)
    return (None if int(rest) < 0 else values), end


class Connection:
    """Use as a context manager."""

    def __init__(self, port, timeout=10.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *words):
        self.socket.sendall(encode(*words))

    def read(self):
        while (end := value_end(self.unread)) is None:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection instead of answering")
            self.unread += more
        value, _ = parse(self.unread)
        self.unread = self.unread[end:]
        if isinstance(value, ErrorReply):
            raise value
        return value

    def command(self, *words):
        self.send(*words)
        return self.read()
