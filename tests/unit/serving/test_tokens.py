from __future__ import annotations

import os
import stat

import pytest

from cellwire.errors import InvalidParameterError
from cellwire.serving.tokens import TokenBook, add_token, remove_token, token_names


def test_tokens_lead_to_names(tmp_path) -> None:
    file = tmp_path / "deep" / "tokens"
    ada, ben = add_token(file, "ada"), add_token(file, "ben")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    book = TokenBook(file)
    assert book.identify(ada) == "ada"
    assert book.identify(ben) == "ben"
    assert book.identify("") is None
    assert book.identify(ada + "x") is None
    assert token_names(file) == ["ada", "ben"]


def test_the_file_does_not_hold_the_tokens(tmp_path) -> None:
    token = add_token(tmp_path / "t", "ada")
    assert token not in (tmp_path / "t").read_text()
    assert len(token) >= 43


def test_a_new_token_replaces_the_old_one_without_a_restart(tmp_path) -> None:
    file = tmp_path / "t"
    old = add_token(file, "ada")
    book = TokenBook(file)
    new = add_token(file, "ada")
    assert book.identify(old) is None
    assert book.identify(new) == "ada"
    assert remove_token(file, "ada")
    assert not remove_token(file, "ada")
    assert book.identify(new) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode) -> None:
    file = tmp_path / "t"
    token = add_token(file, "ada")
    book = TokenBook(file)
    file.chmod(mode)
    with pytest.raises(InvalidParameterError, match="limit is 0600"):
        TokenBook(file)
    with pytest.raises(InvalidParameterError):
        add_token(file, "ben")
    assert book.identify(token) is None, "a running engine closes too"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "../x", "x" * 64, "-x"])
def test_names_that_are_none(tmp_path, name) -> None:
    with pytest.raises(InvalidParameterError, match="cannot be a name"):
        add_token(tmp_path / "t", name)


def test_files_that_are_none(tmp_path) -> None:
    with pytest.raises(InvalidParameterError, match="There is no token file"):
        TokenBook(tmp_path / "t")
    (tmp_path / "t").write_text("ada:secret\n")
    (tmp_path / "t").chmod(0o600)
    with pytest.raises(InvalidParameterError, match="Line 1"):
        TokenBook(tmp_path / "t")
    (tmp_path / "t").write_text("# nobody\n")
    with pytest.raises(InvalidParameterError, match="names nobody"):
        TokenBook(tmp_path / "t")
