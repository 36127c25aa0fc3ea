"""Two phases over the wire, and every way in which a server fails."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from assistant.config import BrainSettings
from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.budget import FEWEST, Budget, Pace
from assistant.llm.profile import Profile
from assistant.models import Decided, Intent, May, Plan, ReasoningDelta, Target
from tests.llm.large_house import large_house
from tests.llm.sample_house import TOOLS, SampleHouse
from tests.llm.scripted_server import HANG_UP, SILENCE, STATUS, ScriptedServer


def plan(*actions: tuple[str, str, dict[str, object]], because: str = "", say: str | None = None) -> str:
    rows = [{"intent": intent, "target": target, "args": args} for intent, target, args in actions]
    return json.dumps({"actions": rows, "because": because, "say": say, "ask": None})


def mimo(url: str) -> TwoPhaseBrain:
    return TwoPhaseBrain(BrainSettings(), Profile.load("mimo-7b-rl-0530"), TOOLS, url)


LAMP_ON = plan(("HassTurnOn", "light.reading_lamp", {}), because="because the reading lamp was off.")


async def ask(
    server: ScriptedServer, text: str = "it is dark", profile: str = "mimo-7b-rl-0530", **settings: object
) -> tuple[str, Plan]:
    """The thoughts, and the plan."""
    thoughts, _, found = await told(server, text, profile, **settings)
    return thoughts, found


async def told(
    server: ScriptedServer, text: str = "it is dark", profile: str = "mimo-7b-rl-0530", **settings: object
) -> tuple[str, Decided, Plan]:
    """The thoughts, what is to be done, and the plan."""
    thoughts, first, found = "", None, None
    chosen = BrainSettings.model_validate({"timeout_seconds": 5} | settings)
    async with (
        TwoPhaseBrain(chosen, Profile.load(profile), TOOLS, server.url) as brain,
        aclosing(brain.think(text, "en", "Living Room", SampleHouse())) as pieces,
    ):
        async for piece in pieces:
            if isinstance(piece, ReasoningDelta):
                thoughts += piece.text
            elif isinstance(piece, Decided):
                first = piece
            else:
                found = piece
    assert first is not None and found is not None and first.intents == found.intents
    return thoughts, first, found


async def test_it_thinks_and_then_plans() -> None:
    async with ScriptedServer(["The lamp ", "is off."], [LAMP_ON[:20], LAMP_ON[20:]]) as server:
        thoughts, first, found = await told(server)
    assert thoughts == "The lamp is off."
    assert found.intents == (Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),)
    assert found.because == "the reading lamp was off"
    assert "light.reading_lamp" in {state.entity_id for state in first.read}
    assert first.think_ms > 0 and first.plan_ms > 0
    assert first.budget == "96 tokens: a wish"


async def test_what_is_to_be_done_is_known_before_the_words_are_written() -> None:
    """The server falls silent after the actions: they are told all the same."""
    closed = LAMP_ON.index("]") + 1
    async with ScriptedServer(["Hm."], [LAMP_ON[:9], LAMP_ON[9:closed], SILENCE]) as server, mimo(server.url) as brain:
        async with aclosing(brain.think("it is dark", "en", None, SampleHouse())) as pieces:
            found = [piece async for piece in until_decided(pieces)]
        assert found[-1].intents == (Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),)  # type: ignore[union-attr]
        async with asyncio.timeout(2):
            await server.completions[1].left.wait()


async def until_decided(
    pieces: AsyncIterator[ReasoningDelta | Decided | Plan],
) -> AsyncIterator[ReasoningDelta | Decided | Plan]:
    async for piece in pieces:
        yield piece
        if isinstance(piece, Decided):
            return


async def test_actions_that_were_told_hold_though_the_words_are_nonsense() -> None:
    closed = LAMP_ON.index("]") + 1
    async with ScriptedServer(["Hm."], [LAMP_ON[:closed], ', "because": 7']) as server:
        _, first, found = await told(server)
    assert first.intents and found.because is None
    assert len(server.completions) == 2, "what is being done is not planned again"


async def test_a_thought_that_goes_in_circles_is_cut() -> None:
    again = "The lamp is off and the room is dark, so the lamp should be on. "
    async with ScriptedServer([again] * 30, [LAMP_ON]) as server:
        thoughts, first, _ = await told(server)
    assert thoughts.count("dark") < 5
    assert first.budget.endswith("it went in circles")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("dim the reading lamp somehow", 0),
        ("it is dark", 96),
        ("it is cold and dark, but leave the bedroom light alone", 256),
        ("explain step by step what to do before bed", 1024),
    ],
)
async def test_the_budget_goes_by_what_is_asked(text: str, tokens: int) -> None:
    async with ScriptedServer(*([["Hm."]] if tokens else []), [LAMP_ON]) as server:
        await ask(server, text)
    assert len(server.completions) == (2 if tokens else 1)
    assert not tokens or server.completions[0].body["max_tokens"] == tokens


async def test_a_slow_model_thinks_no_longer_than_the_deadline_leaves() -> None:
    """Thirty pieces took 0.1 s each by its own clock: 10 tokens/s, 12 s, 60 tokens for the plan."""
    pace = Pace()
    pace.note(30, 3.0)
    assert pace.within(Budget(256, "several things or a condition"), 12.0).tokens == 60
    assert pace.within(Budget(256, "several things or a condition"), 1.0).tokens == FEWEST
    assert pace.within(Budget(96, "a wish"), None).tokens == 96


async def test_the_second_phase_goes_on_from_the_first_under_a_grammar() -> None:
    async with ScriptedServer(["The lamp is off."], [LAMP_ON]) as server:
        await ask(server, think_tokens=48)
    think, planned = (wire.body for wire in server.completions)
    assert (think["stop"], think["max_tokens"]) == (["</think>"], 48)
    assert str(think["prompt"]).endswith("<|im_start|>assistant\n<think>\n")
    assert str(planned["prompt"]) == f"{think['prompt']}The lamp is off.\n</think>\n\n"
    assert "structured_outputs" in planned and "structured_outputs" not in think


@pytest.mark.parametrize(
    ("owner", "field"), [("vllm", "structured_outputs"), ("llamacpp", "json_schema"), ("acme", "response_format")]
)
async def test_each_server_is_told_the_grammar_under_its_own_name(owner: str, field: str) -> None:
    async with ScriptedServer(["Hm."], [LAMP_ON], owner=owner) as server:
        await ask(server)
    grammars = {"structured_outputs", "json_schema", "response_format"}
    assert grammars & server.completions[1].body.keys() == {field}


async def test_a_house_has_three_grammars_which_are_built_when_it_is_warmed() -> None:
    """vLLM keeps what it has built; a grammar of its own for each request would make every plan wait."""
    house = large_house(300)
    thought, hello = ["Hm."], [plan(say="Hello.")]
    turns = [thought, hello] * 4
    async with ScriptedServer(["x"], ["x"], ["x"], ["x"], *turns) as server, mimo(server.url) as brain:
        await brain.warm(house)
        mays: list[May] = ["act", "act", "read", "talk"]
        for may in mays:
            async for _ in brain.think("it is dark", "en", "Kitchen", house, may=may):
                pass
    built = [wire.body for wire in server.completions[1:4]]
    first, second, reads, talks = (wire.body["structured_outputs"] for wire in server.completions[5::2])
    assert all(body["max_tokens"] == 1 for body in built)
    assert [body["structured_outputs"] for body in built] == [first, reads, talks] and first == second
    assert "HassTurnOn" in str(first)
    assert "HassGetState" in str(reads) and "HassTurnOn" not in str(reads), "a question only reads"
    assert "Hass" not in str(talks), "talk does nothing at all"


async def test_mimo_is_sent_an_empty_system_message() -> None:
    async with ScriptedServer(["Hm."], [LAMP_ON]) as server:
        await ask(server)
    assert str(server.completions[0].body["prompt"]).startswith("<|im_start|>system\n<|im_end|>\n<|im_start|>user\n")


async def test_without_a_budget_it_skips_thinking() -> None:
    async with ScriptedServer([LAMP_ON]) as server:
        thoughts, _ = await ask(server, think_tokens=0)
    assert thoughts == ""
    assert str(server.completions[0].body["prompt"]).endswith("<think>\n\n</think>\n\n")


async def test_the_same_intent_for_two_things_is_one() -> None:
    both = plan(("HassTurnOff", "light.reading_lamp", {}), ("HassTurnOff", "light.living_room_light", {}))
    async with ScriptedServer(["Hm."], [both]) as server:
        _, found = await ask(server)
    assert found.intents == (Intent("HassTurnOff", Target(ids=("light.reading_lamp", "light.living_room_light"))),)


async def test_small_talk_plans_nothing_and_says_something() -> None:
    async with ScriptedServer(["Hm."], [plan(say="You are\twelcome.")]) as server:
        _, found = await ask(server)
    assert (found.intents, found.say) == ((), "You are welcome.")


async def test_an_answer_given_as_a_reason_is_said() -> None:
    """Asked for the attic's light, small models plan nothing and put what they know into `because`."""
    async with ScriptedServer(["Hm."], [plan(because="the attic is no room of this house")]) as server:
        _, found = await ask(server)
    assert (found.intents, found.say) == ((), "The attic is no room of this house.")


async def test_what_is_said_of_actions_is_not_the_models_to_say() -> None:
    boast = plan(("HassTurnOn", "light.reading_lamp", {}), say="I have turned on all the lights.")
    async with ScriptedServer(["Hm."], [boast]) as server:
        _, found = await ask(server)
    assert found.intents and found.say is None


async def test_raw_control_characters_in_a_string_are_read() -> None:
    """xgrammar lets them through, strict JSON does not."""
    async with ScriptedServer(["Hm."], ['{"actions":[],"because":"","say":"one\ntwo","ask":null}']) as server:
        _, found = await ask(server)
    assert found.say == "one two"


async def test_text_with_line_separators_stays_whole() -> None:
    async with ScriptedServer(["a\u2028b\x85c"], [plan(say="hello")]) as server:
        thoughts, _ = await ask(server)
    assert thoughts == "a\u2028b\x85c"


async def test_an_event_cut_between_packets_is_joined() -> None:
    event = b'data: {"choices":[{"text":"whole","finish_reason":null}]}\n\n'
    async with ScriptedServer([event[:17], event[17:], b": a comment\n\n"], [LAMP_ON]) as server:
        thoughts, _ = await ask(server)
    assert thoughts == "whole"


async def test_llama_cpp_recalls_what_it_read_before_its_last_start() -> None:
    async with ScriptedServer(["Hm."], [LAMP_ON], owner="llamacpp") as server:
        server.slots = 200
        await ask(server)
    assert ["restore" in wire.path for wire in server.requests if "slots" in wire.path] == [True]
    assert len(server.completions) == 2


async def test_llama_cpp_reads_a_new_house_once_and_keeps_it() -> None:
    async with ScriptedServer(["x"], ["Hm."], [LAMP_ON], owner="llamacpp") as server:
        server.slots = 400
        await ask(server)
    beginning, think, _ = (str(wire.body["prompt"]) for wire in server.completions)
    assert think.startswith(beginning) and "This house" in beginning and "it is dark" not in beginning
    assert "\nNow: " in beginning and "light.reading_lamp off" in beginning, "and what is true, which mostly stays so"
    assert [wire.path.partition("=")[2] for wire in server.requests if "slots" in wire.path] == ["restore", "save"]


# ── nonsense ─────────────────────────────────────────────────────────────────────────────

NONSENSE = {
    "empty": "",
    "not JSON": "I would turn on the lamp.",
    "cut off": LAMP_ON[:40],
    "a list": "[1, 2]",
    "an unknown id": plan(("HassTurnOn", "light.nowhere", {})),
    "an unknown intent": plan(("HassExplode", "light.reading_lamp", {})),
    "a target of the wrong kind": plan(("HassVacuumStart", "light.reading_lamp", {})),
    "an unknown argument": plan(("HassTurnOn", "light.reading_lamp", {"speed": 3})),
    "a missing argument": plan(("HassSetPosition", "cover.living_room_blinds", {})),
    "a hidden device": plan(("HassGetState", "sensor.router_uptime", {})),
    "deeply nested": "[" * 5000,
}


@pytest.mark.parametrize("written", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_tried_once_more_without_thoughts(written: str) -> None:
    async with ScriptedServer(["Hm."], [written], [LAMP_ON]) as server:
        _, found = await ask(server)
    again = server.completions[2].body
    assert found.intents and again["temperature"] == 0
    assert str(again["prompt"]).endswith("<think>\n\n</think>\n\n")


async def test_nonsense_twice_is_told_as_such() -> None:
    async with ScriptedServer(["Hm."], ["no"], ["still no"]) as server:
        with pytest.raises(BrainNonsense, match="nonsense twice") as failure:
            await ask(server)
    assert failure.value.say.key == "brain_nonsense"
    assert len(server.completions) == 3


async def test_a_plan_that_does_nothing_is_tried_again_when_its_words_are_cut() -> None:
    """Nothing was done that could not be done twice."""
    hello = plan(say="Hello to you too.")
    async with ScriptedServer(["Hm."], [hello[: hello.index("Hello")]], [hello]) as server:
        _, first, found = await told(server)
    assert (first.intents, found.say) == ((), "Hello to you too.")
    assert len(server.completions) == 3


# ── failures ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("answers", [[["The la", HANG_UP]], [["Hm."], [LAMP_ON[:30], HANG_UP]]], ids=["think", "plan"])
async def test_a_server_that_dies_in_mid_stream(answers: list[list[str]]) -> None:
    async with ScriptedServer(*answers) as server:
        with pytest.raises(BrainUnavailable, match="broke off"):
            await ask(server)


async def test_a_silent_server_is_left_at_the_deadline() -> None:
    async with ScriptedServer(["The la", SILENCE]) as server:
        began = time.monotonic()
        with pytest.raises(BrainUnavailable, match=r"in time|silent"):
            await ask(server, timeout_seconds=1)
        assert time.monotonic() - began < 3


async def test_a_server_that_trickles_cannot_outlast_the_deadline() -> None:
    """Each piece comes in time, all of them together do not."""

    class Trickle(ScriptedServer):
        async def _complete(self, wire, reader, writer):  # type: ignore[no-untyped-def]
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while not reader.at_eof():
                writer.write(b'data: {"choices":[{"text":"x"}]}\n\n')
                await writer.drain()
                await asyncio.sleep(0.1)

    async with Trickle() as server:
        began = time.monotonic()
        with pytest.raises(BrainUnavailable, match="in time"):
            await ask(server, timeout_seconds=1)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(("code", "reason"), [(500, "500: it is broken"), (401, "API key"), (503, "loading")])
async def test_an_http_error_is_told(code: int, reason: str) -> None:
    async with ScriptedServer([(STATUS, code)]) as server:
        with pytest.raises(BrainUnavailable, match=reason):
            await ask(server)


@pytest.mark.parametrize("garbage", [b"data: {nope\n\n", b'data: {"choices": 7}\n\n', b'data: {"error": "oom"}\n\n'])
async def test_garbage_on_the_wire(garbage: bytes) -> None:
    async with ScriptedServer([garbage]) as server:
        with pytest.raises(BrainUnavailable):
            await ask(server)


async def test_nobody_answers() -> None:
    async with ScriptedServer() as server:
        address = server.url
    async with mimo(address) as brain:
        assert not await brain.ready()
        with pytest.raises(BrainUnavailable, match="no model's server answers"):
            await anext(brain.think("hello", "en", None, SampleHouse()))


async def test_an_address_that_is_none() -> None:
    async with mimo("gpu-box:8000") as brain:
        assert not await brain.ready()
        with pytest.raises(BrainUnavailable, match=r"brain\.url"):
            await anext(brain.think("hello", "en", None, SampleHouse()))


async def test_a_loading_server_is_not_ready() -> None:
    async with ScriptedServer() as server, mimo(server.url) as brain:
        assert await brain.ready()
        server.healthy = False
        assert not await brain.ready()


async def test_closing_the_stream_closes_the_connection() -> None:
    """Which is how vLLM and llama.cpp learn that nobody wants the rest."""
    async with ScriptedServer(["The la", SILENCE]) as server, mimo(server.url) as brain:
        thinking = brain.think("it is dark", "en", None, SampleHouse())
        assert await anext(thinking) == ReasoningDelta("The la")
        await thinking.aclose()
        async with asyncio.timeout(2):
            await server.completions[0].left.wait()


async def test_the_api_key_is_sent() -> None:
    async with ScriptedServer(["Hm."], [LAMP_ON]) as server:
        await ask(server, api_key="s3cret")
    assert server.completions[0].headers["authorization"] == "Bearer s3cret"
