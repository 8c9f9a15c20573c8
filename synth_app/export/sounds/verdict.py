"""How near a model comes to a recording, in words. It imports nothing, because the window uses it."""

_VERDICTS = (  # by mel distance in dB, from near to far
    (2.0, "hardly told apart"),
    (3.5, "very close"),
    (5.5, "close, with small differences"),
    (8.0, "recognizable, with audible differences"),
)
_FAR = "far apart"


def verdict(mel_db: float) -> str:
    """Return in words how near two sounds with a mel distance are."""
    return next((words for limit, words in _VERDICTS if mel_db < limit), _FAR)
