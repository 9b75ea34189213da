"""A service that is deployed as releases are: folders of their own, and a link to the present one."""
import os
import shutil
import signal
import subprocess
from pathlib import Path

import service


class Releases(service.Service):
    """Started as FOLDER/current/NAME, where `current` leads to releases/1. With in_file=True its ports come
    from brio.toml alone."""

    def __init__(self, *arguments, in_file=False, **options):
        super().__init__(*arguments, **options)
        self.built = self.program
        self.in_file = in_file
        self.number = 0
        self.release()
        self.program = str(self.folder / "current" / Path(self.built).name)

    def release(self, change=None, program=None):
        """One more release, which the link leads to from now on: a copy of the program, changed by
        change(path), or the program's bytes. Gives its path."""
        self.number += 1
        folder = self.folder / "releases" / str(self.number)
        folder.mkdir(parents=True)
        path = folder / Path(self.built).name
        if program is None:
            shutil.copy(self.built, path)
        else:
            path.write_bytes(program)
            path.chmod(0o755)
        if change is not None:
            change(path)
        link = self.folder / "next"
        link.symlink_to(folder)
        os.replace(link, self.folder / "current")
        return path

    def write_settings(self, **settings):
        lines = [f"{name} = {value!r}\n" for name, value in settings.items()]
        (self.folder / "brio.toml").write_text("".join(lines))

    def start(self):
        if not self.in_file:
            super().start()
            return
        self.port, self.admin_port = service.free_ports(2)
        self.write_settings(BRIO_PORT=self.port, BRIO_ADMIN_PORT=self.admin_port)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--threads", str(self.threads), "--workers", str(self.workers)],
                env=self.env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        assert service.eventually(self.is_ready, service.START_TIME), self.log_end()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def programs(self):
        """The files that the supervisor and the processes below it run."""
        pids = [self.process.pid, *self.server_pids()]
        return [os.readlink(f"/proc/{pid}/exe") for pid in pids]

    def is_of(self, path):
        """Every process runs this file, and those of the release before have gone."""
        try:
            found = self.programs()
        except FileNotFoundError:
            return False
        return found == [str(path)] * (2 + self.workers)

    def upgrade(self):
        """To one release more, to its end."""
        path = self.release()
        self.hang_up()
        assert service.eventually(lambda: self.is_of(path), 30), (
            f"{self.programs()} did not become {path}:\n{self.log_end()}"
        )
