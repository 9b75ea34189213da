"""A collector of traces: takes OTLP/HTTP in JSON, and holds what comes against the format's shape.

Shape: opentelemetry-proto, trace/v1/trace.proto, and the rules of its JSON form (ids in hexadecimal, integers
of 64 bits as texts, enumerations as numbers, names in lowerCamelCase).
"""
import http.server
import json
import re
import threading

VALUES = {"stringValue": str, "intValue": str, "doubleValue": (int, float), "boolValue": bool}
SPAN = {"traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano",
        "endTimeUnixNano", "attributes", "events", "status"}


def expect(holds, words):
    if not holds:
        raise AssertionError(f"not OTLP: {words}")


def attributes(given):
    read = {}
    for each in given:
        expect(set(each) == {"key", "value"} and len(each["value"]) == 1, each)
        ((kind, value),) = each["value"].items()
        expect(isinstance(value, VALUES[kind]), each)
        expect(each["key"] not in read, f"{each['key']} twice")
        read[each["key"]] = int(value) if kind == "intValue" else value
    return read


def moment(text):
    expect(isinstance(text, str) and re.fullmatch(r"[0-9]{19}", text), f"a time: {text}")
    return int(text)


class Span:
    def __init__(self, given, resource):
        expect(set(given) <= SPAN, set(given) - SPAN)
        expect(re.fullmatch("[0-9a-f]{32}", given["traceId"]) and int(given["traceId"], 16), given["traceId"])
        expect(re.fullmatch("[0-9a-f]{16}", given["spanId"]) and int(given["spanId"], 16), given["spanId"])
        expect(re.fullmatch("(|[0-9a-f]{16})", given.get("parentSpanId", "")), given.get("parentSpanId"))
        expect(given["kind"] in (2, 5), given["kind"])
        self.resource = resource
        self.name, self.kind = given["name"], given["kind"]
        self.trace, self.id, self.parent = given["traceId"], given["spanId"], given.get("parentSpanId")
        self.begun, self.ended = moment(given["startTimeUnixNano"]), moment(given["endTimeUnixNano"])
        expect(self.begun <= self.ended, "it ends before it begins")
        self.attributes = attributes(given["attributes"])
        self.events = [(each["name"], attributes(each["attributes"])) for each in given.get("events", [])]
        for each in given.get("events", []):
            moment(each["timeUnixNano"])
        self.status = given.get("status", {}).get("code", 0)
        self.state = given.get("traceState", "")

    @property
    def ms(self):
        return (self.ended - self.begun) / 1e6


def read(body):
    spans = []
    for each in json.loads(body)["resourceSpans"]:
        resource = attributes(each["resource"]["attributes"])
        for scope in each["scopeSpans"]:
            expect(scope["scope"]["name"], "a scope has a name")
            spans += [Span(span, resource) for span in scope["spans"]]
    return spans


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        owner = self.server.owner
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with owner.lock:
            owner.asked += 1
            status = owner.statuses.pop(0) if owner.statuses else 200
            owner.requests.append((self.path, dict(self.headers)))
            if status == 200:
                try:
                    owner.spans += read(body)
                except Exception as wrong:  # told by the test
                    owner.faults.append(f"{wrong!r} in {body!r}")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Collector:
    """A context manager. `statuses`: what it answers first, before it takes anything."""

    def __init__(self):
        self.lock = threading.Lock()
        self.spans, self.faults, self.requests, self.statuses, self.asked = [], [], [], [], 0

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def find(self, **wanted):
        with self.lock:
            if self.faults:
                raise AssertionError(self.faults[0])
            return [each for each in self.spans
                    if all(getattr(each, name) == value for name, value in wanted.items())]
