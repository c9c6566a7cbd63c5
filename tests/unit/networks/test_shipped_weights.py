"""The files of the shipped models: small enough for the wheel, and as exact as they must be."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

from cellwire.networks import digest, registry

MOST_BYTES = 14_000_000
"""Of a model's weights in the wheel."""


@pytest.mark.parametrize("name", ["nuclei", "cyto"])
def test_weights_are_halved_and_statistics_are_not(name: str) -> None:
    (path,) = registry.find_model(name).files
    assert path.stat().st_size <= MOST_BYTES
    for tensor, values in load_file(path).items():
        if values.ndim > 1:
            assert values.dtype == np.float16, tensor
        elif np.issubdtype(values.dtype, np.floating):
            assert values.dtype == np.float32, tensor


@pytest.mark.parametrize("name", ["nuclei", "cyto"])
def test_the_card_names_the_file(name: str) -> None:
    (path,) = registry.find_model(name).files
    card = path.with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"`{digest.digest_of([path])}`" in card
