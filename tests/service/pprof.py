"""Reads what a program gives as pprof's profile.proto, as far as tests look at it."""
import gzip
import shutil
import subprocess
from collections import namedtuple

# frames: the innermost first; values: by the name of their type
Sample = namedtuple("Sample", "frames values labels")


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a message: int, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def numbers(data):
    at, all_of_it = 0, []
    while at < len(data):
        value, at = varint(data, at)
        all_of_it.append(value)
    return all_of_it


def read(packed):
    """The samples of a profile in gzip."""
    whole = list(fields(gzip.decompress(packed)))
    texts = [value.decode() for number, value in whole if number == 6]
    types = [texts[dict(fields(value))[1]] for number, value in whole if number == 1]
    functions = {each[1]: texts[each[2]] for each in (dict(fields(value)) for n, value in whole if n == 5)}
    places = {}
    for place in (dict(fields(value)) for number, value in whole if number == 4):
        places[place[1]] = functions[dict(fields(place[4]))[1]]
    samples = []
    for sample in (list(fields(value)) for number, value in whole if number == 2):
        one = dict(sample)
        labels = (dict(fields(value)) for number, value in sample if number == 3)
        samples.append(
            Sample(
                [places[each] for each in numbers(one[1])],
                dict(zip(types, numbers(one[2]), strict=True)),
                {texts[each[1]]: texts[each[2]] for each in labels},
            )
        )
    return samples


def by_go(file, *options):
    """What `go tool pprof` prints; None where it is not installed."""
    go = shutil.which("go")
    if go is None:
        return None
    command = [go, "tool", "pprof", *options, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
