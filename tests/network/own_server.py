"""What servers have in common that a test starts for itself: Redis, nginx, PostgreSQL."""
import shutil
import socket
import time


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def found(program, package, folders):
    """The program's path, of the first of the folders that has it."""
    path = shutil.which(program, path=":".join(folders))
    if not path:
        raise SystemExit(f"{program} is missing: apt-get install {package} (or run ./dev setup test)")
    return path


class OwnServer:
    """A context in which it runs. Has start(), and end(), which is fine with one that has not started."""

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()


def wait_until_up(process, is_up, log, patience):
    """Until `is_up()`; what it has logged is the error's when the process ends before, or takes too long."""
    end = time.monotonic() + patience
    while not is_up():
        if process.poll() is not None or time.monotonic() > end:
            said = log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{process.args} did not start: {said}")
        time.sleep(0.005)
