"""A real CellProfiler without windows, in processes of its own, and real engines beside it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine_process import EngineProcess, port_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = ROOT / "cellprofiler_plugin"
SERVE = """
import json, sys
from pathlib import Path
from cellwire.serving import engine_service
from cellwire.serving.lifecycle import serve
from cellwire.serving.settings import ServeSettings

values = json.loads(sys.argv[1])
engine_service.MIN_CLIENT_REVISION = values.pop("min_client_revision", 1)
for name in ("port_file", "certificate", "key", "token_file"):
    if name in values:
        values[name] = Path(values[name])
sys.exit(serve(ServeSettings(models=(), **values)))
"""


@dataclass(frozen=True)
class Finished:
    """A run of CellProfiler that ended.

    Attributes
    ----------
    code
        Exit code.
    log
        What it printed, both streams together.
    out
        Its output folder.
    """

    code: int
    log: str
    out: Path

    def table(self, name: str) -> dict[str, list[str]]:
        """Give the columns of a table that ExportToSpreadsheet wrote."""
        with (self.out / name).open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert len(set(header)) == len(header)
        return {name: [row[place] for row in rows] for place, name in enumerate(header)}

    @property
    def started_images(self) -> bool:
        """Whether any image was worked on."""
        return re.search(r"Image # \d+, module", self.log) is not None


@dataclass(frozen=True)
class CellProfiler:
    """CellProfiler's own environment.

    Attributes
    ----------
    python
        Its interpreter.
    java
        JAVA_HOME for it.
    home
        Home folder of its runs, so that no preferences of a person play a part.
    """

    python: Path
    java: str
    home: Path

    def start(
        self, *arguments: str | Path, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start its Python with arguments; nothing of the engine's environment goes along."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        own = {"HOME": str(self.home), "JAVA_HOME": self.java, "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [self.python, *arguments],
            env={**kept, **own, "OMP_NUM_THREADS": "1", **(environment or {})},
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def analyse(
        self,
        pipeline: Path,
        images: Path,
        out: Path,
        *options: str,
        plugins: Path = PLUGIN,
        environment: dict[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a run of a pipeline, as Distributed-CellProfiler does."""
        out.mkdir(exist_ok=True)
        places = ["-p", str(pipeline), "-i", str(images), "-o", str(out)]
        return self.start(
            *["-m", "cellprofiler", "-c", "-r", *places, f"--plugins-directory={plugins}"],
            *options,
            environment=environment,
        )

    def run(self, pipeline: Path, images: Path, out: Path, *options: str, **more: Any) -> Finished:
        """Run a pipeline to its end."""
        with self.analyse(pipeline, images, out, *options, **more) as process:
            log = process.communicate(timeout=200)[0]
        return self.finished(process.returncode, log, out)

    @staticmethod
    def finished(code: int, log: str, out: Path) -> Finished:
        """Tell of a run that one has followed oneself."""
        return Finished(code, log, out)

    def ask(self, *arguments: str | Path, environment: dict[str, str] | None = None) -> str:
        """Run its Python to a good end and give what it printed."""
        with self.start(*arguments, environment=environment) as process:
            log = process.communicate(timeout=200)[0]
        assert process.returncode == 0, log
        return log


@pytest.fixture(scope="session")
def cellprofiler(
    cellprofiler_python: Path,
    cellprofiler_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> CellProfiler:
    """The environment, made at the first use."""
    java = cellprofiler_environment["JAVA_HOME"]
    return CellProfiler(cellprofiler_python, java, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def fly(cellprofiler: CellProfiler) -> Path:
    """Folder of ExampleFly's images, which come with CellProfiler."""
    code = "import cellprofiler, os; print(os.path.dirname(cellprofiler.__file__))"
    place = Path(cellprofiler.ask("-c", code).strip().splitlines()[-1])
    return place / "data" / "examples" / "ExampleFly" / "images"


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., EngineProcess]]:
    """Start engines on loopback, each of which loads a model when one is first wanted.

    Those that still run end with the test file.
    """
    with contextlib.ExitStack() as stack:

        def start(**settings: Any) -> EngineProcess:
            folder = tmp_path_factory.mktemp("engine")
            values = {"listen": "127.0.0.1:0", **settings, "port_file": port_file(folder)}
            values_as_text = json.dumps(values, default=str)
            engine = EngineProcess([sys.executable, "-c", SERVE, values_as_text], folder)
            stack.callback(engine.stop)
            return engine.wait_until_ready(120)

        yield start


@pytest.fixture(scope="module")
def engine(serve: Callable[..., EngineProcess]) -> EngineProcess:
    """One engine for all tests of a file that leave it alive."""
    return serve()


@pytest.fixture
def pipeline(tmp_path: Path) -> Callable[..., Path]:
    """Write an example pipeline with some settings changed, or cut down to some modules."""

    def write(name: str, only: set[str] | None = None, **changes: str) -> Path:
        text = (PLUGIN / "pipelines" / name).read_text(encoding="utf-8")
        head, *blocks = text.rstrip("\n").split("\n\n")
        if only is not None:
            blocks = [block for block in blocks if block.split(":")[0] in only]
            head = re.sub(r"ModuleCount:\d+", f"ModuleCount:{len(blocks)}", head)
            blocks = [
                re.sub(r"\[module_num:\d+", f"[module_num:{number}", block, count=1)
                for number, block in enumerate(blocks, 1)
            ]
        text = "\n\n".join([head, *blocks]) + "\n"
        for setting, value in changes.items():
            text, count = re.subn(
                rf"^    {re.escape(setting)}:.*$",
                lambda found, value=value: f"{found[0].split(':')[0]}:{value}",
                text,
                flags=re.MULTILINE,
            )
            assert count, f"{name} has no setting {setting!r}"
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def without_grpc(tmp_path: Path) -> dict[str, str]:
    """Variables with which a Python does not see the grpcio and protobuf it has installed."""
    folder = tmp_path / "hiding"
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("hide_grpc.py"), folder / "sitecustomize.py")
    return {"PYTHONPATH": str(folder)}
