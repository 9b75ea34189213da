#!/usr/bin/env python3
"""In a Debian 12 that has nothing but what its packages need, the packages are installed and used.

Only with BRIO_FULL=1, as root: it makes that Debian with mmdebstrap, from where this machine's apt gets its
packages.
"""
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import packages
from packages import run

sys.path.insert(0, str(packages.CONSUMER))
from run import free_port  # noqa: E402

SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


@unittest.skipUnless(packages.IS_FULL and os.geteuid() == 0, "in the full form, as root")
class CleanRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="brio-clean-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.files = packages.make(cls.scratch / "cpack", "xz")
        cls.root = cls.scratch / "root"
        source = SOURCES if SOURCES.exists() else Path("/etc/apt/sources.list")
        run("mmdebstrap", "--variant=apt", "bookworm", cls.root, source, timeout=900)
        inside = cls.root / "packages"
        inside.mkdir()
        for file in cls.files.values():
            shutil.copy(file, inside)
        shutil.copytree(packages.SOURCE / "tests/install", cls.root / "install")
        for each in Path("/etc/apt/apt.conf.d").glob("99*"):
            shutil.copy(each, cls.root / "etc/apt/apt.conf.d")
        shutil.copy("/etc/resolv.conf", cls.root / "etc")
        cls.inside("apt-get update -qq && apt-get install -y -qq /packages/*.deb", seconds=1800)

    @classmethod
    def inside(cls, command, seconds=300):
        """What a shell in the root says; its processes see no others."""
        clean = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        mounted = 'mount -t proc proc "$0/proc" && exec chroot "$0" sh -ec "$1"'
        return run(*enter, "sh", "-c", mounted, cls.root, command, env=clean, timeout=seconds)

    def test_lintian_finds_nothing(self):
        found = run("lintian", "--fail-on", "none", *self.files.values())
        self.assertEqual([line for line in found.splitlines() if line[:2] in ("E:", "W:")], [])

    def test_dpkg_finds_every_file_as_it_was(self):
        self.inside("dpkg --verify brio libbrio-dev brio-resources")

    def test_the_service_runs(self):
        port, admin = free_port(), free_port()
        url = f"http://127.0.0.1:{port}/api/resources?page_size=5"
        said = self.inside(
            "mkdir /tmp/service && cd /tmp/service\n"
            "resources migrate upgrade --quiet && resources seed --count 20 --quiet\n"
            f"resources serve --port {port} --admin-port {admin} --workers 0 & service=$!\n"
            f"for i in $(seq 100); do brio load '{url}' --users 1 --for 1s && break || sleep 0.2; done\n"
            "kill $service && wait $service && echo ended well"
        )
        self.assertIn("every goal is held", said)
        self.assertIn("ended well", said)

    def test_a_new_project_is_what_its_readme_says(self):
        self.inside("apt-get install -y -qq python3", seconds=600)
        self.inside("python3 /install/new_project.py /usr /tmp/new", seconds=900)

    def test_manual_and_completions_are_where_they_belong(self):
        self.inside(
            "for name in brio brio-load resources; do test -s /usr/share/man/man1/$name.1.gz; done\n"
            "bash -n /usr/share/bash-completion/completions/resources"
        )

    def test_they_are_removed_without_a_trace(self):
        self.inside("dpkg --purge brio-resources")
        self.assertFalse((self.root / "usr/bin/resources").exists())
        self.inside("dpkg -i /packages/brio-resources_*.deb")


if __name__ == "__main__":
    unittest.main(verbosity=2)
