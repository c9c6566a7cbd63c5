"""What cannot be segmented in three dimensions is refused, with the number and the way out."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cellwire.errors import ImageTooLargeError, InvalidParameterError, ShapeMismatchError
from cellwire.segmentation.parameters import CellposeParameters, Normalisation
from cellwire.segmentation.volume import memory
from cellwire.segmentation.volume.memory import choose_workspace, estimate_volume_memory
from cellwire.segmentation.volume.parameters import VolumeMemory, VolumeParameters
from cellwire.segmentation.volume.pipeline import segment_volume
from cellwire.segmentation.volume.work import tiles_of_volume
from cellwire.segmentation.volume.workspace import Workspace

from .gradient_network import GradientNetwork  # noqa: TID252

if TYPE_CHECKING:
    from pathlib import Path

USUAL = CellposeParameters(diameter=17.0)
STACK = np.zeros((6, 30, 30, 1), np.uint16)
LARGE = (256, 2048, 2048)


def refuse(error: type[Exception], text: str, **more: Any) -> None:
    image = more.pop("image", STACK)
    parameters = more.pop("parameters", USUAL)
    network = GradientNetwork()
    with pytest.raises(error, match=text):
        segment_volume(image, parameters, network, **more)
    assert network.shapes == []


@pytest.mark.parametrize("shape", [(30, 30), (6, 30, 30), (6, 30, 30, 3), (6, 0, 30, 1)])
def test_no_stack(shape: tuple[int, ...]) -> None:
    refuse(ShapeMismatchError, re.escape(str(shape)), image=np.zeros(shape, np.uint8))


def test_one_plane() -> None:
    refuse(ShapeMismatchError, "at least 2 planes.* has 1.*as a plane", image=STACK[:1])


@pytest.mark.parametrize("value", [0.0, -2.0, float("nan"), float("inf"), 1000.0])
def test_anisotropy_out_of_range(value: float) -> None:
    with pytest.raises(InvalidParameterError, match=r"anisotropy must be above 0.*divided by"):
        VolumeParameters(anisotropy=value)


def test_other_parameters_out_of_range() -> None:
    with pytest.raises(InvalidParameterError, match="smoothing"):
        VolumeParameters(flow_smoothing=-1)
    with pytest.raises(InvalidParameterError, match="'stack' or by 'plane'"):
        VolumeParameters(normalise_by="row")  # type: ignore[arg-type]


def test_parameters_that_do_not_go_together() -> None:
    refuse(InvalidParameterError, "diameter", parameters=CellposeParameters())
    refuse(
        InvalidParameterError,
        "Half precision",
        parameters=CellposeParameters(diameter=17, compat="cellpose3"),
        volume=VolumeParameters(half_precision=True),
    )
    blocks = CellposeParameters(diameter=17, normalisation=Normalisation(tile_blocksize=20))
    refuse(InvalidParameterError, "by plane", parameters=blocks)


def test_nothing_left_of_the_stack() -> None:
    refuse(
        InvalidParameterError,
        "6 × 30 × 30 voxels becomes 0 × 30 × 30",
        volume=VolumeParameters(anisotropy=0.1),
    )


def test_networks_that_do_not_go_together() -> None:
    other = GradientNetwork()
    other.diam_mean = 30.0
    refuse(ShapeMismatchError, r"of 30 pixels, .* and 17\.", orthogonal=other)


def test_more_work_than_allowed() -> None:
    def limits(**more: int) -> SimpleNamespace:
        return SimpleNamespace(
            **{"max_tiles": 10**6, "max_resized_pixels": 10**9, "max_pixel_steps": 10**12, **more}
        )

    refuse(ImageTooLargeError, "66 tiles; the limit is 65", limits=limits(max_tiles=65))
    refuse(ImageTooLargeError, "limit is 5399", limits=limits(max_resized_pixels=5399))
    refuse(ImageTooLargeError, "1080000 steps", limits=limits(max_pixel_steps=10**6))
    segment_volume(STACK, USUAL, GradientNetwork(), limits=limits(max_tiles=66))


def test_the_large_stack_has_its_tiles_and_fits_16_gb_with_files() -> None:
    parameters = CellposeParameters(diameter=30.0)
    volume = VolumeParameters()
    assert sum(tiles_of_volume(LARGE, parameters, volume, 30.0).values()) == 135_168
    estimate = estimate_volume_memory(LARGE, parameters, volume, 30.0)
    assert estimate.in_memory > 32e9
    assert estimate.beside_files < 2e9
    half = estimate_volume_memory(LARGE, parameters, VolumeParameters(half_precision=True), 30.0)
    assert half.disk == estimate.disk - 8 * 2**30


def test_too_large_for_the_memory_without_a_scratch_folder() -> None:
    estimate = estimate_volume_memory(LARGE, USUAL, VolumeParameters(), 17.0)
    text = "256 × 2048 × 2048 voxels takes up to 3[0-9.]+ GB of memory; the limit is 16.00 GB"
    with pytest.raises(ImageTooLargeError, match=text) as caught:
        choose_workspace(estimate, LARGE, VolumeMemory(budget=16 * 10**9))
    assert "Give a scratch folder with 38.65 GB free" in caught.value.next_step
    assert "half precision" in caught.value.next_step
    refuse(ImageTooLargeError, "6 × 30 × 30 voxels", memory=VolumeMemory(budget=1000))


def test_too_large_for_the_scratch_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = estimate_volume_memory(LARGE, USUAL, VolumeParameters(), 17.0)
    allowed = VolumeMemory(budget=16 * 10**9, scratch=tmp_path)
    free = SimpleNamespace(free=10**9)
    monkeypatch.setattr(memory.shutil, "disk_usage", lambda _: free)
    with pytest.raises(ImageTooLargeError, match=r"38.65 GB .* where 1.00 GB are free"):
        choose_workspace(estimate, LARGE, allowed)
    free.free = 10**12
    assert choose_workspace(estimate, LARGE, allowed) == Workspace(tmp_path, 2**31)
    little = VolumeMemory(budget=estimate.beside_files + 2**29, scratch=tmp_path)
    assert choose_workspace(estimate, LARGE, little) == Workspace(tmp_path, 2**28)
    with pytest.raises(ImageTooLargeError, match=r"beside its files; the limit is 10\.0 MB"):
        choose_workspace(estimate, LARGE, VolumeMemory(budget=10**7, scratch=tmp_path))


def test_a_full_disk_is_told_rather_than_the_process_ended(tmp_path: Path) -> None:
    with pytest.raises(ImageTooLargeError, match="no room for"):
        Workspace(tmp_path).zeros((2**30, 2**30), np.float32)
