"""Le stesse storie in italiano, dalla porta d'ingresso."""

from __future__ import annotations

import pytest

from tests.fakes import FakeHouse, FakeLists, thing
from tests.stories import House


class Casa(House):
    """Everything is said in Italian."""

    async def dice(self, text: str, session: str = "story") -> str:
        return (await self.say(text, "it", session=session)).reply


@pytest.fixture
def casa() -> Casa:
    return Casa()


async def test_il_pronome_attaccato_al_verbo(casa: Casa) -> None:
    await casa.dice("accendi la luce della cucina")
    assert await casa.dice("spegnila") == "Ho spento la luce della cucina."
    assert casa.published == [("kitchen_light/set", "ON"), ("kitchen_light/set", "OFF")]


async def test_abbassale(casa: Casa) -> None:
    await casa.dice("metti la luce del soggiorno e la luce della cucina al 60 per cento")
    await casa.dice("abbassale")
    levels = [casa.devices.state(f"light.{name}_light").attributes["brightness"] for name in ("living_room", "kitchen")]
    assert levels == [40, 40]


async def test_e_in_camera(casa: Casa) -> None:
    await casa.dice("accendi la luce in cucina")
    await casa.dice("e in camera")
    assert casa.published == [("kitchen_light/set", "ON"), ("bedroom_light/set", "ON")]


async def test_ancora_un_po(casa: Casa) -> None:
    await casa.dice("alza il termostato di un grado")
    await casa.dice("ancora un po'")
    assert casa.devices.state("climate.thermostat").attributes["temperature"] == 22


async def test_intendevo_la_cucina(casa: Casa) -> None:
    await casa.dice("accendi la luce della camera")
    said = await casa.dice("intendevo la cucina")
    assert said == "Ho acceso la luce della cucina. La luce della camera da letto è come prima."
    assert casa.published[1:] == [("kitchen_light/set", "ON"), ("bedroom_light/set", "OFF")]


async def test_rimetti_com_era(casa: Casa) -> None:
    await casa.dice("metti la luce del soggiorno al 90%")
    assert await casa.dice("rimetti com'era") == "La luce del soggiorno è come prima."
    assert casa.devices.state("light.living_room_light").attributes["brightness"] == 40
    assert await casa.dice("annulla") == "Non c'è più niente da rimettere com'era."


async def test_annulla_non_apre_la_porta(casa: Casa) -> None:
    casa.devices.report("lock.front_door", "unlocked")
    await casa.dice("chiudi a chiave la porta d'ingresso")
    assert await casa.dice("rimetti come prima") == "Devo sbloccare la porta d'ingresso?"
    assert casa.published == [("front_door/set", "LOCK")]
    await casa.dice("no")
    assert casa.published == [("front_door/set", "LOCK")]


async def test_annulla_a_una_domanda_e_un_no(casa: Casa) -> None:
    await casa.dice("accendi la luce della cucina")
    await casa.dice("sblocca la porta d'ingresso")
    assert await casa.dice("annulla") == "Va bene, lascio stare."
    assert casa.published == [("kitchen_light/set", "ON")]


async def test_quale_intendi(casa: Casa) -> None:
    turn = await casa.say("accendi la luce", "it")
    assert turn.expects_answer
    await casa.dice("quella della cucina")
    assert casa.published == [("kitchen_light/set", "ON")]


async def test_dopo_due_risposte_vuote_lascia_stare(casa: Casa) -> None:
    await casa.dice("accendi la luce")
    await casa.dice("boh")
    assert await casa.dice("non lo so") == "Non ho ancora capito quale intendi, quindi lascio stare."
    assert casa.published == []


async def test_un_si_non_dice_quale(casa: Casa) -> None:
    await casa.dice("accendi la luce")
    assert (await casa.dice("sì")).startswith("Quale intendi")
    assert casa.published == []


async def test_le_uova_nella_lista() -> None:
    casa = Casa(lists=FakeLists())
    await casa.dice("metti il latte nella lista della spesa")
    await casa.dice("e anche le uova")
    assert casa.lists.items[1:] == ["uova"]


async def test_di_un_altra_stanza_non_si_sa_nulla(casa: Casa) -> None:
    await casa.dice("accendi la luce della cucina", session="cucina")
    await casa.dice("spegnila", session="camera")
    assert casa.published == [("kitchen_light/set", "ON")]


async def test_la_lampada_alta() -> None:
    devices = FakeHouse()
    devices.add(thing("light.tall_lamp", "Living Room", "la lampada alta"),
                thing("light.small_lamp", "Living Room", "la lampada bassa"))  # fmt: skip
    devices.report("light.tall_lamp", "off")
    devices.report("light.small_lamp", "off")
    casa = Casa(devices=devices)
    await casa.dice("accendi la lampada alta")
    await casa.dice("no, la lampada bassa")
    assert casa.published == [("tall_lamp/set", "ON"), ("small_lamp/set", "ON"), ("tall_lamp/set", "OFF")]


async def test_la_casa_bilingue(casa: Casa) -> None:
    """What was asked in one language goes on in the other."""
    await casa.say("turn on the kitchen light", "en")
    assert await casa.dice("spegnila") == "Ho spento la luce della cucina."


async def test_in_cinese_si_annulla_e_si_sceglie(casa: Casa) -> None:
    await casa.say("turn on the kitchen light", "en")
    turn = await casa.say("撤销", "zh")
    assert casa.published[-1] == ("kitchen_light/set", "OFF")
    assert "恢复" in turn.reply
