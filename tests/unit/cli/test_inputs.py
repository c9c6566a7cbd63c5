from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwire.cli.inputs import find_inputs, make_folders
from cellwire.errors import ImageUnreadableError, InvalidParameterError, OutputWriteError

NAMES = st.text(st.sampled_from("abAB_"), min_size=1, max_size=3)
PATHS = st.builds(
    lambda folders, stem, ending: "/".join(["/data", *folders, stem + ending]),
    st.lists(NAMES, max_size=3),
    NAMES,
    st.sampled_from([".tif", ".png", ""]),
)


@given(st.lists(PATHS, max_size=12), st.booleans())
def test_no_two_images_share_a_result(paths: list[str], together: bool) -> None:
    found = find_inputs(paths, Path("/results") if together else None, ["_labels.tif"])
    assert [item.path for item in found] == [Path(p) for p in dict.fromkeys(paths)]
    places = [(item.folder, item.stem.lower()) for item in found]
    assert len(set(places)) == len(places)


@given(st.lists(PATHS, max_size=12, unique_by=lambda path: Path(path).stem.lower()))
def test_a_stem_of_its_own_is_kept(paths: list[str]) -> None:
    found = find_inputs(paths, Path("/results"), ["_labels.tif"])
    assert [item.stem for item in found] == [Path(path).stem for path in paths]


def test_patterns_are_expanded(tmp_path: Path) -> None:
    for name in ("b.tif", "a.tif", "c.png", "[x].tif"):
        (tmp_path / name).touch()
    names = [f"{tmp_path}/?.tif", f"{tmp_path}/[x].tif", f"{tmp_path}/a.tif"]
    found = find_inputs(names, None, [])
    assert [item.path.name for item in found] == ["a.tif", "b.tif", "[x].tif"]
    with pytest.raises(ImageUnreadableError, match="No file fits"):
        find_inputs([f"{tmp_path}/*.nd2"], None, [])


def test_an_image_is_never_a_result(tmp_path: Path) -> None:
    names = [f"{tmp_path}/a.tif", f"{tmp_path}/a_labels.tif"]
    with pytest.raises(InvalidParameterError, match=r"a_labels\.tif is one of the images"):
        find_inputs(names, None, ["_labels.tif"])
    assert len(find_inputs(names, tmp_path / "out", ["_labels.tif"])) == 2


def test_folders_are_made_before_the_work(tmp_path: Path) -> None:
    new = tmp_path / "one" / "two"
    make_folders(find_inputs(["a.tif", "b.tif"], new, []))
    assert list(new.iterdir()) == []
    (tmp_path / "file").touch()
    bad = find_inputs(["a.tif"], tmp_path / "file" / "below", [])
    with pytest.raises(OutputWriteError, match=r"cannot be written to .*below: Not a directory"):
        make_folders(bad)
