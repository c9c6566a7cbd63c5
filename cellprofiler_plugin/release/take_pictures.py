"""Take the pictures of the module's window that its help and README show.

    xvfb-run -s "-screen 0 1900x1200x24" PYTHON cellprofiler_plugin/release/take_pictures.py \
        ADDRESS EXAMPLEFLY_IMAGES

PYTHON is one with CellProfiler and wxPython, ADDRESS that of a running engine. The window is
CellProfiler's own, filled by a real run of the module on a part of ExampleFly's first image set.
"""

import sys
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PLUGIN))

import tifffile  # noqa: E402
import wx  # noqa: E402
from cellprofiler.gui.utilities.figure import create_or_find  # noqa: E402
from cellprofiler_core.image import Image, ImageSetList  # noqa: E402
from cellprofiler_core.measurement import Measurements  # noqa: E402
from cellprofiler_core.object import ObjectSet  # noqa: E402
from cellprofiler_core.pipeline import Pipeline  # noqa: E402
from cellprofiler_core.workspace import Workspace  # noqa: E402
from runcellwire import RunCellwire  # noqa: E402

OUT = PLUGIN / "cellwire_cellprofiler" / "pictures"
PART = (slice(765, 1005), slice(370, 680))
WINDOWS = {
    "window.png": ((1180, 880), {}),
    "window-probability.png": ((1680, 880), {"save_probability": True}),
}
"""By file: size of the window, and settings beyond those of `segment`."""


def segment(address, images, more):
    """Run the module on actin and DNA together; give it and its workspace."""
    module = RunCellwire()
    module.set_module_num(1)
    module.show_window = True
    values = {
        "x_name": "Actin",
        "nucleus_name": "DNA",
        "y_name": "Cells",
        "address": address,
        "model": "cyto",
        "wants_nuclei": True,
        "diameter_choice": "In pixels",
        "diameter": 35,
        "nuclei_diameter": 20,
        **more,
    }
    for name, value in values.items():
        getattr(module, name).value = value
    pipeline = Pipeline()
    pipeline.add_module(module)
    image_set = ImageSetList().get_image_set(0)
    for name, file in (("Actin", "01_POS002_R.TIF"), ("DNA", "01_POS002_D.TIF")):
        image_set.add(name, Image(tifffile.imread(str(images / file))[PART], scale=255))
    measurements = Measurements()
    workspace = Workspace(pipeline, module, image_set, ObjectSet(), measurements, None)
    if not module.prepare_run(workspace):
        raise SystemExit("The module refuses to run.")
    module.run(workspace)
    return module, workspace


def photograph(window, path):
    """Save what a window shows."""
    for _ in range(20):
        wx.SafeYield()
        wx.MilliSleep(50)
    width, height = window.GetClientSize()
    picture = wx.Bitmap(width, height)
    wx.MemoryDC(picture).Blit(0, 0, width, height, wx.ClientDC(window), 0, 0)
    picture.SaveFile(str(path), wx.BITMAP_TYPE_PNG)
    print(path)


def whole_numbers(make):
    """Wrap wx.Point and wx.Size: CellProfiler 4 gives floats, which Python 3.10 refuses."""
    return lambda *values: make(
        *(int(value) if isinstance(value, float) else value for value in values)
    )


def main():
    """Run, show, photograph."""
    wx.Point, wx.Size = whole_numbers(wx.Point), whole_numbers(wx.Size)
    address, images = sys.argv[1], Path(sys.argv[2])
    app = wx.App(False)
    parent = wx.Frame(None)
    for file, (size, more) in WINDOWS.items():
        module, workspace = segment(address, images, more)
        window = create_or_find(parent, title="RunCellwire", name=file, size=size)
        module.display(workspace, window)
        window.SetClientSize(size)
        window.Show()
        window.figure.canvas.draw()
        photograph(window, OUT / file)
        window.Destroy()
    app.Destroy()


if __name__ == "__main__":
    main()
