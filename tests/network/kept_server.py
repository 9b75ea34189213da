"""A server that one program starts for others, as a program:

    … start FILE   starts one, writes FILE, and leaves; the server ends with the calling process
    … stop FILE    ends it
    … run          starts one, prints its URL, ends it when standard input does

FILE holds the URL, then the process that keeps the server.
"""
import os
import select
import signal
import sys
from pathlib import Path


def _keep(until):
    """Until a signal, or until the descriptor `until` is readable."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(0))
    select.select([until], [], [])


def _start(make, file):
    """The keeper is a child in a session of its own, so that the caller's end is not missed."""
    caller = os.pidfd_open(os.getppid())
    read_end, write_end = os.pipe()
    if os.fork() != 0:
        os.close(write_end)
        said = os.read(read_end, 65536).decode()
        if said != "ready":
            raise SystemExit(said or "the keeper of the server ended early")
        return
    os.close(read_end)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    try:
        with make() as server:
            new = file.with_name(file.name + ".new")
            new.write_text(f"{server.server_url()}\n{os.getpid()}\n")
            new.rename(file)
            os.write(write_end, b"ready")
            os.close(write_end)
            _keep(caller)
    except (RuntimeError, OSError, KeyError) as error:
        os.write(write_end, str(error).encode()[:60000])
    except SystemExit as end:
        if isinstance(end.code, str):
            os.write(write_end, end.code.encode())
    finally:
        os._exit(0)


def _stop(file):
    if not file.exists():
        return
    try:
        keeper = os.pidfd_open(int(file.read_text().split()[1]))
        signal.pidfd_send_signal(keeper, signal.SIGTERM)
        if not select.select([keeper], [], [], 30)[0]:
            raise SystemExit("the server did not end within 30 s")
    except ProcessLookupError:
        pass  # it has ended by itself
    file.unlink()


def _run(make):
    with make() as server:
        print(server.server_url(), flush=True)
        _keep(sys.stdin)


def main(make, arguments):
    """`make()` gives an OwnServer that has server_url()."""
    match arguments:
        case [_, "start", file]:
            _start(make, Path(file))
        case [_, "stop", file]:
            _stop(Path(file))
        case [_, "run"]:
            _run(make)
        case _:
            print(f"usage: {Path(arguments[0]).name} start FILE | stop FILE | run", file=sys.stderr)
            return 2
    return 0


def kept_by_others(variable):
    """The URL of the server that ctest's fixture keeps, in the file that the variable of the environment
    names; None when there is none."""
    file = Path(os.environ.get(variable, "/nowhere"))
    if file.exists():
        url, keeper = file.read_text().split()
        if Path(f"/proc/{keeper}").exists():
            return url
    return None
