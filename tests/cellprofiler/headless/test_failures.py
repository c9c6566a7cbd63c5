"""What a headless run does when something is wrong: exit code, message, and what is left behind.

The message comes before any image is touched wherever the fault can be known by then.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import tifffile

from cellwire.serving.tokens import add_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]
    Serve = Callable[..., Any]

FLY = "ExampleFly.cppipe"
SHORT = {"Images", "Metadata", "NamesAndTypes", "Groups", "RunCellwire", "ExportToSpreadsheet"}
ADDRESS = "Address of the engine"
POLICY = "If the engine cannot be reached"


@pytest.fixture(scope="module")
def three(fly: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small image sets, cut out of ExampleFly."""
    folder = tmp_path_factory.mktemp("three")
    for path in fly.glob("*_[DR].TIF"):
        tifffile.imwrite(folder / path.name, tifffile.imread(path)[300:420, 480:600])
    assert len(list(folder.iterdir())) == 6
    return folder


def stopped_before_any_image(run: Any, *said: str) -> None:
    """The run ended as failed, with a message, before any image and without results."""
    assert run.code == 1, run.log
    for words in said:
        assert words in run.log, run.log
    assert not run.started_images, run.log
    assert not list(run.out.iterdir())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_engine(cellprofiler: Any, pipeline: Write, three: Path, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    run = cellprofiler.run(pipeline(FLY, SHORT, **{ADDRESS: address}), three, tmp_path / "out")
    stopped_before_any_image(run, f"No engine listens at {address}", "cellwire serve", ADDRESS)


def test_no_engine_for_distributed_cellprofiler(
    cellprofiler: Any, pipeline: Write, three: Path, tmp_path: Path
) -> None:
    """It goes by the file that tells when a job is done, and may ask to go on whatever happens."""
    done = tmp_path / "done"
    changed = pipeline(FLY, SHORT, **{ADDRESS: f"127.0.0.1:{free_port()}"})
    run = cellprofiler.run(changed, three, tmp_path / "out", "-d", str(done), "--always-continue")
    assert (run.code, done.read_text().strip()) == (255, "Failure")


def test_a_name_that_is_not_known(
    cellprofiler: Any, pipeline: Write, three: Path, tmp_path: Path
) -> None:
    changed = pipeline(FLY, SHORT, **{ADDRESS: "no-such-box.invalid"})
    run = cellprofiler.run(changed, three, tmp_path / "out")
    stopped_before_any_image(run, "The name no-such-box.invalid", "is not known")


def test_an_unknown_model(
    cellprofiler: Any, pipeline: Write, engine: Any, three: Path, tmp_path: Path
) -> None:
    changed = pipeline(FLY, SHORT, **{ADDRESS: engine.address, "Model": "nuclie"})
    run = cellprofiler.run(changed, three, tmp_path / "out")
    stopped_before_any_image(run, "no model 'nuclie'", "Did you mean nuclei?", "(Setting: Model.)")


def test_a_wrong_token(
    cellprofiler: Any, pipeline: Write, serve: Serve, three: Path, tmp_path: Path
) -> None:
    tokens, wrong = tmp_path / "tokens", tmp_path / "anna.token"
    add_token(tokens, "anna")
    wrong.write_text("not-the-one-of-anna\n")
    changes = {ADDRESS: serve(token_file=tokens).address, "Token file": str(wrong)}
    run = cellprofiler.run(pipeline(FLY, SHORT, **changes), three, tmp_path / "out")
    stopped_before_any_image(run, "token", "(Setting: Token file.)")


def test_an_engine_that_wants_a_later_plugin(
    cellprofiler: Any, pipeline: Write, serve: Serve, three: Path, tmp_path: Path
) -> None:
    changes = {ADDRESS: serve(min_client_revision=99).address}
    run = cellprofiler.run(pipeline(FLY, SHORT, **changes), three, tmp_path / "out")
    stopped_before_any_image(run, "revision", "unzip the cellwire-cellprofiler")


def test_grpc_is_missing(
    cellprofiler: Any,
    pipeline: Write,
    three: Path,
    without_grpc: dict[str, str],
    tmp_path: Path,
) -> None:
    """The module is there all the same, and says what to install."""
    run = cellprofiler.run(pipeline(FLY, SHORT), three, tmp_path / "out", environment=without_grpc)
    stopped_before_any_image(run, "grpcio", "pip install grpcio", str(cellprofiler.python))
    assert "Could not find the RunCellwire module" not in run.log


@pytest.mark.parametrize("policy", ["Stop the run", "Skip the image set and mark it"])
def test_the_engine_dies_during_the_run(
    cellprofiler: Any, pipeline: Write, serve: Serve, three: Path, tmp_path: Path, policy: str
) -> None:
    engine = serve()
    changed = pipeline(FLY, SHORT, **{ADDRESS: engine.address, POLICY: policy})
    out = tmp_path / "out"
    with cellprofiler.analyse(changed, three, out) as process:
        log = ""
        for line in process.stdout:
            log += line
            if "Image # 1, module RunCellwire" in line:
                engine.kill()
        code = process.wait(120)
    assert "No engine listens" in log, log
    if policy == "Stop the run":
        assert code == 1, log
        assert not list(out.iterdir())
        return
    assert code == 0, log
    run = cellprofiler.finished(code, log, out)
    images, nuclei = run.table("Fly_Image.csv"), run.table("Fly_Nuclei.csv")
    assert images["Cellwire_Skipped_Nuclei"] == ["0", "1", "1"]
    assert images["Count_Nuclei"] == [f"{len(nuclei['ObjectNumber'])}.0", "", ""]
    assert set(nuclei["ImageNumber"]) == {"1"}
