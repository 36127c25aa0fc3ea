"""What the brain really sends for a request: completions taken from the wire, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from assistant.config import BrainSettings
from assistant.intents.catalog import Catalog
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.profile import Profile
from assistant.models import Tool
from tests.llm.sample_house import SampleHouse
from tests.llm.scripted_server import ScriptedServer

PROFILE = Profile.load("mimo-7b-rl-0530")
SKILLS = Path(__file__).parents[2] / "skills"
PLAN = '{"actions":[],"because":"so","say":"yes","ask":null}'

REQUESTS = (
    "it is too dark to read in the living room",
    "I am cold",
    "make the kitchen ready for breakfast",
    "somebody left the lights on",
    "I am going to bed",
    "the sun shines right on the sofa",
)


def tools_of(house: SampleHouse) -> tuple[Tool, ...]:
    """Of the skills that come with the assistant."""
    return Catalog.load([SKILLS], house).tools()


async def plans_sent(house: SampleHouse, texts: Iterable[str], room: str) -> list[Mapping[str, object]]:
    """The body of the completion that writes the plan, without thoughts, for each request."""
    texts = tuple(texts)
    async with (
        ScriptedServer(*[[PLAN]] * len(texts)) as server,
        TwoPhaseBrain(BrainSettings(think_tokens=0), PROFILE, tools_of(house), server.url) as brain,
    ):
        for text in texts:
            async for _ in brain.think(text, "en", room, house):
                pass
        return [wire.body for wire in server.completions]
