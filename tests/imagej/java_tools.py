"""Java, Maven, ImageJ and a screen: what these tests need of the machine, and how it is used."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
BRIDGE = ROOT / "fiji_bridge"
IJ_JAR = Path(os.environ.get("CELLWIRE_IJ_JAR", "/usr/share/java/ij.jar"))
MAVEN = ["mvn", "-B", "-q", "-o", "-s", "/etc/maven/settings-debian.xml", "-Pdebian"]
PROGRAMS = ("java", "javac", "mvn", "protoc", "grpc_java_plugin", "Xvfb", "openbox")


class Java(NamedTuple):
    """A Java runtime: its program and its major version."""

    program: str
    version: int


def missing() -> str:
    """Say what of the machine is missing; empty if nothing is."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    lacking += [str(path) for path in (IJ_JAR,) if not path.exists()]
    return ", ".join(lacking)


def javas() -> list[Java]:
    """All runtimes of the machine, one of each version, the oldest first."""
    found: dict[int, Java] = {}
    usual = shutil.which("java")
    homes = sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    for program in [*([usual] if usual else []), *map(str, homes)]:
        said = subprocess.run([program, "-version"], capture_output=True, text=True).stderr
        match = re.search(r'version "(\d+)', said)
        if match:
            found.setdefault(int(match[1]), Java(program, int(match[1])))
    return [found[version] for version in sorted(found)]


def build_jar() -> Path:
    """Build the plugin by Maven, unless this very source was built before; give the jar."""
    target = BRIDGE / "target"
    target.mkdir(exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test files run side by side
        stamp, digest = target / ".built", _digest()
        if not stamp.exists() or stamp.read_text() != digest:
            for old in target.glob("*.jar"):
                old.unlink()
            done = subprocess.run(
                [*MAVEN, "package"], cwd=BRIDGE, capture_output=True, text=True, timeout=900
            )
            assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
            stamp.write_text(digest)
    (jar,) = target.glob("Cellwire_-*[0-9].jar")
    return jar


def _digest() -> str:
    digest = hashlib.sha256()
    files = [BRIDGE / "pom.xml", *BRIDGE.glob("src/**/*"), *ROOT.glob("grpc_protos/**/*.proto")]
    for file in sorted(file for file in files if file.is_file()):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def compile_java(folder: Path, target: Path, *jars: Path) -> None:
    """Compile all sources of a folder."""
    target.mkdir(parents=True, exist_ok=True)
    sources = sorted(map(str, folder.glob("*.java")))
    path = os.pathsep.join(map(str, (IJ_JAR, *jars)))
    command = ["javac", "-nowarn", "--release", "17", "-cp", path, "-d", str(target), *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def screen(size: str = "1280x900x24") -> Iterator[str]:
    """Run an X server of its own with a window manager; gives its $DISPLAY."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            display = f":{pipe.readline().strip()}"
        assert display != ":", "Xvfb did not start"
        environment = {**os.environ, "DISPLAY": display}
        manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield display
        finally:
            manager.terminate()
            manager.wait(10)
    finally:
        server.terminate()
        server.wait(10)
