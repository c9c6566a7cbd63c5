"""The module's settings, in the order in which pipeline files hold them.

New settings are appended to `stored`, with a new revision and a step in `upgrade`; none is ever
moved, renamed in its options, or taken out.
"""

from __future__ import annotations

from typing import Any, Callable, List

from cellprofiler_core.setting import Binary, Divider
from cellprofiler_core.setting.choice import Choice, CustomChoice
from cellprofiler_core.setting.do_something import DoSomething
from cellprofiler_core.setting.range import FloatRange
from cellprofiler_core.setting.subscriber import ImageSubscriber, LabelSubscriber
from cellprofiler_core.setting.text import Float, ImageName, Integer, LabelName, Text

from cellwire_cellprofiler import choices, setting_help, stack_settings, volumes
from cellwire_cellprofiler.file_setting import OptionalFile


def create(module: Any, test_connection: Callable[[], None]) -> None:
    """Make the settings as attributes of the module, whose base class made `x_name`, `y_name`.

    Parameters
    ----------
    module
        The module.
    test_connection
        Called when the button is pressed.
    """
    doc = setting_help.DOC
    module.x_name.doc = doc["x_name"]
    module.y_name.doc = doc["y_name"]
    module.y_name.value = "Nuclei"
    module.nucleus_name = ImageSubscriber(
        "Select the image of the nuclei",
        can_be_blank=True,
        blank_text=choices.NO_IMAGE,
        doc=doc["nucleus_name"],
    )
    module.address = Text(choices.ADDRESS, "127.0.0.1:50051", doc=doc["address"])
    module.token_file = OptionalFile(choices.TOKEN_FILE, "", doc=doc["token_file"])
    module.certificate_file = OptionalFile(
        choices.CERTIFICATE_FILE,
        "",
        wildcard="Certificates (*.pem)|*.pem|All files (*.*)|*.*",
        doc=doc["certificate_file"],
    )
    module.test_button = DoSomething("", "Test connection", test_connection, doc=doc["test_button"])
    module.known_models = list(choices.SHIPPED_MODELS)
    module.model = CustomChoice(choices.MODEL, module.known_models, "nuclei", doc=doc["model"])
    module.wants_nuclei = Binary(
        "Also identify the nuclei, related to their cells?", False, doc=doc["wants_nuclei"]
    )
    module.nuclei_name = LabelName("Name the nuclei", "CellNuclei", doc=doc["nuclei_name"])
    module.nuclei_model = CustomChoice(
        choices.NUCLEI_MODEL, module.known_models, "nuclei", doc=doc["nuclei_model"]
    )
    module.nuclei_diameter = Float(
        "Diameter of the nuclei, in pixels", 0.0, minval=0.0, doc=doc["nuclei_diameter"]
    )
    module.one_nucleus = Binary(
        "Keep only cells with a nucleus, and one nucleus in each?", False, doc=doc["one_nucleus"]
    )
    module.diameter_choice = Choice(
        "Diameter of the objects", choices.DIAMETERS, doc=doc["diameter_choice"]
    )
    module.diameter = Float("Diameter in pixels", 30.0, minval=1.0, doc=doc["diameter"])
    module.diameter_objects = LabelSubscriber(
        "Select the objects to measure the diameter of", "None", doc=doc["diameter_objects"]
    )
    stack_settings.create(module)
    _create_parameters(module, doc)
    _create_outputs(module, doc)


def _create_parameters(module: Any, doc: Any) -> None:
    module.own_parameters = Binary(
        "Use the model's own thresholds and intensities?", True, doc=doc["own_parameters"]
    )
    module.flow_threshold = Float(
        "Flow threshold", 0.4, minval=0.0, maxval=100.0, doc=doc["flow_threshold"]
    )
    module.cellprob_threshold = Float(
        "Cell probability threshold", 0.0, minval=-50.0, maxval=50.0, doc=doc["cellprob_threshold"]
    )
    module.niter = Integer("Number of steps (niter)", 0, minval=0, maxval=100_000, doc=doc["niter"])
    module.augment = Binary("Average over flipped tiles?", False, doc=doc["augment"])
    module.percentiles = FloatRange(
        "Percentiles that become black and white",
        (1.0, 99.0),
        minval=0.0,
        maxval=100.0,
        doc=doc["percentiles"],
    )
    module.invert = Binary("Are the objects darker than the ground?", False, doc=doc["invert"])
    module.min_size = Integer(
        "Minimum size, in pixels of area or voxels", 15, minval=0, doc=doc["min_size"]
    )
    module.max_size = Integer(
        "Maximum size, in pixels of area or voxels", 0, minval=0, doc=doc["max_size"]
    )
    module.exclude_border = Binary(
        "Discard objects touching the border of the image or mask?", True, doc=doc["exclude_border"]
    )


def _create_outputs(module: Any, doc: Any) -> None:
    module.save_probability = Binary(
        "Save the probability image?", False, doc=doc["save_probability"]
    )
    module.probability_name = ImageName(
        "Name the probability image", "Probability", doc=doc["probability_name"]
    )
    module.save_flows = Binary("Save the flows?", False, doc=doc["save_flows"])
    module.flows_name = ImageName("Name the flows", "Flows", doc=doc["flows_name"])
    module.when_unreachable = Choice(
        "If the engine cannot be reached", choices.POLICIES, doc=doc["when_unreachable"]
    )
    module.time_limit = Float(choices.TIME_LIMIT, 600.0, minval=0.0, doc=doc["time_limit"])
    module.engine_divider = Divider(line=True)
    module.nuclei_divider = Divider(line=True)
    module.parameters_divider = Divider(line=True)
    module.outputs_divider = Divider(line=True)


def stored(module: Any) -> List[Any]:
    """List the settings as pipeline files hold them: revision 2."""
    return [
        module.x_name,
        module.nucleus_name,
        module.y_name,
        module.address,
        module.token_file,
        module.certificate_file,
        module.model,
        module.wants_nuclei,
        module.nuclei_name,
        module.nuclei_model,
        module.nuclei_diameter,
        module.one_nucleus,
        module.diameter_choice,
        module.diameter,
        module.diameter_objects,
        module.own_parameters,
        module.flow_threshold,
        module.cellprob_threshold,
        module.niter,
        module.augment,
        module.percentiles,
        module.invert,
        module.min_size,
        module.max_size,
        module.exclude_border,
        module.save_probability,
        module.probability_name,
        module.save_flows,
        module.flows_name,
        module.when_unreachable,
        module.time_limit,
        *stack_settings.stored(module),
    ]


def visible(module: Any) -> List[Any]:
    """List the settings that matter now, in the order in which they are shown."""
    shown = [module.x_name, module.nucleus_name, module.y_name, module.engine_divider]
    shown += [module.address, module.token_file, module.certificate_file, module.test_button]
    shown += [module.model, module.diameter_choice]
    if module.diameter_choice == choices.DIAMETER_PIXELS:
        shown.append(module.diameter)
    elif module.diameter_choice == choices.DIAMETER_OBJECTS:
        shown.append(module.diameter_objects)
    if module.shows_stacks:
        shown += stack_settings.visible(module)
    if not module.nucleus_name.is_blank:
        shown += [module.nuclei_divider, module.wants_nuclei]
        if module.wants_nuclei:
            shown += [module.nuclei_name, module.nuclei_model, module.nuclei_diameter]
            shown.append(module.one_nucleus)
    shown += [module.parameters_divider, module.own_parameters]
    if not module.own_parameters:
        if not (module.shows_stacks and volumes.in_3d(module)):
            shown.append(module.flow_threshold)
        shown += [module.cellprob_threshold, module.niter]
        shown += [module.augment, module.percentiles, module.invert]
    shown += [module.min_size, module.max_size, module.exclude_border, module.outputs_divider]
    shown.append(module.save_probability)
    if module.save_probability:
        shown.append(module.probability_name)
    shown.append(module.save_flows)
    if module.save_flows:
        shown.append(module.flows_name)
    return [*shown, module.when_unreachable, module.time_limit]
