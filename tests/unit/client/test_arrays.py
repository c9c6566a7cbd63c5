from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cellwire_client import InvalidRequestError, UnsupportedArrayError
from cellwire_client.arrays import raw_bytes, to_wire

WIRE = ("uint8", "uint16", "uint32", "float32")
NUMBERS = [*WIRE, "bool", "int8", "int16", "int32", "int64", "uint64"]


def test_the_name_is_the_digest_that_the_protocol_lays_down() -> None:
    image = np.arange(6, dtype=np.uint16).reshape(2, 3)
    digest = hashlib.sha256(b"uint16;2,3\n" + image.astype("<u2").tobytes()).hexdigest()
    assert to_wire(image).name == f"images/{digest}"


@given(
    arrays.arrays(
        st.sampled_from([np.dtype(n) for n in NUMBERS] + [np.dtype(">u2"), np.dtype(">f4")]),
        arrays.array_shapes(min_dims=1, max_dims=3, max_side=7),
    )
)
def test_what_is_sent_has_every_value_of_what_was_given(array: np.ndarray[Any, Any]) -> None:
    try:
        wire = to_wire(array)
    except UnsupportedArrayError:
        low, high = int(array.min()), int(array.max())
        assert high > 2**32 - 1 or (low < 0 and max(-low, high) > 2**24)
        return
    assert wire.pixels.dtype.name in WIRE
    assert wire.pixels.dtype.str.startswith(("<", "|"))
    assert wire.pixels.flags.c_contiguous
    assert np.array_equal(wire.pixels, array, equal_nan=array.dtype.kind == "f")
    assert wire.spec.shape == list(array.shape)
    assert len(raw_bytes(wire.pixels)) == wire.pixels.nbytes
    assert wire.notices == ()


def test_the_layout_in_memory_does_not_change_the_name() -> None:
    image = np.arange(24, dtype=np.uint16).reshape(4, 6)
    other = np.zeros((8, 12), np.uint16)
    other[::2, ::2] = image
    names = {
        to_wire(image).name,
        to_wire(np.asfortranarray(image)).name,
        to_wire(image.astype(">u2")).name,
        to_wire(other[::2, ::2]).name,
        to_wire(image.tolist()).name,
    }
    assert len(names) == 1


def test_float64_is_narrowed_with_a_notice_unless_nothing_is_lost() -> None:
    exact = to_wire(np.array([[0.5, 2.0]]))
    assert exact.pixels.dtype == np.float32
    assert exact.notices == ()
    rounded = to_wire(np.array([[0.1, np.nan]]))
    assert "float32 rather than float64" in rounded.notices[0]


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((2, 2), np.complex64), "complex64 are not taken"),
        (np.zeros((2, 2), np.float16), "float16 are not taken"),
        ("field.tif", "not an array of numbers"),
        (np.array([[object()]]), "not an array of numbers"),
        (np.array([[2**40]]), "values from 1099511627776 to"),
        (np.array([[-(2**30)]]), "values from -1073741824 to"),
        (np.array([[1e200]]), "beyond the 3.4e38"),
    ],
)
def test_what_would_lose_values_is_refused(array: Any, says: str) -> None:
    with pytest.raises(UnsupportedArrayError, match=says) as caught:
        to_wire(array)
    assert caught.value.next_step


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"no pixels: its shape is \(0, 512\)"):
        to_wire(np.zeros((0, 512), np.uint8))
