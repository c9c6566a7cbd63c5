"""ImageJ TIFFs as users have them, each with what must be read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cellwire.errors import AxesUnknownError
from cellwire.images.reading import read_image

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {
    "r1_DAPI_downsampled.tiff": ("YX", (917, 624), "float32", None),
    "xy_16bit__bacteria_cords_thin.tif": ("YX", (512, 512), "uint16", 0.62817),
    "xy_16bit__scanR_datatype_issue.tif": ("YX", (1024, 1344), "uint16", None),
    "xy_16bit_calibrated__nuclei_various_shapes.tif": ("YX", (253, 269), "uint16", 0.2),
    "xy_8bit__mitocheck_incenp_t1.tif": ("YX", (364, 260), "uint8", 0.1),
    "xy_8bit_labels__mitocheck_incenp_t1.tif": ("YX", (364, 260), "uint8", 0.1),
    "xy_calibrated_16bit__nuclear_protein_control.tif": ("YX", (1192, 1192), "uint16", 0.113214),
    "xy_rgb__cells.tif": ("CYX", (3, 257, 280), "uint8", None),
    "xyc_16bit__hela-cells.tif": ("YXC", (512, 672, 3), "uint16", 0.0514931),
    "xyc_16bit__nuclei_golgi.tif": ("CYX", (2, 220, 204), "uint16", 0.515752),
    "xyc_8bit__cyto_nuclei.tif": ("CYX", (2, 254, 182), "uint8", None),
    "xyc_8bit__membranes_nuclei.tif": ("CYX", (2, 354, 475), "uint8", None),
    "xyt_calibrated_16bit__golgi_bfa_sum_projection.tif": (
        "TYX", (30, 137, 147), "float32", 0.351435,
    ),
    "xyz_8bit__nuclei_autothresh.tif": ("ZYX", (37, 118, 132), "uint8", 0.828643),
    "xyzc_16bit__dna_conf_wf.tif": ("ZCYX", (45, 2, 130, 133), "uint16", 0.511878),
}  # fmt: skip


def test_no_sample_is_forgotten(shared_data: Path) -> None:
    found = {path.name for path in (shared_data / "io_samples" / "neubias").glob("*.tif*")}
    assert found == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(shared_data: Path, name: str) -> None:
    axes, shape, dtype, pixel = SAMPLES[name]
    image = read_image(shared_data / "io_samples" / "neubias" / name)
    assert (image.axes, image.array.shape, image.array.dtype.name) == (axes, shape, dtype)
    if pixel is None:
        assert not image.calibration.is_known
    else:
        assert image.calibration.pixel == pytest.approx(pixel, rel=1e-4)
    colours = image.channel_names == ("red", "green", "blue")
    assert colours == (name == "xy_rgb__cells.tif")


def test_stack_without_axes_is_asked_about(shared_data: Path) -> None:
    stack = shared_data / "stacks_3d" / "images" / "stardist_img3d.tif"
    with pytest.raises(AxesUnknownError, match=r"31 × 61 × 57"):
        read_image(stack)
    assert read_image(stack, axes="ZYX").axes == "ZYX"
