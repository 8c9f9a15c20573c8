"""Which pitch a recording gets: from its file's name, refined by what is heard, or from the sound alone."""

import pytest

from synth_app.dataset.recordings.file_names import read_file_name
from synth_app.session.sounds.named_pitch import pitch_of
from tests.session.sounds.recordings import RATE, noise, tone


@pytest.mark.parametrize(
    ("stem", "heard", "expected"),
    [
        ("cello-048-100", 48.3, 48.3),  # refined by what is heard
        ("organ-060-100", 48.2, 60.2),  # a stop that sounds an octave lower
        ("bell-060-100", 65.4, 60.0),  # the name knows better
        ("kazoo", 61.3, 61.3),
        ("kazoo 61", 61.3, 61.3),  # bare numbers that are heard
        ("drawbars 73", 61.3, 73.3),
        ("take 42", 61.3, 61.3),  # and one that is not
    ],
)
def test_the_name_wins_where_it_can_be_a_key(stem: str, heard: float, expected: float) -> None:
    assert pitch_of(tone(heard), RATE, read_file_name(stem)) == pytest.approx(expected, abs=0.03)


def test_without_a_pitch_only_a_key_in_the_name_counts() -> None:
    assert pitch_of(noise(), RATE, read_file_name("snare-038-100")) == 38.0
    assert pitch_of(noise(), RATE, read_file_name("snare 38")) is None
    assert pitch_of(noise(), RATE, read_file_name("snare")) is None
