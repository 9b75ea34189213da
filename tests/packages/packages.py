"""The Debian packages of the built tree: made by cpack, unpacked by dpkg-deb."""
import os
import subprocess
from pathlib import Path

BUILD = Path(os.environ["BRIO_BUILD"])
SOURCE = Path(os.environ["BRIO_SOURCE"])
IS_FULL = os.environ.get("BRIO_FULL") == "1"
CONSUMER = SOURCE / "tests/install/consumer"
NAMES = {"brio", "brio-resources", "libbrio-dev"}


def run(*command, **options):
    """Its standard output; when it fails, what it said is in the error."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, check=False, **options
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def make(folder, compression="gzip"):
    """{name: file}"""
    folder.mkdir()
    run(
        os.environ["BRIO_CPACK"], "--config", BUILD / "CPackConfig.cmake", "-B", folder,
        "-D", f"CPACK_DEBIAN_COMPRESSION_TYPE={compression}", "-D", f"CPACK_OUTPUT_FILE_PREFIX={folder}/made",
        cwd=folder,
    )
    files = list((folder / "made").glob("*.deb"))
    return {file.name.split("_")[0]: file for file in files}


def unpack(files, root):
    for file in files:
        run("dpkg-deb", "-x", file, root)


def control(file):
    """{field: value}"""
    fields = {}
    for line in run("dpkg-deb", "-f", file).strip().splitlines():
        if line.startswith(" "):
            fields[name] += "\n" + line
        else:
            name, value = line.split(":", 1)
            fields[name] = value.strip()
    return fields
