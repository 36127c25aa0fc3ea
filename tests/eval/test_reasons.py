"""What is spoken as a reason is true, by people's labels; and so is what the model says while it does nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from assistant import yaml_files
from assistant.errors import NotUnderstood
from assistant.llm.narrator import doubt
from assistant.models import Request, Transcript, Turn
from tests.eval.reasons import SETS, Still, judge, load, precision, recall, share, still_house

SAYINGS = Path(__file__).with_name("sayings.yaml")


async def test_hardly_an_unfaithful_reason_is_spoken_and_most_faithful_ones_are() -> None:
    house = await still_house()
    turns = [turn for path in SETS for turn in load(path)]
    judged = judge(turns, house)

    assert len(turns) >= 60 and {turn.language for turn in turns} == {"en", "it"}
    assert sum(one.reason.label == "unfaithful" for one in judged) >= 300
    assert precision(judged) >= 0.98, [one.reason.because for one in judged if one.spoken and not one.agrees]
    assert recall(judged) >= 0.8, [one.reason.because for one in judged if not one.spoken and not one.agrees]
    assert share(judged) >= 0.9
    assert {name for turn in turns for name in (*turn.read, *turn.done)} <= house.known.keys()


async def test_no_set_is_worse_than_the_floor() -> None:
    house = await still_house()
    for path in SETS:
        judged = judge(load(path), house)
        assert precision(judged) >= 0.98, path.stem
        assert recall(judged) >= 0.55, path.stem


async def test_news_of_the_house_is_not_made_up_and_small_talk_is_spoken() -> None:
    """Nothing in the house is as these sentences say."""
    house = await still_house()
    sets = yaml_files.read(SAYINGS)
    for name, languages in sets.items():
        for language, said in languages.items():
            spoken = [each for each in said["unfounded"] if _spoken(each, language, house)]
            unsaid = [each for each in said["harmless"] if not _spoken(each, language, house)]
            assert not spoken, (name, language, spoken)
            assert len(unsaid) <= 1, (name, language, unsaid)


def _spoken(said: str, language: str, house: Still) -> bool:
    """The brain was shown all that can be read and planned nothing."""
    turn = Turn("talk", datetime.now(UTC), Request("hm", language), transcript=Transcript("hm", language))
    turn.read = [house.state(entity.id) for entity in house.entities() if not entity.hidden]
    try:
        doubt(said, turn, house, language)
    except NotUnderstood:
        return False
    return True
