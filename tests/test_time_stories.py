"""Time through the front door: timers, alarms, reminders, commands for later, and what is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from assistant.intents.policy import Rule
from assistant.models import Request, Scheduled, Turn
from assistant.schedule.keeper import Keeper, Told
from tests.stories import ROME, House

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
HEATING_OFF = ("thermostat/set", "SET_HVAC_MODE")


@dataclass
class Timed:
    """A house whose clock is moved by hand, with somebody who sees to what is due."""

    house: House = field(default_factory=House)
    told: list[Told] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        house = self.house
        self.keeper = Keeper(house.schedule, house.pipeline.house, self._do, self._tell, clock=house.clock)

    async def say(self, text: str, language: str = "en", room: str | None = None) -> str:
        return (await self.house.say(text, language, room)).reply

    async def after(self, seconds: float) -> list[str]:
        """What is told in this time."""
        before = len(self.told)
        self.house.clock.now += seconds
        await self.keeper.look()
        await self.keeper.settled()
        return [told.text for told in self.told[before:]]

    async def restart(self, seconds: float = 0.0) -> list[str]:
        """Away for so long; then what it does first."""
        before = len(self.told)
        self.house.clock.now += seconds
        self.keeper = Keeper(self.house.schedule, self.house.pipeline.house, self._do, self._tell,
                             clock=self.house.clock)  # fmt: skip
        await self.keeper.recover()
        await self.keeper.look()
        await self.keeper.settled()
        return [told.text for told in self.told[before:]]

    async def _do(self, item: Scheduled) -> Turn:
        turn = await self.house.pipeline.run(
            Request(item.text, item.language, item.room, source="schedule", unattended=True)
        )
        self.turns.append(turn)
        return turn

    async def _tell(self, told: Told) -> None:
        self.told.append(told)

    @property
    def published(self) -> list[tuple[str, str]]:
        return self.house.published


@pytest.fixture
async def home() -> AsyncIterator[Timed]:
    yield Timed()


# ── timers ───────────────────────────────────────────────────────────────────────────────


async def test_a_timer_is_set_and_rings(home: Timed) -> None:
    assert await home.say("Set a timer for ten minutes.") == "The timer is set for 10 minutes."
    assert await home.after(9 * MINUTE) == []
    assert await home.after(1 * MINUTE) == ["The timer of 10 minutes is done."]
    assert home.told[0].rings
    assert await home.after(HOUR) == [], "once"


async def test_several_timers_by_name(home: Timed) -> None:
    await home.say("Set a pasta timer for 8 minutes.")
    await home.say("Start a timer for 5 minutes for the eggs.")
    assert await home.say("How long is left on the pasta timer?") == "The pasta timer has 8 minutes left."
    assert await home.after(5 * MINUTE) == ["The eggs timer is done."]
    assert await home.say("How long is left?") == "The pasta timer has 3 minutes left."
    assert await home.say("Cancel the pasta.") == "I cancelled the pasta timer."
    assert await home.after(HOUR) == []


async def test_longer_and_shorter(home: Timed) -> None:
    await home.say("Set a timer for ten minutes.")
    assert await home.say("Add two minutes.") == "The timer of 12 minutes has 12 minutes left."
    assert await home.say("Take five minutes off the timer.") == "The timer of 7 minutes has 7 minutes left."
    assert await home.say("Take half an hour off the timer.") == "That time is past."
    assert await home.after(7 * MINUTE) == ["The timer of 7 minutes is done."]


async def test_a_paused_timer_waits(home: Timed) -> None:
    await home.say("Set a timer for ten minutes.")
    await home.after(4 * MINUTE)
    assert await home.say("Pause the timer.") == "The timer of 10 minutes is paused, with 6 minutes left."
    assert await home.after(DAY) == []
    assert await home.say("How long is left?") == "The timer of 10 minutes has 6 minutes left, paused."
    assert await home.say("Resume the timer.") == "The timer of 10 minutes goes on, with 6 minutes left."
    assert await home.after(6 * MINUTE) == ["The timer of 10 minutes is done."]


async def test_of_two_timers_none_is_chosen(home: Timed) -> None:
    await home.say("Set a pasta timer for 8 minutes.")
    await home.say("Set a rice timer for 9 minutes.")
    assert await home.say("Cancel the timer.") == "Which one do you mean: the pasta timer or the rice timer?"
    assert await home.say("Cancel all timers.") == "I cancelled 2 timers."
    assert await home.say("How long is left?") == "There is no timer."


async def test_the_one_of_that_length(home: Timed) -> None:
    await home.say("Set a timer for ten minutes.")
    await home.say("Set a timer for 20 minutes.")
    assert await home.say("Cancel the ten minute timer.") == "I cancelled the timer of 10 minutes."


async def test_a_timer_without_a_length_is_asked_for(home: Timed) -> None:
    assert await home.say("Cancel the timer.") == "There is no timer."
    assert await home.say("Pause the pasta timer.") == "There is no timer called pasta."


async def test_timers_in_italian(home: Timed) -> None:
    assert await home.say("Imposta un timer di dieci minuti per la pasta.", "it") == "Timer pasta impostato: 10 minuti."
    await home.after(2 * MINUTE)
    assert await home.say("Quanto manca alla pasta?", "it") == "Il timer pasta: mancano 8 minuti."
    assert await home.say("Aggiungi due minuti.", "it") == "Il timer pasta: mancano 10 minuti."
    assert await home.after(10 * MINUTE) == ["Il timer pasta è scaduto."]


async def test_cancelled_in_italian(home: Timed) -> None:
    await home.say("timer pasta 8 minuti", "it")
    assert await home.say("Annulla la pasta.", "it") == "Ho annullato il timer pasta."
    assert await home.say("Quanto manca?", "it") == "Non ci sono timer."


async def test_it_is_told_in_the_language_in_which_it_was_set(home: Timed) -> None:
    await home.say("Imposta un timer di cinque minuti.", "it", room="Kitchen")
    await home.say("Turn on the kitchen light.")
    assert await home.after(5 * MINUTE) == ["Il timer di 5 minuti è scaduto."]
    assert home.told[0].item.room == "Kitchen"


# ── alarms ───────────────────────────────────────────────────────────────────────────────


async def test_an_alarm_on_weekdays(home: Timed) -> None:
    """Said on a Thursday at 11:22."""
    assert await home.say("Wake me at half past six on weekdays.") == "The alarm is set for every weekday at 6:30."
    assert await home.after(19 * HOUR + 8 * MINUTE) == ["It is 6:30."]  # Friday
    assert await home.after(DAY) == [] and await home.after(DAY) == []
    assert await home.after(DAY) == ["It is 6:30."]  # Monday


async def test_an_alarm_is_moved_and_cancelled(home: Timed) -> None:
    assert await home.say("Set an alarm for tomorrow at seven.") == "The alarm is set for tomorrow at 7:00."
    assert await home.say("Move my alarm to eight.") == "It is now the alarm tomorrow at 8:00."
    assert await home.say("What alarms do I have?") == "The alarm tomorrow at 8:00."
    assert await home.say("Cancel my alarm.") == "I cancelled the alarm tomorrow at 8:00."
    assert await home.say("What alarms do I have?") == "There is no alarm."
    assert await home.after(2 * DAY) == []


async def test_one_of_two_alarms(home: Timed) -> None:
    await home.say("Set an alarm for six thirty.")
    await home.say("Set an alarm for seven.")
    assert await home.say("Cancel my seven o'clock alarm.") == "I cancelled the alarm tomorrow at 7:00."
    assert await home.say("When is my next alarm?") == "The alarm tomorrow at 6:30."


async def test_an_alarm_needs_its_time(home: Timed) -> None:
    assert await home.say("Set an alarm.") == "For when? Please say it with its time."


async def test_what_rings_is_stopped(home: Timed) -> None:
    """ "Stop" is a no where something was asked; while it rings, it is meant for that."""
    await home.say("Set a timer for ten minutes.")
    ringing = home.house.schedule.items()[0]
    home.house.schedule.sounding[1] = ringing
    assert await home.say("Stop.") == "All right."
    assert not home.house.schedule.ringing()
    assert await home.say("Stop.") == "Nothing is waiting for an answer."


async def test_snoozed(home: Timed) -> None:
    await home.say("Wake me in twenty minutes.")
    home.house.schedule.sounding[1] = home.house.schedule.items()[0]
    await home.say("Cancel my alarm.")
    assert await home.say("Snooze for ten minutes.") == "All right. The alarm is set for today at 11:32."
    assert not home.house.schedule.ringing()
    assert await home.after(10 * MINUTE) == ["It is 11:32."]
    assert await home.say("Snooze.") == "Nothing is ringing."


async def test_alarms_in_italian(home: Timed) -> None:
    assert await home.say("Sveglia alle sette e mezza.", "it") == "Sveglia impostata: domani alle 7 e 30."
    assert await home.say("Sposta la sveglia alle otto.", "it") == "Ora è la sveglia di domani alle 8."
    assert await home.say("A che ora suona la sveglia?", "it") == "La sveglia di domani alle 8."
    assert await home.after(20 * HOUR + 38 * MINUTE) == ["Sono le 8."]


async def test_weekdays_in_italian(home: Timed) -> None:
    said = await home.say("Svegliami alle sei e mezza nei giorni feriali.", "it")
    assert said == "Sveglia impostata: ogni giorno feriale alle 6 e 30."
    assert await home.say("Annulla tutte le sveglie.", "it") == (
        "Ho annullato la sveglia di ogni giorno feriale alle 6 e 30."
    )


# ── reminders ────────────────────────────────────────────────────────────────────────────


async def test_a_reminder(home: Timed) -> None:
    said = await home.say("Remind me to take the bins out tomorrow at eight.")
    assert said == "I will remind you tomorrow at 8:00: take the bins out."
    assert await home.after(20 * HOUR + 38 * MINUTE) == ["A reminder: take the bins out."]
    assert not home.told[0].rings


async def test_a_reminder_is_only_ever_spoken(home: Timed) -> None:
    """Whatever its words are, they are no command."""
    await home.say("Remind me in ten minutes to unlock the front door.")
    await home.say("Remind me in ten minutes to turn on the kitchen light.")
    assert sorted(await home.after(10 * MINUTE)) == [
        "A reminder: turn on the kitchen light.", "A reminder: unlock the front door.",
    ]  # fmt: skip
    assert home.published == [] and home.turns == []


async def test_a_name_is_only_ever_spoken(home: Timed) -> None:
    await home.say("Set a timer for ten minutes called unlock front door.")
    await home.after(10 * MINUTE)
    assert home.published == [] and home.turns == []


async def test_a_reminder_keeps_its_own_words(home: Timed) -> None:
    said = await home.say("Remind me tomorrow at nine to ring Anna, Tom and the café.")
    assert said == "I will remind you tomorrow at 9:00: ring Anna, Tom and the café."


async def test_a_reminder_without_a_time_is_asked_for(home: Timed) -> None:
    assert await home.say("Remind me to call Anna.") == "For when? Please say it with its time."
    assert not home.house.schedule.items()


async def test_reminders_are_told_and_cancelled(home: Timed) -> None:
    await home.say("Remind me to take the bins out tomorrow at eight.")
    await home.say("Remind me in an hour that dinner is at eight.")
    assert await home.say("What reminders do I have?") == (
        "The reminder today at 12:22: dinner is at eight and the reminder tomorrow at 8:00: take the bins out."
    )
    assert await home.say("Cancel the reminder to take the bins out.") == (
        "I cancelled the reminder tomorrow at 8:00: take the bins out."
    )


async def test_reminders_in_italian(home: Timed) -> None:
    said = await home.say("Ricordami di portare fuori la spazzatura domani alle otto.", "it")
    assert said == "Te lo ricordo domani alle 8: portare fuori la spazzatura."
    assert await home.after(20 * HOUR + 38 * MINUTE) == ["Promemoria: portare fuori la spazzatura."]
    assert await home.say("Fra un'ora ricordami di spegnere il forno.", "it") == (
        "Te lo ricordo oggi alle 9: spegnere il forno."
    )


# ── later ────────────────────────────────────────────────────────────────────────────────


async def test_a_command_for_later(home: Timed) -> None:
    assert await home.say("Turn off the heating in 20 minutes.", room="Living Room") == (
        "I will do that today at 11:42: Turn off the heating."
    )
    assert home.published == []
    assert await home.after(20 * MINUTE) == [], "what went well is not spoken of"
    assert home.published == [HEATING_OFF]
    await home.after(DAY)
    assert len(home.published) == 1


async def test_every_weekday(home: Timed) -> None:
    said = await home.say("Every weekday at seven open the living room blinds.")
    assert said == "I will do that every weekday at 7:00: open the living room blinds."
    await home.after(19 * HOUR + 38 * MINUTE)
    for _ in range(3):
        await home.after(DAY)
    assert len(home.turns) == 2, "Friday and Monday"


async def test_what_is_not_understood_is_refused_at_once(home: Timed) -> None:
    for text in ("Make it cosy at eight.", "Turn on the attic light at nine.", "In ten minutes do the magic."):
        assert (await home.say(text)).startswith("I did not understand what to do then, so nothing is planned")
    assert not home.house.schedule.items()


async def test_a_yes_cannot_be_scheduled(home: Timed) -> None:
    await home.say("Unlock the front door.")
    await home.say("In ten minutes yes.")
    assert not home.house.schedule.items()


async def test_no_question_is_an_order_for_later(home: Timed) -> None:
    for text in ("Is the kitchen light on at eight?", "What's the weather tomorrow at eight?"):
        await home.say(text)
    assert not home.house.schedule.items()
    assert await home.say("Set the thermostat at 20.") == "The thermostat is set to 20 degrees."


async def test_a_command_that_fails_is_told(home: Timed) -> None:
    home.house.commands.silent.add("light.kitchen_light")
    await home.say("Turn on the kitchen light in five minutes.")
    (told,) = await home.after(5 * MINUTE)
    assert told.startswith("I was to do this: Turn on the kitchen light. I sent it, but")


async def test_what_is_planned(home: Timed) -> None:
    assert await home.say("What is scheduled?") == "Nothing is planned."
    await home.say("Turn off the heating in 20 minutes.", room="Living Room")
    assert await home.say("What is scheduled?") == "“Turn off the heating” today at 11:42."
    assert await home.say("Cancel everything scheduled.") == "I cancelled “Turn off the heating” today at 11:42."
    await home.after(HOUR)
    assert home.published == []


async def test_later_in_italian(home: Timed) -> None:
    said = await home.say("Fra un quarto d'ora spegni il riscaldamento.", "it", room="Living Room")
    assert said == "Lo faccio oggi alle 11 e 37: spegni il riscaldamento."
    await home.after(15 * MINUTE)
    assert home.published == [HEATING_OFF]


async def test_every_day_in_italian(home: Timed) -> None:
    said = await home.say("Tutti i giorni alle sette apri le tapparelle del soggiorno.", "it")
    assert said == "Lo faccio ogni giorno alle 7: apri le tapparelle del soggiorno."


async def test_a_device_forbidden_since_is_not_touched(home: Timed) -> None:
    """The policy that counts is the one of the moment."""
    await home.say("Turn on the kitchen light in five minutes.")
    home.house.pipeline.policy._deny = (Rule.read("light.turn_on"),)
    (told,) = await home.after(5 * MINUTE)
    assert "the configuration forbids it" in told and home.published == []


# ── waiting ──────────────────────────────────────────────────────────────────────────────


async def test_when_it_is_done(home: Timed) -> None:
    home.house.devices.report("switch.coffee_machine", "on")
    said = await home.say("Tell me when the coffee machine is done.")
    assert said == "I will tell you when the coffee machine is done."
    assert await home.after(1) == [] and await home.after(MINUTE) == []
    home.house.devices.report("switch.coffee_machine", "off")
    assert await home.after(1) == ["The coffee machine is done."]
    home.house.devices.report("switch.coffee_machine", "on")
    await home.after(1)
    home.house.devices.report("switch.coffee_machine", "off")
    assert await home.after(1) == [], "it was asked once"


async def test_what_is_so_already_does_not_count(home: Timed) -> None:
    """The window stands open: only its next opening is meant."""
    await home.say("When the bedroom window opens, turn off the heating.", room="Living Room")
    await home.after(1)
    assert home.published == []
    home.house.devices.report("binary_sensor.bedroom_window", "off")
    await home.after(1)
    home.house.devices.report("binary_sensor.bedroom_window", "on")
    await home.after(1)
    assert home.published == [HEATING_OFF]


async def test_whenever(home: Timed) -> None:
    await home.say("Whenever the bedroom window opens, turn on the reading lamp.")
    for _ in range(2):
        for state in ("off", "on"):
            home.house.devices.report("binary_sensor.bedroom_window", state)
            await home.after(1)
    assert len(home.turns) == 2


async def test_a_limit(home: Timed) -> None:
    await home.say("Let me know when the bedroom temperature drops below 18 degrees.")
    await home.after(1)
    home.house.devices.report("sensor.bedroom_temperature", "18.5")
    assert await home.after(1) == []
    home.house.devices.report("sensor.bedroom_temperature", "17.9")
    assert await home.after(1) == ["The bedroom temperature drops below 18 degrees."]


async def test_waiting_in_italian(home: Timed) -> None:
    home.house.devices.report("switch.coffee_machine", "on")
    said = await home.say("Avvisami quando la macchina del caffè ha finito.", "it")
    assert said == "Ti avviso quando la macchina del caffè ha finito."
    await home.after(1)
    home.house.devices.report("switch.coffee_machine", "off")
    assert await home.after(1) == ["La macchina del caffè ha finito."]


async def test_a_window_in_italian(home: Timed) -> None:
    home.house.devices.report("binary_sensor.bedroom_window", "off")
    said = await home.say("Quando si apre la finestra della camera spegni il riscaldamento.", "it", room="Living Room")
    assert said == "Lo faccio quando si apre la finestra della camera: spegni il riscaldamento."
    await home.after(1)
    home.house.devices.report("binary_sensor.bedroom_window", "on")
    await home.after(1)
    assert home.published == [HEATING_OFF]


# ── away ─────────────────────────────────────────────────────────────────────────────────


async def test_what_fell_due_while_away_is_told_late(home: Timed) -> None:
    await home.say("Set a pasta timer for 8 minutes.")
    await home.say("Remind me in an hour to call Anna.")
    assert await home.restart(3 * HOUR) == [
        "The pasta timer was done today at 11:30, while I was not running.",
        "A late reminder, for today at 12:22: call Anna.",
    ]
    assert all(told.late and not told.rings for told in home.told)


async def test_an_old_command_is_told_and_not_run(home: Timed) -> None:
    await home.say("Turn off the heating in 20 minutes.", room="Living Room")
    assert await home.restart(2 * HOUR) == [
        "I was not running today at 11:42, so I did not do this: Turn off the heating."
    ]
    assert home.published == []


async def test_a_command_that_is_a_little_late_is_done(home: Timed) -> None:
    await home.say("Turn off the heating in 20 minutes.", room="Living Room")
    assert await home.restart(22 * MINUTE) == []
    assert home.published == [HEATING_OFF]


async def test_missed_repetitions_are_told_once(home: Timed) -> None:
    await home.say("Every day at seven open the living room blinds.")
    assert len(await home.restart(5 * DAY)) == 1
    assert home.published == []
    assert home.house.schedule.items()[0].due is not None


async def test_a_command_cut_off_is_never_run_again(home: Timed) -> None:
    """Killed between the claim and its end: nobody knows whether it was done."""
    await home.say("Turn off the heating in 20 minutes.", room="Living Room")
    home.house.clock.now += 20 * MINUTE
    assert await home.house.schedule.claim(home.house.schedule.items()[0]) is not None
    assert await home.restart() == [
        "I was cut off today at 11:42 and do not know whether this was done: Turn off the heating."
    ]
    assert home.published == []
    assert await home.restart() == []


async def test_a_ring_cut_off_is_told_again(home: Timed) -> None:
    await home.say("Set a pasta timer for 8 minutes.")
    home.house.clock.now += 8 * MINUTE
    assert await home.house.schedule.claim(home.house.schedule.items()[0]) is not None
    (told,) = await home.restart()
    assert told.startswith("The pasta timer was done")
    assert await home.restart() == []


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Metti in pausa il timer pasta.", "Il timer pasta è in pausa: mancano 8 minuti."),
        ("Metti il timer pasta in pausa.", "Il timer pasta è in pausa: mancano 8 minuti."),
        ("Allunga il timer pasta di due minuti.", "Il timer pasta: mancano 10 minuti."),
        ("Accorcia il timer pasta di due minuti.", "Il timer pasta: mancano 6 minuti."),
        ("Annulla il timer pasta.", "Ho annullato il timer pasta."),
    ],
)
async def test_an_italian_timer_is_called_as_the_reply_calls_it(home: Timed, text: str, reply: str) -> None:
    assert await home.say("Timer pasta 8 minuti", "it") == "Timer pasta impostato: 8 minuti."
    assert await home.say(text, "it") == reply


# ── across the change of the clocks ──────────────────────────────────────────────────────

EVE_OF_WINTER = datetime(2026, 10, 24, 22, 0, tzinfo=ROME)
"""At three that night the clocks show two once more."""


@pytest.mark.parametrize(
    ("language", "text", "reply", "list_", "listed"),
    [
        ("en", "Wake me on 5 May 2027 at seven.", "The alarm is set for Wednesday, May 5 at 7:00.",
         "Which alarms are set?", "The alarm on Wednesday, May 5 at 7:00."),
        ("en", "Remind me on 5 May 2027 at nine to rest.", "I will remind you on Wednesday, May 5 at 9:00: rest.",
         "Which reminders are set?", "The reminder on Wednesday, May 5 at 9:00: rest."),
        ("it", "Svegliami il 5 maggio 2027 alle sette.", "Sveglia impostata: mercoledì 5 maggio alle 7.",
         "Quali sveglie ci sono?", "La sveglia di mercoledì 5 maggio alle 7."),
    ],
)  # fmt: skip
async def test_an_hour_of_summer_is_told_as_such_in_winter(
    home: Timed, language: str, text: str, reply: str, list_: str, listed: str
) -> None:
    assert await home.say(text, language) == reply
    assert await home.say(list_, language) == listed


async def test_a_timer_counts_the_hour_that_comes_twice() -> None:
    home = Timed(House(began=EVE_OF_WINTER))
    assert await home.say("Set a timer for eight hours.") == "The timer is set for 8 hours."
    assert await home.after(8 * HOUR - 1) == []
    assert await home.after(1) == ["The timer of 8 hours is done."]
