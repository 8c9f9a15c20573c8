"""Texts for the window. Those of users and files appear as they are written: Qt would interpret markup and ``&``."""

import re
from html import escape

_FIRST_WORD = re.compile(r"[a-z]+[ ,;]")


def plain(text: str) -> str:
    """Return a text for a place that shows rich text, such as a tooltip, so that it looks as it is written."""
    return escape(text).replace("\n", "<br>")


def plain_tip(text: str) -> str:
    """Return a whole tooltip that shows a text as it is written, also if Qt would take it for HTML."""
    return f"<span>{plain(text)}</span>" if "<" in text else text


def without_mnemonic(text: str) -> str:
    """Return the text of a button or menu entry, where a single ``&`` would underline the next letter instead."""
    return text.replace("&", "&&")


def sentence(problem: str) -> str:
    """Return a problem with a capital letter at its begin, unless it begins with the name of a file or a model.

    Messages of errors begin with a small letter, because the command line writes the program's name before them.
    """
    return problem[:1].upper() + problem[1:] if _FIRST_WORD.match(problem) else problem
