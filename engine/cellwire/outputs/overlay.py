"""The picture to look at first: outlines on the image, labels, flows and probability."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from cellwire.outputs.colours import flow_colours, label_colours
from cellwire.outputs.panels import as_rgb, edges, scaled, shown

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
        (f"Outlines: {cells}", _outlined(_large(shown(image)), labels)),
        (f"Labels (diameter {segmentation.diameter:.1f} px)", _large(label_colours(labels))),
        ("Flows", _large(flow_colours(segmentation.flows))),
        ("Cell probability", _large(as_rgb((probability * 255).astype(np.uint8)))),
    ]
    info = PngInfo()
    info.add_text("provenance", provenance.to_json())
    buffer = io.BytesIO()
    Image.fromarray(_arranged(panels)).save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def _large(picture: Picture) -> Picture:
    return scaled(picture, PANEL_SIDE)


def _outlined(picture: Picture, labels: AnyArray) -> Picture:
    out = picture.copy()
    out[edges(labels, picture.shape)] = OUTLINE
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
