"""Maps: what they show of the world, outlines cut at their borders, rings over the date line and around the pole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.web import land
from kg.web.land import _clipped, _unwrapped, outlines
from kg.web.maps import _box, point_of

lons, lats = st.floats(-180, 180), st.floats(-85, 85)


@given(st.lists(st.tuples(lons, lats), min_size=1, max_size=20))
def test_a_map_shows_all_its_points(points: list[tuple[float, float]]) -> None:
    west, south, east, north = _box(points)
    assert east - west >= 13.9
    assert -180 - 1e-9 <= west < east <= 180 + 1e-9
    assert -90 - 1e-9 <= south < north <= 90 + 1e-9
    for lon, lat in points:
        assert west - 1e-6 <= lon <= east + 1e-6
        assert south - 1e-6 <= lat <= north + 1e-6


def test_outlines_are_cut_at_the_borders() -> None:
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
    cut = _clipped(square, (5.0, -5.0, 20.0, 5.0))
    assert {(5.0, 0.0), (10.0, 0.0), (10.0, 5.0), (5.0, 5.0)} == set(cut)
    assert _clipped(square, (20.0, 20.0, 30.0, 30.0)) == []


def test_rings_go_on_past_the_date_line() -> None:
    ring = [(170.0, 60.0), (179.0, 61.0), (-175.0, 62.0), (170.0, 65.0), (170.0, 60.0)]
    assert _unwrapped(ring) == [(170.0, 60.0), (179.0, 61.0), (185.0, 62.0), (170.0, 65.0), (170.0, 60.0)]
    around = [(-180.0, -80.0), (-60.0, -75.0), (60.0, -70.0), (180.0, -80.0), (-180.0, -80.0)]
    assert _unwrapped(around)[-2:] == [(180.0, -90.0), (-180.0, -90.0)]


@pytest.mark.parametrize(
    ("wkt", "point"),
    [("POINT(12.5 -53)", (12.5, -53.0)), ("point ( 1 2 )", (1.0, 2.0)), ("LINESTRING(0 0, 1 1)", None)],
)
def test_points(wkt: str, point: tuple[float, float] | None) -> None:
    assert point_of(wkt) == point


@pytest.mark.skipif(not (land.VENDOR / "land-110m.json").exists(), reason="no outlines of land: run ./run assets")
def test_land_lies_where_it_lies() -> None:
    def covers(box: land.Box) -> float:
        area = 0.0
        for ring in outlines(box):
            pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
            area += abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
        return area / ((box[2] - box[0]) * (box[3] - box[1]))

    assert covers((10.0, 15.0, 25.0, 25.0)) == pytest.approx(1)  # the Sahara
    assert covers((-40.0, 20.0, -30.0, 30.0)) == 0  # the Atlantic
    assert 0.2 < covers((-180.0, -90.0, 180.0, 90.0)) < 0.45  # the world, whose poles this projection widens
