"""The picture of a stack or a time series to look at first: cuts with outlines on the image."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.outputs.colours import label_colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.images.spec import Calibration
    from cellwire.outputs.colours import Picture
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.volume.stack import StackSegmentation

MOST_FRAMES = 6
SHEET_SIDE = 2000
"""Pixels of all frames together, about; small images are enlarged by whole factors."""

MOST_ENLARGED = 6
MOST_LOOKED_AT = 50
"""Cuts among which the one with most objects is sought."""

MARGIN, TITLE_HEIGHT, GAP, FONT = 10, 28, 6, 15
PAPER, INK, FAINT = (24, 24, 27), (235, 235, 235), (150, 150, 158)
LIT = 0.7
"""Share of an object's colour in its outline; the rest is white, for blue to be seen on black."""

LOW, HIGH = 0.5, 99.8
"""Percentiles of the intensities that are black and white."""


def orthogonal_overlay_png(
    image: AnyArray,
    segmentation: StackSegmentation,
    calibration: Calibration,
    provenance: Provenance,
) -> bytes:
    """Draw a stack's XY, XZ and YZ cuts, or the frames of a time series, each object in a colour.

    The cuts go through most objects of the middle half; ticks at their edges show where the others
    lie. XZ and YZ are stretched along Z by the distance of the planes. Of a time series up to six
    frames stand in a row, the first and the last among them; all cuts share one range of
    intensities.

    Parameters
    ----------
    image
        (*axes, C) as it was segmented, may be a mapped file; a second channel is shown in blue.
    segmentation
        What was found.
    calibration
        Says how far planes are apart; where it does not, the segmentation's anisotropy does.
    provenance
        Goes into the PNG as the text ``provenance``.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    axes, labels = segmentation.axes, segmentation.labels
    stretch = segmentation.anisotropy
    if calibration.z is not None and calibration.pixel is not None:
        stretch = calibration.z / calibration.pixel
    frames: list[tuple[int | slice, str]] = [(slice(None), "")]
    if axes[0] == "T":
        chosen = np.unique(np.linspace(0, len(labels) - 1, MOST_FRAMES).round().astype(int))
        frames = [(int(t), f"frame {t + 1} of {len(labels)}: ") for t in chosen]
    solid = "Z" in axes
    drawn = [_cuts(image[at], labels[at], title, solid) for at, title in frames]
    stretched = _Stretch.of([cut.image for cuts in drawn for cut in cuts])
    depth = drawn[0][1].image.shape[0] * stretch if solid else 0.0
    height, width = labels.shape[-2:]
    across = (SHEET_SIDE / len(drawn) - 2 * MARGIN - GAP) / (width + depth)
    enlarged = min(across, SHEET_SIDE / (height + depth))
    enlarged = float(min(MOST_ENLARGED, int(enlarged))) if enlarged >= 1 else enlarged
    blocks = [_block(cuts, stretched, enlarged, stretch) for cuts in drawn]
    info = PngInfo()
    info.add_text("provenance", provenance.to_json())
    buffer = io.BytesIO()
    sheet = np.concatenate(blocks, axis=1)
    Image.fromarray(sheet).save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Cut:
    """A cut through an image: (rows, columns, C), its labels, title, and where others cross it."""

    image: AnyArray
    labels: AnyArray
    title: str
    row: int | None = None
    column: int | None = None


def _cuts(image: AnyArray, labels: AnyArray, title: str, solid: bool) -> list[_Cut]:
    """Give XY, or XY, XZ (rows are planes) and YZ (columns are planes)."""
    if not solid:
        return [_Cut(np.asarray(image), np.asarray(labels), f"{title}{_objects(labels)}")]
    z, y, x = (_busiest(labels, axis) for axis in range(3))
    return [
        _Cut(image[z], labels[z], f"{title}XY, plane {z + 1} of {len(labels)}: "
             f"{_objects(labels[z])}", y, x),
        _Cut(image[:, y], labels[:, y], f"XZ, row {y + 1}", z, x),
        _Cut(image[:, :, x].swapaxes(0, 1), labels[:, :, x].T,
             f"YZ, column {x + 1}", y, z),
    ]  # fmt: skip


def _busiest(labels: AnyArray, axis: int) -> int:
    """Give the place in the middle half of an axis where most objects are, nearest the middle."""
    length = labels.shape[axis]
    first, end = length // 4, max(length - length // 4, 1)
    places = np.arange(first, end, max(1, (end - first) // MOST_LOOKED_AT))
    counts = np.array([len(np.unique(labels.take(at, axis))) for at in places])
    best = places[counts == counts.max()]
    return int(best[np.abs(best - length // 2).argmin()])


def _objects(labels: AnyArray) -> str:
    count = int((np.unique(labels) > 0).sum())
    return f"{count} {'object' if count == 1 else 'objects'}"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The black and the white of each channel."""

    low: AnyArray
    high: AnyArray

    @classmethod
    def of(cls, images: Sequence[AnyArray]) -> _Stretch:
        pixels = np.concatenate([each.reshape(-1, each.shape[-1]) for each in images])
        low, high = np.percentile(pixels, [LOW, HIGH], axis=0)
        return cls(low, np.where(high > low, high, low + 1.0))

    def shown(self, image: AnyArray) -> Picture:
        """Give (Y, X, 3): grey, a second channel that is not empty in blue."""
        scaled = np.clip((image - self.low) / (self.high - self.low), 0, 1) * 255
        first = scaled[..., 0]
        blue = np.maximum(first, scaled[..., 1]) if image.shape[-1] > 1 else first
        return np.stack([first, first, blue], axis=-1).astype(np.uint8)


def _block(cuts: Sequence[_Cut], stretched: _Stretch, enlarged: float, stretch: float) -> Picture:
    """Lay one frame out: XY with YZ on its right and XZ below, with titles."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = (max(1, round(n * enlarged)) for n in cuts[0].labels.shape)
    depth = 0
    if len(cuts) > 1:
        depth = max(1, round(cuts[1].labels.shape[0] * stretch * enlarged))
    sizes = [(height, width), (depth, width), (height, depth)][: len(cuts)]
    right, below = MARGIN + width + GAP, MARGIN + TITLE_HEIGHT + height + GAP
    corners = [(MARGIN, MARGIN + TITLE_HEIGHT), (MARGIN, below + TITLE_HEIGHT),
               (right, MARGIN + TITLE_HEIGHT)]  # fmt: skip
    font = ImageFont.load_default(size=FONT)
    titled = max((round(font.getlength(cut.title)) for cut in cuts[2:]), default=0)
    total = (
        below + (TITLE_HEIGHT + depth + MARGIN if depth else MARGIN - GAP),
        right + (max(depth, titled) + MARGIN if depth else MARGIN - GAP),
    )
    sheet = Image.new("RGB", (total[1], total[0]), PAPER)
    draw = ImageDraw.Draw(sheet)
    for cut, size, (left, top) in zip(cuts, sizes, corners, strict=False):
        sheet.paste(Image.fromarray(_outlined(cut, stretched, size)), (left, top))
        draw.text((left, top - TITLE_HEIGHT + 6), cut.title, INK, font)
        if cut.row is not None:
            y = top + round((cut.row + 0.5) / cut.labels.shape[0] * size[0])
            draw.line((left - 7, y, left - 2, y), FAINT, 2)
        if cut.column is not None:
            x = left + round((cut.column + 0.5) / cut.labels.shape[1] * size[1])
            draw.line((x, top + size[0] + 1, x, top + size[0] + 5), FAINT, 2)
    return np.asarray(sheet)


def _outlined(cut: _Cut, stretched: _Stretch, size: tuple[int, int]) -> Picture:
    """Bring a cut to a size, with the edges of each object in its colour."""
    height, width = size
    larger = height >= cut.labels.shape[0] and width >= cut.labels.shape[1]
    way = cv2.INTER_NEAREST if larger else cv2.INTER_AREA
    picture = cv2.resize(stretched.shown(cut.image), (width, height), interpolation=way)
    picture = np.asarray(picture, np.uint8)
    rows = np.minimum((np.arange(height) + 0.5) * cut.labels.shape[0] / height, len(cut.labels) - 1)
    columns = np.minimum(
        (np.arange(width) + 0.5) * cut.labels.shape[1] / width, cut.labels.shape[1] - 1
    )
    seen = np.asarray(cut.labels)[rows.astype(int)[:, None], columns.astype(int)]
    # float64 holds every label, and OpenCV takes it.
    wide = np.ones((5, 5) if height >= 3 * cut.labels.shape[0] else (3, 3), np.uint8)
    plain = seen.astype(np.float64)
    edge = (seen > 0) & ((cv2.erode(plain, wide) != seen) | (cv2.dilate(plain, wide) != seen))
    picture[edge] = np.minimum(255, label_colours(seen)[edge] * LIT + 255 * (1 - LIT))
    return picture
