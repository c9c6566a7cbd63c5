"""Pictures of discs, and what a module needs around it."""

import numpy as np
from cellprofiler_core.image import Image
from cellprofiler_core.measurement import Measurements
from cellprofiler_core.object import ObjectSet
from cellprofiler_core.pipeline import Pipeline
from cellprofiler_core.workspace import Workspace

CENTRES = (
    [(y, x) for y in (30, 70, 110) for x in (30, 70, 110)]
    + [(0, 60), (100, 168)]  # these two touch the border
)
DIAMETER = 20.0


def discs(shape, centres, radius, seed=0, ground=300, height=1500):
    """A noisy uint16 image of bright discs."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    image = random.normal(ground, ground / 20, shape)
    for index, (cy, cx) in enumerate(centres):
        r = radius[index] if isinstance(radius, (list, tuple)) else radius
        image += height * np.clip(r - np.hypot(y - cy, x - cx), 0, 1)
    return image.clip(0, 65535).astype(np.uint16)


def module(usual_address, **values):
    """Make a module with settings for `discs`; others by keyword, by the attribute's name."""
    from runcellwire import RunCellwire

    made = RunCellwire()
    made.set_module_num(1)
    settings = {
        "x_name": "DNA",
        "y_name": "Nuclei",
        "address": usual_address,
        "model": "nuclei",
        "diameter_choice": "In pixels",
        "diameter": DIAMETER,
        "time_limit": 120.0,
    }
    settings.update(values)
    for name, value in settings.items():
        getattr(made, name).value = value
    return made


class Scene:
    """An image set and a pipeline of one or more modules; runs them in order."""

    def __init__(self, *modules, **images):
        self.measurements = Measurements()
        self.objects = ObjectSet()
        self.pipeline = Pipeline()
        self.modules = modules
        for number, each in enumerate(modules, 1):
            each.set_module_num(number)
            self.pipeline.add_module(each)
        for name, image in images.items():
            if not isinstance(image, Image):
                image = Image(image, scale=65535.0 if image.dtype == np.uint16 else None)
            self.measurements.add(name, image)

    def run(self):
        for each in self.modules:
            self.workspace = Workspace(
                self.pipeline, each, self.measurements, self.objects, self.measurements, None
            )
            each.run(self.workspace)
        return self

    def labels(self, name="Nuclei"):
        return self.objects.get_objects(name).segmented

    def measured(self, feature, of="Image"):
        return self.measurements.get_current_measurement(of, feature)


def run(made, **images):
    """Run one module on images."""
    return Scene(made, **images).run()
