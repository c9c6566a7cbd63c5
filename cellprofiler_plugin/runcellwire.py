"""
RunCellwire
===========

**RunCellwire** identifies cells or nuclei with the Cellpose models of a Cellwire engine.

The engine is a program of its own, on this computer or on one with a graphics card; it holds the
models ready and serves many CellProfilers at once. Start it with ``cellwire serve``. The module
stands where IdentifyPrimaryObjects would: its objects can be measured, filtered and grown by the
modules after it.

|

============ ============ ===============
Supports 2D? Supports 3D? Respects masks?
============ ============ ===============
YES          YES          YES
============ ============ ===============

See also
^^^^^^^^

See also **IdentifyPrimaryObjects**, **IdentifySecondaryObjects**, **EnforceObjectsOneToOne**.

What do I need as input?
^^^^^^^^^^^^^^^^^^^^^^^^

A single-channel image: the stain of the nuclei for the model *nuclei*, the stain of the cytoplasm
or membrane for *cyto*, which also takes an image of the nuclei to tell touching cells apart. Colour
images are made so by **ColorToGray**. Intensities need not be rescaled: the image is sent with the
counts that the camera gave, and the engine normalises it.

Where **NamesAndTypes** processes images as 3D, a stack: one TIFF or NumPy file for each stain, with
at least two planes along Z. Enter the relative pixel spacing there; CellProfiler does not read it
from the file. The settings for stacks appear then: whether the stack is segmented in three
dimensions, or its planes are segmented and stitched. The frames of a time series are image sets:
leave *Process as 3D?* at *No*, or store each frame as a stack of its own.

What do I get as output?
^^^^^^^^^^^^^^^^^^^^^^^^

Objects, numbered from 1; with an image of the nuclei also the nuclei, as children of their cells.
On demand an image of the probability of being in an object, and the flows. Of a stack the objects
have three dimensions, and so have these images.

What does its window show?
^^^^^^^^^^^^^^^^^^^^^^^^^^

The image; the objects; their outlines, green where they were accepted, in other colours where they
were discarded for their size or at a border; and a table. White are the nuclei, if they are
identified too. Of a stack it shows one plane, and a slider to choose it; discarded objects are not
shown.

|window|

.. |window| image:: PICTURE

Measurements made by this module
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

**Image measurements:**

-  *Count:* The number of objects.
-  *Cellwire_EngineVersion, Cellwire_Model, Cellwire_ModelDigest:* What made the objects; the digest
   is the SHA-256 of the model's weights.
-  *Cellwire_Diameter:* The diameter in pixels that was used.
-  *Cellwire_Anisotropy:* Of stacks, the distance of two planes over the side of a pixel as it was
   used; 1 where planes were stitched.
-  *Cellwire_Seconds:* The time from sending the image to having the labels.
-  *Cellwire_Skipped:* 1 if the image set was skipped because the engine could not be reached or was
   not done in time, else 0.

**Object measurements:**

-  *Location_Center_X, Location_Center_Y, Location_Center_Z:* The centre of the object.
-  *Number_Object_Number:* The number of the object.
-  *Parent, Children_Count:* Of nuclei the number of their cell (0 = none), of cells the number of
   their nuclei.

References
^^^^^^^^^^

Stringer C, Wang T, Michaelos M, Pachitariu M (2021) Cellpose: a generalist algorithm for cellular
segmentation. *Nature Methods* 18: 100-106.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, List, Sequence, Tuple

from cellprofiler_core.constants.measurement import IMAGE
from cellprofiler_core.module.image_segmentation import ImageSegmentation

# The plugins folder, or what a link in it points to.
_HERE = Path(__file__).resolve().parent
if str(_HERE) not in sys.path:
    sys.path.insert(0, str(_HERE))
_PICTURE = _HERE / "cellwire_cellprofiler" / "pictures" / "help.png"
# As an address, which may hold no blanks: reStructuredText would drop them.
__doc__ = (__doc__ or "").replace("PICTURE", _PICTURE.as_uri())

from cellwire_cellprofiler import (  # noqa: E402
    connection,
    connection_button,
    display,
    image_set,
    measurements,
    settings,
    validation,
    volumes,
)
from cellwire_cellprofiler.upgrade import REVISION, upgrade  # noqa: E402


class RunCellwire(ImageSegmentation):  # noqa: D101  CellProfiler shows the docstring above as help
    module_name = "RunCellwire"
    category = "Object Processing"
    variable_revision_number = REVISION
    doi = {  # noqa: RUF012  read by CellProfiler's citation generator
        "Please cite the following when using RunCellwire:": "10.1038/s41592-020-01018-x",
    }

    def create_settings(self) -> None:
        """Make the settings."""
        super().create_settings()
        settings.create(self, lambda: connection_button.press(self))

    def settings(self) -> List[Any]:
        """List the settings as pipeline files hold them."""
        return settings.stored(self)

    def visible_settings(self) -> List[Any]:
        """List the settings that matter now."""
        return settings.visible(self)

    def upgrade_settings(
        self, setting_values: Sequence[str], variable_revision_number: int, module_name: str
    ) -> Tuple[List[str], int]:
        """Read what an earlier revision stored."""
        return upgrade(setting_values, variable_revision_number)

    def validate_module(self, pipeline: Any) -> None:
        """Check what needs no engine."""
        self.shows_stacks = bool(pipeline.volumetric())
        validation.validate(self)

    def on_activated(self, workspace: Any) -> None:
        """Look, when the module is chosen in the window, whether images are processed as 3D."""
        self.shows_stacks = bool(workspace.pipeline.volumetric())

    def volumetric(self) -> bool:
        """Whether stacks are taken."""
        return True

    def is_object_identification_module(self) -> bool:
        """Whether primary, secondary or tertiary objects are identified."""
        return True

    @property
    def place(self) -> connection.EnginePlace:
        """Where the engine is."""
        return connection.EnginePlace(
            self.address.value.strip(), self.token_file.path, self.certificate_file.path
        )

    @property
    def makes_nuclei(self) -> bool:
        """Whether nuclei are identified beside the cells."""
        return bool(self.wants_nuclei) and not self.nucleus_name.is_blank

    @property
    def made(self) -> measurements.Made:
        """Names of the objects that are made."""
        nuclei = self.nuclei_name.value if self.makes_nuclei else ""
        return measurements.Made(self.y_name.value, nuclei)

    def prepare_run(self, workspace: Any) -> bool:
        """Make sure, once and before any image, that the engine will do."""
        models = [self.model.value]
        if self.makes_nuclei:
            models.append(self.nuclei_model.value)
        stacks = bool(workspace.pipeline.volumetric())
        orthogonal = volumes.orthogonal_model(self)
        if stacks and orthogonal:
            models.append(orthogonal)
        connection.check(self.place, models, stacks)
        return True

    def prepare_to_create_batch(self, workspace: Any, fn_alter_path: Any) -> bool:
        """Change the paths in the settings to those of the machines that will run the pipeline."""
        for setting in (self.token_file, self.certificate_file):
            if setting.path:
                setting.alter_for_create_batch(fn_alter_path)
        return True

    def run(self, workspace: Any) -> None:
        """Segment the images of an image set."""
        image_set.run(self, workspace)

    def display(self, workspace: Any, figure: Any) -> None:
        """Draw the window."""
        display.draw(workspace.display_data, figure)

    def get_measurement_columns(self, pipeline: Any, object_name: Any = None) -> List[Any]:
        """List all measurements and their types."""
        made = self.made
        columns = [
            c
            for name in made.names
            for c in super(RunCellwire, self).get_measurement_columns(pipeline, name)
        ]
        columns += measurements.relation_columns(made)
        return columns + measurements.image_columns(made, pipeline.volumetric())

    def get_categories(self, pipeline: Any, object_name: str) -> List[str]:
        """List the categories of what is measured of the image or of objects."""
        return measurements.categories(self.made, object_name)

    def get_measurements(self, pipeline: Any, object_name: str, category: str) -> List[str]:
        """List the measurements of a category."""
        stacks = pipeline.volumetric()
        return measurements.of_category(self.made, object_name, category, stacks)

    def get_measurement_objects(
        self, pipeline: Any, object_name: str, category: str, measurement: str
    ) -> List[str]:
        """List the objects that an image measurement is about."""
        if object_name != IMAGE:
            return []
        return measurements.about(self.made, category, measurement, pipeline.volumetric())

    def get_object_relationships(self, pipeline: Any) -> List[Tuple[str, str, str, str]]:
        """List the relationships that are recorded."""
        return measurements.relationships(self.made)
