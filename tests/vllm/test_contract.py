"""Our brain and the real vLLM server agree on the wire. The model is random: it proves the contract, never quality."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing

import pytest

from assistant.config import BrainSettings
from assistant.errors import BrainUnavailable
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import Completion, CompletionClient
from assistant.llm.ladder import Ladder
from assistant.llm.plan import parse, schema
from assistant.llm.profile import Profile
from assistant.models import Decided, Plan, ReasoningDelta
from tests.llm.sample_house import TOOLS, SampleHouse
from tests.stories import House
from tests.vllm.between import Between
from tests.vllm.conftest import VllmServer

pytestmark = pytest.mark.vllm

MIMO = Profile.load("mimo-7b-rl-0530")
SKIPPED = MIMO.skip_thinking
RUNNING = "vllm:num_requests_running"
PLAN_TOKENS = 1500
"""Random weights fill every string to its cap; this holds the longest plan there can be."""


def brain(server: VllmServer, url: str | None = None, **settings: object) -> TwoPhaseBrain:
    """url: another way to the server."""
    chosen = {"model": server.model, "timeout_seconds": 120, "plan_tokens": PLAN_TOKENS, "think_tokens": 32} | settings
    return TwoPhaseBrain(BrainSettings.model_validate(chosen), MIMO, TOOLS, url or server.url)


async def counted(server: VllmServer, name: str, wanted: int) -> bool:
    """Whether its count comes to be so, which follows what it does by a moment."""
    began = time.monotonic()
    while await asyncio.to_thread(server.metric, name) != wanted:
        if time.monotonic() - began > 5:
            return False
        await asyncio.sleep(0.05)
    return True


async def test_the_server_is_vllm_with_mimos_own_class(vllm: VllmServer) -> None:
    async with CompletionClient(vllm.url, vllm.model) as client:
        assert await client.ready()
        assert await client._server_kind() == "vllm"
    assert "MiMoForCausalLM" in vllm.log.read_text(errors="replace")


async def test_it_thinks_within_the_budget_and_then_plans_for_this_house(vllm: VllmServer) -> None:
    house, thoughts, found = SampleHouse(), [], None
    async with brain(vllm) as mind, aclosing(mind.think("it is too dark", "en", "Kitchen", house)) as pieces:
        async for piece in pieces:
            if isinstance(piece, ReasoningDelta):
                thoughts.append(piece.text)
            else:
                found = piece
    assert isinstance(found, Plan)
    assert 0 < len(thoughts) <= 32
    assert json.loads(found.raw, strict=False).keys() == {"actions", "because", "say", "ask"}
    ids = {entity.id for entity in house.entities()}
    assert all(name in ids for intent in found.intents for name in intent.target.ids)


async def test_the_budget_is_in_the_models_own_tokens(vllm: VllmServer) -> None:
    before = await asyncio.to_thread(vllm.metric, "vllm:generation_tokens_total")
    async with CompletionClient(vllm.url, vllm.model) as client:
        async for _ in client.stream(Completion("it is too dark", 48, stop=("</think>",))):
            pass
    assert await asyncio.to_thread(vllm.metric, "vllm:generation_tokens_total") == before + 48


async def test_the_grammar_holds_from_the_first_token_at_any_temperature(vllm: VllmServer) -> None:
    """What the model is asked makes no difference to what it may write."""
    house = SampleHouse()
    entities = house.entities()
    grammar = schema(TOOLS, entities, PLAN_TOKENS)
    async with CompletionClient(vllm.url, vllm.model) as client:
        for start in ("a", "Hello", "<think>\n\n</think>\n\n"):
            request = Completion(start, PLAN_TOKENS, temperature=1.0, schema=grammar)
            written = "".join([piece async for piece in client.stream(request)])
            parse(written, TOOLS, entities)


async def test_without_tools_the_plan_has_no_actions(vllm: VllmServer) -> None:
    async with CompletionClient(vllm.url, vllm.model) as client:
        request = Completion("a", PLAN_TOKENS, temperature=1.0, schema=schema((), (), PLAN_TOKENS))
        assert parse("".join([piece async for piece in client.stream(request)]), (), ()).intents == ()


async def test_thoughts_stop_at_the_closing_mark(vllm: VllmServer) -> None:
    """The mark is one token of its own; the grammar makes the random model write it."""
    async with CompletionClient(vllm.url, vllm.model) as client:
        request = Completion("a", 40, stop=("</think>",), schema={"enum": ["x</think>y"]})
        written = "".join([piece async for piece in client.stream(request)])
    assert written == '"x'


async def test_closing_the_stream_aborts_the_work(vllm: VllmServer) -> None:
    async with brain(vllm, think_tokens=6000) as mind:
        thinking = mind.think("it is too dark", "en", None, SampleHouse())
        await anext(thinking)
        assert await counted(vllm, RUNNING, 1)
        await thinking.aclose()
        assert await counted(vllm, RUNNING, 0), "vLLM still works for nobody"


async def test_a_prompt_beyond_the_context_is_told(vllm: VllmServer) -> None:
    async with brain(vllm) as mind:
        with pytest.raises(BrainUnavailable, match="answered 400"):
            await anext(mind.think("dark " * 20_000, "en", None, SampleHouse()))


async def test_a_model_of_another_name_is_told(vllm: VllmServer) -> None:
    async with brain(vllm, model="no-such-model") as mind:
        with pytest.raises(BrainUnavailable, match=r"404.*no-such-model"):
            await anext(mind.think("hello", "en", None, SampleHouse()))


async def test_a_plan_for_mere_talk_does_nothing(vllm: VllmServer) -> None:
    """Whatever the weights are: the grammar leaves no room for an action."""
    async with brain(vllm) as mind, aclosing(mind.think("sing", "en", None, SampleHouse(), may="talk")) as pieces:
        found = [piece async for piece in pieces][-1]
    assert isinstance(found, Plan) and found.intents == ()


# ── nonsense ─────────────────────────────────────────────────────────────────────────────

CUT = 6
"""Tokens after which not even the list of actions is closed."""
ANSWERED = "vllm:request_success_total"


async def test_a_plan_that_is_cut_is_planned_once_more_without_thoughts(vllm: VllmServer) -> None:
    """The grammar holds, and the answer is no JSON all the same: the server ends it in the middle."""
    before = await asyncio.to_thread(vllm.metric, ANSWERED)
    async with Between(vllm.url, None, CUT, None) as wire, brain(vllm, url=wire.url) as mind:
        pieces = [piece async for piece in mind.think("it is too dark", "en", "Kitchen", SampleHouse())]
    assert await asyncio.to_thread(vllm.metric, ANSWERED) == before + 3
    thought, first, second = (each.body for each in wire.completions)
    assert first["structured_outputs"] == second["structured_outputs"] and "structured_outputs" not in thought
    assert not str(first["prompt"]).endswith(SKIPPED) and str(second["prompt"]).endswith(SKIPPED)
    *thoughts, decided, plan = pieces
    assert all(isinstance(piece, ReasoningDelta) for piece in thoughts)
    assert isinstance(decided, Decided) and isinstance(plan, Plan), "what was cut has left no trace"
    assert decided.intents == plan.intents and plan == parse(plan.raw, TOOLS, SampleHouse().entities())


async def test_two_plans_that_are_cut_are_an_honest_refusal(vllm: VllmServer) -> None:
    before = await asyncio.to_thread(vllm.metric, ANSWERED)
    async with Between(vllm.url, None, CUT, CUT) as wire, brain(vllm, url=wire.url) as mind:
        house = House(brain=mind)
        turn = await house.say("it is too dark to read in the living room")
    assert turn.reply == "I thought about it and made no sensible plan of it. Say it another way."
    assert turn.error == "the model answered nonsense twice" and not turn.intents and house.published == []
    assert len(wire.completions) == 3 and await asyncio.to_thread(vllm.metric, ANSWERED) == before + 3


# ── a server that reads no EBNF ──────────────────────────────────────────────────────────


async def test_a_server_that_reads_no_ebnf_is_given_the_schema(another: VllmServer) -> None:
    """It answers 200 and refuses in its stream. The same turn goes on, and the next one does not ask again."""
    house = SampleHouse()
    async with Between(another.url) as wire, brain(another, url=wire.url, think_tokens=0) as mind:
        for _ in range(2):
            *_, found = [piece async for piece in mind.think("it is too dark", "en", "Kitchen", house)]
            assert isinstance(found, Plan) and found == parse(found.raw, TOOLS, house.entities())
    sent = [each.body["structured_outputs"] for each in wire.completions]
    assert [list(each) for each in sent if isinstance(each, dict)] == [["grammar"], ["json"], ["json"]]


async def test_priorities_are_no_matter_to_a_server_without_them(another: VllmServer) -> None:
    async with brain(another) as mind:
        await mind.warm(SampleHouse())


async def test_when_a_server_dies_in_mid_stream_the_next_one_thinks_on(vllm: VllmServer, another: VllmServer) -> None:
    """The last test: the first server is gone after it, engine and all."""
    told: list[str] = []
    house, pieces = SampleHouse(), []
    first, second = brain(vllm, think_tokens=6000, timeout_seconds=60), brain(another)
    async with first, second, Ladder([("A", first), ("B", second)], told.append) as ladder:
        thinking = ladder.think("it is too dark", "en", None, house)
        pieces.append(await anext(thinking))
        vllm.kill()
        began = time.monotonic()
        pieces += [piece async for piece in thinking]
        assert not await first.ready()
    assert time.monotonic() - began < 50
    assert isinstance(pieces[0], ReasoningDelta)
    assert isinstance(pieces[-1], Plan), "the second has thought and planned in the same turn"
    assert await asyncio.to_thread(another.metric, "vllm:generation_tokens_total") > 0
    assert len(told) == 1 and told[0].startswith("The brain A is away (") and told[0].endswith("B thinks instead.")
