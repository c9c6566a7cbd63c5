"""Between the words of the client and those of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cellwire.cli.wishes import Wishes
    from cellwire.images.spec import Calibration
    from cellwire.jobs.stack import StackWishes
    from cellwire.segmentation.result import Segmentation
    from cellwire.segmentation.volume.stack import StackSegmentation

_FOR_KIND = {
    "labels": ("labels",),
    "rois": ("rois",),
    "flows": ("flows",),
    "cellprob": ("cellprob",),
    "style": ("style",),
    "unedited": ("unedited_labels",),
    "table": ("table",),
    "overlay": ("labels", "flows", "cellprob"),
    "seg": ("labels", "flows", "cellprob"),
}
"""What an engine must send for each kind of file."""

_NORMALISATION = {
    "enabled": "normalise",
    "percentiles": "percentiles",
    "fixed_range": "intensity_range",
    "tile_blocksize": "tile_blocksize",
    "invert": "invert",
}
"""What the client calls the parameters of the normalisation."""


def outputs_for(kinds: Sequence[str], *, is_stack: bool) -> list[str]:
    """List what an engine must send for these kinds of files."""
    names = _FOR_KIND | ({"overlay": ("labels",)} if is_stack else {})
    return list(dict.fromkeys(("labels", *(name for kind in kinds for name in names[kind]))))


def pixel_size(
    calibration: Calibration,
) -> tuple[float, float] | tuple[float, float, float] | None:
    """Give (y, x), or (z, y, x) where the distance of planes is known, in µm."""
    if calibration.y is None or calibration.x is None:
        return None
    if calibration.z is None:
        return calibration.y, calibration.x
    return calibration.z, calibration.y, calibration.x


def as_options(wishes: Wishes) -> dict[str, Any]:
    """Name the parameters as the client does; what was not given stays unset."""
    options = dict(wishes.given)
    normalisation = options.pop("normalisation", {})
    options |= {_NORMALISATION[name]: value for name, value in normalisation.items()}
    diameter = wishes.diameter
    if diameter.automatic:
        options["diameter"] = "auto"
    elif diameter.micrometres is not None:
        options["diameter"] = f"{diameter.micrometres!r}um"
    elif diameter.pixels is not None:
        options["diameter"] = diameter.pixels
    return options if wishes.stack is None else options | _as_stack_options(wishes.stack)


def as_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the client's names of parameters into the engine's; the diameter is left out."""
    given = {name: value for name, value in options.items() if name != "diameter"}
    own = {ours: given.pop(name) for ours, name in _NORMALISATION.items() if name in given}
    return {**given, "normalisation": own}


def as_segmentation(result: Any) -> Segmentation:
    """Turn the client's result of a plane into the engine's; what was not sent is empty."""
    import numpy as np

    from cellwire.segmentation.result import Removal, Segmentation

    none = np.zeros((0, 0), np.float32)
    outputs = result.outputs
    return Segmentation(
        labels=np.asarray(result.labels, np.uint32),
        unedited_labels=np.asarray(outputs.get("unedited_labels", result.labels), np.uint32),
        removed={label: Removal(why) for label, why in result.removed.items()},
        flows=outputs.get("flows", none),
        cellprob=outputs.get("cellprob", none),
        style=outputs.get("style", np.zeros(0, np.float32)),
        diameter=result.diameter,
        median_diameter=result.median_diameter,
        seconds=dict(result.seconds),
    )


def as_stack(result: Any, wishes: StackWishes, calibration: Calibration) -> StackSegmentation:
    """Turn the client's result of a stack into the engine's; what was not sent is empty."""
    import numpy as np

    from cellwire.jobs.stack import StackMode
    from cellwire.segmentation.volume.stack import StackSegmentation

    none = np.zeros((0,) * len(result.axes), np.float32)
    outputs = result.outputs
    styles = outputs.get("style", np.zeros((0, 256), np.float32))
    anisotropy = 1.0
    if wishes.mode is StackMode.VOLUME:
        anisotropy = wishes.anisotropy or (calibration.z or 1.0) / (calibration.pixel or 1.0)
    return StackSegmentation(
        axes=result.axes,
        restarts=wishes.restarts(result.axes),
        labels=np.asarray(result.labels, np.uint32),
        flows=outputs.get("flows", none[np.newaxis]),
        cellprob=outputs.get("cellprob", none),
        styles=styles.reshape(-1, styles.shape[-1]),
        diameters=result.diameters,
        median_diameters=result.median_diameters,
        count=result.count,
        anisotropy=anisotropy,
        seconds=dict(result.seconds),
    )


def _as_stack_options(stack: StackWishes) -> dict[str, Any]:
    return {
        "stack": str(stack.mode),
        "link_frames": stack.link_frames,
        "anisotropy": stack.anisotropy,
        "stitch_threshold": stack.stitch_threshold,
        "link_threshold": stack.link_threshold,
        "flow_smoothing": stack.flow_smoothing,
        "intensity_scope": None if stack.intensity_scope is None else str(stack.intensity_scope),
        "half_precision": stack.half_precision,
        "orthogonal_model": stack.orthogonal_model,
    }
