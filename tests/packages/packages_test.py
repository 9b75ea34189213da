#!/usr/bin/env python3
"""The Debian packages are well formed, and a program is built and run with what they contain alone."""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import packages
from packages import BUILD, CONSUMER, SOURCE, run

CXX = os.environ["BRIO_CXX"]


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="brio-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.files = packages.make(cls.scratch / "cpack")
        cls.root = cls.scratch / "root"
        packages.unpack(cls.files.values(), cls.root)
        cls.lib = next((cls.root / "usr/lib").glob("*/libbrio_base.a")).parent

    def listed(self, file):
        """[(mode, owner, name)] as tar has it."""
        for line in run("dpkg-deb", "-c", file).splitlines():
            mode, owner, _, _, _, name = line.split(maxsplit=5)
            yield mode, owner, name.split(" -> ")[0]

    def test_there_are_three(self):
        self.assertEqual(set(self.files), packages.NAMES)

    def test_fields_say_what_policy_wants(self):
        for name, file in self.files.items():
            fields = packages.control(file)
            self.assertEqual(fields["Package"], name)
            self.assertRegex(fields["Version"], r"^\d+\.\d+\.\d+$")
            self.assertRegex(fields["Maintainer"], r"^.+ <.+@.+>$")
            self.assertGreater(int(fields["Installed-Size"]), 0)
            summary, *rest = fields["Description"].split("\n")
            self.assertTrue(summary and summary[0].islower() or summary.startswith("C++"), summary)
            self.assertLess(len(summary), 80)
            self.assertTrue(rest, "a description has a second part")
            for line in rest:
                self.assertRegex(line, r"^ (\.|\S.*)$")
                self.assertLessEqual(len(line), 80)
            self.assertEqual(file.name, f"{name}_{fields['Version']}_{fields['Architecture']}.deb")

    def test_programs_depend_on_the_libraries_that_they_link(self):
        for name in ("brio", "brio-resources"):
            depends = packages.control(self.files[name])["Depends"]
            for library in ("libc6", "libstdc++6", "libssl3"):
                self.assertIn(library, depends, name)

    def test_the_library_depends_on_what_its_archives_need(self):
        depends = packages.control(self.files["libbrio-dev"])["Depends"].split(", ")
        linked = (self.lib / "cmake/brio/brioTargets.cmake").read_text()
        for library, package in (("sqlite3", "libsqlite3-dev"), ("pq", "libpq-dev"), ("zmq", "libzmq3-dev")):
            self.assertIn(f'"{library}"', linked)
            self.assertIn(package, depends)
        self.assertIn("clang-19", depends)

    def test_files_are_root_s_with_the_modes_of_their_kind(self):
        seen = {}
        for package, file in self.files.items():
            for mode, owner, name in self.listed(file):
                self.assertEqual(owner, "root/root", name)
                is_program = re.search(r"/s?bin/[^/]+$", name)
                right = "drwxr-xr-x" if name.endswith("/") else "-rwxr-xr-x" if is_program else "-rw-r--r--"
                self.assertEqual(mode, right, name)
                if not name.endswith("/"):
                    self.assertNotIn(name, seen, f"is in {package} too")
                    seen[name] = package
                    if name.startswith("./etc/"):
                        self.assertIn(name[1:], run("dpkg-deb", "-I", file, "conffiles").split())
        self.assertIn("./etc/default/resources", seen)
        for package in self.files:
            for document in ("copyright", "changelog.gz"):
                self.assertIn(f"./usr/share/doc/{package}/{document}", seen)

    def test_sums_are_those_of_the_files(self):
        for package, file in self.files.items():
            sums = run("dpkg-deb", "-I", file, "md5sums").splitlines()
            self.assertTrue(sums, package)
            for line in sums:
                digest, name = line.split(maxsplit=1)
                self.assertEqual(hashlib.md5((self.root / name).read_bytes()).hexdigest(), digest, name)

    def test_what_finds_the_library_names_nothing_of_this_tree(self):
        for file in [*self.lib.glob("cmake/brio/*"), *self.lib.glob("pkgconfig/*")]:
            text = file.read_text()
            for place in (str(SOURCE), str(BUILD), "/usr/lib"):
                self.assertNotIn(place, text, file)

    def test_find_package_takes_no_other_minor_version(self):
        major, minor, _ = packages.control(self.files["libbrio-dev"])["Version"].split(".")
        for asked, taken in ((f"{major}.{minor}", True), (f"{major}.{int(minor) + 1}", False), ("9", False)):
            script = self.scratch / "version.cmake"
            parts = [*asked.split("."), "0"]
            script.write_text(
                f"set(PACKAGE_FIND_VERSION {asked})\n"
                f"set(PACKAGE_FIND_VERSION_MAJOR {parts[0]})\nset(PACKAGE_FIND_VERSION_MINOR {parts[1]})\n"
                f"include({self.lib}/cmake/brio/brioConfigVersion.cmake)\n"
                "message(${PACKAGE_VERSION_COMPATIBLE})\n"
            )
            done = subprocess.run([os.environ["BRIO_CMAKE"], "-P", script], capture_output=True, text=True)
            self.assertEqual(done.stderr.strip(), str(taken).upper(), asked)

    @unittest.skipUnless(shutil.which("systemctl"), "there is no systemd")
    def test_removal_leaves_no_unit_enabled(self):
        scripts = self.scratch / "scripts"
        run("dpkg-deb", "-e", self.files["brio-resources"], scripts)
        here = scripts / "systemctl"  # that of the unpacked root
        here.write_text(f'#!/bin/sh\nexec {shutil.which("systemctl")} --root={self.root} "$@"\n')
        here.chmod(0o755)
        path = {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"}
        enabled = ["resources.target", "resources-worker@2.service", "resources-worker@mail.service"]
        run("systemctl", "enable", *enabled, env=path)
        links = self.root / "etc/systemd/system"
        self.assertEqual(len(list(links.glob("*.wants/*"))), len(enabled))
        run("sh", scripts / "prerm", "remove", env=path)
        self.assertEqual(list(links.glob("*.wants/*")), [])

    def test_programs_have_symbols_for_profiles_and_no_debug_information(self):
        sections = run("readelf", "-SW", self.root / "usr/bin/resources")
        self.assertIn(".symtab", sections)
        self.assertNotIn(".debug_info", sections)

    def test_a_program_is_built_with_them_alone(self):
        build = self.scratch / "build"
        run(
            os.environ["BRIO_CMAKE"], "-S", CONSUMER, "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.root}/usr", f"-DCMAKE_CXX_COMPILER={CXX}",
            "-DCMAKE_BUILD_TYPE=Release",
        )
        run(os.environ["BRIO_CMAKE"], "--build", build)
        run(sys.executable, CONSUMER / "run.py", build / "consumer")
        self.assertIn(f"{self.root}/usr", (build / "CMakeCache.txt").read_text())

        # the same object, linked as pkg-config says
        places = {
            **os.environ,
            "PKG_CONFIG_PATH": str(self.lib / "pkgconfig"),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root),
        }
        flags = {
            each: run("pkg-config", f"--{each}", "brio", env=places).split() for each in ("cflags", "libs")
        }
        small = self.scratch / "small.cpp"
        small.write_text("#include <brio/http/router.hpp>\nstatic_assert(__cplusplus >= 202302L);\n")
        run(CXX, "-fsyntax-only", *flags["cflags"], small)
        made = next(build.glob("CMakeFiles/consumer.dir/main.cpp.o"))
        run(CXX, made, *flags["libs"], "-o", self.scratch / "by_pkg_config")
        run(sys.executable, CONSUMER / "run.py", self.scratch / "by_pkg_config")
        version = packages.control(self.files["libbrio-dev"])["Version"]
        self.assertEqual(run("pkg-config", "--modversion", "brio", env=places).strip(), version)

    @unittest.skipUnless(packages.IS_FULL, "in the full form")
    def test_they_are_made_again_byte_for_byte(self):
        again = packages.make(self.scratch / "again")
        for name, file in self.files.items():
            self.assertEqual(file.read_bytes(), again[name].read_bytes(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
