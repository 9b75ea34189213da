"""A wall clock that jumps, for the processes that are started with its environment: Debian's libfaketime."""
import glob
import os
from pathlib import Path

PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def library():
    found = [each for place in PLACES for each in glob.glob(place)]
    if not found:
        raise SystemExit("libfaketime is missing: apt-get install libfaketime (or run ./dev setup test)")
    return found[0]


class JumpingClock:
    """Right at first. `folder` is the caller's and holds the file that says how far off it is."""

    def __init__(self, folder):
        self.file = Path(folder) / "clock"
        self.set(0)
        self.env = {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",  # a jump is seen at once
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, hours):
        """So many hours off what the machine says."""
        made = self.file.with_suffix(".new")
        made.write_text(f"{hours * 3600:+d}\n")
        os.replace(made, self.file)
