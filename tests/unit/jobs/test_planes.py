from __future__ import annotations

import numpy as np
import pytest

from cellwire.errors import InvalidParameterError, ShapeMismatchError
from cellwire.jobs.job import ChannelInput, SegmentationJob
from cellwire.jobs.planes import assemble_mask, assemble_plane

STACK = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5)


def job(array, axes, *channels, **changes):
    inputs = tuple(ChannelInput(array, c, nucleus) for c, nucleus in channels)
    return SegmentationJob("m", inputs, axes, **changes)


def test_channels_are_put_beside_each_other_segmented_first() -> None:
    plane = assemble_plane(job(STACK[0], "CYX", (3, True), (1, False)))
    assert plane.dtype == np.uint16
    assert np.array_equal(plane, np.stack([STACK[0, 0], STACK[0, 2]], axis=-1))


def test_zero_is_the_mean_of_all() -> None:
    plane = assemble_plane(job(STACK[0], "CYX", (0, False)))
    assert plane.dtype == np.float32
    assert np.array_equal(plane[..., 0], STACK[0].mean(axis=0))


def test_axes_may_come_in_any_order() -> None:
    moved = STACK.transpose(2, 0, 3, 1)  # Y, Z, X, C
    region = {"Z": (1, 2), "Y": (1, 3), "X": (0, 4)}
    plane = assemble_plane(job(moved, "YZXC", (2, False), region=region))
    assert np.array_equal(plane[..., 0], STACK[1, 1, 1:3, 0:4])


def test_one_channel_is_itself() -> None:
    for channel in (0, 1):
        plane = assemble_plane(job(STACK[0, 0], "YX", (channel, False)))
        assert np.array_equal(plane[..., 0], STACK[0, 0])


def test_several_planes_are_refused() -> None:
    with pytest.raises(ShapeMismatchError, match="2 planes along time"):
        assemble_plane(job(STACK, "TCYX", (1, False)))


@pytest.mark.parametrize("axes", ["", "YX", "YYX", "CYQ", "CZT", "CYXS"])
def test_axes_that_do_not_fit(axes) -> None:
    with pytest.raises(ShapeMismatchError, match="do not describe"):
        assemble_plane(job(STACK[0], axes, (1, False)))


def test_channels_that_are_not_there() -> None:
    with pytest.raises(InvalidParameterError, match="Channel 4"):
        assemble_plane(job(STACK[0], "CYX", (4, False)))
    with pytest.raises(InvalidParameterError, match="One channel is segmented"):
        assemble_plane(job(STACK[0], "CYX", (1, True)))


def test_channels_of_different_size() -> None:
    inputs = (ChannelInput(STACK[0, 0]), ChannelInput(STACK[0, 0, :3], nucleus=True))
    with pytest.raises(ShapeMismatchError, match="4 x 5 and 3 x 5"):
        assemble_plane(SegmentationJob("m", inputs))


def test_the_mask_is_cut_like_the_image() -> None:
    mask = np.eye(4, 5, dtype=np.uint8)
    found = assemble_mask(job(STACK[0], "CYX", (1, False), region={"Y": (1, 3)}, mask=mask), (2, 5))
    assert np.array_equal(found, mask[1:3] != 0)
    with pytest.raises(ShapeMismatchError, match="mask is 4 x 4"):
        assemble_mask(job(STACK[0], "CYX", (1, False), mask=mask[:, :4]), (4, 5))
