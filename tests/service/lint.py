"""Twenty-five rules that every answer of an HTTP/1.1 server holds (RFC 9110, 9111, 9112, 9457), as functions.

A rule takes a Probe and yields what is wrong. RULES is the list of them; lint() applies all.
"""
import datetime
import re

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
IMF_FIXDATE = re.compile(
    rf"(?P<day>{'|'.join(DAYS)}), (\d\d) ({'|'.join(MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT"
)
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
MEDIA_TYPE = re.compile(rf"{TOKEN}/{TOKEN}(;\s*{TOKEN}=({TOKEN}|\"[^\"]*\"))*")
# fields whose grammar has no list: one line at most
SINGLETONS = (
    "Date",
    "Content-Length",
    "Content-Type",
    "ETag",
    "Location",
    "Retry-After",
    "Last-Modified",
    "Age",
    "Content-Encoding",
    "X-Content-Type-Options",
    "X-Request-ID",
    "Server",
    "Expires",
    "Content-Location",
)
INTERNALS = re.compile(
    r"/(work|home|root|usr|tmp|build|src|var)/|\.[ch]pp\b|sqlite|\bSQL\b|SELECT |INSERT |UPDATE "
    r"|no such (table|column)|syntax error|constraint failed|std::|brio::|basic_string|0x[0-9a-f]{6,}"
    r"|exception|terminate|errno|simdjson|asio",
    re.IGNORECASE,
)
PROBLEM_MEMBERS = {"type": str, "title": str, "status": int, "detail": str, "instance": str, "code": str}


class Probe:
    """A request and its answer; `head_of` is the answer to the same GET when this one is its HEAD."""

    def __init__(self, method, target, answer, sent=None, head_of=None, closed=None):
        self.method = method
        self.target = target
        self.answer = answer
        self.sent = sent or {}
        self.head_of = head_of
        self.closed = closed  # whether the connection ended after it; None: not looked at

    def __str__(self):
        return f"{self.method} {self.target} {self.sent or ''} -> {self.answer.status}"


def date_is_imf_fixdate(probe):
    value = probe.answer.field("Date", "")
    match = IMF_FIXDATE.fullmatch(value)
    if not match:
        yield f"Date is {value!r}"
        return
    date = datetime.datetime.strptime(value[5:], "%d %b %Y %H:%M:%S GMT").replace(
        tzinfo=datetime.timezone.utc
    )
    if DAYS[date.weekday()] != match["day"]:
        yield f"{value!r} is no {match['day']}"


def date_is_now(probe):
    value = probe.answer.field("Date", "")
    if IMF_FIXDATE.fullmatch(value):
        date = datetime.datetime.strptime(value[5:], "%d %b %Y %H:%M:%S GMT").replace(
            tzinfo=datetime.timezone.utc
        )
        if abs((datetime.datetime.now(datetime.timezone.utc) - date).total_seconds()) > 5:
            yield f"Date is {value!r}"


def length_is_exact(probe):
    answer = probe.answer
    if probe.method != "HEAD" and answer.status not in (204, 304):
        if answer.all("Content-Length") != [str(len(answer.body))]:
            yield f"Content-Length is {answer.all('Content-Length')} of {len(answer.body)} bytes"


def framing_is_one(probe):
    if probe.answer.all("Content-Length") and probe.answer.all("Transfer-Encoding"):
        yield "Content-Length and Transfer-Encoding"


def no_length_where_no_body_can_be(probe):
    if probe.answer.status == 204 and probe.answer.all("Content-Length"):
        yield "Content-Length on 204"


def no_body_where_none_may_be(probe):
    if (probe.method == "HEAD" or probe.answer.status in (204, 304)) and probe.answer.body:
        yield f"a body: {probe.answer.body[:40]!r}"


def etag_is_quoted(probe):
    for value in probe.answer.all("ETag"):
        if not ETAG.fullmatch(value):
            yield f"ETag is {value!r}"


def head_has_the_fields_of_get(probe):
    if probe.head_of is not None:
        volatile = {"date", "x-request-id", "server-timing", "age", "x-cache"}

        def fields(answer):
            return sorted(
                (name.lower(), value) for name, value in answer.fields if name.lower() not in volatile
            )

        if probe.answer.status != probe.head_of.status:
            yield f"HEAD is {probe.answer.status}, GET {probe.head_of.status}"
        # the instance of a problem is the request's id, whose length is the same
        if fields(probe.answer) != fields(probe.head_of):
            yield f"HEAD has {fields(probe.answer)}, GET {fields(probe.head_of)}"


def allow_stands_on_405(probe):
    if probe.answer.status == 405:
        allowed = [each.strip() for each in probe.answer.field("Allow", "").split(",")]
        if "" in allowed or probe.method in allowed:
            yield f"Allow is {allowed}"
        if "GET" in allowed and "HEAD" not in allowed:
            yield "Allow has GET and not HEAD"


def allow_stands_on_options(probe):
    if probe.method == "OPTIONS" and probe.answer.status < 300:
        allowed = [each.strip() for each in probe.answer.field("Allow", "").split(",")]
        if "OPTIONS" not in allowed or len(allowed) != len(set(allowed)):
            yield f"Allow is {allowed}"


def retry_after_stands_on_refusals(probe):
    if probe.answer.status in (429, 503) and not re.fullmatch(
        r"[0-9]{1,5}", probe.answer.field("Retry-After", "")
    ):
        yield f"Retry-After is {probe.answer.field('Retry-After')!r}"


def authenticate_stands_on_401(probe):
    if probe.answer.status == 401 and not probe.answer.field("WWW-Authenticate"):
        yield "no WWW-Authenticate"


def errors_are_problem_documents(probe):
    answer = probe.answer
    if answer.status < 400:
        return
    if answer.field("Content-Type") != "application/problem+json":
        yield f"Content-Type is {answer.field('Content-Type')!r}"
    elif probe.method != "HEAD":
        document = answer.json()
        for name, kind in PROBLEM_MEMBERS.items():
            if not isinstance(document.get(name), kind):
                yield f"{name} is {document.get(name)!r}"
        if document.get("status") != answer.status:
            yield f"status is {document.get('status')} in {answer.status}"


def codes_are_stable_words(probe):
    if probe.answer.code is not None and not re.fullmatch(r"[a-z][a-z0-9_]{2,}", probe.answer.code):
        yield f"code is {probe.answer.code!r}"


def invalid_fields_are_named(probe):
    if probe.answer.status == 422 and probe.method != "HEAD":
        errors = probe.answer.json().get("errors") or []
        if not errors:
            yield "422 without errors"
        for error in errors:
            if set(error) != {"in", "name", "message"} or error["in"] not in (
                "body",
                "query",
                "path",
                "header",
            ):
                yield f"errors has {error}"


def instance_is_the_request(probe):
    answer = probe.answer
    if answer.code is not None and not answer.json()["instance"].endswith(
        answer.field("X-Request-ID", "none")
    ):
        yield f"instance is {answer.json()['instance']!r}, X-Request-ID {answer.field('X-Request-ID')!r}"


def content_type_stands_with_a_body(probe):
    value = probe.answer.field("Content-Type")
    if probe.answer.body and not value:
        yield "a body without Content-Type"
    if value and not MEDIA_TYPE.fullmatch(value):
        yield f"Content-Type is {value!r}"


def content_is_not_sniffed(probe):
    if probe.answer.field("Content-Type") and probe.answer.field("X-Content-Type-Options") != "nosniff":
        yield "Content-Type without nosniff"


def json_is_utf8_json(probe):
    if "json" in probe.answer.field("Content-Type", "") and probe.answer.body:
        try:
            probe.answer.json()
        except ValueError as error:
            yield f"{error}: {probe.answer.body[:60]!r}"


def codings_are_told_apart(probe):
    """RFC 9110 §8.8.3 and §12.5.5: caches know what a coded body answers, by its Vary and its tag."""
    if not probe.answer.all("Content-Encoding"):
        return
    if "accept-encoding" not in probe.answer.field("Vary", "").lower():
        yield f"Vary is {probe.answer.field('Vary')!r} of a body in a coding"
    if (tag := probe.answer.field("ETag")) and not tag.endswith('-gz"'):
        yield f"ETag is {tag} of a body in gzip"


def errors_hide_internals(probe):
    if probe.answer.status >= 400:
        found = INTERNALS.search(probe.answer.content().decode("utf-8", "replace"))
        if found:
            yield f"{found[0]!r} in {probe.answer.body[:300]!r}"


def location_stands_on_created(probe):
    value = probe.answer.field("Location")
    if probe.answer.status == 201 and not re.fullmatch(r"/[!-~]+", value or ""):
        yield f"Location is {value!r}"


def connection_says_what_happens(probe):
    if probe.closed is not None and probe.closed != probe.answer.says_close():
        what = "ended" if probe.closed else "stayed"
        yield f"the connection {what}, its field is {probe.answer.field('Connection')!r}"


def request_id_is_answered(probe):
    given = probe.sent.get("X-Request-ID")
    if probe.answer.status in (400, 414, 431, 505) and probe.answer.says_close():
        given = None  # refused before its fields were read
    value = probe.answer.field("X-Request-ID", "")
    if given is not None and re.fullmatch(TOKEN, given) and len(given) <= 128:
        if value != given:
            yield f"X-Request-ID {given!r} became {value!r}"
    elif not re.fullmatch(TOKEN, value) or value == given:
        yield f"X-Request-ID is {value!r}"


def not_modified_has_the_tag(probe):
    if probe.answer.status == 304:
        if not probe.answer.field("ETag"):
            yield "304 without ETag"
        if probe.answer.field("Content-Type"):
            yield "304 with Content-Type"


def fields_stand_once(probe):
    for name in SINGLETONS:
        if len(probe.answer.all(name)) > 1:
            yield f"{name} stands {len(probe.answer.all(name))} times"


def interim_answers_were_asked_for(probe):
    if probe.answer.interim and "Expect" not in probe.sent:
        yield f"{probe.answer.interim} before the answer"


RULES = (
    date_is_imf_fixdate,
    date_is_now,
    length_is_exact,
    framing_is_one,
    no_length_where_no_body_can_be,
    no_body_where_none_may_be,
    etag_is_quoted,
    head_has_the_fields_of_get,
    allow_stands_on_405,
    allow_stands_on_options,
    retry_after_stands_on_refusals,
    authenticate_stands_on_401,
    errors_are_problem_documents,
    codes_are_stable_words,
    invalid_fields_are_named,
    instance_is_the_request,
    content_type_stands_with_a_body,
    content_is_not_sniffed,
    json_is_utf8_json,
    codings_are_told_apart,
    errors_hide_internals,
    location_stands_on_created,
    connection_says_what_happens,
    request_id_is_answered,
    not_modified_has_the_tag,
    fields_stand_once,
    interim_answers_were_asked_for,
)


def lint(probe):
    """What is wrong with the answer, one line for each broken rule."""
    return [f"{rule.__name__}: {probe}: {what}" for rule in RULES for what in rule(probe)]
