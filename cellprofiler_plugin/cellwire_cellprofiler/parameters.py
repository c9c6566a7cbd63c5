"""From the settings to the arguments of a segmentation."""

from __future__ import annotations

import logging
from typing import Any, Dict, Optional

import numpy as np

from cellwire_cellprofiler import choices

_LOG = logging.getLogger(__name__)


def object_parameters(
    module: Any, object_set: Any, anisotropy: Optional[float] = None
) -> Dict[str, Any]:
    """Give the arguments for the module's main objects.

    Parameters
    ----------
    module
        The module.
    object_set
        CellProfiler's, for a diameter that is measured from objects.
    anisotropy
        Distance of two planes over the side of a pixel, ``None`` for an image of one plane.

    Returns
    -------
    dict
        Arguments of `cellwire_client.Engine.segment`; what the model decides is left out.
    """
    parameters: Dict[str, Any] = {
        "diameter": _diameter(module, object_set, anisotropy),
        "min_size": module.min_size.value,
        "max_size": module.max_size.value,
        "exclude_on_edges": module.exclude_border.value,
    }
    if not module.own_parameters:
        parameters.update(
            flow_threshold=module.flow_threshold.value,
            cellprob_threshold=module.cellprob_threshold.value,
            niter=module.niter.value,
            augment=module.augment.value,
            percentiles=(module.percentiles.min, module.percentiles.max),
            invert=module.invert.value,
        )
    return parameters


def nuclei_parameters(module: Any) -> Dict[str, Any]:
    """Give the arguments for the nuclei: the model's own, but for diameter and border."""
    return {
        "diameter": module.nuclei_diameter.value or None,
        "exclude_on_edges": module.exclude_border.value,
    }


def median_diameter(areas: Any) -> Optional[float]:
    """Give the median diameter of discs with these areas in pixels, ``None`` if there are none."""
    areas = np.asarray(areas, float)
    areas = areas[areas > 0]
    return float(np.sqrt(4 * np.median(areas) / np.pi)) if len(areas) else None


def median_ball_diameter(volumes: Any, anisotropy: float) -> Optional[float]:
    """Give the median diameter in pixels of balls with these volumes in voxels, ``None`` for none.

    Parameters
    ----------
    volumes
        (n,) voxels of each object.
    anisotropy
        Distance of two planes over the side of a pixel.
    """
    volumes = np.asarray(volumes, float)
    volumes = volumes[volumes > 0]
    return float(np.cbrt(6 * anisotropy * np.median(volumes) / np.pi)) if len(volumes) else None


def _diameter(module: Any, object_set: Any, anisotropy: Optional[float]) -> Optional[float]:
    if module.diameter_choice == choices.DIAMETER_PIXELS:
        return float(module.diameter.value)
    if module.diameter_choice == choices.DIAMETER_OBJECTS:
        name = module.diameter_objects.value
        sizes = object_set.get_objects(name).areas
        if anisotropy is None:
            found = median_diameter(sizes)
        else:
            found = median_ball_diameter(sizes, anisotropy)
        if found is None:
            _LOG.warning("There are no objects %s here; the diameter is automatic.", name)
        return found
    return None
