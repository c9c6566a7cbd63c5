"""Reading Cellpose's own files, which are pickles, in a throw-away process.

The process reads with readers that know tensors and plain arrays only, writes safetensors into an
empty folder, and ends; nothing of the file is ever unpickled in the engine.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cellwire.errors import CellwireError, ModelBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_LIMIT = 300.0
"""Seconds after which the process is ended."""

MAX_BYTES = 4 * 2**30
"""Size above which a file is not read."""

REFUSED = 3
"""Exit status of the process when it refuses a file; the reason is on its output."""

NUMPY_NAMES = {
    *(("numpy.core.multiarray", name) for name in ("_reconstruct", "scalar")),
    *(("numpy._core.multiarray", name) for name in ("_reconstruct", "scalar")),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}
"""All that the pickle of a dict of arrays needs."""


def import_network(source: Path, target: Path, diam_mean: float | None = None) -> None:
    """Turn a ``.pth``-style state dictionary into a safetensors file.

    Parameters
    ----------
    source
        File of Cellpose 1 to 3, or of Cellwire.
    target
        File to write.
    diam_mean
        Diameter in pixels to which cells are resized; needed where the file does not say.

    Raises
    ------
    ModelBrokenError
        If it is not one. It is never run.
    """
    _in_other_process("network", source, target, diam_mean)


def import_size(source: Path, target: Path) -> None:
    """Turn Cellpose's ``*_size.npy`` into a safetensors file.

    Raises
    ------
    ModelBrokenError
        If it is not one. It is never run.
    """
    _in_other_process("size", source, target, None)


def import_masks(source: Path, target: Path) -> None:
    """Turn the masks of Cellpose's ``*_seg.npy`` into a plain ``.npy`` file.

    Raises
    ------
    ModelBrokenError
        If there are none. The file is never run.
    """
    _in_other_process("masks", source, target, None, "was not read")


def _in_other_process(
    kind: str,
    source: Path,
    target: Path,
    diam_mean: float | None,
    refused: str = "was not added",
) -> None:
    try:
        size = source.stat().st_size
        readable = source.is_file()
    except OSError as error:
        raise ModelBrokenError(
            f"The file {source.name} cannot be read: {error.strerror}.", "Check its path."
        ) from error
    if not readable or not 0 < size <= MAX_BYTES:
        raise ModelBrokenError(
            f"{source.name} is not a file of 1 byte to 4 GiB.", "Give a file of Cellpose."
        )
    command = [sys.executable, "-m", "cellwire.networks.foreign", kind, str(source), str(target)]
    command.append("" if diam_mean is None else str(float(diam_mean)))
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelBrokenError(
            f"Reading {source.name} took more than {TIME_LIMIT:g} s and was ended.",
            "Give a file of Cellpose.",
        ) from error
    if done.returncode == 0:
        return
    if done.returncode == REFUSED:
        message, next_step = json.loads(done.stdout)
        raise ModelBrokenError(f"{source.name} {refused}. {message}", next_step)
    raise ModelBrokenError(
        f"{source.name} {refused}: reading it ended the reading process "
        f"(status {done.returncode}).",
        "The file is damaged or no file of Cellpose; get it again.",
    )


def _convert_network(source: Path, target: Path, diam_mean: str) -> None:
    import torch

    from cellwire.networks.unet import CellposeNet
    from cellwire.networks.weights import fill, infer_architecture, save_network

    if source.suffix == ".safetensors":
        from cellwire.networks.weights import load_network_file

        network = load_network_file(source)
    else:
        try:
            found = torch.load(source, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
            raise ModelBrokenError(
                "It is no file of weights alone: a state dictionary saved by torch was expected. "
                "What else it holds was not run.",
                "Give a weights file of Cellpose 1 to 3, or a safetensors file of Cellwire.",
            ) from error
        if not isinstance(found, dict) or not all(
            isinstance(name, str) and isinstance(value, torch.Tensor)
            for name, value in found.items()
        ):
            raise ModelBrokenError(
                "It holds something else than named tensors.",
                "Give a weights file of Cellpose 1 to 3.",
            )
        if "diam_mean" not in found and not diam_mean:
            raise ModelBrokenError(
                "It does not say to which diameter its cells are resized.",
                "Say it: --diam-mean 30, or 17 for Cellpose's nuclei.",
            )
        given = float(diam_mean) if diam_mean else float(found["diam_mean"].reshape(-1)[0])
        network = CellposeNet(infer_architecture(found, source.name), given)
        fill(network, found)
    if diam_mean:
        network.diam_mean.data.fill_(float(diam_mean))
    save_network(target, network)


def _convert_size(source: Path, target: Path, _: str) -> None:
    from cellwire.networks.size_weights import save_size_weights, size_weights_from

    with source.open("rb") as stream:
        try:
            values = _read_object_array(stream)
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError) as error:
            raise ModelBrokenError(
                f"It is no size model of Cellpose ({error}). What else it holds was not run.",
                "Give the *_size.npy file that belongs to the model.",
            ) from error
    save_size_weights(target, size_weights_from(values))


def _convert_masks(source: Path, target: Path, _: str) -> None:
    import numpy as np

    with source.open("rb") as stream:
        try:
            masks = np.asarray(_read_object_array(stream)["masks"])
            if masks.dtype.kind not in "iub":
                raise ValueError(f"its masks are of the type {masks.dtype}")
        except (
            pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, KeyError,
        ) as error:  # fmt: skip
            raise ModelBrokenError(
                f"It holds no masks as Cellpose saves them ({error}). What else it holds was not "
                "run.",
                "Open the image in Cellpose's GUI and save it again.",
            ) from error
    with target.open("wb") as stream:
        np.save(stream, masks, allow_pickle=False)


def _read_object_array(stream: BinaryIO) -> dict[str, Any]:
    from numpy.lib import format as npy

    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    if dtype.kind != "O" or shape not in ((), (1,)):
        raise ValueError(f"an array of {dtype} of the shape {shape}")
    found = ArraysOnly(stream).load()
    values = found.reshape(-1)[0] if hasattr(found, "reshape") else found
    if not isinstance(values, dict):
        raise ValueError(f"a {type(values).__name__} in place of named arrays")
    return values


class ArraysOnly(pickle.Unpickler):
    """An unpickler that knows nothing but numpy arrays and Python's plain values."""

    def find_class(self, module: str, name: str) -> Any:
        """Give what an array is made of; refuse everything else."""
        if (module, name) in NUMPY_NAMES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def _main(arguments: list[str]) -> int:
    kind, source, target, diam_mean = arguments
    converters: dict[str, Callable[[Path, Path, str], None]] = {
        "network": _convert_network,
        "size": _convert_size,
        "masks": _convert_masks,
    }
    try:
        converters[kind](Path(source), Path(target), diam_mean)
    except CellwireError as error:
        sys.stdout.write(json.dumps([error.message, error.next_step]))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
