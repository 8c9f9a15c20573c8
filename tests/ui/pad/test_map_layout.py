"""Names, letters, marks and the remark on the map find room beside each other."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from synth_app.ui.drawing.canvas import remark_plate
from synth_app.ui.pad.map.content import set_apart
from synth_app.ui.pad.map.names import NameToPlace, place_names
from synth_app.ui.pad.note_marks import slot_badges

ROOM = QRectF(0, 0, 300, 200)


def size_of(text: str) -> QSizeF:
    return QSizeF(8.0 * len(text), 16.0)


def named(*texts: str, at: tuple[float, float] = (150, 100), home: QRectF = ROOM) -> NameToPlace:
    return NameToPlace(texts, QPointF(*at), home.contains)


def test_names_of_close_regions_find_room_beside_each_other() -> None:
    names = [named(text, at=(150, 100 + i)) for i, text in enumerate(("Bass", "Guitar", "Keyboard", "Reed"))]
    placed = place_names(names, size_of, ROOM, (QRectF(100, 60, 100, 20),))
    assert [each.text for each in placed] == ["Bass", "Guitar", "Keyboard", "Reed"]
    plates = [*(each.plate for each in placed), QRectF(100, 60, 100, 20)]
    assert not any(a.intersects(b) for i, a in enumerate(plates) for b in plates[:i])
    assert placed[0].plate.center() == QPointF(150, 100), "the largest region has the best place"
    assert all(ROOM.contains(each.plate) for each in placed)


def test_a_name_stays_in_its_region_and_is_shortened_before_it_is_left_out() -> None:
    narrow = QRectF(120, 95, 100, 10)
    bass = named("Bass", at=(130, 100))
    (_, short) = place_names([bass, named("Synth lead", "Lead", at=(190, 100), home=narrow)], size_of, ROOM)
    assert short.text == "Synth lead"
    (_, short) = place_names(
        [bass, named("Synth lead", "Lead", at=(165, 100), home=QRectF(160, 95, 15, 10))], size_of, ROOM
    )
    assert short.text == "Lead"
    tiny = QRectF(129, 99, 2, 2)
    assert len(place_names([bass, named("Reed", at=(130, 100), home=tiny)], size_of, ROOM)) == 1
    assert place_names([named("Reed", at=(400, 100))], size_of, ROOM) == ()


def test_both_letters_show_where_both_slots_hold_one_note() -> None:
    for at, width in ((QPointF(50, 50), 200.0), (QPointF(198, 3), 200.0)):
        badges = slot_badges({"a": at, "b": at}, width)
        assert not badges["a"].intersects(badges["b"])
        assert badges["a"].right() < badges["b"].left() < width - badges["b"].width()
        assert badges["a"].top() == badges["b"].top() >= 0
    near = slot_badges({"a": QPointF(56, 50), "b": QPointF(50, 52)}, 200.0)
    assert near["b"].right() < near["a"].left(), "in the order of their notes"
    far = slot_badges({"a": QPointF(50, 50), "b": QPointF(90, 50)}, 200.0)
    assert far["b"].left() - far["a"].left() == 40.0


def test_marks_are_set_apart_only_where_they_cover_something() -> None:
    pixels = np.array([[10.0, 10.0], [50.0, 10.0], [10.0, 10.0], [10.0, 10.0], [30.0, 30.0], [50.0, 10.0]])
    apart = set_apart(pixels, 2)
    np.testing.assert_array_equal(apart[[0, 1, 4]], pixels[[0, 1, 4]])
    gaps = np.linalg.norm(apart[:, None] - apart[None], axis=2) + 99.0 * np.eye(len(apart))
    assert gaps.min() > 9.0
    np.testing.assert_array_equal(set_apart(pixels, 6), pixels)


def test_the_remark_on_a_sound_off_the_map_hides_no_cursor() -> None:
    area = QRectF(0, 0, 400, 300)
    usual = remark_plate(area, 250, 14, QPointF(200, 50))
    assert usual.bottom() > 280
    for at in (QPointF(200, 290), QPointF(20, 270), QPointF(3, 299)):
        plate = remark_plate(area, 250, 14, at)
        assert not plate.contains(at)
        assert 20 < plate.top() < 60, "below the first line, which the axis and the scale have"
