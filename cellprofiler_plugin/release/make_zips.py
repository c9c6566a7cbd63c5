"""Make the archives that CellProfiler users unzip into their plugins folder.

    python cellprofiler_plugin/release/make_zips.py                 # all, into dist/
    python cellprofiler_plugin/release/make_zips.py --out FOLDER --system linux

``cellwire-cellprofiler-VERSION.zip`` holds the module, its package, the client and the stubs. Those
with a system's name also hold grpcio and protobuf for CellProfiler's packaged applications, which
have Python 3.8 and no pip. Every name at the top begins with ``cellwire`` but the module's own, so
that nothing in a folder that other plugins share is overwritten. The same input gives the same
bytes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = Path(__file__).resolve().parents[1]
ROOT = PLUGIN.parent
PACKAGE = "cellwire_cellprofiler"
LIBRARIES = "cellwire_libraries"
"""Folder that `cellwire_cellprofiler.libraries` turns to where the host has no grpcio."""

SYSTEMS = {
    "windows": "win_amd64",
    "macos": "macosx_10_14_universal2",
    "linux": "manylinux2014_x86_64",
}
"""Pip's names of the platforms."""

Contents = dict[str, bytes]


def plugin_files() -> Contents:
    """Give what every archive holds: name within the archive to bytes."""
    found = {"runcellwire.py": (PLUGIN / "runcellwire.py").read_bytes()}
    found |= _tree(PLUGIN / PACKAGE, PACKAGE, {".py", ".png"})
    found |= _tree(PLUGIN / "pipelines", f"{PACKAGE}/pipelines", {".cppipe", ".txt"})
    for name in ("cellwire_client", "cellwire_api"):
        found |= _tree(ROOT / "grpc_protos" / name, name, {".py"})
    found[f"{PACKAGE}/README.md"] = _readme().encode()
    found[f"{PACKAGE}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    return found


def wheels(system: str) -> Contents:
    """Fetch grpcio and protobuf for a system with pip, which checks their hashes; unpack them."""
    target = ["--python-version", "3.8", "--implementation", "cp", "--platform", SYSTEMS[system]]
    abis = ["--abi", "cp38", "--abi", "abi3", "--abi", "none"]
    found: Contents = {}
    with tempfile.TemporaryDirectory() as place:
        download = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            place,
        ]
        wanted = ["--require-hashes", "--requirement", str(PLUGIN / "release" / "python38.txt")]
        subprocess.run([*download, "--only-binary=:all:", *target, *abis, *wanted], check=True)
        for wheel in sorted(Path(place).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                found |= {
                    f"{LIBRARIES}/{member}": archive.read(member)
                    for member in archive.namelist()
                    if not member.endswith("/")
                }
    return found


def write(path: Path, contents: Contents) -> None:
    """Write an archive; times and modes in it are fixed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])


def version() -> str:
    """Give the client's version, which is the plugin's."""
    text = (ROOT / "grpc_protos" / "cellwire_client" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("cellwire_client/version.py names no version.")
    return found[1]


def make(out: Path, systems: list[str]) -> Iterator[Path]:
    """Write the archives and give their paths."""
    own = plugin_files()
    name = f"cellwire-cellprofiler-{version()}"
    plain = out / f"{name}.zip"
    write(plain, own)
    yield plain
    for system in systems:
        path = out / f"{name}-{system}.zip"
        write(path, own | wheels(system))
        yield path


def _readme() -> str:
    """Give the README with links that hold within the archive; those that lead out become text."""
    text = (PLUGIN / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", text)
    return text.replace(f"]({PACKAGE}/", "](")


def _tree(folder: Path, place: str, kinds: set[str]) -> Contents:
    return {
        f"{place}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in kinds and "__pycache__" not in path.parts
    }


def main() -> None:
    """Make the archives and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--system", action="append", choices=[*SYSTEMS, "none"])
    options = parser.parse_args()
    systems = options.system or list(SYSTEMS)
    for path in make(options.out, [system for system in systems if system != "none"]):
        print(f"{path}  ({path.stat().st_size / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()
