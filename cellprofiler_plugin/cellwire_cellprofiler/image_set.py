"""What the module does with an image set: images in, objects, images and measurements out."""

from __future__ import annotations

import logging
from typing import Any, Mapping, NamedTuple, Optional

import numpy as np
from cellprofiler_core.constants.workspace import DISPOSITION_SKIP
from cellprofiler_core.image import Image
from cellprofiler_core.object import Objects

from cellwire_cellprofiler import (
    choices,
    display,
    measurements,
    parameters,
    pixels,
    relating,
    volumes,
)
from cellwire_cellprofiler.errors import UnreachableError
from cellwire_cellprofiler.label_sets import LabelSets, keep, label_sets
from cellwire_cellprofiler.masked_stack import segment_masked_stack
from cellwire_cellprofiler.request import Deadline, Found, Wish, segment

_LOG = logging.getLogger(__name__)


class Inputs(NamedTuple):
    """What is segmented.

    Attributes
    ----------
    image, nucleus
        CellProfiler's images.
    mask
        (Y, X) or (Z, Y, X), that they have together; ``None`` if they have none.
    anisotropy
        Distance of two planes over the side of a pixel; ``None`` where the images are planes.
    stack
        What the engine is told of a stack.
    """

    image: Any
    nucleus: Optional[Any]
    mask: Any
    anisotropy: Optional[float] = None
    stack: Mapping[str, Any] = {}


class Identified(NamedTuple):
    """Objects of one kind, and the request that found them."""

    sets: LabelSets
    found: Found


def run(module: Any, workspace: Any) -> None:
    """Segment the images of an image set and store all that comes of it.

    Parameters
    ----------
    module
        The module with its settings.
    workspace
        CellProfiler's.

    Raises
    ------
    UnusableImageError
        If an image is in colour, processed as 3D and no stack, or of another size than the other.
    RunCellwireError
        If the engine refuses, or is away and the run is to stop then.
    """
    inputs = _inputs(module, workspace.image_set)
    priority = "interactive" if workspace.pipeline.test_mode else "batch"
    deadline = Deadline(module.time_limit.value)
    try:
        wish = _wish(
            module,
            inputs,
            parameters.object_parameters(module, workspace.object_set, inputs.anisotropy),
        )
        cells = _identify(module, wish, inputs, deadline, priority)
        nuclei = None
        if module.makes_nuclei:
            wish = _nuclei_wish(module, inputs)
            nuclei = _identify(module, wish, inputs, deadline, priority)
    except UnreachableError as error:
        if module.when_unreachable != choices.SKIP:
            raise
        _LOG.error("The image set %s is skipped. %s", _number(workspace), error)
        measurements.add_skipped(workspace.measurements, module.y_name.value, True)
        workspace.disposition = DISPOSITION_SKIP
        return
    measurements.add_skipped(workspace.measurements, module.y_name.value, False)
    store(module, workspace, inputs, cells, nuclei)


def _inputs(module: Any, image_set: Any) -> Inputs:
    name = module.x_name.value
    image = pixels.grey_image(image_set, name)
    nucleus = None
    if not module.nucleus_name.is_blank:
        nucleus_name = module.nucleus_name.value
        nucleus = pixels.grey_image(image_set, nucleus_name)
        pixels.check_same_size(name, image, nucleus_name, nucleus)
    mask = pixels.common_mask(image, nucleus)
    if not image.volumetric:
        return Inputs(image, nucleus, mask)
    stack = volumes.stack_parameters(module, name, image)
    return Inputs(image, nucleus, mask, volumes.anisotropy(module, name, image), stack)


def _wish(module: Any, inputs: Inputs, arguments: Any) -> Wish:
    return Wish(
        pixels=pixels.counts(inputs.image.pixel_data, inputs.image.scale),
        model=module.model.value.strip(),
        parameters=arguments,
        nucleus=_nucleus_pixels(inputs),
        mask=inputs.mask,
        probability=bool(module.save_probability),
        flows=bool(module.save_flows),
        stack=inputs.stack,
    )


def _nuclei_wish(module: Any, inputs: Inputs) -> Wish:
    # Another model for planes along Z is one for the cells.
    stack = {name: value for name, value in inputs.stack.items() if name != "orthogonal_model"}
    return Wish(
        pixels=_nucleus_pixels(inputs),
        model=module.nuclei_model.value.strip(),
        parameters=parameters.nuclei_parameters(module),
        mask=inputs.mask,
        stack=stack,
    )


def _nucleus_pixels(inputs: Inputs) -> Any:
    if inputs.nucleus is None:
        return None
    return pixels.counts(inputs.nucleus.pixel_data, inputs.nucleus.scale)


def _identify(
    module: Any, wish: Wish, inputs: Inputs, deadline: Deadline, priority: str
) -> Identified:
    if inputs.anisotropy is not None and wish.mask is not None:
        found = segment_masked_stack(module.place, wish, inputs.anisotropy, deadline, priority)
    else:
        found = segment(module.place, wish, deadline, priority)
    return Identified(label_sets(found.unedited, found.removed), found)


def store(
    module: Any, workspace: Any, inputs: Inputs, cells: Identified, nuclei: Optional[Identified]
) -> None:
    """Give CellProfiler the objects, images and measurements, and the window what it shows.

    Parameters
    ----------
    module, workspace
        The module, and CellProfiler's workspace.
    inputs
        The images.
    cells, nuclei
        What was found; `nuclei` is ``None`` where they are not wanted.
    """
    relation = None
    if nuclei is not None:
        relation = relating.relate(cells.sets.segmented, nuclei.sets.segmented)
        if module.one_nucleus:
            pairs = relating.pair(relation)
            cells = cells._replace(sets=keep(cells.sets, pairs.cells))
            nuclei = nuclei._replace(sets=keep(nuclei.sets, pairs.nuclei))
            relation = relating.paired(pairs, relation)
    probability = _store_images(module, workspace, inputs, cells.found)
    _store_objects(module, workspace, module.y_name.value, cells, inputs.image)
    if module.show_window:
        display.fill(
            workspace.display_data,
            module.y_name.value,
            _number(workspace),
            inputs.image.pixel_data,
            cells.sets,
            cells.found,
            probability,
            inputs.anisotropy,
        )
    if nuclei is None or relation is None:
        return
    name = module.nuclei_name.value
    _store_objects(module, workspace, name, nuclei, inputs.nucleus)
    measurements.add_relation(
        workspace.measurements, module.module_num, module.made, relation.parents, cells.sets.number
    )
    if module.show_window:
        related = int(np.count_nonzero(relation.parents))
        display.fill_nuclei(workspace.display_data, name, nuclei.sets, related)


def _store_objects(module: Any, workspace: Any, name: str, made: Identified, image: Any) -> None:
    objects = Objects()
    objects.segmented = made.sets.segmented
    objects.unedited_segmented = made.sets.unedited
    objects.small_removed_segmented = made.sets.small_removed
    objects.parent_image = image
    workspace.object_set.add_objects(objects, name)
    module.add_measurements(workspace, name)
    stacks = bool(workspace.pipeline.volumetric())
    measurements.add_found(workspace.measurements, name, made.found, stacks)


def _store_images(module: Any, workspace: Any, inputs: Inputs, found: Found) -> Any:
    """Store what is to be kept beside the objects; give the probability, if that is."""
    probability = None
    if found.probability is not None:
        probability = (1.0 / (1.0 + np.exp(-found.probability))).astype(np.float32)
        image = _image(probability, inputs)
        workspace.image_set.add(module.probability_name.value, image)
    if found.flows is not None:
        channels = np.ascontiguousarray(np.moveaxis(found.flows, 0, -1))
        image = _image(channels, inputs, channelstack=True)
        workspace.image_set.add(module.flows_name.value, image)
    return probability


def _image(values: Any, inputs: Inputs, **more: Any) -> Any:
    parent = inputs.image
    return Image(values, parent_image=parent, convert=False, dimensions=parent.dimensions, **more)


def _number(workspace: Any) -> int:
    return int(workspace.measurements.image_set_number)
