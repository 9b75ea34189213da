"""A real nginx of a test's own before one or more servers of 127.0.0.1, as a reverse proxy with keep-alive.

    with Nginx([service.port]) as nginx:        # or two ports: requests go to them in turn
        …                                       # ask nginx.port

`cache`: it also keeps answers (`proxy_cache`) as a server's administrator would have it: every 200 for that
time unless the answer says something else. Each answer then tells of it in X-Proxy-Cache. It ends with the
process that started it.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "network"))
from own_server import OwnServer, found, free_port, wait_until_up  # noqa: E402  its folder is on the path now

START_TIME = 20.0
FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin")

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    upstream service {{
        {servers}
        keepalive 64;
        keepalive_requests 1000000;
    }}
    {cache_path}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            {cache}
        }}
    }}
}}
"""

CACHE_PATH = "proxy_cache_path {folder}/cache levels=1:2 keys_zone=answers:10m max_size=200m inactive=10m;"
CACHE = """proxy_cache answers;
            proxy_cache_key $request_uri;
            proxy_cache_valid 200 {time};
            add_header X-Proxy-Cache $upstream_cache_status always;"""


class Nginx(OwnServer):
    """Use as a context manager. `ports`: of the servers behind it."""

    def __init__(self, ports, cache=None):
        self.folder = Path(tempfile.mkdtemp(prefix="brio-nginx-"))
        self.port = free_port()
        self.process = None
        is_root = os.geteuid() == 0
        self.text = CONFIGURATION.format(
            folder=self.folder,
            port=self.port,
            user="user root;" if is_root else "",
            servers=" ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports),
            cache_path=CACHE_PATH.format(folder=self.folder) if cache else "",
            cache=CACHE.format(time=cache) if cache else "",
        )

    def end(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self.text)
        log = self.folder / "log"
        program = found("nginx", "nginx-light", FOLDERS)
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", program, "-p", self.folder, "-c", configuration],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder)
        wait_until_up(self.process, self.accepts, log, START_TIME)

    def accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        except OSError:
            return False
        return True
