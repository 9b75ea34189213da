#!/usr/bin/env python3
"""Bodies that are meant to cost more than their bytes: depth, digits, keys of one hash (T-H9)."""
import os
import random
from pathlib import Path

import service

KEYS = 60_000  # of 256 bytes: as many as the 16 MiB of a JSON text hold
DIGITS = 10_000_000
DEPTH = 100_000
MEMORY = 64 << 20
MASK = (1 << 64) - 1
MULTIPLIER = 0xC6A4A7935BD1E995  # of MurmurHash64A, which libstdc++'s std::hash is, with a seed that all know
INVERSE = pow(MULTIPLIER, -1, 1 << 64)


def mixed(block):
    block = block * MULTIPLIER & MASK
    return (block ^ block >> 47) * MULTIPLIER & MASK


def unmixed(value):
    value = value * INVERSE & MASK
    return (value ^ value >> 47) * INVERSE & MASK


def is_text(block):
    """Whether it is UTF-8 that stands in JSON as it is."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return all(byte > 0x1F and byte not in b'"\\' for byte in block)


def block_and_twin(chance):
    """Two blocks of 8 bytes that differ in nothing but the highest bit once they are mixed."""
    while True:
        block = b""
        while len(block) < 8:
            wide = chance.random() < 0.6
            block += chr(chance.randrange(0x80, 0x800) if wide else chance.randrange(0x23, 0x7F)).encode()
        twin = unmixed(mixed(int.from_bytes(block[:8], "little")) ^ 1 << 63).to_bytes(8, "little")
        if is_text(block[:8]) and is_text(twin):
            return block[:8], twin


def colliding_keys(count, seed):
    """Texts with one MurmurHash64A whatever its seed is: 16 bytes stand for each bit of their number. The
    second block of the 16 takes back what the first changed in the state, its highest bit."""
    chance = random.Random(seed)
    pairs = []
    for _ in range((count - 1).bit_length()):
        (first, other_first), (second, other_second) = block_and_twin(chance), block_and_twin(chance)
        pairs.append((first + second, other_first + other_second))
    return [b"".join(pairs[bit][number >> bit & 1] for bit in range(len(pairs))) for number in range(count)]


def murmur(data, seed=0xC70F6907):
    state = seed ^ len(data) * MULTIPLIER & MASK
    for at in range(0, len(data), 8):
        state = (state ^ mixed(int.from_bytes(data[at:at + 8], "little"))) * MULTIPLIER & MASK
    return state


def random_keys(count, size, seed):
    chance = random.Random(seed)
    return [chance.randbytes(size // 2).hex().encode() for _ in range(count)]


def object_of(keys):
    return b"{" + b",".join(b'"%s":0' % key for key in keys) + b"}"


class HostileJson(service.ServiceTest):
    env = {"BRIO_LIMIT_BODY": str(64 << 20)}
    threads = 1

    def seconds(self):
        """CPU of the server process until now."""
        fields = Path(f"/proc/{self.service.server_pid()}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cost(self, body, statuses, times=3):
        """The least CPU of a few POSTs of the body, which are refused."""
        spent = []
        for _ in range(times):
            before = self.seconds()
            answer = self.service.request("POST", "/api/resources", body)
            self.assertIn(answer.status, statuses, answer)
            spent.append(self.seconds() - before)
        return min(spent)

    def test_depth_is_refused_where_it_begins(self):
        before = self.service.rss()
        for body in (b"[" * DEPTH, b'{"name":' + b"[" * DEPTH, b'{"a":' * DEPTH, b"[" * DEPTH + b"]" * DEPTH):
            self.cost(body, (400,), times=1)
        self.judge_growth(before, MEMORY, f"after {DEPTH:,} levels")

    def test_a_number_of_ten_million_digits_is_an_error_of_its_field(self):
        before = self.service.rss()
        for number in (b"9" * DIGITS, b"-" + b"1" * DIGITS, b"0." + b"3" * DIGITS, b"1e" + b"9" * DIGITS):
            self.cost(b'{"name":"a","owner_id":' + number + b"}", (400, 422), times=1)
        self.judge_growth(before, MEMORY, f"after {DIGITS:,} digits")

    def test_keys_of_one_hash_cost_what_any_keys_cost(self):
        keys = colliding_keys(KEYS, service.SEED)
        self.assertEqual(len(set(keys)), KEYS)
        self.assertEqual(len({murmur(key) for key in keys[:: KEYS // 100]}), 1, "the keys do not collide")
        usual = self.cost(object_of(random_keys(KEYS, len(keys[0]), service.SEED)), (422,))
        hostile = self.cost(object_of(keys), (422,))
        print(f"  {KEYS:,} keys: {usual:.3f} s of CPU, of one hash {hostile:.3f} s", flush=True)
        # what grows with the square of the keys would cost thousands of times as much
        self.assertLess(hostile, 10 * usual + 1.0)

    def test_it_serves_after_all(self):
        self.assertEqual(self.service.request("POST", "/api/resources", {"name": "good"}).status, 201)


if __name__ == "__main__":
    service.main()
