"""One segmentation in the engine: what is asked, and what comes back."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from cellwire_cellprofiler import libraries
from cellwire_cellprofiler.advice import as_module_error
from cellwire_cellprofiler.connection import EnginePlace, engine_at, forget, gone

_LOG = logging.getLogger(__name__)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_VIEWS = 3


class Deadline:
    """The time that is left for an image set.

    Parameters
    ----------
    seconds
        From now; 0 = no limit.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds if seconds > 0 else None

    def left(self) -> Optional[float]:
        """Seconds that are left, at least a moment; ``None`` without a limit."""
        return None if self._end is None else max(0.001, self._end - time.monotonic())


class Found(NamedTuple):
    """What the engine found.

    Attributes
    ----------
    unedited
        (Y, X) labels of all objects; (Z, Y, X) of the accepted ones of a stack.
    removed
        Why objects of `unedited` are not accepted: small, large or edge.
    diameter
        In pixels, as it was used; the median where each plane has its own.
    engine_version, model, digest
        What made the labels.
    seconds
        From sending the image to having the labels.
    probability
        (Y, X) or (Z, Y, X) logit, of a volume the mean over its three views; ``None`` if not asked
        for.
    flows
        (2, Y, X) or (2, Z, Y, X) float32 dY and dX, or of a volume (3, Z, Y, X) dZ, dY and dX;
        ``None`` if not asked for.
    anisotropy
        Distance of two planes over the side of a pixel as it was used, 1 where it was not.
    """

    unedited: Any
    removed: Mapping[int, str]
    diameter: float
    engine_version: str
    model: str
    digest: str
    seconds: float
    probability: Any = None
    flows: Any = None
    anisotropy: float = 1.0


class Wish(NamedTuple):
    """What is to be segmented.

    Attributes
    ----------
    pixels
        (Y, X) or (Z, Y, X) image in a type that travels.
    model
        Name of the model.
    parameters
        Arguments of `cellwire_client.Engine.segment`; what is left out is the model's default.
    nucleus
        Image of the nuclei, ``None`` for none.
    mask
        Of the same shape, bool, False where nothing may be found; ``None`` for everywhere. That of
        a stack is for `cellwire_cellprofiler.masked_stack`.
    probability, flows
        Whether to bring them.
    stack
        More arguments of a stack, from `cellwire_cellprofiler.volumes`; empty for a plane.
    """

    pixels: Any
    model: str
    parameters: Dict[str, Any]
    nucleus: Any = None
    mask: Any = None
    probability: bool = False
    flows: bool = False
    stack: Mapping[str, Any] = {}


def segment(place: EnginePlace, wish: Wish, deadline: Deadline, priority: str = "batch") -> Found:
    """Have the engine segment an image.

    Parameters
    ----------
    place
        Where the engine is.
    wish
        What is to be done.
    deadline
        Time that is left; also for waiting until a busy engine has room.
    priority
        ``"interactive"`` where somebody waits for the one image.

    Returns
    -------
    Found

    Raises
    ------
    UnreachableError
        If the engine is away, failed, or is not done in time.
    RunCellwireError
        If the engine refuses.
    """
    errors = libraries.part("errors")
    started = time.perf_counter()
    while True:
        try:
            result = engine_at(place).segment(
                wish.pixels,
                wish.model,
                nucleus=wish.nucleus,
                mask=wish.mask,
                outputs=_outputs(wish),
                priority=priority,
                timeout=deadline.left(),
                **wish.parameters,
                **wish.stack,
            )
            break
        except errors.EngineBusyError as error:
            _wait_for_room(error, deadline)
        except errors.ConnectionFailedError as error:
            forget(place)
            raise as_module_error(error) from None
        except errors.SegmentationTimeoutError as error:
            raise as_module_error(gone(place) or error) from None
        except errors.CellwireClientError as error:
            raise as_module_error(error) from None
    for notice in result.notices:
        _LOG.warning("%s", notice)
    volume = wish.stack.get("stack") == "volume"
    return Found(
        unedited=result.labels if wish.stack else result.unedited_labels,
        removed={} if wish.stack else result.removed,
        diameter=float(np.median(result.diameters)) if wish.stack else result.diameter,
        engine_version=str(result.provenance.get("engine_version", "")),
        model=result.model,
        digest=result.model_digest,
        seconds=time.perf_counter() - started,
        probability=_mean_logit(result.cellprob, volume) if wish.probability else None,
        flows=result.flows if wish.flows else None,
        anisotropy=wish.stack.get("anisotropy", 1.0),
    )


def _mean_logit(cellprob: Any, volume: bool) -> Any:
    # Of a volume it is the sum over the three views.
    return cellprob / np.float32(_VIEWS) if volume else cellprob


def _wait_for_room(error: Any, deadline: Deadline) -> None:
    """Pause before the same is asked again, or raise where that will not help."""
    left = deadline.left()
    if error.retry_after is None:
        raise as_module_error(error) from None
    # Asking costs little, and with several workers there may be room long before.
    pause = min(max(error.retry_after, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    if left is not None and left < pause:
        raise as_module_error(error) from None
    _LOG.info("%s Asking again in %g s.", error.message, pause)
    time.sleep(pause)


def _outputs(wish: Wish) -> Tuple[str, ...]:
    # The final labels are the unedited ones without the removed: they need not travel as well.
    # Of a stack there are no unedited ones.
    labels = "labels" if wish.stack else "unedited_labels"
    asked = {"cellprob": wish.probability, "flows": wish.flows}
    return (labels, *(name for name, wanted in asked.items() if wanted))
