"""What a network is made of, apart from its weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cellwire.errors import InvalidParameterError

LEVEL_REDUCTION = 2
"""Each level of the network works at half the resolution of the one above."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Shape of a Cellpose network and the paper's options for it.

    The defaults are the network of Stringer et al. 2021 (doi 10.1038/s41592-020-01018-x):
    313 tensors, 6,600,845 parameters. The other values are the paper's ablations.

    Attributes
    ----------
    channels_in
        Channels of the input: 2 = the segmented one and the nuclei.
    base
        Feature channels of each level, from full resolution downwards.
    outputs
        Channels of the output: dY, dX and the logit of being in a cell.
    residual
        Blocks of four convolutions with residual connections, else of two plain ones.
    style
        Whether the style vector reaches the upward path.
    concatenate
        Whether skips are concatenated to the upward path, else added.
    """

    channels_in: int = 2
    base: tuple[int, ...] = (32, 64, 128, 256)
    outputs: int = 3
    residual: bool = True
    style: bool = True
    concatenate: bool = False

    def __post_init__(self) -> None:
        """Refuse a network that cannot be built."""
        if self.channels_in < 1 or self.outputs < 1 or not self.base or min(self.base) < 1:
            raise InvalidParameterError(
                "A network needs at least one channel in, one out and one level; it has "
                f"{self.channels_in} in, {self.outputs} out and the levels {self.base}.",
                "Use the default Architecture() for Cellpose's own network.",
            )

    @classmethod
    def plain_unet(cls, channels_in: int = 2, outputs: int = 3) -> Architecture:
        """Give the plain U-Net of the paper's ablations: no residuals, no style, concatenation."""
        return cls(channels_in, outputs=outputs, residual=False, style=False, concatenate=True)

    @property
    def style_size(self) -> int:
        """Length of the style vector: the feature channels of the deepest level."""
        return self.base[-1]

    @property
    def divisor(self) -> int:
        """Number that the height and width of an input must be multiples of."""
        return int(LEVEL_REDUCTION ** (len(self.base) - 1))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the header of a weights file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Architecture:
        """Read what `to_dict` wrote.

        Raises
        ------
        InvalidParameterError
            If there are fields of another kind or of another version of Cellwire.
        """
        try:
            return cls(**{**values, "base": tuple(int(width) for width in values["base"])})
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidParameterError(
                f"The description of the network is not one Cellwire knows: {values!r}.",
                "Was the model made by a newer version of Cellwire? Then update this one.",
            ) from error
