"""What can be said to a segmentation, as keyword arguments of `Engine.segment`."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    TypedDict,
    Union,
)

if TYPE_CHECKING:
    import threading

    from cellwire_client.parameters import ChannelLike, DiameterLike, Pair, Triple
    from cellwire_client.progress import Progress


class ParameterOptions(TypedDict, total=False):
    """Parameters of the model; what is left out or ``None`` is the model's default.

    Attributes
    ----------
    diameter
        Pixels, ``"10um"`` (with `pixel_size`) or ``"auto"``.
    flow_threshold
        Greatest flow error of a cell, 0 = keep all.
    cellprob_threshold
        Pixels with a higher cell probability (logit) belong to cells.
    min_size, max_size
        Least and greatest area of a cell in pixels, of a volume in voxels; -1 and 0 = no limit.
    max_size_fraction
        Greatest share of the image that a cell may cover.
    niter
        Steps of the dynamics, 0 = from the diameter.
    tolerance
        A pixel that moves no farther than this in eight steps of the dynamics stops there, which
        is faster, such as 1e-3; 0 = exact.
    augment
        Average the network over flipped tiles.
    resample
        Run the dynamics at the image's own resolution.
    exclude_on_edges
        Drop cells that touch the border of the image or of the mask.
    tile_overlap
        Share of a tile that overlaps its neighbour.
    compat
        ``"cellpose3"`` for that program's exact behaviour with its known faults.
    normalise
        False sends the image to the network as it is.
    percentiles, intensity_range
        (low, high) that become 0 and 1, as percentiles or as intensities. A few bright cells above
        the percentiles widen the range.
    tile_blocksize
        Side in pixels of blocks that are normalised locally, 0 = the whole image.
    invert
        Swap dark and bright.
    """

    diameter: DiameterLike
    flow_threshold: Optional[float]
    cellprob_threshold: Optional[float]
    min_size: Optional[int]
    max_size: Optional[int]
    max_size_fraction: Optional[float]
    niter: Optional[int]
    tolerance: Optional[float]
    augment: Optional[bool]
    resample: Optional[bool]
    exclude_on_edges: Optional[bool]
    tile_overlap: Optional[float]
    compat: Optional[str]
    normalise: Optional[bool]
    percentiles: Optional[Pair]
    intensity_range: Optional[Pair]
    tile_blocksize: Optional[int]
    invert: Optional[bool]


class StackOptions(TypedDict, total=False):
    """How planes along Z and frames along T belong together; without ``stack`` there is one plane.

    Attributes
    ----------
    stack
        ``"planes"``: each plane is segmented and numbered by itself; ``"stitched"``: objects that
        overlap from plane to plane get one number; ``"volume"``: true 3D, each frame by itself.
    link_frames
        Objects keep their number from frame to frame.
    anisotropy
        Distance of two planes over the side of a pixel; not needed for a volume whose `pixel_size`
        is (z, y, x).
    stitch_threshold
        Least overlap (intersection over union) of objects that are one, in neighbouring planes;
        0.25 by default.
    link_threshold
        The same in frames in a row, with `link_frames`; `stitch_threshold` by default.
    flow_smoothing
        Sigma in voxels of a Gaussian over the flows of a volume, 0 = none.
    intensity_scope
        What shares one range of intensities: ``"plane"``, ``"frame"`` or ``"whole"``; by default a
        volume has one for each frame, all else one for each plane.
    half_precision
        Add the flows of a volume up in half precision: half the memory, about three digits.
    orthogonal_model
        Name of a model for the ZX and ZY planes of a volume, else the same.
    """

    stack: Optional[str]
    link_frames: Optional[bool]
    anisotropy: Optional[float]
    stitch_threshold: Optional[float]
    link_threshold: Optional[float]
    flow_smoothing: Optional[float]
    intensity_scope: Optional[str]
    half_precision: Optional[bool]
    orthogonal_model: Optional[str]


class SegmentOptions(ParameterOptions, StackOptions, total=False):
    """What is segmented, what comes back, and how the call behaves.

    Attributes
    ----------
    axes
        A letter of T, Z, C, Y, X for each dimension; not needed for two dimensions.
    channels
        (segmented, nucleus): numbers from 1, 0 = mean for the first and none for the second, or
        names out of `channel_names`.
    channel_names
        Names of the image's channels, in order.
    nucleus
        A second image, of the same axes and size, that shows the nuclei.
    mask
        (Y, X), zeros are no cell and do not enter the percentiles.
    region
        Part of the image, such as ``{"Y": (0, 512), "X": (0, 512)}``; of T and Z one index, or any
        range with `stack`.
    pixel_size
        Micrometres a pixel: one number, (y, x), or (z, y, x) with the distance of planes.
    outputs
        Of labels, rois, flows, cellprob, style, unedited_labels, table; the first two by default.
    title
        Name for ROIs and provenance, such as the file's.
    priority
        ``"interactive"``, or ``"batch"`` where nobody waits for the one image.
    detached
        True: the engine finishes the work even if this client is lost.
    request_id
        Names this request; the same id with the same content is the same segmentation.
    timeout
        Seconds for everything together.
    progress
        Called with each `Progress`, in the calling thread.
    cancel
        Setting this event ends the work.
    """

    axes: Optional[str]
    channels: Optional[Sequence[ChannelLike]]
    channel_names: Sequence[str]
    nucleus: Any
    mask: Any
    region: Optional[Mapping[str, Tuple[int, int]]]
    pixel_size: Union[float, Pair, Triple, None]
    outputs: Optional[Sequence[str]]
    title: str
    priority: str
    detached: bool
    request_id: str
    timeout: Optional[float]
    progress: Optional[Callable[[Progress], object]]
    cancel: Optional[threading.Event]
