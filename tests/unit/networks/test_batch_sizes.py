from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cellwire.errors import DeviceOutOfMemoryError, InvalidParameterError
from cellwire.networks.batch_sizes import (
    BATCH_SIZES,
    SHARE,
    fixed_size,
    size_for_memory,
    smaller_size,
)
from cellwire.networks.out_of_memory import is_out_of_memory


@given(tiles=st.integers(1, 100))
def test_batches_have_few_sizes_and_get_smaller_down_to_one(tiles: int) -> None:
    assert fixed_size(tiles) >= tiles
    assert fixed_size(tiles) in BATCH_SIZES or tiles > max(BATCH_SIZES)
    seen = []
    size: int | None = tiles
    while size is not None:
        seen.append(size)
        size = smaller_size(size)
    assert seen[-1] == 1
    assert all(a > b for a, b in itertools.pairwise(seen))
    assert set(seen[1:]) <= set(BATCH_SIZES)


@given(free=st.integers(0, 2**40), per_tile=st.integers(1, 2**33))
def test_a_batch_leaves_the_rest_of_the_memory_free(free: int, per_tile: int) -> None:
    size = size_for_memory(free, per_tile)
    assert size in BATCH_SIZES
    assert size == 1 or size * per_tile <= SHARE * free
    larger = fixed_size(size + 1)
    assert larger not in BATCH_SIZES or larger * per_tile > SHARE * free


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("GET was unable to find an engine to execute this computation"), True),
        (DeviceOutOfMemoryError("no"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (InvalidParameterError("out of memory"), False),
    ],
)
def test_what_is_out_of_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) == expected


def test_real_allocations_that_fail_are_out_of_memory() -> None:
    for allocate in (
        lambda: np.empty(2**60, np.uint8),
        lambda: torch.empty(2**60, dtype=torch.uint8),
    ):
        with pytest.raises((MemoryError, RuntimeError)) as caught:
            allocate()
        assert is_out_of_memory(caught.value)
