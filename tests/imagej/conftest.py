"""The plugin's jar from Maven, a screen, real ImageJs and real engines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the modules below
from imagej_engine import add_specks, imagej_engine
from imagej_process import ImageJ, Installation
from java_tools import Java, build_jar, compile_java, javas, missing, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.engine_process import EngineProcess

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def _tools() -> None:
    """Skip where ImageJ or Maven is missing; in CI, which installs them, fail."""
    lacking = missing()
    if lacking and os.environ.get("CI"):
        pytest.fail(f"these are missing, and .ci/run should have installed them: {lacking}")
    if lacking:
        pytest.skip(f"needs {lacking} (the Debian packages are listed in .ci/run)")


@pytest.fixture(scope="session")
def oldest_java(_tools: None) -> Java:
    return javas()[0]


@pytest.fixture(scope="session")
def newest_java(_tools: None) -> Java:
    return javas()[-1]


@pytest.fixture(scope="session")
def jar(_tools: None) -> Path:
    """The jar that users get."""
    return build_jar()


@pytest.fixture(scope="session")
def display(_tools: None) -> Iterator[str]:
    with screen() as display:
        yield display


@pytest.fixture(scope="session")
def harness(_tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes of the harness."""
    target = tmp_path_factory.mktemp("harness")
    compile_java(HERE / "java", target)
    return target


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of models with the one of `speck_network` in it."""
    home = tmp_path_factory.mktemp("models")
    add_specks(home)
    return home


@pytest.fixture(scope="session")
def engine(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """One engine on loopback for all tests that leave it alive."""
    with imagej_engine(tmp_path_factory.mktemp("engine"), model_home) as engine:
        yield engine


@pytest.fixture
def launch(model_home: Path, tmp_path: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Start engines of one's own; they are stopped at the end of the test."""
    running: list[EngineProcess] = []

    def start(*options: str) -> EngineProcess:
        folder = tmp_path / f"engine{len(running)}"
        running.append(imagej_engine(folder, model_home, *options))
        return running[-1].wait_until_ready()

    yield start
    for engine in running:
        engine.stop()


@pytest.fixture
def installation(jar: Path, display: str, tmp_path: Path) -> Installation:
    """ImageJ with the plugin, untouched by other tests."""
    return Installation(tmp_path / "installation", jar, display)


@pytest.fixture(scope="module")
def imagej(
    jar: Path,
    display: str,
    harness: Path,
    oldest_java: Java,
    engine: EngineProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ImageJ]:
    """An ImageJ with a window, set to the engine, kept for a file of tests."""
    installation = Installation(tmp_path_factory.mktemp("imagej"), jar, display)
    installation.prefer(server=engine.address)
    imagej = installation.open_window(oldest_java, harness)
    yield imagej
    imagej.close()


@pytest.fixture
def bare_desk(imagej: ImageJ) -> Iterator[None]:
    """Each test begins with nothing open and no ROIs, and ends without a dialog."""
    imagej.ask("clear")
    imagej.macro('run("Close All"); roiManager("reset"); print("\\\\Clear");')
    yield
    assert imagej.alive
    assert imagej.ask("dialogs") == "0"
