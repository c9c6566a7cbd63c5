"""What the module measures, and the columns that say so beforehand."""

from __future__ import annotations

from typing import Any, List, NamedTuple, Tuple

import numpy as np
from cellprofiler_core.constants.measurement import (
    C_CHILDREN,
    C_COUNT,
    C_LOCATION,
    C_NUMBER,
    C_PARENT,
    COLTYPE_FLOAT,
    COLTYPE_INTEGER,
    COLTYPE_VARCHAR_FORMAT,
    FF_CHILDREN_COUNT,
    FF_PARENT,
    FTR_CENTER_X,
    FTR_CENTER_Y,
    FTR_CENTER_Z,
    FTR_OBJECT_NUMBER,
    IMAGE,
    MCA_AVAILABLE_EACH_CYCLE,
    R_PARENT,
)

from cellwire_cellprofiler.relating import children_counts

CATEGORY = "Cellwire"
"""Image measurements are called ``Cellwire_FEATURE_OBJECTS``."""

SKIPPED = "Skipped"
FEATURES = (
    ("EngineVersion", COLTYPE_VARCHAR_FORMAT % 32),
    ("Model", COLTYPE_VARCHAR_FORMAT % 128),
    ("ModelDigest", COLTYPE_VARCHAR_FORMAT % 64),
    ("Diameter", COLTYPE_FLOAT),
    ("Seconds", COLTYPE_FLOAT),
)
"""Of the request that made a set of objects, and their types."""

STACK_FEATURES = (("Anisotropy", COLTYPE_FLOAT),)
"""More of them, where images are processed as 3D."""

Column = Tuple[str, str, str]


class Made(NamedTuple):
    """Names of the objects that the module makes; `nuclei` is empty where there are none."""

    objects: str
    nuclei: str = ""

    @property
    def names(self) -> Tuple[str, ...]:
        """All names."""
        return (self.objects, self.nuclei) if self.nuclei else (self.objects,)


def feature(name: str, objects: str) -> str:
    """Name an image measurement in full."""
    return f"{CATEGORY}_{name}_{objects}"


def features(stacks: bool) -> Tuple[Tuple[str, str], ...]:
    """List what is measured of a request, and its types; `stacks` = images are processed as 3D."""
    return FEATURES + STACK_FEATURES if stacks else FEATURES


def image_columns(made: Made, stacks: bool) -> List[Column]:
    """List the image measurements beyond those of the base class."""
    columns = [(IMAGE, feature(SKIPPED, made.objects), COLTYPE_INTEGER)]
    for name in made.names:
        columns += [(IMAGE, feature(each, name), kind) for each, kind in features(stacks)]
    return columns


def relation_columns(made: Made) -> List[Column]:
    """List the object measurements that relate nuclei and cells."""
    if not made.nuclei:
        return []
    return [
        (made.objects, FF_CHILDREN_COUNT % made.nuclei, COLTYPE_INTEGER),
        (made.nuclei, FF_PARENT % made.objects, COLTYPE_INTEGER),
    ]


def categories(made: Made, object_name: str) -> List[str]:
    """List the categories of what is measured of the image or of objects."""
    if object_name == IMAGE:
        return [C_COUNT, CATEGORY]
    if object_name not in made.names:
        return []
    found = [C_LOCATION, C_NUMBER]
    if made.nuclei:
        found.append(C_CHILDREN if object_name == made.objects else C_PARENT)
    return found


def of_category(made: Made, object_name: str, category: str, stacks: bool) -> List[str]:
    """List the measurements of a category."""
    if category not in categories(made, object_name):
        return []
    return {
        C_COUNT: list(made.names),
        CATEGORY: [SKIPPED, *(name for name, _ in features(stacks))],
        C_LOCATION: [FTR_CENTER_X, FTR_CENTER_Y, FTR_CENTER_Z],
        C_NUMBER: [FTR_OBJECT_NUMBER],
        C_CHILDREN: [f"{made.nuclei}_Count"],
        C_PARENT: [made.objects],
    }[category]


def about(made: Made, category: str, measurement: str, stacks: bool) -> List[str]:
    """List the objects that an image measurement is about."""
    if category != CATEGORY or measurement not in of_category(made, IMAGE, CATEGORY, stacks):
        return []
    return [made.objects] if measurement == SKIPPED else list(made.names)


def relationships(made: Made) -> List[Tuple[str, str, str, str]]:
    """List the relationships as ExportToDatabase asks for them."""
    if not made.nuclei:
        return []
    return [(R_PARENT, made.objects, made.nuclei, MCA_AVAILABLE_EACH_CYCLE)]


def add_skipped(measurements: Any, objects: str, skipped: bool) -> None:
    """Mark the image set as skipped, or not."""
    measurements.add_image_measurement(feature(SKIPPED, objects), int(skipped))


def add_found(measurements: Any, objects: str, found: Any, stacks: bool) -> None:
    """Add what made a set of objects.

    Parameters
    ----------
    measurements
        CellProfiler's.
    objects
        Name of the objects.
    found
        A `cellwire_cellprofiler.request.Found`.
    stacks
        Whether images are processed as 3D.
    """
    values = (
        found.engine_version,
        found.model,
        found.digest,
        found.diameter,
        found.seconds,
        found.anisotropy,
    )
    for (name, _), value in zip(features(stacks), values):
        measurements.add_image_measurement(feature(name, objects), value)


def add_relation(
    measurements: Any, module_number: int, made: Made, parents: Any, cells: int
) -> None:
    """Add which nucleus is whose child.

    Parameters
    ----------
    measurements
        CellProfiler's.
    module_number
        Of the module that relates.
    made
        Names of cells and nuclei.
    parents
        (number of nuclei,) cell of each nucleus, 0 = none.
    cells
        Number of cells.
    """
    counts = children_counts(parents, cells)
    measurements.add_measurement(made.objects, FF_CHILDREN_COUNT % made.nuclei, counts)
    measurements.add_measurement(made.nuclei, FF_PARENT % made.objects, parents)
    related = np.flatnonzero(parents)
    image = np.full(len(related), measurements.image_set_number)
    measurements.add_relate_measurement(
        module_number,
        R_PARENT,
        made.objects,
        made.nuclei,
        image,
        parents[related],
        image,
        related + 1,
    )
