"""The jar that users drop into ImageJ: what is in it, and for which Java."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
from typing import TYPE_CHECKING

import pytest
from java_tools import BRIDGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = ("org/cellwire/", "io/cellwire/")
SHADED = "org/cellwire/shaded/"
JAVA_8 = 52


@pytest.fixture(scope="module")
def archive(jar: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(jar) as archive:
        yield archive


def classes(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(".class")]


def test_imagej_takes_its_name(jar: Path) -> None:
    assert re.fullmatch(r"Cellwire_-\d+\.\d+\.\d+\.jar", jar.name)


def test_every_class_is_ours_or_relocated(archive: zipfile.ZipFile) -> None:
    found = classes(archive)
    assert len(found) > 1000
    assert [name for name in found if not name.startswith(OWN)] == []
    assert any(name.startswith(f"{SHADED}io/grpc/netty/") for name in found)


def test_every_class_runs_on_java_8(archive: zipfile.ZipFile) -> None:
    for name in classes(archive):
        magic, _, major = struct.unpack(">IHH", archive.read(name)[:8])
        assert magic == 0xCAFEBABE
        assert major <= JAVA_8, name


def test_no_class_names_an_unrelocated_one(archive: zipfile.ZipFile) -> None:
    """A reference that escaped the relocation would find Fiji's own, other version."""
    strangers = re.compile(rb"(?<![\w/])L?(io/grpc/|io/netty/|com/google/(?:protobuf|common)/)\w")
    for name in classes(archive):
        assert not strangers.search(archive.read(name)), name


def test_services_are_merged_and_relocated(archive: zipfile.ZipFile) -> None:
    services = [name for name in archive.namelist() if name.startswith("META-INF/services/")]
    listed = {}
    for name in services:
        if name.endswith("/"):
            continue
        lines = archive.read(name).decode().split("\n")
        listed[name.rsplit("/", 1)[1]] = [
            line.strip() for line in lines if line.strip() and not line.startswith("#")
        ]
    present = set(classes(archive))
    shaded = SHADED.replace("/", ".")
    for service, providers in listed.items():
        for provider in providers:
            assert provider.startswith(shaded), (service, provider)
            assert provider.replace(".", "/") + ".class" in present, (service, provider)
    assert listed[f"{shaded}io.grpc.ManagedChannelProvider"]
    assert len(listed[f"{shaded}io.grpc.LoadBalancerProvider"]) >= 2
    assert listed[f"{shaded}io.grpc.NameResolverProvider"]


def test_imagej_finds_the_commands(archive: zipfile.ZipFile) -> None:
    lines = archive.read("plugins.config").decode().splitlines()
    commands = [line for line in lines if line.strip() and not line.startswith("#")]
    present = set(classes(archive))
    for command in commands:
        if command == 'Plugins>Cellwire, "-"':
            continue
        match = re.fullmatch(r'Plugins>Cellwire, "(Cellwire [^"]+)", ([\w.]+)(\("\w+"\))?', command)
        assert match, command
        assert match[2].replace(".", "/") + ".class" in present


def test_junit_ran(jar: Path) -> None:
    reports = list((BRIDGE / "target" / "surefire-reports").glob("TEST-*.xml"))
    suites = [ElementTree.parse(report).getroot() for report in reports]
    assert sum(int(suite.get("tests", 0)) for suite in suites) > 10
    assert all(int(suite.get(kind, 0)) == 0 for suite in suites for kind in ("failures", "errors"))


def test_nothing_that_a_jar_of_plugins_should_not_have(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        assert not re.search(r"\.(so|dll|jnilib|dylib|proto)$", name), name
        assert not name.startswith("META-INF/versions/"), name
        assert name != "module-info.class"
