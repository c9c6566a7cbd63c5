"""One segmentation in the engine: what is asked, and what comes back."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from cellwire_cellprofiler import libraries
from cellwire_cellprofiler.advice import as_module_error
from cellwire_cellprofiler.connection import EnginePlace, engine_at, forget, gone

_LOG = logging.getLogger(__name__)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0


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
        (Y, X) labels of all objects.
    removed
        Why objects of `unedited` are not accepted: small, large or edge.
    diameter
        In pixels, as it was used.
    engine_version, model, digest
        What made the labels.
    seconds
        From sending the image to having the labels.
    probability
        (Y, X) float32 logit, ``None`` if not asked for.
    flows
        (2, Y, X) float32 dY and dX, ``None`` if not asked for.
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


class Wish(NamedTuple):
    """What is to be segmented.

    Attributes
    ----------
    pixels
        (Y, X) image in a type that travels.
    model
        Name of the model.
    parameters
        Arguments of `cellwire_client.Engine.segment`; what is left out is the model's default.
    nucleus
        (Y, X) image of the nuclei, ``None`` for none.
    mask
        (Y, X) bool, False where nothing may be found; ``None`` for everywhere.
    probability, flows
        Whether to bring them.
    """

    pixels: Any
    model: str
    parameters: Dict[str, Any]
    nucleus: Any = None
    mask: Any = None
    probability: bool = False
    flows: bool = False


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
    return Found(
        unedited=result.unedited_labels,
        removed=result.removed,
        diameter=result.diameter,
        engine_version=str(result.provenance.get("engine_version", "")),
        model=result.model,
        digest=result.model_digest,
        seconds=time.perf_counter() - started,
        probability=result.cellprob if wish.probability else None,
        flows=result.flows if wish.flows else None,
    )


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
    asked = {"cellprob": wish.probability, "flows": wish.flows}
    return ("unedited_labels", *(name for name, wanted in asked.items() if wanted))
