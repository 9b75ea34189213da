"""What deploy/ has for nginx and HAProxy, before servers of a test's own on 127.0.0.1.

    with DeployedNginx([one.port, other.port]) as nginx:        # ask nginx.port
    with DeployedHaproxy([one.port, other.port]) as haproxy:

The files are used as they are but for addresses, ports, users and paths. `keepalive`: how long
nginx keeps an idle connection to an instance, instead of what deploy/ says. `is_secure`: with TLS, for a
`certificate` and a `key` in its folder.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
DEPLOY = TESTS.parent / "deploy"
sys.path += [str(TESTS / "network"), str(TESTS / "nginx")]
from nginx import FOLDERS, Nginx  # noqa: E402  its folder is on the path now
from own_server import OwnServer, found, free_port, wait_until_up  # noqa: E402

START_TIME = 20.0
SERVERS = (r"^ +server \S+ max_fails.*;\n", r"^ +server \S+ backup.*;\n")

# What Debian's /etc/nginx/nginx.conf has around it.
AROUND = """
daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include conf.d/*.conf;
}}
"""


def replaced(pattern, with_, text):
    """There must be one: a file of deploy/ that changes may need changes here."""
    made, count = re.subn(pattern, with_, text, flags=re.MULTILINE)
    if not count:
        raise AssertionError(f"deploy/ has no {pattern}")
    return made


def servers_of(text, ports):
    """The instances in the place of those that the file names."""
    for kind in SERVERS:
        first = re.search(kind, text, re.MULTILINE)[0]
        lines = "".join(re.sub(r"\S+:\d+", f"127.0.0.1:{port}", first) for port in ports)
        text = re.sub(f"({kind})+", lines, text, flags=re.MULTILINE)
    return text


class DeployedNginx(Nginx):
    def __init__(self, ports, keepalive=None, is_secure=False):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-nginx-"))
        self.port = free_port()
        self.tls_port = free_port() if is_secure else None
        self.keepalive = keepalive
        self.process = None
        user = "user root;" if os.geteuid() == 0 else ""
        self.text = AROUND.format(folder=self.folder, user=user)
        for each in ("conf.d", "snippets"):
            (self.folder / each).mkdir()
        snippet = (DEPLOY / "nginx/snippets/resources.conf").read_text()
        self.put("snippets/resources.conf", replaced(r"/var/log/nginx", str(self.folder), snippet))
        self.name_instances(ports)
        if is_secure:
            text = (DEPLOY / "nginx/resources_tls.conf").read_text()
            text = replaced(r"^    listen \[.*\n", "", text)
            text = replaced(r"listen 443", f"listen 127.0.0.1:{self.tls_port}", text)
            text = replaced(r"/etc/ssl/certs/resources.pem", str(self.folder / "certificate"), text)
            text = replaced(r"/etc/ssl/private/resources.key", str(self.folder / "key"), text)
            self.put("conf.d/resources_tls.conf", text)

    def put(self, name, text):
        (self.folder / name).write_text(text)

    def name_instances(self, ports):
        text = (DEPLOY / "nginx/resources.conf").read_text()
        text = replaced(r"^    listen \[.*\n", "", text)
        text = replaced(r"listen 80;", f"listen 127.0.0.1:{self.port} backlog=4096;", text)
        if self.keepalive:
            text = replaced(r"keepalive_timeout \S+;", f"keepalive_timeout {self.keepalive};", text)
        self.put("conf.d/resources.conf", servers_of(text, ports))

    def check(self):
        """What `nginx -t` says, and whether it is content."""
        self.put("nginx.conf", self.text)
        program = found("nginx", "nginx-light", FOLDERS)
        command = [program, "-t", "-p", self.folder, "-c", self.folder / "nginx.conf"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0, done.stderr

    def reload(self):
        self.process.send_signal(1)

    def log(self):
        """The lines of its access log."""
        return (self.folder / "resources.log").read_text().splitlines()


class DeployedHaproxy(OwnServer):
    def __init__(self, ports):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-haproxy-"))
        self.port = free_port()
        self.process = None
        text = (DEPLOY / "haproxy/haproxy.cfg").read_text()
        text = replaced(r"^    (user|group) haproxy\n", "", text)
        text = replaced(r"/run/haproxy/admin.sock", str(self.folder / "socket"), text)
        text = replaced(r"bind :80$", f"bind 127.0.0.1:{self.port}", text)
        text = re.sub(r"^    server .*\n", "", text, flags=re.MULTILINE)
        text += "".join(f"    server at-{port} 127.0.0.1:{port}\n" for port in ports)
        (self.folder / "haproxy.cfg").write_text(text)

    @staticmethod
    def program():
        return found("haproxy", "haproxy", FOLDERS)

    def start(self):
        log = self.folder / "log"
        with open(log, "ab") as out:
            command = [self.program(), "-db", "-f", self.folder / "haproxy.cfg"]
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder)
        wait_until_up(self.process, lambda: Nginx.accepts(self), log, START_TIME)

    def end(self):
        Nginx.end(self)
