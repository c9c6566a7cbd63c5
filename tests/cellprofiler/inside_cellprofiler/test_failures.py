"""What a person is told when there is no engine, the wrong one, or one that goes away."""

import os
import socket
import subprocess
import sys

import pytest
import scenes
from conftest import ROOT

from cellwire_cellprofiler.errors import RunCellwireError


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _cellwire(*arguments, **options):
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "engine"), str(ROOT / "grpc_protos")))
    command = [os.environ["CELLWIRE_TEST_PYTHON"], "-m", "cellwire.cli.app", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True)


def _told(module):
    with pytest.raises(RunCellwireError) as caught:
        scenes.Scene(module).prepare()
    return str(caught.value)


def test_six_things_that_can_be_wrong_are_told_apart(make, start_engine, tmp_path):
    certificates, tokens = tmp_path / "certificates", tmp_path / "tokens"
    secret = _cellwire("token", "add", "ana", "--file", str(tokens)).stdout
    _cellwire("certificate", "localhost", "--out", str(certificates))
    guarded = start_engine(
        "--listen", "127.0.0.1:0",
        "--model", "nuclei",
        "--tls-certificate", str(certificates / "server.pem"),
        "--tls-key", str(certificates / "server.key"),
        "--token-file", str(tokens),
    )  # fmt: skip
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("not-the-token\n")
    ca = str(certificates / "ca.pem")
    at = {"address": guarded.address.replace("127.0.0.1", "localhost")}
    told = {
        "name": _told(make(address="no-such-host.invalid:50051")),
        "refused": _told(make(address="127.0.0.1:{}".format(_free_port()))),
        "tls": _told(make(**at)),
        "token": _told(make(certificate_file=ca, **at)),
        "wrong token": _told(make(certificate_file=ca, token_file=str(wrong), **at)),
        "model": _told(make(model="nuklei")),
    }
    assert "no-such-host.invalid" in told["name"]
    assert "not known to this computer" in told["name"]
    assert "connection was refused" in told["refused"]
    assert "cellwire serve" in told["refused"]
    assert "ca.pem" in told["tls"]
    assert "Setting: Certificate of the engine" in told["tls"]
    assert "wants a token" in told["token"]
    assert "Setting: Token file" in told["token"]
    assert "does not know the token" in told["wrong token"]
    assert "nuklei" in told["model"]
    assert "nuclei" in told["model"]
    assert "Setting: Model" in told["model"]
    assert len(set(told.values())) == len(told)
    right = tmp_path / "right.txt"
    right.write_text("# Ana's\n" + secret)
    assert scenes.Scene(make(certificate_file=ca, token_file=str(right), **at)).prepare()


def test_something_else_at_the_port_is_told(make):
    from concurrent import futures

    import grpc

    server = grpc.server(futures.ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        told = _told(make(address="127.0.0.1:{}".format(port)))
    finally:
        server.stop(None)
    assert "no Cellwire engine" in told
    assert "cellwire-cellprofiler" in told


def test_prepare_run_needs_both_models(make):
    told = _told(
        make(nucleus_name="DNA", wants_nuclei=True, y_name="Cells", nuclei_model="missing")
    )
    assert "missing" in told


def test_prepare_run_needs_the_model_of_planes_along_z(make):
    module = make(orthogonal_model="missing")
    scene = scenes.Scene(module)
    assert scene.prepare()  # no stacks: it is not used
    scene.pipeline.set_volumetric(True)
    with pytest.raises(RunCellwireError, match="missing"):
        scene.prepare()
    module.stack_mode.value = "Stitch planes by overlap"
    assert scene.prepare()


def test_the_button_fills_the_models(make, engine, caplog):
    module = make()
    module.known_models[:] = []
    with caplog.at_level("INFO"):
        module.test_button.on_event_fired()
    assert module.model.choices == [model.name for model in engine.models()]
    assert module.nuclei_model.choices == module.model.choices
    assert module.orthogonal_model.choices == ["The same model", *module.model.choices]
    assert "answers at" in caplog.text
    caplog.clear()
    make(address="127.0.0.1:{}".format(_free_port())).test_button.on_event_fired()
    assert "connection was refused" in caplog.text


def test_a_wrong_setting_is_never_skipped(make, nuclei_image):
    with pytest.raises(RunCellwireError, match="nuklei"):
        scenes.run(
            make(model="nuklei", when_unreachable="Skip the image set and mark it"),
            DNA=nuclei_image,
        )


WITHOUT = """
import sys
from cellprofiler_core.preferences import set_headless
set_headless()
sys.modules[sys.argv[2]] = None
sys.path.insert(0, sys.argv[1])
import runcellwire
from cellprofiler_core.setting import ValidationError
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.workspace import Workspace
module, pipeline = runcellwire.RunCellwire(), Pipeline()
workspace = Workspace(pipeline, module, None, None, None, None)
print("loaded")
for call in (lambda: module.prepare_run(workspace), lambda: module.validate_module(pipeline)):
    try:
        call()
    except (ImportError, ValidationError) as error:
        print(type(error).__name__, error)
module.test_button.on_event_fired()
"""


@pytest.mark.parametrize("missing", ["grpc", "google.protobuf"])
def test_the_plugin_loads_without_its_packages_and_says_what_to_install(missing):
    arguments = [sys.executable, "-W", "ignore", "-c", WITHOUT, str(ROOT / "cellprofiler_plugin")]
    done = subprocess.run([*arguments, missing], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, prepared, validated = done.stdout.splitlines()
    assert first == "loaded"
    for line in (prepared, validated, done.stderr):
        assert "grpcio" in line
        assert "protobuf" in line
        assert missing in line
        assert "-m pip install" in line
    assert prepared.startswith("MissingLibraryError")
    assert validated.startswith("ValidationError")
