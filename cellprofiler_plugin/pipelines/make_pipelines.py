"""Write the example pipelines, in CellProfiler's own Python and with its own modules.

    .venv-cellprofiler/bin/python cellprofiler_plugin/pipelines/make_pipelines.py [FOLDER]

They go beside this script, or into FOLDER. Run after a change of RunCellwire's settings or of the
examples, and commit what it writes.
"""

import io
import re
import sys
from pathlib import Path

from cellprofiler_core.preferences import set_headless, set_plugin_directory

set_headless()
HERE = Path(__file__).resolve().parent
set_plugin_directory(str(HERE.parent), globally=False)

import cellprofiler_core.modules  # noqa: E402, F401  fills the table of modules, plugins included
from cellprofiler_core.pipeline import Pipeline  # noqa: E402
from cellprofiler_core.utilities.core.modules import instantiate_module  # noqa: E402

OUTPUT = "Default Output Folder|"


class Maker:
    """A pipeline in the making.

    Parameters
    ----------
    images
        Name of each image in the pipeline, and what is in the names of its files.
    about
        What the pipeline is for; shown as the notes of its first module.
    anisotropy
        Where the images are stacks: distance of two planes over the side of a pixel.
    """

    def __init__(self, images, about, anisotropy=None):
        self.pipeline = Pipeline()
        self.add("Images", about)
        self.add("Metadata")
        names = self.add("NamesAndTypes")
        names.assignment_method.value = "Images matching rules"
        names.matching_choice.value = "Order"
        if anisotropy is not None:
            names.process_as_3d.value = True
            names.z.value = anisotropy
        for number, (name, contained) in enumerate(images.items()):
            if number:
                names.add_assignment()
            rule = names.assignments[number]
            rule.image_name.value = name
            rule.load_as_choice.value = "Grayscale image"
            rule.rule_filter.value = 'and (file does contain "{}")'.format(contained)
        self.add("Groups")

    def add(self, module_name, notes="", **settings):
        """Add a module whose settings are given by their attributes' names."""
        module = instantiate_module(module_name)
        module.set_module_num(len(self.pipeline.modules()) + 1)
        module.notes = [notes] if notes else []
        module.show_window = False
        for name, value in settings.items():
            getattr(module, name).value = value
        self.pipeline.add_module(module)
        return module

    def measure(self, images, objects):
        """Measure size, shape and intensities of objects."""
        self.add(
            "MeasureObjectSizeShape", objects_list=", ".join(objects), calculate_zernikes=False
        )
        self.add(
            "MeasureObjectIntensity",
            images_list=", ".join(images),
            objects_list=", ".join(objects),
        )

    def save_outlines(self, image, outlined, suffix):
        """Draw outlines over an image and save it beside the results."""
        overlay = self.add(
            "OverlayOutlines", image_name=image, output_image_name="Outlines", wants_color="Color"
        )
        for number, (objects, colour) in enumerate(outlined.items()):
            if number:
                overlay.add_outline()
            overlay.outlines[number].objects_name.value = objects
            overlay.outlines[number].color.value = colour
        self.add(
            "SaveImages",
            image_name="Outlines",
            file_name_method="From image filename",
            file_image_name=image,
            wants_file_name_suffix=True,
            file_name_suffix=suffix,
            file_format="png",
            bit_depth="8-bit integer",
            overwrite=True,
            pathname=OUTPUT,
        )

    def save_labels(self, objects, image, suffix):
        """Save objects as a TIFF, whose values are their numbers, beside the results."""
        self.add(
            "ConvertObjectsToImage",
            object_name=objects,
            image_name="Labels",
            image_mode="uint16",
        )
        self.add(
            "SaveImages",
            image_name="Labels",
            file_name_method="From image filename",
            file_image_name=image,
            wants_file_name_suffix=True,
            file_name_suffix=suffix,
            file_format="tiff",
            bit_depth="16-bit integer",
            overwrite=True,
            pathname=OUTPUT,
        )

    def export(self, prefix):
        """Write every measurement as CSV."""
        self.add(
            "ExportToSpreadsheet",
            wants_prefix=True,
            prefix=prefix,
            wants_overwrite_without_warning=True,
            wants_everything=True,
            directory=OUTPUT,
        )

    def write(self, name):
        """Write the pipeline, without what changes from one run of this script to the next."""
        path = Path(sys.argv[1] if len(sys.argv) > 1 else HERE) / name
        file = io.StringIO()
        self.pipeline.dump(file, save_image_plane_details=False)
        text = re.sub(r"^GitHash:.*$", "GitHash:", file.getvalue(), flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
        print(path)


ENGINE = (
    "Start an engine first: cellwire serve. For one on another machine enter its address, its "
    "ca.pem and your token file."
)
# The sizes are those of ExampleFly's own IdentifyPrimaryObjects: 10 to 40 pixels across.
FLY_NUCLEI = {
    "model": "nuclei",
    "diameter_choice": "In pixels",
    "diameter": 20,
    "min_size": 78,
    "max_size": 1257,
}


def fly():
    """Nuclei by RunCellwire, grown into cells by CellProfiler's own modules."""
    maker = Maker(
        {"DNA": "D.TIF", "Actin": "R.TIF"},
        "ExampleFly (Drosophila Kc167 cells; comes with CellProfiler): nuclei by RunCellwire, "
        "cells grown from them in the actin image, cytoplasm as the difference.",
    )
    maker.add("RunCellwire", ENGINE, x_name="DNA", y_name="Nuclei", **FLY_NUCLEI)
    maker.add("IdentifySecondaryObjects", x_name="Nuclei", y_name="Cells", image_name="Actin")
    maker.add(
        "IdentifyTertiaryObjects",
        secondary_objects_name="Cells",
        primary_objects_name="Nuclei",
        subregion_objects_name="Cytoplasm",
    )
    maker.measure(["DNA", "Actin"], ["Nuclei", "Cells", "Cytoplasm"])
    maker.save_outlines("Actin", {"Nuclei": "Blue", "Cells": "Yellow"}, "_outlines")
    maker.export("Fly_")
    maker.write("ExampleFly.cppipe")


def fly_cells():
    """Cells and their nuclei by RunCellwire alone."""
    maker = Maker(
        {"DNA": "D.TIF", "Actin": "R.TIF"},
        "ExampleFly: whole cells from actin and DNA together, and the nuclei as their children, "
        "by RunCellwire alone.",
    )
    maker.add(
        "RunCellwire",
        ENGINE,
        x_name="Actin",
        nucleus_name="DNA",
        y_name="Cells",
        model="cyto",
        diameter_choice="In pixels",
        diameter=35,
        min_size=150,
        wants_nuclei=True,
        nuclei_name="Nuclei",
        nuclei_model="nuclei",
        nuclei_diameter=20,
    )
    maker.measure(["DNA", "Actin"], ["Cells", "Nuclei"])
    maker.save_outlines("Actin", {"Nuclei": "Blue", "Cells": "Yellow"}, "_cells")
    maker.export("FlyCells_")
    maker.write("ExampleFly-cells.cppipe")


def fly_comparison():
    """RunCellwire beside IdentifyPrimaryObjects, in one run."""
    maker = Maker(
        {"DNA": "D.TIF"},
        "ExampleFly: the nuclei of IdentifyPrimaryObjects (magenta in the saved image) beside "
        "those of RunCellwire (green); the counts are in Comparison_Image.csv.",
    )
    primary = maker.add(
        "IdentifyPrimaryObjects",
        "Settings as in CellProfiler's own ExampleFly.cppipe.",
        x_name="DNA",
        y_name="PrimaryNuclei",
        use_advanced=True,
        size_range=(10, 40),
        unclump_method="Shape",
        watershed_method="Shape",
        fill_holes="After declumping only",
    )
    primary.threshold.threshold_scope.value = "Global"
    primary.threshold.global_operation.value = "Minimum Cross-Entropy"
    maker.add("RunCellwire", ENGINE, x_name="DNA", y_name="CellwireNuclei", **FLY_NUCLEI)
    maker.save_outlines(
        "DNA", {"PrimaryNuclei": "Magenta", "CellwireNuclei": "Green"}, "_comparison"
    )
    maker.export("Comparison_")
    maker.write("ExampleFly-comparison.cppipe")


def human():
    """Nuclei and whole cells of ExampleHuman."""
    maker = Maker(
        {"DNA": "d0.tif", "Cytoplasm": "d2.tif"},
        "ExampleHuman (HT29 cells; from cellprofiler.org/examples): whole cells from the cytoplasm "
        "and DNA images, one nucleus in each, and the cytoplasm around it.",
    )
    maker.add(
        "RunCellwire",
        ENGINE,
        x_name="Cytoplasm",
        nucleus_name="DNA",
        y_name="Cells",
        model="cyto",
        wants_nuclei=True,
        nuclei_name="Nuclei",
        nuclei_model="nuclei",
        one_nucleus=True,
    )
    maker.add(
        "IdentifyTertiaryObjects",
        secondary_objects_name="Cells",
        primary_objects_name="Nuclei",
        subregion_objects_name="CellBody",
    )
    maker.measure(["DNA", "Cytoplasm"], ["Nuclei", "Cells", "CellBody"])
    maker.save_outlines("Cytoplasm", {"Nuclei": "Blue", "Cells": "Yellow"}, "_outlines")
    maker.export("Human_")
    maker.write("ExampleHuman.cppipe")


def stack():
    """Nuclei of a stack, in three dimensions."""
    maker = Maker(
        {"DNA": "xyz"},
        "Nuclei of a stack (xyz_8bit__nuclei_autothresh.tif of NEUBIAS/training-resources): one "
        "TIFF a stack, processed as 3D. Its planes are 4 micrometres apart and its pixels 0.829 "
        "micrometres wide: enter the relative spacing of your own stacks in NamesAndTypes.",
        anisotropy=4.83,
    )
    maker.add(
        "RunCellwire",
        ENGINE,
        x_name="DNA",
        y_name="Nuclei",
        model="nuclei",
        diameter_choice="In pixels",
        diameter=14,
        min_size=60,
        exclude_border=False,
        stack_mode="Segment in 3D",
        anisotropy_choice="From the image's spacing",
        time_limit=3600,
    )
    maker.measure(["DNA"], ["Nuclei"])
    maker.save_labels("Nuclei", "DNA", "_labels")
    maker.export("Stack_")
    maker.write("Stack-nuclei.cppipe")


if __name__ == "__main__":
    fly()
    fly_cells()
    fly_comparison()
    human()
    stack()
