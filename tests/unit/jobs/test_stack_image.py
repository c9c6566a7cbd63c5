from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.errors import ImageContentError, InvalidParameterError, ShapeMismatchError
from cellwire.jobs.job import ChannelInput, SegmentationJob
from cellwire.jobs.planes import assemble_plane
from cellwire.jobs.stack_image import assemble_stack, cut_stack
from cellwire.segmentation.volume.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

ARRAY = np.arange(2 * 3 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 3, 4, 5)
"""T, Z, C, Y, X."""


def job(array, axes, *channels, **changes):
    inputs = tuple(ChannelInput(array, c, nucleus) for c, nucleus in channels)
    return SegmentationJob("m", inputs, axes, **changes)


def stack(wanted: SegmentationJob, scratch: Path | None = None) -> np.ndarray:
    return assemble_stack(cut_stack(wanted), Workspace(scratch), lambda _done, _total: None)


@given(
    st.permutations("TZCYX"),
    st.lists(st.integers(0, 3), min_size=1, max_size=2),
    st.booleans(),
)
def test_every_plane_is_the_one_that_is_segmented_alone(
    order: list[str], channels: list[int], cut: bool
) -> None:
    axes = "".join(order)
    array = ARRAY.transpose(["TZCYX".index(axis) for axis in axes])
    region = {"Y": (1, 4), "Z": (1, 3)} if cut else {}
    chosen = [(channel, index == 1) for index, channel in enumerate(channels)]
    found = stack(job(array, axes, *chosen, region=region))
    assert cut_stack(job(array, axes, *chosen, region=region)).axes == "TZYX"
    depth = (1, 3) if cut else (0, 3)
    for t, z in itertools.product(range(2), range(*depth)):
        one = {**region, "T": (t, t + 1), "Z": (z, z + 1)}
        alone = assemble_plane(job(array, axes, *chosen, region=one))
        together = found[t, z - depth[0]]
        assert together.dtype == alone.dtype
        assert np.array_equal(together, alone)


@pytest.mark.parametrize(
    ("channels", "copied"),
    [
        ([(2, False)], False),
        ([(1, False), (3, True)], False),
        ([(3, False), (1, True)], False),
        ([(2, False), (2, True)], False),
        ([(0, False)], True),
    ],
)
def test_pixels_stay_where_they_are(channels, copied: bool) -> None:
    wanted = job(ARRAY, "TZCYX", *channels)
    assert np.shares_memory(stack(wanted), ARRAY) != copied
    assert (cut_stack(wanted).copied_bytes > 0) == copied


def test_pixels_of_a_mapped_file_stay_there(tmp_path) -> None:
    np.save(tmp_path / "stack.npy", ARRAY)
    mapped = np.load(tmp_path / "stack.npy", mmap_mode="r")
    assert np.shares_memory(stack(job(mapped, "TZCYX", (1, False), (2, True))), mapped)


def test_two_images_are_copied_into_a_file_where_one_is_wanted(tmp_path) -> None:
    inputs = (ChannelInput(ARRAY[:, :, 0]), ChannelInput(ARRAY[:, :, 1] * 2.0, nucleus=True))
    wanted = SegmentationJob("m", inputs, "TZYX")
    found = stack(wanted, tmp_path)
    assert isinstance(found.base, np.memmap)
    assert found.dtype == np.float32
    assert np.array_equal(found[..., 1], ARRAY[:, :, 1] * 2)


def test_what_is_no_number_is_found_in_any_plane() -> None:
    array = np.ones((3, 4, 5), np.float32)
    array[2, 1, 1] = np.nan
    with pytest.raises(ImageContentError, match="1 pixels that are NaN"):
        stack(job(array, "ZYX", (1, False)))


def test_channels_and_sizes_that_do_not_fit() -> None:
    with pytest.raises(InvalidParameterError, match="Channel 4"):
        cut_stack(job(ARRAY, "TZCYX", (4, False)))
    inputs = (ChannelInput(ARRAY[0, :, 0]), ChannelInput(ARRAY[0, :2, 0], nucleus=True))
    with pytest.raises(ShapeMismatchError, match="1 x 3 x 4 x 5 and 1 x 2 x 4 x 5"):
        cut_stack(SegmentationJob("m", inputs, "ZYX"))
