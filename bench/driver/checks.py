"""What must be right before anything is timed."""

from datetime import datetime

from .exchange import exchange


def comparable(value):
    """The JSON value with times as moments, however written, and a cursor reduced to being there."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        found = {name: comparable(item) for name, item in value.items()}
        for name in ("created_at", "updated_at"):
            if name in found:
                found[name] = datetime.fromisoformat(found[name].replace("Z", "+00:00"))
        if "next_cursor" in found:
            found["next_cursor"] = found["next_cursor"] is not None
        return found
    return value


def first_difference(one, other, place: str = "") -> str | None:
    """Where two JSON values differ first, in words; None when they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**one, **other}:
            if name not in one or name not in other:
                return f"{place}.{name} is only in one of them"
            if found := first_difference(one[name], other[name], f"{place}.{name}"):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        differences = (first_difference(a, b, f"{place}[{i}]") for i, (a, b) in enumerate(zip(one, other)))
        return next((found for found in differences if found), None)
    return None if one == other else f"{place}: {one!r} and {other!r}"


def same_pages(servers: list, paths: list) -> None:
    """Every server gives the same JSON values for every path; raises with the first difference."""
    for path in paths:
        wanted = None
        for server in servers:
            answer = exchange(server.port, path)
            if answer.status != 200:
                text = f"{server.name} answers {path} with {answer.status}: {answer.body[:300]!r}"
                raise RuntimeError(text)
            page = comparable(answer.json())
            if wanted is None:
                wanted = page
            elif difference := first_difference(wanted, page):
                raise RuntimeError(f"{path} of {servers[0].name} and {server.name} differ at {difference}")


def same_creations(servers: list, path: str, body: bytes) -> None:
    """Every server stores the row that it was sent and answers it, with 201 and the same members."""
    wanted = None
    for server in servers:
        answer = exchange(server.port, path, "POST", body)
        if answer.status != 201:
            raise RuntimeError(f"{server.name} answers a POST with {answer.status}: {answer.body[:300]!r}")
        row = comparable(answer.json())
        del row["created_at"]
        if wanted is None:
            wanted = row
        elif difference := first_difference(wanted, row):
            raise RuntimeError(f"a POST to {servers[0].name} and {server.name} differ at {difference}")


def same_bytes(servers: list, path: str) -> dict:
    """Total size of the answer to `path`, by server."""
    sizes = {}
    for server in servers:
        answer = exchange(server.port, path)
        if answer.status != 200:
            raise RuntimeError(f"{server.name} answers {path} with {answer.status}")
        sizes[server.name] = len(answer.wire)
    return sizes
