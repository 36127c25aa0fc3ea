"""Devices' scales and ours."""

from __future__ import annotations

import pytest

from assistant.home import scales


@pytest.mark.parametrize(
    ("percent", "scale", "value"), [(0, 254, 0), (100, 254, 254), (50, 255, 128), (1, 254, 3), (40, 254, 102)]
)
def test_brightness_there_and_back(percent: int, scale: int, value: int) -> None:
    assert scales.brightness_value(percent, scale) == value
    assert scales.brightness_percent(value, scale) == percent


def test_a_lamp_that_glows_is_not_at_zero() -> None:
    assert scales.brightness_percent(1, 255) == 1
    assert scales.brightness_value(1, 10) == 1


@pytest.mark.parametrize(
    ("value", "closed", "opened", "percent"), [(30, 0, 100, 30), (30, 100, 0, 70), (255, 0, 255, 100), (0, 100, 0, 100)]
)
def test_positions_may_run_backwards(value: int, closed: int, opened: int, percent: int) -> None:
    assert scales.percent_of(value, closed, opened) == percent
    assert scales.value_of(percent, closed, opened) == value


@pytest.mark.parametrize(
    ("percent", "lowest", "highest", "step"),
    [(50, 1, 4, 2), (75, 1, 4, 3), (100, 1, 9, 9), (50, 1, 9, 5), (1, 1, 4, 1), (0, 1, 4, 0), (60, 1, 100, 60)],
)
def test_fan_speeds(percent: int, lowest: int, highest: int, step: int) -> None:
    assert scales.speed_step(percent, lowest, highest) == step


def test_every_fan_step_comes_back_as_itself() -> None:
    for highest in (3, 4, 6, 9, 100):
        for step in range(1, highest + 1):
            assert scales.speed_step(scales.speed_percent(step, 1, highest), 1, highest) == step


def test_mireds() -> None:
    assert scales.kelvin_of(370) == 2703
    assert scales.mireds_of(2700) == 370


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow", "cyan", "magenta", "orange", "white"])
def test_colours_survive_the_way_through_a_lamp(name: str) -> None:
    rgb = scales.COLORS[name]

    assert scales.color_of(rgb) == name
    assert scales.color_of(scales.rgb_of_hs(*scales.hs_of(rgb))) == name
    assert scales.same_color(scales.color_of(scales.rgb_of_xy(*scales.xy_of(rgb))), name)


def test_what_is_a_colour() -> None:
    assert scales.rgb_of("Light Blue") == scales.rgb_of("lightblue") == (135, 206, 250)
    assert scales.rgb_of("255, 0,10") == (255, 0, 10)
    assert scales.rgb_of("#ff8000") == (255, 128, 0)
    assert scales.rgb_of("loud") is None
    assert scales.rgb_of("300,0,0") is None


def test_colours_that_people_tell_apart_are_not_the_same() -> None:
    assert not scales.same_color("red", "blue")
    assert not scales.same_color("red", "white")
    assert not scales.same_color("green", "yellow")
