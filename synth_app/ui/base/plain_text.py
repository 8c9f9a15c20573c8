"""Shows text of users and files as it is: Qt interprets markup in tooltips and ``&`` on buttons and in menus."""

from html import escape


def plain(text: str) -> str:
    """Return a text for a place that shows rich text, such as a tooltip, so that it looks as it is written."""
    return escape(text).replace("\n", "<br>")


def plain_tip(text: str) -> str:
    """Return a whole tooltip that shows a text as it is written, also if Qt would take it for HTML."""
    return f"<span>{plain(text)}</span>" if "<" in text else text


def without_mnemonic(text: str) -> str:
    """Return the text of a button or menu entry, where a single ``&`` would underline the next letter instead."""
    return text.replace("&", "&&")
