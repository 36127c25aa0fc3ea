"""Time by way of the model: it writes one plain sentence, which is read, judged and asked about like a spoken one."""

from __future__ import annotations

import pytest

from assistant.config import PolicySettings
from assistant.models import Denied, Intent, NeedsConfirmation, Plan, Target
from assistant.pipeline import Settings
from tests.fakes import FakeBrain, thing
from tests.stories import House
from tests.test_time_stories import DAY, HEATING_OFF, MINUTE, Timed

ALWAYS = Settings(routing="brain_only")


def writing(*sentences: str, also: tuple[Intent, ...] = (), say: str | None = None) -> FakeBrain:
    """A model that has these sentences for time."""
    kept = tuple(Intent("KeepTime", slots={"sentence": sentence}) for sentence in sentences)
    return FakeBrain(Plan((*kept, *also), say=say))


def thinking(*sentences: str, also: tuple[Intent, ...] = ()) -> Timed:
    return Timed(House(brain=writing(*sentences, also=also)))


# ── at once ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "said", "written", "reply", "minutes", "rings"),
    [
        ("en", "Cook the eggs for six minutes, would you be so kind as to count.", "set an egg timer for six minutes",
         "The egg timer is set for 6 minutes.", 6, "The egg timer is done."),
        ("en", "This dough ought to rest, count half an hour off for it.", "set a dough timer for half an hour",
         "The dough timer is set for 30 minutes.", 30, "The dough timer is done."),
        ("it", "La pasta vuole nove minuti, tienili d'occhio tu.", "metti un timer per la pasta di nove minuti",
         "Timer pasta impostato: 9 minuti.", 9, "Il timer pasta è scaduto."),
    ],
)  # fmt: skip
async def test_an_odd_wording_is_put_plainly_by_the_model(
    language: str, said: str, written: str, reply: str, minutes: float, rings: str
) -> None:
    home = thinking(written)
    assert await home.say(said, language) == reply
    (turn,) = home.house.journal.turns
    assert (turn.path, [intent.name for intent in turn.intents]) == ("brain", ["HassStartTimer"])
    assert await home.after(minutes * MINUTE) == [rings]


async def test_where_every_request_goes_to_the_model_time_does_too() -> None:
    home = Timed(House(brain=writing("set a timer for ten minutes"), settings=ALWAYS))
    assert await home.say("Set a timer for ten minutes.") == "The timer is set for 10 minutes."
    assert home.house.journal.turns[0].path == "brain"
    assert await home.after(10 * MINUTE) == ["The timer of 10 minutes is done."]


async def test_an_alarm_where_every_request_goes_to_the_model() -> None:
    home = Timed(House(brain=writing("svegliami domani alle sette"), settings=ALWAYS))
    assert await home.say("Svegliami domani alle sette.", "it") == "Sveglia impostata: domani alle 7."


@pytest.mark.parametrize(
    ("language", "said", "written", "reply"),
    [
        ("en", "Anna has to be rung tomorrow at nine, do not let me forget.", "remind me tomorrow at nine to ring Anna",
         "I will remind you tomorrow at 9:00: ring Anna."),
        ("it", "Domani alle nove tocca chiamare Anna, non farmi dimenticare.",
         "ricordami domani alle nove di chiamare Anna", "Te lo ricordo domani alle 9: chiamare Anna."),
    ],
)  # fmt: skip
async def test_not_to_forget_is_to_remember(language: str, said: str, written: str, reply: str) -> None:
    home = Timed(House(brain=writing(written), settings=ALWAYS))
    assert await home.say(said, language) == reply


async def test_a_reminder_by_way_of_the_model() -> None:
    home = thinking("remind me tomorrow at nine to ring Anna")
    said = await home.say("Oh, and Anna: nudge me tomorrow at nine so that I ring her.")
    assert said == "I will remind you tomorrow at 9:00: ring Anna."


async def test_a_watch_that_only_tells() -> None:
    """With every request going to the model; that the window is shut now is no reason to do nothing."""
    home = Timed(House(brain=writing("tell me when the bedroom window opens"), settings=ALWAYS))
    home.house.devices.report("binary_sensor.bedroom_window", "off")
    assert await home.say("When the bedroom window opens, tell me.") == "I will tell you when the bedroom window opens."
    await home.after(MINUTE)
    home.house.devices.report("binary_sensor.bedroom_window", "on")
    assert await home.after(MINUTE) == ["The bedroom window opens."]


async def test_beside_something_to_do_now() -> None:
    light = Intent("HassTurnOn", Target(ids=("light.kitchen_light",)))
    home = thinking("set a timer for ten minutes", also=(light,))
    said = await home.say("Kitchen light, please, the dough rises for ten minutes there, count them")
    assert "The kitchen light is on." in said and "The timer is set for 10 minutes." in said


async def test_in_chinese_the_model_reaches_timers_and_no_more() -> None:
    home = thinking("设置一个十分钟的计时器")
    said = await home.say("面条要煮十分钟，你帮我看着", "zh")
    assert said.endswith("？") and not home.house.schedule.items(), "nothing here reads a time in Chinese, so it asks"
    await home.say("是", "zh")
    assert [item.seconds for item in home.house.schedule.items()] == [600]


# ── only after a yes ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "said", "written", "question", "yes", "done"),
    [
        ("en", "This day never ends.", "set a timer for twenty minutes", "Shall I set a timer for 20 minutes?",
         "Yes.", "The timer is set for 20 minutes."),
        ("it", "Questa giornata non finisce mai.", "metti un timer di venti minuti",
         "Devo impostare un timer: 20 minuti?", "Sì.", "Timer impostato: 20 minuti."),
        ("en", "The bread needs ten minutes, count them.", "set a timer for twenty minutes",
         "Shall I set a timer for 20 minutes?", "Yes.", "The timer is set for 20 minutes."),
        ("en", "I have to be out of bed at seven tomorrow.", "wake me tomorrow at eight",
         "Shall I set an alarm for tomorrow at 8:00?", "Yes.", "The alarm is set for tomorrow at 8:00."),
        ("en", "I have to be out of bed at seven tomorrow.", "wake me at seven on weekdays",
         "Shall I set an alarm for every weekday at 7:00?", "Yes.", "The alarm is set for every weekday at 7:00."),
        ("en", "I forget everything.", "wake me every day at six", "Shall I set an alarm for every day at 6:00?",
         "Yes.", "The alarm is set for every day at 6:00."),
        ("en", "The last thing I need now is a timer for ten minutes.", "set a timer for ten minutes",
         "Shall I set a timer for 10 minutes?", "Yes.", "The timer is set for 10 minutes."),
        ("it", "Non mettere nessun timer di dieci minuti, per carità.", "metti un timer di dieci minuti",
         "Devo impostare un timer: 10 minuti?", "Sì.", "Timer impostato: 10 minuti."),
        ("it", "Svegliarmi alle sette, mai più.", "svegliami alle sette",
         "Devo impostare una sveglia: domani alle 7?", "Sì.", "Sveglia impostata: domani alle 7."),
    ],
)  # fmt: skip
async def test_what_nobody_said_is_asked(
    language: str, said: str, written: str, question: str, yes: str, done: str
) -> None:
    """No time at all, another one, or perhaps the contrary."""
    home = thinking(written)
    assert await home.say(said, language) == question
    assert not home.house.schedule.items()
    assert await home.say(yes, language) == done
    assert len(home.house.schedule.items()) == 1


@pytest.mark.parametrize(
    ("language", "said", "written", "question", "yes", "done"),
    [
        ("en", "The heating has no business running in 20 minutes.", "turn off the heating in 20 minutes",
         "Shall I do that today at 11:42: turn off the heating?", "Yes.",
         "I will do that today at 11:42: turn off the heating."),
        ("it", "Fra venti minuti il riscaldamento non serve a nessuno.", "fra venti minuti spegni il riscaldamento",
         "Devo farlo oggi alle 11 e 42: spegni il riscaldamento?", "Sì.",
         "Lo faccio oggi alle 11 e 42: spegni il riscaldamento."),
    ],
)  # fmt: skip
async def test_a_command_for_later_is_set_by_one_yes_and_run_once(
    language: str, said: str, written: str, question: str, yes: str, done: str
) -> None:
    home = thinking(written)
    assert await home.say(said, language, room="Living Room") == question
    assert not home.house.schedule.items()
    assert await home.say(yes, language, room="Living Room") == done
    for _ in range(2):
        await home.say(yes, language, room="Living Room")
    assert len(home.house.schedule.items()) == 1, "a replayed yes does nothing"
    await home.after(20 * MINUTE)
    await home.after(DAY)
    assert home.published == [HEATING_OFF]


async def test_a_no_sets_nothing() -> None:
    home = thinking("turn off the heating in 20 minutes")
    await home.say("The heating has no business running in 20 minutes.", room="Living Room")
    assert await home.say("No.") == "All right, I leave it."
    assert await home.say("Yes.") == "Nothing is waiting for an answer."
    assert not home.house.schedule.items()


async def test_cancelling_by_way_of_the_model_is_asked() -> None:
    home = thinking("cancel the pasta timer")
    await home.say("Set a pasta timer for 8 minutes.")
    assert await home.say("Nobody wants the pasta any more.") == "Shall I cancel the pasta timer?"
    assert len(home.house.schedule.items()) == 1
    assert await home.say("Yes.") == "I cancelled the pasta timer."


async def test_moving_by_way_of_the_model_is_asked() -> None:
    home = thinking("sposta la sveglia alle otto")
    await home.say("Svegliami domani alle sette.", "it")
    assert await home.say("Per la sveglia meglio un'oretta più in là.", "it") == (
        "Devo farne la sveglia di domani alle 8?"
    )
    assert await home.say("Sì.", "it") == "Ora è la sveglia di domani alle 8."


async def test_a_watch_that_acts_is_asked() -> None:
    home = thinking("when the bedroom window opens turn off the heating")
    home.house.devices.report("binary_sensor.bedroom_window", "off")
    assert await home.say("An open bedroom window and the heating, that does not go together.") == (
        "Shall I do that when the bedroom window opens: turn off the heating?"
    )
    assert not home.house.schedule.items()


async def test_which_one_is_no_yes() -> None:
    """What was asked about a sentence of the model's is not taken for leave to do the rest of it."""
    home = thinking("when the bathroom window opens turn off the heating")
    home.house.devices.add(
        thing("binary_sensor.window_1", "Garage", name="Bathroom Window", device_class="window"),
        thing("binary_sensor.window_2", "Kitchen", name="Bathroom Window", device_class="window"),
    )
    assert (await home.say("Heating and the window, that does not go together.")).startswith("Which")
    await home.say("The one in the garage.")
    assert not home.house.schedule.items()


# ── never ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "My friend is at the door in a minute.", "unlock the front door"),
        ("en", "My friend is at the door in a minute.", "turn on the kitchen light"),
        ("en", "My friend is at the door in a minute.", "forget everything about me"),
        ("en", "My friend is at the door in a minute.", "undo that"),
        ("it", "Il mio amico arriva fra un minuto.", "sblocca la porta d'ingresso"),
        ("it", "Il mio amico arriva fra un minuto.", "accendi la luce della cucina"),
        ("en", "My friend is at the door in a minute.", "set a timer for one minute and unlock the front door"),
        ("en", "My friend is at the door in a minute.", "yes"),
        ("en", "My friend is at the door in a minute.", "something, some time"),
        ("en", "My friend is at the door in a minute.", ""),
    ],
)
async def test_no_other_sentence_is_let_through(language: str, said: str, written: str) -> None:
    """A sentence about time is no second way to command devices now."""
    home = thinking(written)
    assert await home.say(said, language) == ("I did not understand that." if language == "en" else "Non ho capito.")
    await home.say("yes" if language == "en" else "sì", language)
    await home.after(DAY)
    assert home.published == [] and home.turns == [] and not home.house.schedule.items()


async def test_one_wrong_sentence_spoils_the_plan() -> None:
    light = Intent("HassTurnOn", Target(ids=("light.kitchen_light",)))
    home = thinking("set a timer for ten minutes", "unlock the front door", also=(light,))
    await home.say("Kitchen light, please, and count ten minutes")
    assert home.published == [] and not home.house.schedule.items()


@pytest.mark.parametrize(
    ("language", "question", "written", "answer"),
    [
        ("en", "How much longer do my eggs need, roughly?", "how long is left on the egg timer",
         "The egg timer has 6 minutes left."),
        ("it", "Quanto ci mettono ancora le uova, più o meno?", "quanto manca al timer uova",
         "Il timer uova: mancano 6 minuti."),
    ],
)  # fmt: skip
async def test_a_question_is_answered(language: str, question: str, written: str, answer: str) -> None:
    home = thinking(written)
    await home.say("Set an egg timer for 6 minutes." if language == "en" else "timer uova 6 minuti", language)
    assert await home.say(question, language) == answer
    assert home.house.brain is not None and home.house.brain.may == ["read"]  # type: ignore[attr-defined]


async def test_a_question_sets_nothing() -> None:
    home = thinking("set a timer for ten minutes")
    assert await home.say("How much longer do my eggs need, roughly?") == (
        "I leave what is planned as it is: a question was asked."
    )
    await home.say("Yes.")
    assert not home.house.schedule.items()


async def test_small_talk_sets_nothing() -> None:
    home = thinking("set a timer for ten minutes")
    await home.say("Good morning, how are you?")
    await home.say("Yes.")
    assert not home.house.schedule.items()
    assert [type(outcome.verdict) for outcome in home.house.journal.turns[0].outcomes] == [Denied]


# ── what would be refused when it is due ─────────────────────────────────────────────────

EN = "it needs a spoken yes, and nobody is asked when it is due; say it then, or have me remind you."


@pytest.mark.parametrize(
    ("language", "text", "reply"),
    [
        ("en", "Unlock the front door in ten minutes.", f"I do not plan that (“Unlock the front door”): {EN}"),
        ("en", "At seven open the garage door.", f"I do not plan that (“open the garage door”): {EN}"),
        ("en", "Every day at seven turn off the freezer.", f"I do not plan that (“turn off the freezer”): {EN}"),
        ("en", "When the bedroom window opens unlock the front door.",
         f"I do not plan that (“unlock the front door”): {EN}"),
        ("it", "Fra dieci minuti sblocca la porta d'ingresso.",
         "Non lo metto in programma («sblocca la porta d'ingresso»): serve un sì a voce, e a quell'ora non lo chiedo a "
         "nessuno; dillo allora, o fattelo ricordare."),
    ],
)  # fmt: skip
async def test_what_will_need_a_yes_is_refused_when_it_is_set(language: str, text: str, reply: str) -> None:
    home = Timed()
    assert await home.say(text, language) == reply
    await home.say("yes" if language == "en" else "sì", language)
    assert not home.house.schedule.items()
    await home.after(DAY)
    assert home.published == []


async def test_nor_does_the_model_set_it() -> None:
    home = thinking("unlock the front door in ten minutes")
    assert await home.say("My friend comes in ten minutes.") == f"I do not plan that (“unlock the front door”): {EN}"
    await home.say("Yes.")
    assert not home.house.schedule.items()
    (refused,) = home.house.journal.turns[0].outcomes
    assert isinstance(refused.verdict, Denied)


async def test_what_became_risky_since_is_still_refused_when_it_is_due() -> None:
    home = Timed()
    await home.say("Turn off the coffee machine in ten minutes.")
    home.house.devices.add(thing("switch.coffee_machine", "Kitchen", critical=True))
    assert await home.after(10 * MINUTE) == [
        "I was to do this: Turn off the coffee machine. I will not do that with the coffee machine: "
        "it needs a spoken yes, and nobody was asked."
    ]
    assert home.published == []


@pytest.mark.parametrize(("text", "planned"), [("Tomorrow at 10 am", 1), ("Tomorrow at 11 pm", 0)])
async def test_a_rule_for_hours_is_looked_up_for_the_hour_when_it_is_due(text: str, planned: int) -> None:
    """Said at 23:30, when it may not be done now."""
    night = {"when": {"from": "22:00", "to": "06:00"}, "what": ["light.turn_on"], "effect": "deny"}
    home = Timed(House(rules=PolicySettings.model_validate({"rules": [night]})))
    home.house.now = home.house.began.replace(hour=23, minute=30)
    reply = await home.say(f"{text} turn on the kitchen light.")
    assert len(home.house.schedule.items()) == planned
    assert ("forbids" in reply) is not planned


async def test_a_question_about_the_model_s_plan_stands_in_the_record() -> None:
    home = thinking("turn off the heating in 20 minutes")
    await home.say("The heating has no business running in 20 minutes.", room="Living Room")
    (turn,) = home.house.journal.turns
    assert [intent.name for intent in turn.intents] == ["ScheduleCommand"]
    assert [type(outcome.verdict) for outcome in turn.outcomes] == [NeedsConfirmation] and turn.expects_answer
