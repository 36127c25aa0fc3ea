"""Questions are told from commands, however politely these are put."""

from __future__ import annotations

import pytest

from assistant.intents.mood import is_question

QUESTIONS = {
    "en": """
        Is the door locked?
        is the kitchen light on
        Are all the windows closed?
        are any lights on upstairs
        Did I leave the garage open?
        did you turn off the oven
        Does the bedroom feel humid?
        Has the vacuum finished?
        have you locked the front door
        Have I left the lights on?
        Why is it so cold in here?
        why did you turn on the lamp
        why are the blinds closed
        What time is it?
        what's the temperature in the bedroom
        What did you just do?
        What is open right now?
        which lights are on
        who is at the door
        Where is the robot?
        where's the vacuum
        When will the robot be done?
        when did the door open
        How warm is it in the living room?
        how many windows are open
        How bright is the reading lamp?
        how do I turn on the heating
        Can you tell me if the garage is open?
        could you tell me whether the door is locked
        Could you check if the door is locked?
        can you see whether the window is open
        tell me how warm it is
        Tell me if the front door is open.
        let me know whether the lights are on
        Do you know if the heating is on?
        do you think it is too dark to read
        Do the blinds close at night?
        I'd like to know if the window is open
        I wonder whether I locked the door
        Should I close the blinds?
        should we turn on the heating
        Shall I open the window?
        Will the light turn off by itself?
        Will it rain tomorrow?
        The door is locked, isn't it?
        The kitchen light is off, right?
        The garage is closed?
        hey, is anybody in the hallway
        Okay, and how warm is it upstairs?
        Please tell me which lights are on.
        I'm cold. Is the heating on?
        Was the window open all night?
        at what temperature is the heating set
        Is it too dark to read in the living room?
        Would it be dark without the lamp?
        Can it be that the window is open?
        Explain why you turned on the fan.
        What happens if I turn off the freezer?
        what if I open the garage door
        do we have any lights on
        any windows open?
        was that you who closed the blinds
    """,
    "it": """
        È chiusa la porta?
        è chiusa la porta d'ingresso
        è accesa la luce in cucina
        La porta è chiusa?
        le luci sono accese?
        Sono accese le luci in salotto?
        sono chiuse tutte le finestre
        Quanti gradi ci sono?
        quanti gradi ci sono in camera
        Quanto fa caldo in soggiorno?
        Che ore sono?
        che ora è
        Che temperatura c'è in camera da letto?
        Che giorno è oggi?
        Cosa è acceso in cucina?
        cosa hai fatto
        Cos'è rimasto acceso?
        Com'è la temperatura in camera?
        Come mai fa così freddo?
        Perché hai acceso la luce?
        perché è così buio
        perché la luce è accesa
        Dov'è il robot?
        dove sta l'aspirapolvere
        Chi c'è alla porta?
        Quali luci sono accese?
        quali finestre sono aperte
        quale luce è accesa
        Quando finisce il robot?
        C'è qualcuno nell'ingresso?
        c'è ancora una luce accesa
        ci sono luci accese
        Ci sono finestre aperte?
        Hai chiuso la porta?
        hai spento la luce in garage
        Ho lasciato la luce accesa?
        Ho chiuso il garage?
        Mi sai dire se la porta è chiusa?
        Mi puoi dire quanti gradi ci sono?
        puoi dirmi se il garage è aperto
        Potresti dirmi che ore sono?
        Dimmi se la finestra è aperta.
        dimmi quanti gradi ci sono
        Fammi sapere se la porta è chiusa
        Sai se il riscaldamento è acceso?
        Vorrei sapere se la porta è chiusa
        Puoi controllare se la porta è chiusa?
        Controlla se il garage è chiuso
        Devo chiudere le tapparelle?
        dovrei accendere il riscaldamento?
        A che ora tramonta il sole?
        a quanti gradi è il termostato
        Fa freddo in camera?
        Il robot ha finito?
        Sta piovendo?
        Funziona il ventilatore?
        La luce è spenta, vero?
        Scusa, che ore sono?
        Ho freddo. È acceso il riscaldamento?
        Perché non si accende la luce?
        Perché non funziona il ventilatore?
        hai acceso tu la luce?
        in quale stanza c'è la luce accesa
        si è spento il forno?
    """,
    "zh": """
        门锁了吗？
        灯开着吗
        厨房的灯是开着的吗
        窗户关了没有
        现在几点了
        卧室多少度
        为什么开灯
        为什么这么冷？
        哪些灯开着
        谁在门口
        扫地机器人在哪里
        客厅有没有人
        空调是不是开着
        能告诉我门锁了吗
        告诉我现在几点
        你知道窗户关了吗
        请问现在温度是多少
        车库门关好了吗
        怎么这么暗
        有几盏灯开着
    """,
}

COMMANDS = {
    "en": """
        Turn on the light.
        turn the lights off
        Could you turn on the light?
        could you please turn off the kitchen light
        Can you close the blinds?
        can you dim the lights a bit
        Can you make it warmer in here?
        Would you turn off the heating, please?
        will you lock the front door
        Would you mind closing the garage door?
        would you mind turning the light off
        do you mind turning on the fan
        Can I have some light in the kitchen?
        can we have the blinds down
        Could we turn off the lights?
        Could I get a bit more light?
        May I have more light please
        Is it possible to turn off the light?
        Would it be possible to open the blinds a little?
        Why don't you turn on the light?
        How about turning off the lights?
        Turn on the light?
        Turn on the light, will you?
        Open the garage door, would you?
        Please close the blinds.
        hey, can you start the vacuum
        Okay, could you set the temperature to 21?
        Don't turn on the light.
        Do turn on the light please
        If it's dark, turn on the light.
        When it gets dark turn on the lights
        Why is it so dark? Turn on the light.
        Is the light on? If so, turn it off.
        is the kitchen light on, and if so turn it off
        I'd like you to turn on the lamp
        I want the lights off
        Let there be light.
        Set the thermostat to 21 degrees
        Go ahead and unlock the door
        Can the light be turned off?
        Will you please dim the lamp?
        Can't you turn off that light?
        Have a good day and turn off the lights.
        Would you be so kind as to open the blinds?
        How about some light?
        Are you able to close the blinds, please?
        Any chance you could turn the heating up
        lights off please
    """,
    "it": """
        Accendi la luce.
        spegni tutto
        Mi accendi la luce?
        mi accendi la luce in cucina
        Puoi chiudere le tapparelle?
        puoi accendere la luce per favore
        Potresti spegnere la luce?
        Può aprire il garage?
        Mi puoi alzare le tapparelle?
        Ti dispiace chiudere la porta?
        ti dispiacerebbe spegnere la luce
        Ti va di abbassare la luce?
        Accenderesti la luce?
        Mi chiuderesti la porta?
        Me la accendi?
        me la spegni per favore
        Riesci ad accendere la luce?
        Vuoi spegnere la luce?
        Posso avere più luce?
        Si può avere un po' più di luce?
        È possibile accendere il ventilatore?
        Perché non accendi la luce?
        Che ne dici di spegnere la luce?
        Accendi la luce?
        Scusa, puoi chiudere la porta?
        Per favore chiudi le tapparelle.
        Ehi, mi spegni la lampada?
        Se è buio accendi la luce.
        Quando esco spegni tutte le luci
        Perché è così buio? Accendi la luce.
        È accesa la luce? Se sì, spegnila.
        Imposta il termostato a 21 gradi
        Metti le luci al 30 per cento
        Voglio più luce in soggiorno
        Vorrei la luce spenta
        Fai partire il robot
        Alza un po' il riscaldamento, dai
        Non accendere la luce.
        Chiudimi il garage
        Spegnile
        Porta la temperatura a venti gradi
        Abbassa la luce, vuoi?
        luci spente per favore
        Saresti così gentile da chiudere il garage?
        mi fai un po' di luce?
    """,
    "zh": """
        打开客厅的灯
        把灯关掉
        可以帮我开灯吗
        可以打开窗帘吗？
        能不能把灯打开
        你能打开客厅灯吗
        麻烦把门关上好吗
        请关灯
        帮我开一下空调好不好
        把温度调到二十度
        能开一下灯吗
        请你把窗帘拉上行吗
        关灯吧
        锁门
        如果灯开着就把它关掉
    """,
}

STATEMENTS = {
    "en": """
        It is too dark to read.
        I am leaving home
        it's cold in here
        Good night
        I'm going to bed
        Somebody is at the door
        what a day, I am tired
    """,
    "it": """
        È troppo buio per leggere
        sto uscendo
        Ho freddo
        Buonanotte
        che buio qui
        vado a letto
        sono a letto
        c'è troppa luce
    """,
    "zh": """
        太暗了
        我要睡觉了
        我出门了
        有点冷
    """,
}


def each(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(language, line.strip()) for language, text in texts.items() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("language", "text"), each(QUESTIONS))
def test_a_question_is_a_question(language: str, text: str) -> None:
    assert is_question(text, language)


@pytest.mark.parametrize(("language", "text"), each(COMMANDS))
def test_a_command_is_none_however_it_is_put(language: str, text: str) -> None:
    assert not is_question(text, language)


@pytest.mark.parametrize(("language", "text"), each(STATEMENTS))
def test_a_statement_is_none(language: str, text: str) -> None:
    """Somebody who says that it is too dark to read would like a light."""
    assert not is_question(text, language)
