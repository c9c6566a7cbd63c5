"""Stacks of planes: which images are taken as such, and what the engine is told about them."""

from __future__ import annotations

import logging
import math
from typing import Any, Dict

from cellwire_cellprofiler import choices
from cellwire_cellprofiler.errors import RunCellwireError, UnusableImageError
from cellwire_cellprofiler.stack_files import look_at

_LOG = logging.getLogger(__name__)
_SAME = 0.1
"""A file's anisotropy that differs less from 1 is no reason to ask."""

_NO_PLANES = {
    "T": "frames of a time series, each of which is an image set of its own",
    "C": "channels, each of which is an image of its own",
    "S": "the colours of one plane, which ColorToGray makes grey",
}
"""By the letter of a TIFF's axis: what CellProfiler reads as planes where Z is missing."""


def in_3d(module: Any) -> bool:
    """Whether stacks are segmented in three dimensions, rather than stitched from planes."""
    return bool(module.stack_mode == choices.STACK_VOLUME)


def orthogonal_model(module: Any) -> str:
    """Give the name of the model for planes along Z; empty where it is the one for all planes."""
    name = str(module.orthogonal_model.value).strip()
    return name if in_3d(module) and name != choices.SAME_MODEL else ""


def check_volume(name: str, image: Any) -> None:
    """Refuse what CellProfiler took for a grey stack and is none.

    Parameters
    ----------
    name
        Name of the image.
    image
        CellProfiler's image, of three dimensions.

    Raises
    ------
    UnusableImageError
        If it has one plane, several channels, or its file says that its planes are the frames of
        a time series, channels or colours.
    """
    shape = image.pixel_data.shape
    size = " x ".join(str(length) for length in shape)
    if image.multichannel:
        raise UnusableImageError(
            f"RunCellwire: the image {name} has four axes ({size}); a stack of one stain has three "
            "(Z, Y, X). Save each channel, and each frame of a time series, as a file of its own, "
            "as with ImageJ's Image > Color > Split Channels."
        )
    if len(shape) != 3 or shape[0] < 2:
        raise UnusableImageError(
            f"RunCellwire: the image {name} has one plane ({size}), and NamesAndTypes processes it "
            "as 3D, for which it needs at least 2. Set 'Process as 3D?' there to No, or load the "
            "whole stack from one file."
        )
    axes = look_at(image).axes
    wrong = [_NO_PLANES[axis] for axis in axes if axis in _NO_PLANES]
    if len(axes) == 3 and wrong:
        raise UnusableImageError(
            f"RunCellwire: the image {name} ({size}) is processed as 3D and is no stack: its file "
            f"{image.file_name} holds {wrong[0]}. Set 'Process as 3D?' in NamesAndTypes to No. If "
            "they are planes along Z, let the file say so: in ImageJ, Image > Properties."
        )


def anisotropy(module: Any, name: str, image: Any) -> float:
    """Give the distance of two planes over the side of a pixel.

    Parameters
    ----------
    module
        The module with its settings.
    name
        Name of the image.
    image
        CellProfiler's stack; its spacing is that of NamesAndTypes.

    Raises
    ------
    RunCellwireError
        If it is not above 0.
    """
    entered = (
        module.stack_mode == choices.STACK_VOLUME
        and module.anisotropy_choice == choices.ANISOTROPY_ENTERED
    )
    if entered:
        value = float(module.anisotropy.value)
        where = f"(Setting: {choices.ANISOTROPY}.)"
    else:
        along, first, second = (float(length) for length in image.spacing)
        # The side of a square with the pixel's area, whichever of the two is X.
        value = along / math.sqrt(first * second) if first * second > 0 else math.nan
        where = f"It comes from the relative spacing of {name} in NamesAndTypes."
    if not (math.isfinite(value) and value > 0):
        raise RunCellwireError(
            "RunCellwire: the anisotropy, which is the distance of two planes over the side of a "
            f"pixel, must be above 0; it is {value:g}. {where}"
        )
    return value


def stack_parameters(module: Any, name: str, image: Any) -> Dict[str, Any]:
    """Give what the engine is told of a stack.

    Parameters
    ----------
    module
        The module with its settings.
    name, image
        The image, and its name.

    Returns
    -------
    dict
        Arguments of `cellwire_client.Engine.segment`; empty for an image that is no stack.

    Raises
    ------
    RunCellwireError
        If the anisotropy is not above 0, or nobody has entered it.
    """
    if not image.volumetric:
        return {}
    wishes: Dict[str, Any] = {"axes": "ZYX"}
    if module.stack_mode == choices.STACK_VOLUME:
        wishes["stack"] = "volume"
        _check_spacing(module, name, image)
        wishes["anisotropy"] = anisotropy(module, name, image)
        wishes["flow_smoothing"] = module.flow_smoothing.value
        wishes["half_precision"] = bool(module.half_precision)
        wishes["orthogonal_model"] = orthogonal_model(module)
    else:
        wishes["stack"] = "stitched"
        wishes["stitch_threshold"] = module.stitch_threshold.value
    scopes = {choices.INTENSITIES_STACK: "frame", choices.INTENSITIES_PLANE: "plane"}
    if module.intensity_scope.value in scopes:
        wishes["intensity_scope"] = scopes[module.intensity_scope.value]
    return wishes


def _check_spacing(module: Any, name: str, image: Any) -> None:
    """Refuse the spacing that NamesAndTypes has while nothing is entered, if the file has another.

    CellProfiler takes planes to be as far apart as pixels then.
    """
    if module.anisotropy_choice == choices.ANISOTROPY_ENTERED or set(image.spacing) != {1}:
        return
    known = look_at(image).anisotropy
    if known is None:
        _LOG.warning(
            "The planes of %s are taken to be as far apart as its pixels, as the relative spacing "
            "in NamesAndTypes says.",
            name,
        )
    elif abs(known - 1) > _SAME:
        raise RunCellwireError(
            "RunCellwire: by the relative spacing in NamesAndTypes, 1 : 1 : 1, the planes of "
            f"{name} are as far apart as its pixels; its file {image.file_name} says {known:.3g} "
            f"times as far. Enter the spacing there, or choose '{choices.ANISOTROPY_ENTERED}' in "
            f"RunCellwire. (Setting: {choices.DISTANCE}.)"
        )
