"""Cellpose's ``_seg.npy``, which its GUI opens."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from cellwire.evaluation.boundary import outer_outlines
from cellwire.outputs.colours import flow_colours, grey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cellwire.outputs.provenance import Provenance
    from cellwire.segmentation.result import Segmentation

NARROW = 2**16 - 1


def seg_npy(
    segmentation: Segmentation, filename: str, channels: Sequence[int], provenance: Provenance
) -> bytes:
    """Encode a segmentation as Cellpose's GUI saves its own (peer: ``io.masks_flows_to_seg``).

    Parameters
    ----------
    segmentation
        What was found.
    filename
        Name of the image, which the GUI opens beside this file.
    channels
        Numbers of the segmented and the nucleus channel, 0 = mean and none.
    provenance
        Kept under the key ``provenance``, which the GUI passes over.
    """
    labels, flows = segmentation.labels, segmentation.flows
    kind = np.uint16 if segmentation.count < NARROW else np.uint32
    chosen = (*channels, 0)[:2]
    content = {
        "outlines": (labels * outer_outlines(labels)).astype(kind),
        "masks": labels.astype(kind),
        "chan_choose": [int(channel) for channel in chosen],
        "ismanual": np.zeros(segmentation.count, bool),
        "filename": filename,
        "flows": [
            flow_colours(flows)[None],
            grey(segmentation.cellprob, 1, 99)[None],
            np.zeros((1, *labels.shape, 3), np.uint8),
            [],
            np.concatenate([flows, segmentation.cellprob[None]]),
        ],
        "diameter": float(segmentation.diameter),
        "provenance": provenance.to_json(),
    }
    buffer = io.BytesIO()
    np.save(buffer, np.array(content, dtype=object), allow_pickle=True)
    return buffer.getvalue()
