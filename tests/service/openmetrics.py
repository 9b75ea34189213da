"""A strict reader of the OpenMetrics text format 1.0 (and, less strict, of Prometheus text 0.0.4).

parse() raises Malformed, or gives the samples as {(name, ((label, value), ...)): value}, labels sorted.
"""
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?Inf|NaN")
ESCAPES = re.compile(r'\\(["\\n])')
SUFFIXES = {
    "counter": ("_total", "_created"),
    "gauge": ("",),
    "unknown": ("",),
    "info": ("_info",),
    "stateset": ("",),
    "histogram": ("_bucket", "_sum", "_count", "_created"),
    "summary": ("", "_sum", "_count", "_created"),
    "gaugehistogram": ("_bucket", "_gsum", "_gcount"),
    "untyped": ("",),
}


class Malformed(AssertionError):
    """The text breaks the format."""


def number(text):
    if not NUMBER.fullmatch(text):
        raise Malformed(f"no number: {text!r}")
    return float(text.replace("Inf", "inf"))


def labels_of(text):
    """The labels at the start of `text`, which begins after the brace, and what follows the closing one."""
    labels = {}
    while not text.startswith("}"):
        match = LABEL.match(text)
        if not match:
            raise Malformed(f"no label: {text!r}")
        if match[1] in labels:
            raise Malformed(f"the label {match[1]} stands twice: {text!r}")
        labels[match[1]] = ESCAPES.sub(lambda found: "\n" if found[1] == "n" else found[1], match[2])
        text = text[match.end() :]
        if text.startswith(","):
            text = text[1:]
        elif not text.startswith("}"):
            raise Malformed(f"no comma between labels: {text!r}")
    return labels, text[1:]


class Reader:
    def __init__(self, is_open):
        self.is_open = is_open
        self.samples = {}
        self.types = {}
        self.described = {}  # family: which of HELP, TYPE, UNIT it has
        self.family = None
        self.finished = set()

    def enter(self, family):
        """Families must not be interleaved."""
        if family == self.family:
            return
        if family in self.finished:
            raise Malformed(f"{family} comes in two places")
        if self.family is not None:
            self.finished.add(self.family)
        self.family = family

    def comment(self, line):
        parts = line.split(" ", 3)
        if len(parts) < 3 or parts[1] not in ("HELP", "TYPE", "UNIT"):
            if self.is_open:
                raise Malformed(f"no HELP, TYPE or UNIT: {line!r}")
            return
        _, kind, family = parts[:3]
        text = parts[3] if len(parts) > 3 else ""
        if not NAME.fullmatch(family):
            raise Malformed(f"no name: {line!r}")
        self.enter(family)
        seen = self.described.setdefault(family, set())
        if kind in seen:
            raise Malformed(f"{kind} of {family} stands twice")
        if any(self.family_of(name) == family for name, _ in self.samples):
            raise Malformed(f"{kind} of {family} stands after its samples")
        seen.add(kind)
        if kind == "TYPE":
            if text not in SUFFIXES:
                raise Malformed(f"no type: {line!r}")
            self.types[family] = text
        if kind == "UNIT" and text and not family.endswith("_" + text):
            raise Malformed(f"{family} does not end with its unit {text}")

    def family_of(self, name):
        for family, kind in ((self.family, self.types.get(self.family)), *self.types.items()):
            if family is not None and name.startswith(family):
                suffix = name[len(family) :]
                if suffix in SUFFIXES.get(kind, ()) or (not self.is_open and suffix == ""):
                    return family
        raise Malformed(f"{name} belongs to no family with a type, or has no suffix of its type")

    def sample(self, line):
        match = NAME.match(line)
        if not match:
            raise Malformed(f"no sample: {line!r}")
        name, rest, labels = match[0], line[match.end() :], {}
        self.enter(self.family_of(name))
        if rest.startswith("{"):
            labels, rest = labels_of(rest[1:])
        if not rest.startswith(" "):
            raise Malformed(f"no space before the value: {line!r}")
        rest, _, exemplar = rest[1:].partition(" # ")
        values = rest.split(" ")
        if len(values) > 2:
            raise Malformed(f"more than a value and a time: {line!r}")
        for each in values:
            number(each)
        if exemplar:
            self.exemplar(name, exemplar)
        key = (name, tuple(sorted(labels.items())))
        if key in self.samples:
            raise Malformed(f"a series twice: {line!r}")
        self.samples[key] = number(values[0])

    def exemplar(self, name, text):
        if not self.is_open or not name.endswith(("_bucket", "_total")) or not text.startswith("{"):
            raise Malformed(f"no place for an exemplar: {name} {text!r}")
        labels, rest = labels_of(text[1:])
        if sum(len(key) + len(value) for key, value in labels.items()) > 128:
            raise Malformed(f"an exemplar is too long: {text!r}")
        values = rest.split(" ")[1:]
        if not 1 <= len(values) <= 2:
            raise Malformed(f"an exemplar has a value and perhaps a time: {text!r}")
        for each in values:
            number(each)

    def judge_histograms(self):
        """Buckets grow with their edge, the last is +Inf and equals the count; counters are not negative."""
        groups = {}
        for (name, labels), value in self.samples.items():
            family = self.family_of(name)
            if self.types.get(family) == "histogram" and name.endswith("_bucket"):
                other = tuple(each for each in labels if each[0] != "le")
                groups.setdefault((family, other), []).append((number(dict(labels)["le"]), value))
            if self.types.get(family) in ("counter", "histogram") and (value < 0 or math.isnan(value)):
                raise Malformed(f"{name}{labels} is {value}")
        for (family, labels), buckets in groups.items():
            if buckets != sorted(buckets) or [edge for edge, _ in buckets][-1] != math.inf:
                raise Malformed(f"the buckets of {family}{labels} are not in order up to +Inf")
            if any(a > b for (_, a), (_, b) in zip(buckets, buckets[1:])):
                raise Malformed(f"the buckets of {family}{labels} are not cumulative")
            if self.samples.get((family + "_count", labels)) != buckets[-1][1]:
                raise Malformed(f"{family}{labels} has a count unlike its last bucket")


def parse(text, is_open=True):
    if "\r" in text or not text.endswith("\n"):
        raise Malformed("lines end with one LF, the last too")
    lines = text[:-1].split("\n")
    if is_open:
        if lines[-1] != "# EOF":
            raise Malformed("the end is not # EOF")
        lines.pop()
    reader = Reader(is_open)
    for line in lines:
        if line == "" and is_open:
            raise Malformed("an empty line")
        if line.startswith("#"):
            reader.comment(line)
        elif line:
            reader.sample(line)
    reader.judge_histograms()
    return reader.samples
