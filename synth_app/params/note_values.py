"""Note values: the table of their lengths, and the two spellings that presets use."""

# Length in quarter notes by name, with "." for dotted and "t" for triplet, as LFOs are saved.
NOTE_BEATS: dict[str, float] = {"8/1": 32.0, "4/1": 16.0, "2/1": 8.0} | {
    f"1/{part}{mark}": 4.0 / part * factor
    for part in (1, 2, 4, 8, 16, 32)
    for mark, factor in ((".", 1.5), ("", 1.0), ("t", 2.0 / 3.0))
}
# Choices of the delay, by rising length, with "D" for dotted and "T" for triplet.
DELAY_NOTE_VALUES = (
    "1/32", "1/16T", "1/16", "1/8T", "1/16D", "1/8", "1/4T", "1/8D", "1/4", "1/2T", "1/4D", "1/2", "1/1",
)  # fmt: skip


def note_beats(name: str) -> float:
    """Return the length of a note value in quarter notes.

    Args:
        name: such as ``1/8``, dotted ``1/8.`` or ``1/8D``, triplet ``1/8t`` or ``1/8T``.

    Raises:
        KeyError: there is no such note value.
    """
    return NOTE_BEATS[name.replace("D", ".").replace("T", "t")]
