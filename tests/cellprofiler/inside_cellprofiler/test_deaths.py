"""Engines that die during an image, come back, or take too long: both policies."""

import threading
import time

import numpy as np
import pytest
import scenes

from cellwire_cellprofiler.errors import UnreachableError

STOP, SKIP = "Stop the run", "Skip the image set and mark it"


def _busy_scene(make, **values):
    # Large enough that there is time to pull the plug.
    image = np.tile(scenes.discs((160, 170), scenes.CENTRES, 10), (9, 9))
    return scenes.Scene(make(own_parameters=False, augment=True, **values), DNA=image)


def _killed_meanwhile(scene, engine):
    """Run until the engine dies; give the seconds that it took to notice."""
    killer = threading.Timer(0.7, engine.kill)
    killer.start()
    started = time.monotonic()
    try:
        scene.run()
    finally:
        killer.join()
        taken = time.monotonic() - started
        assert 0.6 < taken < 15, taken


def _is_marked(scene):
    assert scene.workspace.disposition == "Skip"
    assert scene.measured("Cellwire_Skipped_Nuclei") == 1
    assert not scene.measurements.has_feature("Image", "Count_Nuclei")
    assert scene.objects.get_object_names() == []


def test_an_engine_that_dies_and_comes_back(make, start_engine, nuclei_image):
    first = start_engine("--model", "nuclei")
    at = {"address": first.address, "time_limit": 5.0}
    with pytest.raises(UnreachableError, match=r"connection was refused.*cellwire serve"):
        _killed_meanwhile(_busy_scene(make, **at), first)
    skipping = _busy_scene(make, when_unreachable=SKIP, **at)
    second = start_engine("--model", "nuclei", "--listen", first.address)
    module = skipping.modules[0]
    module.time_limit.value = 60.0
    again = scenes.run(module, DNA=nuclei_image)
    assert again.measured("Cellwire_Skipped_Nuclei") == 0
    assert again.measured("Count_Nuclei") == 9
    module.time_limit.value = 5.0
    _killed_meanwhile(skipping, second)
    _is_marked(skipping)
    # The image sets that follow do not wait for it again.
    started = time.monotonic()
    following = scenes.run(module, DNA=nuclei_image)
    _is_marked(following)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("policy", [STOP, SKIP])
def test_an_image_that_takes_too_long(make, policy):
    scene = _busy_scene(make, when_unreachable=policy)
    scene.modules[0].time_limit.value = 0.3
    if policy == STOP:
        with pytest.raises(UnreachableError, match=r"time limit.*Setting: Time limit"):
            scene.run()
    else:
        scene.run()
        _is_marked(scene)
