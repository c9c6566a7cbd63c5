"""Stacks that are none, and settings of stacks that cannot be used."""

import numpy as np
import pytest
import scenes
import tifffile
from cellprofiler_core.image import Image
from cellprofiler_core.setting import ValidationError

from cellwire_cellprofiler import connection
from cellwire_cellprofiler.errors import RunCellwireError, UnusableImageError
from cellwire_cellprofiler.volumes import anisotropy, stack_parameters

STACK = np.random.default_rng(0).integers(100, 900, (5, 40, 44)).astype(np.uint16)


def _image(stack, **more):
    return Image(stack, dimensions=3, spacing=(2.0, 1.0, 1.0), scale=65535.0, **more)


@pytest.mark.parametrize("mode", ["Segment in 3D", "Stitch planes by overlap"])
@pytest.mark.parametrize("plane", [STACK[0], STACK[:1]])
def test_one_plane_is_refused_with_what_to_do(make, mode, plane):
    with pytest.raises(UnusableImageError, match=r"DNA has one plane.*Process as 3D"):
        scenes.run(make(stack_mode=mode), DNA=_image(plane))


def test_several_channels_are_refused_with_what_to_do(make):
    with pytest.raises(UnusableImageError, match=r"four axes \(5 x 2 x 40 x 44\).*Split Channels"):
        scenes.run(make(), DNA=_image(np.stack([STACK] * 2, axis=1)))


@pytest.mark.parametrize(
    ("axes", "says"), [("TYX", "frames of a time series"), ("CYX", "channels"), ("ZYX", "")]
)
def test_the_file_says_what_its_planes_are(make, tmp_path, axes, says):
    path = tmp_path / "Zeitreihe µ.tif"
    tifffile.imwrite(str(path), STACK, imagej=True, metadata={"axes": axes})
    image = _image(STACK, path_name=str(tmp_path), file_name=path.name)
    derived = Image(image.pixel_data * 0.9, parent_image=image, dimensions=3)
    module = make(stack_mode="Stitch planes by overlap")
    for each in (image, derived):
        if says:
            with pytest.raises(UnusableImageError, match=says) as caught:
                scenes.run(module, DNA=each)
            assert path.name in str(caught.value)
            assert "Process as 3D" in str(caught.value)
        else:
            assert scenes.run(module, DNA=each).labels().shape == STACK.shape


def test_a_colour_plane_is_no_stack(make, tmp_path):
    colour = np.random.default_rng(0).integers(0, 255, (40, 44, 3)).astype(np.uint8)
    tifffile.imwrite(str(tmp_path / "colour.tif"), colour, photometric="rgb")
    with pytest.raises(UnusableImageError, match="colours of one plane"):
        scenes.run(make(), DNA=_image(colour, path_name=str(tmp_path), file_name="colour.tif"))


def test_a_file_that_is_gone_or_no_tiff_is_not_asked(make, tmp_path):
    (tmp_path / "broken.tif").write_bytes(b"no TIFF at all")
    for name in ("gone.tif", "broken.tif", "stack.npy"):
        image = _image(STACK, path_name=str(tmp_path), file_name=name)
        scene = scenes.run(make(stack_mode="Stitch planes by overlap"), DNA=image)
        assert scene.labels().shape == STACK.shape


def test_a_second_stack_of_another_size_is_refused(make):
    images = {"DNA": _image(STACK), "Other": _image(STACK[:-1])}
    with pytest.raises(UnusableImageError, match="5 x 40 x 44 pixels, the image Other 4 x 40 x 44"):
        scenes.run(make(nucleus_name="Other"), **images)


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_an_anisotropy_that_is_not_above_0_is_refused(make, value):
    module = make(anisotropy_choice="As entered", anisotropy=value)
    with pytest.raises(RunCellwireError, match=r"must be above 0.*Setting: Anisotropy"):
        scenes.run(module, DNA=_image(STACK))
    scene = scenes.Scene(module, DNA=_image(STACK))
    with pytest.raises(ValidationError, match="must be above 0") as caught:
        module.validate_module(scene.pipeline)
    assert caught.value.setting is module.anisotropy
    module.anisotropy_choice.value = "From the image's spacing"
    module.validate_module(scene.pipeline)


def test_a_spacing_that_is_0_is_refused(make):
    image = Image(STACK, dimensions=3, spacing=(0.0, 1.0, 1.0), scale=65535.0)
    with pytest.raises(RunCellwireError, match=r"must be above 0.*relative spacing of DNA"):
        scenes.run(make(), DNA=image)


def _calibrated(folder, micrometres):
    metadata = {"axes": "ZYX", "unit": "um"}
    if micrometres:
        metadata["spacing"] = micrometres
    path = folder / "calibrated.tif"
    tifffile.imwrite(str(path), STACK, imagej=True, resolution=(2.0, 2.0), metadata=metadata)
    return {"path_name": str(folder), "file_name": path.name, "scale": 65535.0}


def test_a_spacing_that_nobody_entered_is_asked_for_where_the_file_has_another(make, tmp_path):
    of_file = _calibrated(tmp_path, 2.0)
    image = Image(STACK, dimensions=3, spacing=(1.0, 1.0, 1.0), **of_file)
    with pytest.raises(RunCellwireError, match=r"1 : 1 : 1.*calibrated.tif says 4 times") as caught:
        scenes.run(make(), DNA=image)
    assert "Setting: Distance of the planes" in str(caught.value)
    for module, spacing, used in (
        (make(anisotropy_choice="As entered", anisotropy=1.0), 1.0, 1.0),
        (make(), 3.0, 3.0),  # what was entered wins
    ):
        image = Image(STACK, dimensions=3, spacing=(spacing, 1.0, 1.0), **of_file)
        assert stack_parameters(module, "DNA", image)["anisotropy"] == used
    stitched = make(stack_mode="Stitch planes by overlap")
    assert "anisotropy" not in stack_parameters(stitched, "DNA", image)


@pytest.mark.parametrize("micrometres", [None, 0.5])
def test_a_spacing_of_1_is_taken_where_the_file_has_none_or_the_same(
    make, tmp_path, micrometres, caplog
):
    of_file = _calibrated(tmp_path, micrometres)
    image = Image(STACK, dimensions=3, spacing=(1.0, 1.0, 1.0), **of_file)
    assert stack_parameters(make(), "DNA", image)["anisotropy"] == 1.0
    assert ("as far apart as its pixels" in caplog.text) == (micrometres is None)


def test_pixels_that_are_not_square_count_by_their_area():
    image = Image(STACK, dimensions=3, spacing=(3.0, 0.5, 2.0))
    module = scenes.module("x")
    # CellProfiler gives its spacing relative to the second number: 6, 1, 4.
    assert anisotropy(module, "DNA", image) == pytest.approx(3.0)


def test_an_engine_that_knows_no_stacks_is_refused_before_any_image(make, monkeypatch):
    from cellwire_cellprofiler import libraries

    module = make()
    scene = scenes.Scene(module, DNA=_image(STACK))
    assert scene.prepare()
    monkeypatch.setattr(libraries.part("stacks"), "STACK_REVISION", 99)  # as if it were older
    with pytest.raises(RunCellwireError, match=r"takes planes only.*Process as 3D"):
        scene.prepare()
    scene.pipeline.set_volumetric(False)
    assert scene.prepare()
    connection.forget(module.place)
