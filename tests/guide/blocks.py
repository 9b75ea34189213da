"""Commands that documents show, and what they say these print.

Read are blocks fenced as ```console (`$ ` stands before a command, its output follows) and ```sh (all of it
is a script); a block without a language whose first line begins with `$ ` counts as the former.
"""
import re
from dataclasses import dataclass

FENCE = re.compile(r"^(\s*)```(\w*)\s*$")

DATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w\w\w \d{4} [\d:]{8} GMT"
STAMP = r"\d{4}-\d\d-\d\dT[\d:.]+Z"
# What differs from run to run, and what stands for all that is left out.
VARYING = re.compile(
    rf"(?P<date>{DATE})"
    rf"|(?P<stamp>{STAMP})"
    r"|(?P<id>\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z_])[\w-]{16,}\b)"
    r"|(?P<time>(?<![\w.])[\d,]*\d(?:\.\d+)?(?:ns|us|µs|ms|s|min|h)\b)"
    r"|(?P<number>(?<![A-Za-z_\d])[+-]?[\d,]*\d(?:\.\d+)?(?:e-?\d+)?)"
    r"|(?P<path>(?<![\w.:/])/(?:backups|tmp|var)/[\w./-]*)"
    r"|(?P<rest>…)"
    r"|(?P<space>\s+)"
)
NUMBER = r"[+-]?[\d,]*\d(?:\.\d+)?(?:e-?\d+)?"
PATTERNS = {
    "date": DATE,
    "stamp": STAMP,
    "id": r"[\w-]+",
    "time": NUMBER + r"(?:ns|us|µs|ms|s|min|h)",
    "number": NUMBER,
    "path": r"/\S+",
    "rest": r"[\s\S]*?",
    "space": r"\s*",
}
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?')


@dataclass(frozen=True)
class Command:
    text: str
    output: str = ""


@dataclass(frozen=True)
class Block:
    file: str
    line: int
    is_script: bool
    commands: tuple[Command, ...]

    @property
    def key(self):
        """What lists name it by."""
        return f"{self.file}: {self.commands[0].text}"


def commands_of(lines):
    """Of a block of the first kind."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif found and not found[-1][1] and found[-1][0].endswith("\\"):
            found[-1][0] += "\n" + line
        elif found:
            found[-1][1].append(line)
    return tuple(Command(text.strip(), "\n".join(output).strip()) for text, output in found)


def script_of(lines):
    return tuple(Command(line.strip()) for line in lines if line.strip())


def blocks(file, text):
    """All of a document, in its order."""
    language, start, lines = None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence and language is None:
            language, start, lines = fence[2], number, []
        elif fence and not fence[2]:
            is_console = language == "console" or (not language and lines and lines[0].startswith("$ "))
            found = commands_of(lines) if is_console else script_of(lines) if language == "sh" else ()
            if found:
                yield Block(file, start, not is_console, found)
            language = None
        elif language is not None:
            lines.append(line)


def pattern(output, any_values=False):
    """What such an output is like: words as they are, numbers, times, dates and ids any, white space as it
    comes; `…` stands for whatever follows. `any_values`: texts within JSON are any too."""
    made = []
    end = 0
    if any_values:
        output = TEXT.sub(lambda text: text[0] if text[1] else '"…"', output)
    for found in VARYING.finditer(output):
        made += [re.escape(output[end : found.start()]), PATTERNS[found.lastgroup]]
        end = found.end()
    return re.compile("".join([*made, re.escape(output[end:])]))


def first_difference(output, printed, any_values=False):
    """The first line of `output` up to which `printed` is not like it; None when all is."""
    lines = output.splitlines()
    for count in range(1, len(lines) + 1):
        if not pattern("\n".join(lines[:count]), any_values).search(printed):
            return lines[count - 1]
    return None
