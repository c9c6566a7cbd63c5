"""Settings that only stacks have, added by revision 2."""

from __future__ import annotations

from typing import Any, List

from cellprofiler_core.setting import Binary, Divider
from cellprofiler_core.setting.choice import Choice, CustomChoice
from cellprofiler_core.setting.text import Float

from cellwire_cellprofiler import choices
from cellwire_cellprofiler.setting_help import DOC
from cellwire_cellprofiler.volumes import in_3d


def create(module: Any) -> None:
    """Make the settings as attributes of the module, and `shows_stacks`: whether they are shown."""
    module.shows_stacks = False
    module.stack_mode = Choice(
        "How the planes of a stack belong together", choices.STACK_MODES, doc=DOC["stack_mode"]
    )
    module.stitch_threshold = Float(
        "Least overlap of objects that are one",
        0.25,
        minval=0.0,
        maxval=1.0,
        doc=DOC["stitch_threshold"],
    )
    module.anisotropy_choice = Choice(
        choices.DISTANCE, choices.ANISOTROPIES, doc=DOC["anisotropy_choice"]
    )
    # Without limits: CellProfiler silently replaces a value beyond them by the default.
    module.anisotropy = Float(choices.ANISOTROPY, 1.0, doc=DOC["anisotropy"])
    module.flow_smoothing = Float(
        "Smoothing of the flows, in voxels", 0.0, minval=0.0, doc=DOC["flow_smoothing"]
    )
    module.intensity_scope = Choice(
        "What shares one range of intensities", choices.INTENSITIES, doc=DOC["intensity_scope"]
    )
    module.known_orthogonal_models = [choices.SAME_MODEL, *choices.SHIPPED_MODELS]
    module.orthogonal_model = CustomChoice(
        choices.ORTHOGONAL_MODEL,
        module.known_orthogonal_models,
        choices.SAME_MODEL,
        doc=DOC["orthogonal_model"],
    )
    module.half_precision = Binary(
        "Add the flows up in half precision?", False, doc=DOC["half_precision"]
    )
    module.stacks_divider = Divider(line=True)


def stored(module: Any) -> List[Any]:
    """List the settings as pipeline files hold them."""
    return [
        module.stack_mode,
        module.stitch_threshold,
        module.anisotropy_choice,
        module.anisotropy,
        module.flow_smoothing,
        module.intensity_scope,
        module.orthogonal_model,
        module.half_precision,
    ]


def visible(module: Any) -> List[Any]:
    """List the settings that matter for stacks, in the order in which they are shown."""
    shown = [module.stacks_divider, module.stack_mode]
    if in_3d(module):
        shown.append(module.anisotropy_choice)
        if module.anisotropy_choice == choices.ANISOTROPY_ENTERED:
            shown.append(module.anisotropy)
        shown += [module.flow_smoothing, module.orthogonal_model, module.half_precision]
    else:
        shown.append(module.stitch_threshold)
    return [*shown, module.intensity_scope]
