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


BALLS = [(5, 14, 14), (5, 14, 40), (5, 37, 27)]
"""Centres in a stack of `STACK_SHAPE` whose planes are `ANISOTROPY` pixels apart."""

STACK_SHAPE = (10, 52, 56)
ANISOTROPY = 3.0


def balls(shape, centres, radius, anisotropy, seed=0, ground=300, height=1500):
    """A noisy uint16 stack of bright balls, flat as planes far apart make them."""
    random = np.random.default_rng(seed)
    z, y, x = np.mgrid[: shape[0], : shape[1], : shape[2]]
    stack = random.normal(ground, ground / 20, shape)
    for cz, cy, cx in centres:
        distance = np.sqrt(((z - cz) * anisotropy) ** 2 + (y - cy) ** 2 + (x - cx) ** 2)
        stack += height * np.clip(radius - distance, 0, 1)
    return stack.clip(0, 65535).astype(np.uint16)


def stack_image(stack, anisotropy=ANISOTROPY, **more):
    """A stack as NamesAndTypes gives it where images are processed as 3D."""
    return Image(stack, dimensions=3, spacing=(anisotropy, 1.0, 1.0), scale=65535.0, **more)


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
        self.pipeline.set_volumetric(
            any(isinstance(image, Image) and image.volumetric for image in images.values())
        )
        for name, image in images.items():
            if not isinstance(image, Image):
                image = Image(image, scale=65535.0 if image.dtype == np.uint16 else None)
            self.measurements.add(name, image)

    def workspace_of(self, each):
        self.workspace = Workspace(
            self.pipeline, each, self.measurements, self.objects, self.measurements, None
        )
        return self.workspace

    def run(self):
        for each in self.modules:
            each.run(self.workspace_of(each))
        return self

    def prepare(self):
        """Have the first module make itself ready for a run."""
        return self.modules[0].prepare_run(self.workspace_of(self.modules[0]))

    def labels(self, name="Nuclei"):
        return self.objects.get_objects(name).segmented

    def measured(self, feature, of="Image"):
        return self.measurements.get_current_measurement(of, feature)


def run(made, **images):
    """Run one module on images."""
    return Scene(made, **images).run()
