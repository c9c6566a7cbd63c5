from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from PIL import Image

from cellwire.errors import ImageContentError, InvalidParameterError, TrainingDataError
from cellwire.evaluation.label_files import read_label_image, split_objects
from cellwire.images.reading import read_image
from cellwire.segmentation.normalise import normalise
from cellwire.segmentation.parameters import Normalisation
from cellwire.segmentation.targets import labels_to_flows
from cellwire.training.folders import find_pairs
from cellwire.training.training_images import MIXTURES, load_images, prepare
from tests.unit.training.samples import disks, picture, write_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_images_carry_flows_diameter_and_number(tmp_path: Path) -> None:
    image = load_images(find_pairs(write_folder(tmp_path / "set", 1)), least_cells=1)[0]
    assert image.image.shape == (80, 96, 1)
    assert image.image.dtype == image.flows.dtype == np.float16
    np.testing.assert_allclose(image.flows, labels_to_flows(disks(0)), atol=1e-3)
    np.testing.assert_array_equal(image.labels, disks(0))
    assert image.cells == len(np.unique(disks(0))) - 1
    assert 10 < image.diameter < 14
    assert image.area is None


def test_order_is_kept_and_progress_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    pairs = find_pairs(write_folder(tmp_path / "set", 23))
    images = load_images(pairs, None, 1, lambda done, total: told.append((done, total)))
    assert [image.pair for image in images] == pairs
    assert told == [(done, 23) for done in range(1, 24)]


def test_channels_are_normalised_as_for_segmentation(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 5000, (3, 40, 50)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", planes, imagej=True, metadata={"axes": "CYX"})
    loaded = read_image(tmp_path / "a.tif")
    stack = planes.transpose(1, 2, 0)
    two = normalise(stack[..., [1, 2]], Normalisation(), 2)
    np.testing.assert_array_equal(prepare(loaded, (2, 3)), two)
    mean = planes.mean(axis=0, dtype=np.float64).astype(np.float32)[..., None]
    for channels in (None, (0,), (0, 0)):
        np.testing.assert_array_equal(
            prepare(loaded, channels), normalise(mean, Normalisation(), 1)
        )
    with pytest.raises(InvalidParameterError, match="Channel 4 was asked for; the image has 3"):
        prepare(loaded, (4,))


def test_colours_are_mixed_otherwise_than_to_their_mean(tmp_path: Path) -> None:
    """Each mixture is normalised like the mean; grey images and chosen channels have none."""
    folder = write_folder(tmp_path / "set", 3)
    labels = disks(0)
    stained = np.full((*labels.shape, 3), (230, 190, 220), np.uint8)
    stained[labels > 0] = (90, 60, 160)
    stained[..., 0] += np.arange(labels.shape[1], dtype=np.uint8) // 8
    grey = np.repeat(picture(disks(1))[..., None], 3, axis=2)
    for name, pixels in (("0", stained), ("1", grey)):
        (folder / "images" / f"{name}.tif").unlink()
        Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
    first, *others = load_images(find_pairs(folder), least_cells=1)
    assert len(first.mixtures) == len(MIXTURES)
    for mixture, shares in zip(first.mixtures, MIXTURES, strict=True):
        mixed = (stained * np.array(shares, np.float32)).sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(mixture, normalise(mixed, Normalisation(), 1), atol=2e-3)
        assert not np.array_equal(mixture, first.image)
    assert [each.mixtures for each in others] == [(), ()]
    assert not load_images(find_pairs(folder)[:1], least_cells=1, mixed=False)[0].mixtures
    assert all(
        not each.mixtures
        for each in load_images(find_pairs(folder)[:1], channels=(1,), least_cells=1)
    )


def test_unlabelled_surroundings_are_masked(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 1)
    (folder / "index.csv").write_text("id,unlabelled\n0,1\n")
    (image,) = load_images(find_pairs(folder), least_cells=1)
    assert image.area is not None
    assert image.area[image.labels > 0].all()
    assert 1.0 < image.area.sum() / (image.labels > 0).sum() < 3.0


def test_too_few_cells_are_left_out_and_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 2)
    pairs = find_pairs(folder)
    with pytest.raises(TrainingDataError, match=r"least number of cells, 50: 0.tif \(6\), 1.tif"):
        load_images(pairs, least_cells=50)
    tifffile.imwrite(folder / "masks" / "0.tif", np.zeros((80, 96), np.uint16))
    notices: list[str] = []
    assert len(load_images(pairs, None, 1, notice=notices.append)) == 1
    assert notices == ["1 images with fewer than 1 cells are left out: 0.tif (0)."]


def test_sizes_that_differ_are_said(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 1)
    tifffile.imwrite(folder / "masks" / "0.tif", np.zeros((5, 7), np.uint16))
    with pytest.raises(TrainingDataError, match=r"80×96 pixels, its labels 0.tif have 5×7"):
        load_images(find_pairs(folder))


def test_values_that_are_no_numbers_are_said(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 1)
    image = picture(disks(0)).astype(np.float32)
    image[3, 4] = np.nan
    tifffile.imwrite(folder / "images" / "0.tif", image)
    with pytest.raises(ImageContentError, match=r"0.tif has 1 pixels that are NaN"):
        load_images(find_pairs(folder))


def test_stacks_are_said(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 1)
    stack = np.zeros((4, 80, 96), np.uint8)
    tifffile.imwrite(folder / "images" / "0.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    with pytest.raises(TrainingDataError, match="has the axes ZYX; one plane"):
        load_images(find_pairs(folder))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.uint64, np.float32, np.int32])
def test_labels_of_any_type_and_with_gaps_are_taken(tmp_path: Path, kind: type) -> None:
    labels = (disks(1) * 40).astype(kind)
    tifffile.imwrite(tmp_path / "a.tif", labels)
    np.testing.assert_array_equal(read_label_image(tmp_path / "a.tif"), labels.astype(int))


def test_large_numbers_are_replaced(tmp_path: Path) -> None:
    labels = disks(1).astype(np.int64)
    labels[labels == 2] = 3_000_000_000
    tifffile.imwrite(tmp_path / "a.tif", labels)
    found = read_label_image(tmp_path / "a.tif")
    assert found.dtype == np.uint16
    assert len(np.unique(found)) == len(np.unique(labels))
    assert ((found > 0) == (labels > 0)).all()
    assert len(np.unique(found[labels == 3_000_000_000])) == 1
    labels[labels > 0] += 2**40
    tifffile.imwrite(tmp_path / "a.tif", labels)
    with pytest.raises(TrainingDataError, match=r"labels a.tif cannot be used.*Number the cells"):
        read_label_image(tmp_path / "a.tif")


def test_colour_and_fractions_and_negatives_are_said(tmp_path: Path) -> None:
    labels = disks(1).astype(np.uint8)
    grey = np.stack([labels] * 3, axis=-1)
    tifffile.imwrite(tmp_path / "grey.tif", grey, photometric="rgb")
    np.testing.assert_array_equal(read_label_image(tmp_path / "grey.tif"), labels)
    grey[..., 1] //= 2
    tifffile.imwrite(tmp_path / "colour.tif", grey, photometric="rgb")
    with pytest.raises(TrainingDataError, match=r"colour.tif are a colour picture.*number for"):
        read_label_image(tmp_path / "colour.tif")
    tifffile.imwrite(tmp_path / "half.tif", labels / 2)
    with pytest.raises(TrainingDataError, match=r"half.tif hold fractions such as 1.5"):
        read_label_image(tmp_path / "half.tif")
    tifffile.imwrite(tmp_path / "minus.tif", labels.astype(np.int16) - 1)
    with pytest.raises(TrainingDataError, match="negative numbers, -1 the least"):
        read_label_image(tmp_path / "minus.tif")


def test_objects_in_two_parts_are_told(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", 1)
    labels = np.zeros((80, 96), np.uint16)
    labels[5:9, 5:9] = labels[20:30, 20:24] = 7
    labels[0:4, 40:44] = labels[20:24, 40:44] = 8  # cut by the border, it may well be in parts
    labels[50:54, 50:54] = labels[54:58, 54:58] = 9  # touches by a corner
    assert split_objects(labels) == [7]
    tifffile.imwrite(folder / "masks" / "0.tif", labels)
    notices: list[str] = []
    load_images(find_pairs(folder), None, 1, notice=notices.append)
    assert len(notices) == 1
    assert "In 1 images there are objects in several parts" in notices[0]
    assert "0.tif (7)" in notices[0]
