"""The guard of all loaders: every error of a block becomes one line for the user, and reading is bounded."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from synth_app.support.errors import UserError
from synth_app.support.loading import loading, parse_json, read_bytes, read_json, shown


class _RustPanic(BaseException):
    """What a defect in a Rust library raises."""


_RustPanic.__module__ = "pyo3_runtime"


def _deep(data: object, levels: int) -> object:
    return _deep([data], levels + 1)


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (lambda: _raise(ValueError("two\nlines")), "two lines"),
        (lambda: _raise(KeyError("weight")), "'weight' is missing"),
        (lambda: _deep(0, 0), "nested too deeply"),
        (lambda: _raise(MemoryError()), "more memory than there is"),
        (lambda: _raise(AttributeError("no such")), "no such"),
        (lambda: _raise(_RustPanic("index out of bounds")), "index out of bounds"),
        (lambda: _raise(EOFError()), "EOFError"),
        (lambda: b"\xff".decode("utf-8"), "not text in UTF-8"),
        (lambda: TypeAdapter(dict[str, int]).validate_python({"a": "x"}), "a: Input should be a valid integer"),
    ],
)
def test_every_error_becomes_one_line_that_names_file_reason_and_advice(
    fail: Callable[[], object], reason: str
) -> None:
    with pytest.raises(UserError) as caught, loading("here.json", "a split", "make it again"):
        fail()
    assert str(caught.value).startswith("here.json is not a split, or is damaged (")
    assert reason in str(caught.value)
    assert str(caught.value).endswith("); make it again")
    assert "\n" not in str(caught.value)


def test_messages_of_system_errors_name_the_cause(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"), loading(tmp_path / "a", "a split", "-"):
        read_bytes(tmp_path / "a", 10)
    with pytest.raises(UserError, match="File name too long"), loading(tmp_path / ("a" * 300), "a split", "-"):
        read_bytes(tmp_path / ("a" * 300), 10)


def test_a_message_for_the_user_and_the_wish_to_stop_pass_unchanged() -> None:
    with pytest.raises(UserError, match=r"^just this$"), loading("a", "a split", "-"):
        raise UserError("just this")
    with pytest.raises(UserError, match=r"^no a b here$"), loading("a", "a split", "-"):
        raise UserError("no a\nb here")
    with pytest.raises(KeyboardInterrupt), loading("a", "a split", "-"):
        raise KeyboardInterrupt


def test_an_error_that_may_be_a_defect_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "synth_app"):
        with pytest.raises(UserError), loading("a", "a split", "-"):
            raise ValueError
        assert not caplog.records
        with pytest.raises(UserError), loading("a", "a split", "-"):
            raise AttributeError
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_reading_is_bounded_and_leaves_out_the_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path, 100) == {"a": 1}
    assert read_bytes(path, 11) == b'{"a": 1}'
    with pytest.raises(UserError, match="larger than 10 bytes"):
        read_bytes(path, 10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_a_folder_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(UserError, match="no regular file"):
            read_bytes(path, 10)


@pytest.mark.parametrize("text", ["[" * 100_000, '"\\ud800"', '{"a": 1', "1" * 10_000, ""])
def test_json_that_could_harm_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_json(text)


def test_a_name_that_is_not_utf_8_can_be_printed() -> None:
    assert shown(os.fsdecode(b"caf\xe9.wav")) == "caf?.wav"
    assert shown("café.wav") == "café.wav"
