"""Labels by what people use without a network; runs in CellProfiler's own environment.

    .venv-cellprofiler/bin/python -m tests.bench.baseline_labels IMAGES OUT

Reads every picture of the folder IMAGES and writes ``OUT/METHOD/STEM.tif``. The cells are bright on
dark ground in fluorescence; an image with bright ground (its median above the middle of its
range, as in stained tissue) is inverted first, which a user would do too. Colours are averaged.

Python 3.8 code: nothing of Cellwire is imported here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import skimage.filters
import skimage.io
import skimage.measure
import skimage.segmentation
import tifffile
from scipy import ndimage

SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg")
SMOOTHING = 1.0
SEED_DISTANCE = 5
LEAST_AREA = 15


def read_grey(path):
    """Image (Y, X) float from 0 to 1, cells bright."""
    image = skimage.io.imread(str(path))
    if image.ndim == 3:
        image = image[..., :3].mean(axis=2)
    image = image.astype(float)
    if np.median(image) > (image.min() + image.max()) / 2:
        image = image.max() + image.min() - image
    top = 255.0 if image.max() <= 255 else 65535.0
    return image / top


def otsu_watershed(image):
    """Gaussian, Otsu's threshold, watershed from the peaks of the distance to the ground."""
    smooth = skimage.filters.gaussian(image, SMOOTHING)
    if smooth.max() == smooth.min():
        return np.zeros(image.shape, np.int32)
    inside = ndimage.binary_fill_holes(smooth > skimage.filters.threshold_otsu(smooth))
    distance = skimage.filters.gaussian(ndimage.distance_transform_edt(inside), SMOOTHING)
    peaks = ndimage.maximum_filter(distance, 2 * SEED_DISTANCE + 1) == distance
    seeds = skimage.measure.label(peaks & inside)
    labels = skimage.segmentation.watershed(-distance, seeds, mask=inside)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    kept = np.flatnonzero(areas >= LEAST_AREA)
    return np.where(np.isin(labels, kept), labels, 0).astype(np.int32)


def identify_primary(change):
    """Give what labels an image by CellProfiler's IdentifyPrimaryObjects, its settings changed."""
    from cellprofiler.modules.identifyprimaryobjects import IdentifyPrimaryObjects
    from cellprofiler_core.image import Image, ImageSetList
    from cellprofiler_core.measurement import Measurements
    from cellprofiler_core.object import ObjectSet
    from cellprofiler_core.pipeline import Pipeline
    from cellprofiler_core.workspace import Workspace

    def label(image):
        module = IdentifyPrimaryObjects()
        module.x_name.value, module.y_name.value = "DNA", "Nuclei"
        module.set_module_num(1)
        change(module)
        pipeline = Pipeline()
        pipeline.add_module(module)
        images = ImageSetList()
        image_set = images.get_image_set(0)
        image_set.add("DNA", Image(image.astype(np.float32)))
        objects = ObjectSet()
        workspace = Workspace(pipeline, module, image_set, objects, Measurements(), images)
        module.run(workspace)
        return objects.get_objects("Nuclei").segmented.astype(np.int32)

    return label


def as_it_is(module):
    """Leave CellProfiler's defaults: diameters 10 to 40, objects at the border discarded."""


def with_borders(module):
    """Keep objects at the border, as the true labels do."""
    module.exclude_border_objects.value = False


def wide(module):
    """Let diameters be 8 to 80, too."""
    with_borders(module)
    module.size_range.value = (8, 80)


def tuned(module):
    """Use Otsu's threshold and the shape for declumping, too, which suits round nuclei."""
    wide(module)
    module.use_advanced.value = True
    module.threshold.global_operation.value = "Otsu"
    module.unclump_method.value = "Shape"
    module.watershed_method.value = "Shape"


def main():
    """Label all images by all methods."""
    from cellprofiler_core.preferences import set_headless

    set_headless()
    images, out = Path(sys.argv[1]), Path(sys.argv[2])
    methods = {
        "otsu_watershed": otsu_watershed,
        "identifyprimary_defaults": identify_primary(as_it_is),
        "identifyprimary_borders": identify_primary(with_borders),
        "identifyprimary_8_to_80": identify_primary(wide),
        "identifyprimary_otsu_shape": identify_primary(tuned),
    }
    paths = sorted(path for path in images.iterdir() if path.suffix.lower() in SUFFIXES)
    for name, method in methods.items():
        (out / name).mkdir(parents=True, exist_ok=True)
        for path in paths:
            tifffile.imwrite(str(out / name / (path.stem + ".tif")), method(read_grey(path)))
        print(f"{name}: {len(paths)} images", file=sys.stderr)


if __name__ == "__main__":
    main()
