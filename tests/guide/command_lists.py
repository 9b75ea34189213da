"""What commands_test.py knows of single blocks of the documents, by `file: first command`, or its beginning.

Who adds a chapter adds its blocks here only when they cannot be run, or print what differs from run to run.
"""

# Blocks by `file: first command`, and who runs their commands instead. Those that begin with sudo or
# systemctl are for a machine's administrator, and never run here.
NOT_RUN = {
    "README.md: ./dev run": "it builds, and serves until it is stopped",
    "README.md: ./dev package": "it builds and installs; tests/packages and tests/install do it all",
    "docs/guide/00-install.md: ./dev package": "it builds and installs; tests/packages does both",
    "docs/guide/00-install.md: brio new": "it builds; tests/install does all of it",
    "docs/guide/00-install.md: ./dev build": "it builds; tests/install does the same",
    "docs/guide/00-install.md: clang++-19": "it builds; tests/packages has such a program",
    "docs/guide/00-install.md: man": "nothing is installed where tests run; tests/packages reads the pages",
    "docs/guide/00-install.md: resources task send": "a key is pressed; tests/packages presses it",
    "docs/guide/01-first-service.md:": "of a new project; tests/install makes, asks, tests and loads one",
    "docs/guide/01b-by-hand.md: ./dev build": "it builds; tests/install does the same",
    "docs/guide/01b-by-hand.md: cmake -S": "it builds; tests/packages has such a program",
    "docs/guide/06-running.md: kill -9": "brio_app_test kills the server process",
    "docs/guide/06d-systemd.md: sudo": "systemd does not run in a test; service.systemd has its sockets",
    "docs/guide/06c-postgresql.md: export DATABASE_URL": "it needs a server; service.contract has one",
    "docs/guide/06e-tls.md: export BRIO_TLS_CERTIFICATE": "it needs files; service.tls does it",
    "docs/guide/06e-tls.md: BRIO_TLS_KEY": "the same",
    "docs/guide/06e-tls.md: shop doctor": "the same",
    "docs/guide/06e-tls.md: openssl": "it serves until it is stopped; service.tls does it",
    "docs/guide/13d-workers.md: notes task result": "service.tasks crashes workers",
    "docs/guide/14b-prometheus.md: OTEL_EXPORTER_OTLP_ENDPOINT": "service.spans has a collector",
    "docs/guide/15a-profiling.md: resources profile --format": "it needs Go; service.profile reads the file",
    "docs/guide/16b-several-processes.md: resources serve": "service.instances starts several",
    "docs/guide/17a-load-verdicts.md: brio load 'http": "service.load_limit searches, which takes a minute",
    "docs/guide/17a-load-verdicts.md: brio load http://127.0.0.1:8080/api/resources --users":
        "service.load_verdict compares runs that are long enough",
    "docs/guide/18-benchmarks.md: resources bench --against": "service.bench compares programs",
    "docs/guide/16c-terminal.md: brio top  ": "it asks several machines, on a terminal",
    "docs/guide/16c-terminal.md: brio tasks": "service.terminal sends, shows, retries and drops",
    "docs/guide/17c-scenario-files.md: brio load": "it shows parts of files; load's tests read whole ones",
    "docs/guide/19-several-instances.md: export": "it needs nginx and more; service.scale_out has all",
}
# Blocks whose output is of other routes, rows or load than are to be had here.
NOT_COMPARED = {
    "docs/guide/05b-migrations.md: resources migrate check",
    "docs/guide/06-running.md: resources doctor",
    "docs/guide/14-goals.md: resources goals",
    "docs/guide/15a-profiling.md: resources profile --seconds",
    "docs/guide/15a-profiling.md: curl",
    "docs/guide/17-load-tests.md: brio load",
    "docs/guide/17a-load-verdicts.md: brio load",
}
# Blocks whose commands say by their status how a goal is kept, which a slow machine may miss.
JUDGING = {
    "docs/guide/16c-terminal.md: brio top --once",
}
# Blocks whose JSON is of other rows.
ANY_VALUES = {
    "README.md: curl",
}
# Blocks that ask another program than the reference service.
SERVED_BY = {
    "docs/guide/01b-by-hand.md: curl": "guide_hello",
}
# What has happened before a block.
PREPARED = {
    "docs/runbooks.md: resources queue stats": """
        resources queue pause main-queue
        resources task send app.worker.process_data '[1]'""",
    "docs/runbooks.md: resources task retry": """
        resources queue resume main-queue
        resources task send app.worker.process_data '[999999]'
        until resources task list --state failed | grep process_data; do sleep 0.1; done""",
}
# What would take long, and what a test has in another place.
REPLACED = [
    (r"--for (30s|60s|1m)\b", "--for 300ms --warm-up 100ms"),
    (r"--rate 3000\b", "--rate 300"),
    (r"^brio top --", "brio top 127.0.0.1:8000 --"),
    (r"--seconds 10\b", "--seconds 1"),
    (r"^(resources bench .*)", r"BRIO_GOAL_API_MS=60000 \1 --rounds 3 --round-ms 5 --cold 1"),
    (r"resources config", "env -u BRIO_MODE -u BRIO_LOG -u DATABASE_URL resources config"),
    (r"(task send .*?)(#.*)?$", r"\1 | tee id"),
    (r"\bID\b", "$(cat id)"),
    (r"""-H 'If-None-Match: "[^']*'""", '-H "If-None-Match: $(curl -I http://127.0.0.1:8080/api/resources/1 |'
     ' sed -n "s/^ETag: //p" | tr -d "\\r")"'),
    (r"^curl -sN (.*)", r"curl -sN --max-time 0.2 \1 || test $? = 28"),
    (r"/backups/", "$PWD/"),
    (r"\./shop\b", "resources"),
]
# What programs are called in the documents.
PROGRAMS = {"brio": "brio", **dict.fromkeys(("hello", "notes", "resources", "shop"), "resources")}
# Of the tests, of `brio load`, an example of a mistake, and what is not read.
NO_SETTINGS = {"BRIO_BIN", "BRIO_LOAD_SECRET", "BRIO_PROT", "CELERY_RESULT_BACKEND"}
# Spans that begin with a program's name and are names of something else: statements, connections.
STATEMENTS = {"brio keeper", "notes by id"}
# Commands for packages and shells, which --help does not list.
UNLISTED = {"completion", "manual"}
