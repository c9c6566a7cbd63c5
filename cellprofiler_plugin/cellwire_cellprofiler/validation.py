"""Checks of the settings that need no engine; CellProfiler makes them while the user types."""

from __future__ import annotations

from typing import Any

from cellprofiler_core.setting import ValidationError

from cellwire_cellprofiler import choices, libraries, volumes
from cellwire_cellprofiler.errors import MissingLibraryError


def validate(module: Any) -> None:
    """Refuse settings that cannot work.

    Raises
    ------
    cellprofiler_core.setting.ValidationError
        Beside the setting that is wrong.
    """
    try:
        address = libraries.part("address")
    except MissingLibraryError as error:
        raise ValidationError(str(error), module.address) from None
    try:
        address.parse_address(module.address.value)
    except ValueError as error:
        raise ValidationError(str(error), module.address) from None
    if not module.model.value.strip():
        raise ValidationError("Choose a model, or type its name.", module.model)
    if module.makes_nuclei:
        if not module.nuclei_model.value.strip():
            raise ValidationError("Choose a model, or type its name.", module.nuclei_model)
        if module.nuclei_name.value == module.y_name.value:
            raise ValidationError(
                f"Cells and nuclei are both called {module.y_name.value}.", module.nuclei_name
            )
    if 0 < module.max_size.value < module.min_size.value:
        raise ValidationError(
            f"The maximum size is {module.max_size.value}, the minimum size "
            f"{module.min_size.value}: nothing would be left.",
            module.max_size,
        )
    low, high = module.percentiles.min, module.percentiles.max
    if not module.own_parameters and low >= high:
        raise ValidationError(
            f"The lower percentile ({low:g}) must be below the upper one ({high:g}).",
            module.percentiles,
        )
    entered = volumes.in_3d(module) and module.anisotropy_choice == choices.ANISOTROPY_ENTERED
    if module.shows_stacks and entered and not 0 < module.anisotropy.value < float("inf"):
        raise ValidationError(
            "The distance of two planes over the side of a pixel must be above 0; it is "
            f"{module.anisotropy.value:g}.",
            module.anisotropy,
        )
