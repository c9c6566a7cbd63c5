"""The weights of a size model: a regression from the style to the logarithm of a diameter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from cellwire.errors import ModelBrokenError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, eq=False)
class SizeWeights:
    """``diameter = exp(A · (style - smean) + log(diam_mean) + ymean)``; see Cellpose's SizeModel.

    Attributes
    ----------
    A
        (256,) coefficients.
    smean
        (256,) mean style.
    diam_mean
        Diameter in pixels that the network works at.
    ymean
        Mean of the logarithms that were learnt.
    """

    A: npt.NDArray[np.float64]
    smean: npt.NDArray[np.float64]
    diam_mean: float
    ymean: float

    def __post_init__(self) -> None:
        """Refuse what cannot be a size model."""
        shapes = self.A.shape, self.smean.shape
        numbers = np.concatenate([self.A.ravel(), self.smean.ravel(), [self.ymean]])
        if self.A.ndim != 1 or self.A.shape != self.smean.shape or not np.isfinite(numbers).all():
            raise ModelBrokenError(
                f"A size model has two rows of finite numbers alike in length; these are {shapes}.",
                "Give the *_size.npy file that belongs to the model.",
            )
        if not 0.0 < self.diam_mean < 10_000.0:
            raise ModelBrokenError(
                f"The mean diameter of the size model is {self.diam_mean:g} pixels.",
                "Give the *_size.npy file that belongs to the model.",
            )


def size_weights_from(values: Mapping[str, npt.NDArray[np.generic]]) -> SizeWeights:
    """Make them of the four arrays of Cellpose's file.

    Raises
    ------
    ModelBrokenError
        If one is missing.
    """
    try:
        a, smean = (np.asarray(values[name], np.float64) for name in ("A", "smean"))
        diam_mean, ymean = (
            float(np.asarray(values[name], np.float64).reshape(-1)[0])
            for name in ("diam_mean", "ymean")
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ModelBrokenError(
            f"The size model lacks A, smean, diam_mean or ymean ({error}).",
            "Give the *_size.npy file that belongs to the model.",
        ) from error
    return SizeWeights(a.reshape(-1), smean.reshape(-1), diam_mean, ymean)


def save_size_weights(path: Path, size: SizeWeights) -> None:
    """Write a size model to a safetensors file."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    save_file(
        {
            "A": size.A,
            "smean": size.smean,
            "diam_mean": np.array([size.diam_mean]),
            "ymean": np.array([size.ymean]),
        },
        unfinished,
    )
    os.replace(unfinished, path)


def load_size_weights(path: Path) -> SizeWeights:
    """Read what `save_size_weights` wrote.

    Raises
    ------
    ModelBrokenError
        If it is not one.
    """
    try:
        values = load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelBrokenError(
            f"The size model {path.name} cannot be read: {error}", "Add the model again."
        ) from error
    return size_weights_from(values)


def export_size_weights(path: Path, size: SizeWeights) -> None:
    """Write a size model as Cellpose's ``*_size.npy``."""
    values = {
        "A": size.A,
        "smean": size.smean,
        "diam_mean": size.diam_mean,
        "ymean": size.ymean,
    }
    with path.open("wb") as stream:
        np.save(stream, np.array(values, dtype=object), allow_pickle=True)
