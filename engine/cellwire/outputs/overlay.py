"""The picture to look at first: outlines on the image, labels, flows and probability."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cellwire.outputs.colours import flow_colours, grey, label_colours

if TYPE_CHECKING:
    from cellwire.outputs.colours import Picture
    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.arrays import AnyArray
    from cellwire.segmentation.result import Segmentation

PANEL_SIDE = 1024
"""The longer side of a panel, about; small images are enlarged by whole factors."""

MARGIN, TITLE_HEIGHT = 8, 34
OUTLINE = (255, 214, 10)
PAPER, INK = (24, 24, 27), (235, 235, 235)


def overlay_png(image: AnyArray, segmentation: Segmentation, provenance: Provenance) -> bytes:
    """Draw four panels: outlines on the image, labels, flows, cell probability.

    Parameters
    ----------
    image
        (Y, X, C) as it was segmented; a second channel is shown in blue.
    segmentation
        What was found.
    provenance
        Goes into the PNG as the text ``provenance``.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    labels = segmentation.labels
    probability = 1.0 / (1.0 + np.exp(-np.clip(segmentation.cellprob, -30, 30)))
    cells = f"{segmentation.count} {'cell' if segmentation.count == 1 else 'cells'}"
    panels = [
        (f"Outlines: {cells}", _outlined(_scaled(_shown(image)), labels)),
        (f"Labels (diameter {segmentation.diameter:.1f} px)", _scaled(label_colours(labels))),
        ("Flows", _scaled(flow_colours(segmentation.flows))),
        ("Cell probability", _scaled(_as_rgb((probability * 255).astype(np.uint8)))),
    ]
    info = PngInfo()
    info.add_text("provenance", provenance.to_json())
    buffer = io.BytesIO()
    Image.fromarray(_arranged(panels)).save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def _shown(image: AnyArray) -> Picture:
    first = grey(image[..., 0])
    if image.shape[2] == 1 or not image[..., 1].any():
        return _as_rgb(first)
    return np.stack([first, first, np.maximum(first, grey(image[..., 1]))], axis=-1)


def _as_rgb(plane: Picture) -> Picture:
    return np.repeat(plane[..., None], 3, axis=2)


def _factor(shape: tuple[int, ...]) -> float:
    longer = max(shape[:2])
    return max(1.0, PANEL_SIDE // longer) if longer <= PANEL_SIDE else PANEL_SIDE / longer


def _scaled(picture: Picture) -> Picture:
    factor = _factor(picture.shape)
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    way = cv2.INTER_NEAREST if factor >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)


def _outlined(picture: Picture, labels: AnyArray) -> Picture:
    """Draw the edges between objects on the enlarged or reduced picture, two pixels wide."""
    height, width = picture.shape[:2]
    rows = np.minimum((np.arange(height) + 0.5) * labels.shape[0] / height, labels.shape[0] - 1)
    columns = np.minimum((np.arange(width) + 0.5) * labels.shape[1] / width, labels.shape[1] - 1)
    seen = labels[rows.astype(int)[:, None], columns.astype(int)]
    edges = np.zeros(seen.shape, bool)
    edges[1:] |= seen[1:] != seen[:-1]
    edges[:, 1:] |= seen[:, 1:] != seen[:, :-1]
    edges = cv2.dilate(edges.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    out = picture.copy()
    out[edges] = OUTLINE
    return out


def _arranged(panels: list[tuple[str, Picture]]) -> Picture:
    from PIL import Image, ImageDraw, ImageFont

    height, width = panels[0][1].shape[:2]
    columns = 2 if width >= height / 2 else 4
    rows = -(-len(panels) // columns)
    sheet = Image.new(
        "RGB",
        (columns * (width + MARGIN) + MARGIN, rows * (height + TITLE_HEIGHT + MARGIN) + MARGIN),
        PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=20)
    for index, (title, picture) in enumerate(panels):
        left = MARGIN + (index % columns) * (width + MARGIN)
        top = MARGIN + (index // columns) * (height + TITLE_HEIGHT + MARGIN)
        draw.text((left + 2, top + 3), title, INK, font)
        sheet.paste(Image.fromarray(picture), (left, top + TITLE_HEIGHT))
    return np.asarray(sheet)
