"""Take the pictures of the module that its help and README show, in CellProfiler's own windows.

    xvfb-run -s "-screen 0 1900x1300x24" PYTHON cellprofiler_plugin/release/take_pictures.py \
        ADDRESS EXAMPLEFLY_IMAGES STACK

PYTHON is one with CellProfiler and wxPython, ADDRESS that of a running engine. The windows are
filled by real runs of the module on a part of ExampleFly's first image set, and on STACK, the
xyz_8bit__nuclei_autothresh.tif of NEUBIAS/training-resources.
"""

import os
import sys
import tempfile
from pathlib import Path

import wx

PLUGIN = Path(__file__).resolve().parents[1]
OUT = PLUGIN / "cellwire_cellprofiler" / "pictures"
PART = (slice(765, 1005), slice(370, 680))
WINDOWS = {
    "window.png": ((1180, 880), {}),
    "window-probability.png": ((1440, 760), {"save_probability": True}),
}
"""By file: size of the window, and settings beyond those of `on_cells`."""

PREFERENCES = {
    "PluginDirectoryCP4": str(PLUGIN),
    "Telemetry": 0,
    "Telemetry prompt": 0,
    "StartupBlurb": 0,
    "CheckForUpdates": 0,
}
SECONDS_TO_OPEN = 15
HELP_WIDTH = 600
"""Pixels; CellProfiler's help shows pictures at their own size."""


def take_whole_numbers():
    """Let wx round: CellProfiler 4 gives floats, which Python 3.10 and later refuse."""
    methods = {
        wx.Point: ["__init__"],
        wx.Size: ["__init__"],
        wx.Rect: ["__init__"],
        wx.Window: ["SetSize", "SetPosition", "SetMinSize", "SetClientSize", "SetScrollbar"],
        wx.DC: ["DrawText", "DrawLine", "DrawRectangle", "DrawBitmap"],
        wx.ScrolledWindow: ["SetScrollbars", "SetScrollRate", "Scroll"],
    }
    for owner, names in methods.items():
        for name in names:
            setattr(owner, name, _rounding(getattr(owner, name)))


def on_cells(images, more):
    """Give the settings and images to segment actin and DNA together."""
    import tifffile
    from cellprofiler_core.image import Image

    values = {
        "x_name": "Actin",
        "nucleus_name": "DNA",
        "y_name": "Cells",
        "model": "cyto",
        "wants_nuclei": True,
        "diameter_choice": "In pixels",
        "diameter": 35,
        "nuclei_diameter": 20,
        **more,
    }
    files = {"Actin": "01_POS002_R.TIF", "DNA": "01_POS002_D.TIF"}
    return values, {
        name: Image(tifffile.imread(str(images / file))[PART], scale=255)
        for name, file in files.items()
    }


def on_stack(path):
    """Give the settings and the image to segment a stack, as the example pipeline does."""
    import tifffile
    from cellprofiler_core.image import Image

    values = {
        "x_name": "DNA",
        "y_name": "Nuclei",
        "model": "nuclei",
        "diameter_choice": "In pixels",
        "diameter": 14,
        "min_size": 60,
        "exclude_border": False,
    }
    stack = Image(tifffile.imread(str(path)), dimensions=3, spacing=(4.83, 1, 1), scale=255)
    return values, {"DNA": stack}


def segment(address, values, images):
    """Run the module on images; give it and its workspace."""
    from cellprofiler_core.image import ImageSetList
    from cellprofiler_core.measurement import Measurements
    from cellprofiler_core.object import ObjectSet
    from cellprofiler_core.pipeline import Pipeline
    from cellprofiler_core.workspace import Workspace
    from runcellwire import RunCellwire

    module = RunCellwire()
    module.set_module_num(1)
    module.show_window = True
    for name, value in {**values, "address": address}.items():
        getattr(module, name).value = value
    pipeline = Pipeline()
    pipeline.add_module(module)
    image_set = ImageSetList().get_image_set(0)
    for name, image in images.items():
        image_set.add(name, image)
        pipeline.set_volumetric(image.volumetric)
    workspace = Workspace(pipeline, module, image_set, ObjectSet(), Measurements(), None)
    if not module.prepare_run(workspace):
        raise SystemExit("The module refuses to run.")
    module.run(workspace)
    return module, workspace


def photograph(window, path):
    """Save what a window shows."""
    for _ in range(20):
        wx.Yield()
        wx.MilliSleep(50)
    width, height = window.GetClientSize()
    picture = wx.Bitmap(width, height)
    wx.MemoryDC(picture).Blit(0, 0, width, height, wx.ClientDC(window), 0, 0)
    picture.SaveFile(str(path), wx.BITMAP_TYPE_PNG)
    print(path)


def windows(parent, address, images, stack):
    """Photograph the module's own window."""
    from cellprofiler.gui.utilities.figure import create_or_find

    filled = {file: (size, *on_cells(images, more)) for file, (size, more) in WINDOWS.items()}
    filled["window-stack.png"] = ((1180, 880), *on_stack(stack))
    for file, (size, values, pixels) in filled.items():
        module, workspace = segment(address, values, pixels)
        window = create_or_find(parent, title="RunCellwire", name=file, size=size)
        module.display(workspace, window)
        window.SetClientSize(size)
        window.Show()
        window.figure.canvas.draw()
        photograph(window, OUT / file)
        window.Destroy()


def help_picture():
    """Make the small picture that the module's help shows."""
    picture = wx.Image(str(OUT / "window.png"))
    height = round(HELP_WIDTH * picture.GetHeight() / picture.GetWidth())
    picture.Rescale(HELP_WIDTH, height, wx.IMAGE_QUALITY_HIGH)
    picture.SaveFile(str(OUT / "help.png"), wx.BITMAP_TYPE_PNG)


def settings(frame, file):
    """Photograph the settings in CellProfiler's main window."""
    modules = frame.pipeline.modules()
    number = next(m.module_num for m in modules if m.module_name == "RunCellwire")
    frame.SetSize((1100, 1190))
    frame.pipeline_list_view.select_one_module(number)
    photograph(frame, OUT / file)


def main():
    """Open CellProfiler with an example, photograph, and end."""
    address, images, stack = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    home = Path(tempfile.mkdtemp())
    lines = [f"{name}={value}\n" for name, value in PREFERENCES.items()]
    (home / ".config").mkdir()
    (home / ".config" / "CellProfilerLocal.cfg").write_text("".join(lines))
    os.environ["HOME"] = str(home)
    sys.path.insert(0, str(PLUGIN))
    take_whole_numbers()
    import matplotlib

    matplotlib.use("WXAgg")
    from cellprofiler.gui.app import App

    example = PLUGIN / "pipelines" / "ExampleFly-cells.cppipe"
    app = App(0, workspace_path=None, pipeline_path=str(example))

    def take():
        settings(app.frame, "settings.png")
        app.frame.pipeline.load(str(PLUGIN / "pipelines" / "Stack-nuclei.cppipe"))
        settings(app.frame, "settings-stack.png")
        windows(app.frame, address, images, stack)
        help_picture()
        os._exit(0)  # CellProfiler would ask whether to save

    wx.CallLater(SECONDS_TO_OPEN * 1000, take)
    app.MainLoop()


def _rounding(plain):
    def new(self, *arguments, **options):
        whole = (round(a) if isinstance(a, float) else a for a in arguments)
        return plain(self, *whole, **options)

    return new


if __name__ == "__main__":
    main()
