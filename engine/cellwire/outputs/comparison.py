"""A picture of an image with its true and its found outlines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from cellwire.evaluation.rescaling import busiest_window
from cellwire.outputs.panels import edges, scaled, shown
from cellwire.segmentation.targets import median_diameter

if TYPE_CHECKING:
    from cellwire.outputs.colours import Picture
    from cellwire.segmentation.arrays import AnyArray

SIDE, LEAST_WIDTH = 640, 420
LINE = 24
TRUE, FOUND, BOTH = (0, 170, 255), (255, 120, 0), (255, 255, 90)
"""Blue and orange are told apart by colour-blind people; where the outlines agree: yellow."""
PAPER, INK = (24, 24, 27), (235, 235, 235)
LEAST_DIAMETER = 20
"""Pixels of the picture that a cell takes; of large images with small cells a part is shown."""
COLOURS = 128
"""Of the file: few enough that a picture in a document stays small."""


def comparison_png(
    image: AnyArray, truth: AnyArray, prediction: AnyArray, title: str, counts: str
) -> bytes:
    """Draw an image with both outlines, a title and a legend.

    Parameters
    ----------
    image
        (Y, X, C): one or two channels as they were segmented, or three of a colour picture, which
        is shown as it is.
    truth, prediction
        (Y, X) labels.
    title, counts
        First line, and what stands after the legend.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    from PIL import Image, ImageDraw, ImageFont

    rows, columns = _part(truth)
    if (rows, columns) != (slice(0, truth.shape[0]), slice(0, truth.shape[1])):
        counts += ", a part of it"
    image, truth, prediction = (each[rows, columns] for each in (image, truth, prediction))
    colour = image.shape[2] == 3 and image.dtype == np.uint8
    picture = scaled(np.asarray(image, np.uint8) if colour else shown(image), SIDE)
    picture = _outlined(picture, truth, prediction)
    height, width = picture.shape[:2]
    sheet = Image.new("RGB", (max(width, LEAST_WIDTH), height + 2 * LINE), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=14)
    draw.text((6, 4), title, INK, font)
    left = 6
    for name, colour_of_line in (("true", TRUE), ("found", FOUND), ("both", BOTH)):
        draw.rectangle((left, LINE + 9, left + 14, LINE + 13), fill=colour_of_line)
        draw.text((left + 20, LINE + 2), name, INK, font)
        left += 36 + round(font.getlength(name))
    draw.text((left, LINE + 2), counts, INK, font)
    sheet.paste(Image.fromarray(picture), (0, 2 * LINE))
    buffer = io.BytesIO()
    reduced = sheet.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _part(truth: AnyArray) -> tuple[slice, slice]:
    """Give the rows and columns to show: those with most cells, large enough to be seen."""
    diameter = median_diameter(truth)
    most = round(SIDE * diameter / LEAST_DIAMETER) if diameter else max(truth.shape)
    return busiest_window(truth > 0, max(most, SIDE // 4))


def _outlined(picture: Picture, truth: AnyArray, prediction: AnyArray) -> Picture:
    true, found = (edges(labels, picture.shape) for labels in (truth, prediction))
    out = picture.copy()
    for where, colour in ((true, TRUE), (found, FOUND), (true & found, BOTH)):
        out[where] = colour
    return out
