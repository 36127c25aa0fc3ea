"""What is spoken as a reason is true, by people's labels."""

from __future__ import annotations

from tests.eval.reasons import judge, load, precision, recall, still_house


async def test_hardly_an_unfaithful_reason_is_spoken_and_most_faithful_ones_are() -> None:
    turns, house = load(), await still_house()
    judged = judge(turns, house)

    assert len(turns) >= 60 and {turn.language for turn in turns} == {"en", "it"}
    assert sum(one.reason.label == "unfaithful" for one in judged) >= 60
    assert precision(judged) >= 0.98, [one.reason.because for one in judged if one.spoken and not one.agrees]
    assert recall(judged) >= 0.9, [one.reason.because for one in judged if not one.spoken and not one.agrees]
    assert {name for turn in turns for name in (*turn.read, *turn.done)} <= house.known.keys()
