"""One HTTP/1.1 connection that believes nothing: answers are read byte by byte as RFC 9112 frames them.

Whatever breaks the framing rules raises Violation, so that a test that reads an answer at all has checked it.
"""
import gzip
import json
import re
import socket
import struct
import zlib

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)\Z")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\Z")
MOST_HEAD = 64 * 1024


class Violation(AssertionError):
    """The server broke HTTP's framing."""


class Answer:
    """A final answer; `interim` holds the statuses of the 1xx answers before it."""

    def __init__(self, status, reason, fields, body, interim):
        self.status = status
        self.reason = reason
        self.fields = fields  # (name as sent, value) in order
        self.body = body
        self.interim = interim

    def all(self, name):
        return [value for given, value in self.fields if given.lower() == name.lower()]

    def field(self, name, otherwise=None):
        values = self.all(name)
        return values[0] if values else otherwise

    def content(self):
        """The body without its coding, which is gzip or none. ValueError when it is not what it says."""
        if not self.all("Content-Encoding"):
            return self.body
        try:
            return gzip.decompress(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"no gzip: {error}") from error

    def json(self):
        return json.loads(self.content().decode("utf-8"))

    @property
    def code(self):
        """The stable code of a problem document, else None."""
        if self.field("Content-Type") != "application/problem+json" or not self.body:
            return None
        return self.json().get("code")

    def says_close(self):
        return any(
            token.strip().lower() == "close" for value in self.all("Connection") for token in value.split(",")
        )

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:300]!r}>"


class Wire:
    """A connected socket. Use as a context manager."""

    def __init__(self, port, timeout=10.0, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data)

    def send_what_is_taken(self, data):
        """Sends until the server has closed; an early refusal makes the rest unwanted."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _more(self):
        data = self.socket.recv(65536)
        self.unread += data
        return bool(data)

    def _line(self):
        while b"\r\n" not in self.unread:
            if len(self.unread) > MOST_HEAD:
                raise Violation("a line of the answer does not end")
            if not self._more():
                raise ConnectionError(f"closed within a head, after {self.unread[:200]!r}")
        line, self.unread = self.unread.split(b"\r\n", 1)
        if b"\n" in line or b"\r" in line:
            raise Violation(f"a bare CR or LF in {line!r}")
        return line

    def _exactly(self, size):
        while len(self.unread) < size:
            if not self._more():
                raise Violation(f"Content-Length says {size}, the body ended after {len(self.unread)}")
        body, self.unread = self.unread[:size], self.unread[size:]
        return body

    def _head(self):
        line = self._line()
        match = STATUS_LINE.match(line)
        if not match:
            raise Violation(f"no status line: {line!r}")
        fields = []
        while line := self._line():
            field = FIELD_LINE.match(line)
            if not field:
                raise Violation(f"no field line: {line!r}")
            fields.append((field[1].decode("ascii"), field[2].decode("latin-1")))
        return int(match[1]), match[2].decode("ascii"), fields

    def read(self, method="GET"):
        """The next final answer. ConnectionError when the server closed instead."""
        interim = []
        while True:
            status, reason, fields = self._head()
            answer = Answer(status, reason, fields, b"", interim)
            lengths = answer.all("Content-Length")
            if answer.all("Transfer-Encoding"):
                raise Violation(f"this server has no reason for Transfer-Encoding: {answer}")
            if status < 200:
                if lengths:
                    raise Violation(f"Content-Length on {answer}")
                interim.append(status)
                continue
            if status in (204, 304):
                if status == 204 and lengths:
                    raise Violation(f"Content-Length on {answer}")
                return answer
            if len(lengths) != 1 or not re.fullmatch("[0-9]+", lengths[0]):
                raise Violation(f"not exactly one Content-Length: {answer}")
            if method != "HEAD":
                answer.body = self._exactly(int(lengths[0]))
            return answer

    def request(self, method, target, body=None, fields=()):
        """Sends one well-formed request and reads its answer. A dict or list is sent as JSON."""
        self.send(encode(method, target, body, fields))
        return self.read(method)

    def is_closed(self, timeout=5.0):
        """Whether the server ends the connection, by FIN or RST, without a further byte."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(4096)
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True
        if data:
            raise Violation(f"bytes that answer nothing: {(self.unread + data)[:200]!r}")
        return not self.unread


def encode(method, target, body=None, fields=()):
    """The bytes of a request; Content-Type and Content-Length come with a body."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode("utf-8")
    lines = [f"{method} {target} HTTP/1.1", "Host: service.test"]
    given = dict(fields)
    if body is not None:
        given.setdefault("Content-Type", "application/json")
        given["Content-Length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")
