"""What the button "Test connection" does."""

from __future__ import annotations

import logging
from typing import Any

from cellprofiler_core.preferences import get_headless

from cellwire_cellprofiler import choices
from cellwire_cellprofiler.connection import describe
from cellwire_cellprofiler.errors import RunCellwireError

_LOG = logging.getLogger(__name__)


def press(module: Any) -> None:
    """Ask the engine what it is, fill the lists of models, and tell the person.

    Parameters
    ----------
    module
        The module whose settings say where the engine is.
    """
    try:
        text, models = describe(module.place)
    except RunCellwireError as error:
        _tell(str(error), failed=True)
        return
    module.known_models[:] = models
    module.known_orthogonal_models[:] = [choices.SAME_MODEL, *models]
    _tell(text, failed=False)


def _tell(text: str, failed: bool) -> None:
    if get_headless():
        _LOG.log(logging.ERROR if failed else logging.INFO, "%s", text)
        return
    import wx

    icon = wx.ICON_ERROR if failed else wx.ICON_INFORMATION
    wx.MessageBox(text, "RunCellwire", wx.OK | icon)
