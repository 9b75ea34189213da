#!/usr/bin/env python3
"""usage: new_project.py PREFIX FOLDER

Makes a project with PREFIX/bin/brio in FOLDER, which is new, and goes through what its README promises: its
tests, the service, a load test. It finds Brio by PREFIX/bin on the PATH, as those who installed it do.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "consumer"))
from run import free_port, get  # noqa: E402

NAME = "my-shop"


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    print("$", *command, f"\n{done.stdout}", flush=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}"
    return done.stdout


def every_setting_said(project):
    """brio.toml with what it only proposes; the addresses of servers that are not here are left out."""
    said = re.sub(r"^# (?=[A-Z_]+ = )", "", (project / "brio.toml").read_text(), flags=re.M)
    return "\n".join(line for line in said.splitlines() if not line.startswith(("REDIS_URL", "BROKER_URL")))


def post(url, value):
    request = urllib.request.Request(url, json.dumps(value).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def wait_for(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def use(api, child):
    """What a first user does with it: the page of the seeded rows, a topic, a note, its count."""
    page = json.loads(get(f"{api}/api/notes?state=open&page_size=2", child))
    assert len(page["items"]) == 2 and page["items"][0]["topic"], page
    topic = post(f"{api}/api/topics", {"name": "shopping"})
    note = post(f"{api}/api/notes", {"topic_id": topic["id"], "words": "buy milk"})
    assert note["state"] == "open", note
    shown = f"{api}/api/topics/{topic['id']}"
    wait_for(lambda: json.loads(get(shown, child))["notes"] == 1, "the worker counts the notes of a topic")
    try:
        post(f"{api}/api/notes", {"topic_id": topic["id"], "words": ""})
        raise AssertionError("an empty note was taken")
    except urllib.error.HTTPError as refused:
        assert refused.code == 422, refused.code


def main(prefix, folder):
    ports = {"BRIO_PORT": str(free_port()), "BRIO_ADMIN_PORT": str(free_port())}
    environment = {**os.environ, **ports, "BRIO_INSTALL": "no", "PATH": f"{prefix}/bin:{os.environ['PATH']}"}
    Path(folder).mkdir(parents=True)
    run(["brio", "new", NAME], folder, environment)
    project = Path(folder) / NAME
    run(["./dev", "test"], project, environment)

    with subprocess.Popen(["./dev", "run"], cwd=project, env=environment) as child:
        try:
            use(f"http://127.0.0.1:{ports['BRIO_PORT']}", child)
            run(["./dev", "load", "--users", "10", "--for", "2s", "--goal", "error_rate<=0%",
                 "--goal", "checks>=100%"], project, environment)
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=30) == 0, child.returncode
        finally:
            if child.poll() is None:
                child.kill()

    (project / "brio.toml").write_text(every_setting_said(project))
    program = f"build/release/{NAME}"
    shown = run([program, "config"], project, {name: environment[name] for name in ("PATH",)})
    assert re.search(r"BRIO_GOAL_API_MS +100 +brio.toml", shown), shown
    print("a new project is what its README says")


if __name__ == "__main__":
    main(*sys.argv[1:])
