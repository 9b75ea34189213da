#!/usr/bin/env python3
"""usage: quotes.py TREE

Checks that the C++ in README.md and docs/guide/*.md is code that is compiled: every block fenced as ```cpp
must be, but for its indentation, a region of a file in docs/guide/samples that the CMakeLists.txt there names
(a header: that such a file includes). A region stands between the lines `// [name]` and `// [/name]`;
regions may hold others, whose marks are left out. Blank lines at either end do not count. Also: every region
is quoted somewhere, no chapter has more than 150 lines, and links between the documents (of bench, deploy,
docs and README.md) lead to files, and to headings that these have; the list in docs/guide/README.md names
each chapter.

A block of another language whose first line is a comment that names a file of deploy/ (`# deploy/x/y.conf`)
quotes that file: each further line must stand there, in this order; what is between may be left out. A block
fenced as ```ini must be such a quote.
"""
import re
import sys
import textwrap
from pathlib import Path

MOST_LINES = 150
FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
MARK = re.compile(r"^\s*// \[(/?)([a-z0-9-]+)\]$")
LINK = re.compile(r"\]\((?P<file>[^)#:\s]*)(?:#(?P<heading>[^)\s]*))?\)")
HEADING = re.compile(r"^#{1,6} (.*)$")
QUOTED_FILE = re.compile(r"^(?:#|//|;) (deploy/[\w./@-]+)$")


def plain(lines):
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n")


def regions(text, say):
    """{name: code} of one file; `say(line, message)` for marks that do not match."""
    opened, found = {}, {}
    for number, line in enumerate(text.splitlines(), 1):
        mark = MARK.match(line)
        if not mark:
            for lines in opened.values():
                lines.append(line)
        elif not mark[1]:
            if mark[2] in opened or mark[2] in found:
                say(number, f"a second region [{mark[2]}]")
            opened[mark[2]] = []
        elif mark[2] not in opened:
            say(number, f"the end of a region [{mark[2]}] that did not begin")
        else:
            found[mark[2]] = plain(opened.pop(mark[2]))
    for name in opened:
        say(1, f"the region [{name}] has no end")
    return found


def blocks(text):
    """(line, language, code) of every block."""
    language, start, lines = None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence and language is None:
            language, start, lines = fence[2], number, []
        elif fence and not fence[2]:
            yield start, language, plain(lines)
            language = None
        elif language is not None:
            lines.append(line)
    if language is not None:
        yield start, language, "(the block has no end)"


def fault_of_quote(root, language, code):
    """What is wrong with a block that quotes a file of deploy/, or should; None: nothing."""
    first, *lines = code.splitlines() or [""]
    named = QUOTED_FILE.match(first)
    if not named:
        return f"the block does not begin with `# deploy/…`: {first}" if language == "ini" else None
    if not (root / named[1]).is_file():
        return f"there is no file {named[1]}"
    rest = iter([line.rstrip() for line in (root / named[1]).read_text(encoding="utf-8").splitlines()])
    for line in lines:
        if line.strip() and not any(line.rstrip() == each for each in rest):
            return f"{named[1]} does not have this line, or not in this order: {line}"
    return None


def prose(text):
    """(line, words) of every line outside of blocks."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def anchors(text):
    """The names that GitHub gives to the headings of a document."""
    found = set()
    for _, line in prose(text):
        if heading := HEADING.match(line):
            name = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", name).replace(" ", "-")
            number = next(i for i in range(1000) if (f"{name}-{i}" if i else name) not in found)
            found.add(f"{name}-{number}" if number else name)
    return found


def documents(root):
    """All that readers are sent to."""
    places = ("README.md", "bench/*.md", "deploy/**/*.md", "docs/**/*.md")
    return [path for place in places for path in sorted(root.glob(place))]


def wrong_links(root):
    """(file, line, message) of links that lead nowhere."""
    known = {path: path.read_text(encoding="utf-8") for path in documents(root)}
    for path, text in known.items():
        for line, words in prose(text):
            for link in LINK.finditer(re.sub(r"`[^`]*`", "``", words)):
                target = (path.parent / link["file"]).resolve() if link["file"] else path
                if not target.exists():
                    yield path, line, f"the link leads nowhere: {link['file']}"
                elif link["heading"] and target in known and link["heading"] not in anchors(known[target]):
                    yield path, line, f"no heading of that name: {link['file']}#{link['heading']}"


def unlisted_chapters(root):
    """(file, message) of chapters that readers do not find."""
    folder = root / "docs/guide"
    if (folder / "README.md").exists():
        listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.md")):
            if path.name != "README.md" and not any(file == path.name for file, _ in listed):
                yield path, "docs/guide/README.md does not list this chapter"


def compiled(root):
    """The sources of the guide that its CMakeLists.txt names, and the headers that they include."""
    folder = root / "docs/guide/samples"
    names = re.findall(r"[\w./]+\.cpp", (folder / "CMakeLists.txt").read_text(encoding="utf-8"))
    sources = [folder / name for name in names if (folder / name).exists()]
    headers = {folder / name for path in sources
               for name in re.findall(r'^#include "([\w./]+)"', path.read_text(encoding="utf-8"), re.M)}
    return sorted([*sources, *(header for header in headers if header.exists())])


def findings(root):
    root = Path(root).resolve()
    found = [f"{path.relative_to(root)}:{line}: {words}" for path, line, words in wrong_links(root)]
    found += [f"{path.relative_to(root)}:1: {words}" for path, words in unlisted_chapters(root)]
    known = {}
    for path in compiled(root):
        place = path.relative_to(root)
        text = path.read_text(encoding="utf-8")

        def say(line, words, place=place):
            found.append(f"{place}:{line}: {words}")

        for name, code in regions(text, say).items():
            known[(str(place), name)] = code
    quoted = set()
    for path in [root / "README.md", *sorted((root / "docs/guide").glob("*.md"))]:
        place = path.relative_to(root)
        text = path.read_text(encoding="utf-8")
        for line, language, code in blocks(text):
            if language != "cpp":
                if fault := fault_of_quote(root, language, code):
                    found.append(f"{place}:{line}: {fault}")
                continue
            same = [key for key, region in known.items() if region == code]
            quoted.update(same)
            if not same:
                first = code.splitlines()[0] if code else ""
                found.append(f"{place}:{line}: no compiled region is this block: {first}")
        if len(text.splitlines()) > MOST_LINES:
            found.append(f"{place}:{MOST_LINES + 1}: a chapter has at most {MOST_LINES} lines")
    for place, name in sorted(set(known) - quoted):
        found.append(f"{place}: the region [{name}] is quoted nowhere")
    if not quoted:
        found.append("README.md: nothing was quoted at all")
    return found


def main(root):
    found = findings(root)
    print("\n".join(found) if found else "every block of C++ in the guide is compiled")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
