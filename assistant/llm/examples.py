"""Four requests with their thoughts and plans, for models too small to do without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    intents: frozenset[str]
    """Shown only to a house whose skills have all of these."""
    text: str


EXAMPLES = (
    Example(
        frozenset({"HassClimateSetTemperature"}),
        """\
Now: climate.office_heater heat (temperature 18, current_temperature 17.4); light.office_lamp off
Request: my fingers are freezing in the office
<think>
It is cold in the office. The office heater is set to 18, so set it higher.
</think>

{"actions":[{"intent":"HassClimateSetTemperature","target":"climate.office_heater","args":{"temperature":21}}],"because":"the office is at 17.4 degrees","say":null,"ask":null}""",
    ),
    Example(
        frozenset({"HassTurnOn"}),
        """\
Now: switch.balcony_pump off; light.balcony_light on
Request: le piante sul balcone sono secche
<think>
The plants on the balcony need water. The balcony pump is off, so turn it on.
</think>

{"actions":[{"intent":"HassTurnOn","target":"switch.balcony_pump","args":{}}],"because":"la pompa del balcone era spenta","say":null,"ask":null}""",
    ),
    Example(
        frozenset({"HassTurnOff"}),
        """\
Now: light.office_lamp on; light.porch_light off; lock.back_door locked
Request: everyone has left the office
<think>
Nobody is in the office. Only the office lamp is on there. The door stays as it is.
</think>

{"actions":[{"intent":"HassTurnOff","target":"light.office_lamp","args":{}}],"because":"the office lamp was still on","say":null,"ask":null}""",
    ),
    Example(
        frozenset(),
        """\
Now: light.office_lamp on; lock.back_door locked
Request: you did that very well
<think>
This is small talk. There is nothing to do.
</think>

{"actions":[],"because":"","say":"Thank you, I am glad to help.","ask":null}""",
    ),
)
