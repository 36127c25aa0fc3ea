"""Devices count in 0-254, mireds, inverted positions, colour spaces; we in percent, kelvin and colour names."""

from __future__ import annotations

import colorsys

Rgb = tuple[int, int, int]

COLORS: dict[str, Rgb] = {
    "red": (255, 0, 0), "orange": (255, 165, 0), "yellow": (255, 255, 0), "lime": (191, 255, 0),
    "green": (0, 255, 0), "turquoise": (64, 224, 208), "cyan": (0, 255, 255), "blue": (0, 0, 255),
    "purple": (128, 0, 128), "violet": (127, 0, 255), "magenta": (255, 0, 255), "pink": (255, 105, 180),
    "brown": (165, 42, 42), "white": (255, 255, 255), "gold": (255, 215, 0), "teal": (0, 128, 128),
    "navy": (0, 0, 128), "indigo": (75, 0, 130), "salmon": (250, 128, 114), "coral": (255, 127, 80),
    "crimson": (220, 20, 60), "lavender": (200, 170, 255), "beige": (245, 222, 179), "light blue": (135, 206, 250),
    "light green": (144, 238, 144), "sky blue": (135, 206, 235), "olive": (128, 128, 0), "maroon": (128, 0, 0),
    "black": (0, 0, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "fuchsia": (255, 0, 255),
}  # fmt: skip
"""A lamp shows hue and saturation only: "brown" is a dark orange, which a lamp cannot tell from orange."""

_SPOKEN = [
    "red",
    "orange",
    "yellow",
    "lime",
    "green",
    "turquoise",
    "cyan",
    "blue",
    "violet",
    "magenta",
    "pink",
    "white",
]
"""What a reported colour may be called: hues that people tell apart."""


def percent_of(value: float, lowest: float, highest: float) -> int:
    """A value on a device's scale, which may run backwards, in percent."""
    if highest == lowest:
        return 0
    return max(0, min(100, round((value - lowest) / (highest - lowest) * 100)))


def value_of(percent: float, lowest: float, highest: float) -> int:
    return round(lowest + percent / 100 * (highest - lowest))


def brightness_percent(value: float, scale: float) -> int:
    """1 of 255 is not 0 %: a lamp that glows is on."""
    percent = percent_of(value, 0, scale)
    return max(1, percent) if value > 0 else percent


def brightness_value(percent: float, scale: float) -> int:
    value = value_of(percent, 0, scale)
    return max(1, value) if percent > 0 else value


def speed_percent(step: float, lowest: int, highest: int) -> int:
    """Of a fan whose steps run from lowest to highest; 0 is off. Rounded down, so that it leads back to its step."""
    if step < lowest:
        return 0
    steps = highest - lowest + 1
    return min(100, int((step - lowest + 1) / steps * 100 + 1e-6))


def speed_step(percent: float, lowest: int, highest: int) -> int:
    """The step that reaches the percentage; 0 for off."""
    if percent <= 0:
        return 0
    steps = highest - lowest + 1
    return lowest - 1 + max(1, -(-round(percent * steps) // 100))


def kelvin_of(mireds: float) -> int:
    return round(1_000_000 / mireds)


def mireds_of(kelvin: float) -> int:
    return round(1_000_000 / kelvin)


def rgb_of(color: str) -> Rgb | None:
    """Of a name ("light blue", "lightblue"), "r,g,b" or "#rrggbb"; None when it is none of them."""
    name = " ".join(color.lower().replace("_", " ").split())
    if name in COLORS:
        return COLORS[name]
    for known, rgb in COLORS.items():
        if known.replace(" ", "") == name.replace(" ", ""):
            return rgb
    if name.startswith("#") and len(name) == 7:
        return _rgb_from([str(int(name[i : i + 2], 16)) for i in (1, 3, 5)]) if _is_hex(name[1:]) else None
    return _rgb_from(name.split(","))


def color_of(rgb: Rgb) -> str:
    """Its name when it is near a named one, else "r,g,b"."""
    nearest = min(_SPOKEN, key=lambda name: _distance(COLORS[name], rgb))
    return nearest if _distance(COLORS[nearest], rgb) <= _NEAR else ",".join(str(part) for part in rgb)


def same_color(one: str, other: str) -> bool:
    """Whether a lamp asked for one may honestly report the other: hue within 12 degrees, saturation within 15 %."""
    first, second = rgb_of(one), rgb_of(other)
    return first is not None and second is not None and _distance(first, second) <= 2 * _NEAR


def hs_of(rgb: Rgb) -> tuple[float, float]:
    """Hue in degrees, saturation in percent."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in rgb))
    return round(hue * 360, 2), round(saturation * 100, 2)


def rgb_of_hs(hue: float, saturation: float) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(hue % 360 / 360, max(0.0, min(1.0, saturation / 100)), 1)
    return round(red * 255), round(green * 255), round(blue * 255)


def xy_of(rgb: Rgb) -> tuple[float, float]:
    """CIE 1931 with the wide gamut D65 conversion that lamps and Home Assistant use."""
    red, green, blue = (_linear(part / 255) for part in rgb)
    x = red * 0.664511 + green * 0.154324 + blue * 0.162028
    y = red * 0.283881 + green * 0.668433 + blue * 0.047685
    z = red * 0.000088 + green * 0.072310 + blue * 0.986039
    total = x + y + z
    return (round(x / total, 4), round(y / total, 4)) if total else (0.3127, 0.329)


def rgb_of_xy(x: float, y: float) -> Rgb:
    """At full brightness."""
    if y <= 0:
        return 0, 0, 0
    big_x, big_z = x / y, (1 - x - y) / y
    linear = (
        big_x * 1.656492 - 0.354851 - big_z * 0.255038,
        -big_x * 0.707196 + 1.655397 + big_z * 0.036152,
        big_x * 0.051713 - 0.121364 + big_z * 1.011530,
    )
    parts = [_gamma(max(0.0, part)) for part in linear]
    highest = max(*parts, 1e-9)
    red, green, blue = (round(part / highest * 255) for part in parts)
    return red, green, blue


_NEAR = 12.0
"""Degrees of hue, to which saturation adds."""


def _distance(one: Rgb, other: Rgb) -> float:
    (hue_one, saturation_one), (hue_other, saturation_other) = hs_of(one), hs_of(other)
    around = abs(hue_one - hue_other) % 360
    # near white the hue means nothing
    hue = min(around, 360 - around) * min(saturation_one, saturation_other) / 100
    return hue + abs(saturation_one - saturation_other) * 0.8


def _linear(part: float) -> float:
    return float(((part + 0.055) / 1.055) ** 2.4) if part > 0.04045 else part / 12.92


def _gamma(part: float) -> float:
    return float(1.055 * part ** (1 / 2.4) - 0.055) if part > 0.0031308 else part * 12.92


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


def _rgb_from(parts: list[str]) -> Rgb | None:
    try:
        red, green, blue = (int(float(part)) for part in parts)
    except (ValueError, OverflowError):
        return None
    return (red, green, blue) if all(0 <= part <= 255 for part in (red, green, blue)) else None
