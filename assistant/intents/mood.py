"""Is it a question? It guards the model's path: a question is answered and never acts on the house."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.models import Language


@dataclass(frozen=True, slots=True)
class Mood:
    """How one language asks and how it commands, in the order in which they are tried on each sentence."""

    fillers: re.Pattern[str]
    """Words before the sentence proper: "hey", "please", "scusa"."""
    telling: re.Pattern[str]
    """Asks to be told something, however it is put: "can you tell me whether"."""
    polite: re.Pattern[str]
    """A command in the form of a question: "could you turn on"."""
    command: re.Pattern[str]
    """A plain command, with or without a question mark."""
    asking: re.Pattern[str]
    """A question even where the recogniser wrote no question mark."""
    then: re.Pattern[str]
    """A command that hangs on the answer: "..., and if so turn it off"."""


def is_question(text: str, language: Language) -> bool:
    """Whether nothing but an answer is wanted. A polite command in the form of a question is none."""
    mood = _MOODS.get(language, _MOODS["en"])
    kinds = {_kind(sentence, mood) for sentence in _sentences(text)}
    return "question" in kinds and "command" not in kinds


def _sentences(text: str) -> list[str]:
    folded = " ".join(text.casefold().replace("’", "'").split())
    return [
        part.strip(" ,，、\"'") for part in re.findall(r"[^.!?;。！？；]+[.!?;。！？；]*", folded) if part.strip(" .!?")
    ]


def _kind(sentence: str, mood: Mood) -> str:
    bare = mood.fillers.sub("", sentence)
    if mood.then.search(bare):
        return "command"
    if mood.telling.match(bare):
        return "question"
    if mood.polite.match(bare) or mood.command.match(bare):
        return "command"
    if mood.asking.search(bare) or bare.endswith(("?", "？")):
        return "question"
    return "statement"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE)


# ── English ──────────────────────────────────────────────────────────────────────────────

_EN_VERBS = r"""(?:turn|switch|open|close|shut|lock|unlock|set|make|dim|brighten|lighten|darken|start|stop|put|activate|
deactivate|enable|disable|lower|raise|increase|decrease|reduce|run|clean|vacuum|hoover|light|let|give|bring|pause|
        resume|
send|kill|cut|warm|heat|cool|change|adjust|move|roll|pull|press|push|trigger|get|keep|leave|go|do|help|roll|draw|bump|
crank|power|illuminate|fix|play|arm|disarm|toggle|return|dock|boost|drop|take|begin|stay|use|flip|hit|shine)\b"""

_EN_AUX = r"""(?:is|are|was|were|am|does|did|has|had|should|shall|may|might|must|isn't|aren't|wasn't|weren't|
        doesn't|didn't|hasn't|hadn't)"""

_ENGLISH = Mood(
    fillers=_pattern(
        r"^(?:(?:hey|ok|okay|please|so|and|but|well|um|uh|now|also|then|alright|right|sorry|excuse\ me|quick\ question|"
        r"hi|hello|nabu|jarvis|mycroft|computer|assistant|yes|no|oh)\b[\s,:]*)+"
    ),
    telling=_pattern(
        r"""(?:(?:can|could|would|will|do)\ you\ (?:please\ |just\ |maybe\ |kindly\ )*|i(?:'d|
        \ would)\ like\ you\ to\ |please\ )?
        (?:tell\ me|tell\ us|say\ (?:if|whether|what|how)|explain|describe|let\ me\ know|remind\ me\ (?:if|whether|
        what|how|why)|
        check\ (?:if|whether|what|how|that)|see\ (?:if|whether|what)|find\ out|look\ (?:if|whether)|know\b|remember\b|
        think\b|believe\b|report\b|show\ me\ (?:if|what|which|how))
        |i(?:'d\ like|\ would\ like|\ want|\ need)\ to\ know|i\ wonder|i'm\ wondering|(?:do|would)\ you\ (?:have|
        like|want|need|see|hear|feel)\b"""
    ),
    polite=_pattern(
        rf"""(?:can|could|would|will|won't|can't|couldn't)\ (?:you|we|u)\b(?!\ be\ (?!so\b))(?!\ (?:hear|see
        |understand|feel)\b)
        |(?:would|do)\ you\ mind\b|(?:can|could|may|might)\ (?:i|we)\ (?:please\ )?(?:have|get|ask\ you)\b
        |(?:is\ it|would\ it\ be)\ possible\ to|are\ you\ able\ to|would\ you\ be\ so\b|(?:how
        |what)\ about\ (?:some|a\ bit|more)\b
        |(?:how|what)\ about\ \w+ing\b|why\ (?:don't|not)\ (?:you\ |
        we\ )?{_EN_VERBS}
        |(?:can|could)\ (?:the|my|all|that|this)\ .*\bbe\ \w+(?:ed|t)\b"""
    ),
    command=_pattern(
        rf"""(?:just\ |kindly\ |quickly\ |go\ ahead\ and\ |always\ |never\ |don't\ |do\ not\ )*{_EN_VERBS}
        (?<!\bdo)(?!\ you\b) | do\ (?:not|it|that|the\ (?:vacuum|clean|hoover|other|same|rest|next)\w*)\b
        | (?:if|when|once|as\ soon\ as|
        unless)\ .*?\b{_EN_VERBS}\ (?:on|off|up|down|the|all|my|it|them)\b
        | (?:i\ want|i\ need|i'd\ like|i\ would\ like)\ (?!to\ know)"""
    ),
    asking=_pattern(
        rf"""^(?:what(?!\ a\b)|what's|whats|which|who|who's|whose|why|how|how's|where|where's)\b
        |^(?:when|when's)\ (?:is|are|was|were|do|does|did|will|can|should|has|have|would)\b|^when's\b
        |^(?:(?:at|in|on|for|since)\ )(?:what|which|how)\b
        |^{_EN_AUX}\b|^(?:will|would|could|can)\ (?:i|it|he|she|they|there|the|my|our|this|that|you|we|any|all)\b
        |^(?:do|have|don't|haven't)\ (?:i|you|we|they|any|all|the|my|our|these|those)\b
        |\b(?:isn't|aren't|doesn't|didn't|wasn't|hasn't|won't|is|does|has)\ (?:it|they|he|she|there)[?\s.]*$|
        \bright\?$"""
    ),
    then=_pattern(
        r"""\b(?:if\ (?:so|not|it\ is|it's|it\ isn't|they\ are|yes|no)|then|otherwise|and|please)[,\s]+(?:please\ |
        then\ )?"""
        r"""(?:turn|switch|open|close|shut|lock|unlock|set|dim|start|stop|put)\ (?:it|them|that|on|off|the|all|
        down|up)\b"""
    ),
)

# ── Italian ──────────────────────────────────────────────────────────────────────────────

_IT_STEMS = r"""(?:accend|spegn|spen|apr|chiud|mett|impost|abbass|alz|aument|diminu|regol|blocc|sblocc|attiv|
        disattiv|avvi|
ferm|mand|riscald|raffredd|oscur|illumin|tir|lasc|rend|pul|aspir|riduc|cambi|color|serr|facc|tog|stacc|prepar|
schiar|scald|rinfresc|rimett|sollev|prem|lanc|azion)"""

_IT_IMPERATIVE = rf"""(?:(?:{_IT_STEMS}\w*?(?:i|a|isci|ando)|fai|fa'|da'|dai|vai|va'|torna|tieni|smetti|dammi|cala|
        porta(?=\ (?:la|il|lo|le|l'|a|su|giù)\b)|fammi\ (?!sapere))
(?:mi|ci|lo|la|li|le|mela|melo|mele|meli|cela|celo)?)\b"""

_IT_INFINITIVE = rf"""(?:{_IT_STEMS}\w*(?:re|rmi|rci|rlo|rla|rli|rle|rmela|rmelo|rsi)|far\w*|dar\w*|andare|tornare|
        avere|tenere|aver)\b"""

_IT_STATES = r"""(?:acces|spent|apert|chius|bloccat|sbloccat|attiv|disattivat|occupat|vuot|caric|scaric|partit|
        finit|tornat|arrivat|collegat|inserit)[oaie]"""

_ITALIAN = Mood(
    fillers=_pattern(
        r"""^(?:(?:ehi|ok|okay|per\ favore|per\ piacere|per\ cortesia|allora|e|ma|senti|ascolta|scusa|scusami|
        dunque|beh|adesso|ora|"""
        r"ciao|poi|sì|no|oh|nabu|jarvis|dai|gentilmente)\b[\s,:]*)+"
    ),
    telling=_pattern(
        r"""(?:(?:mi\ )?(?:puoi|potresti|può|potrebbe|sai|sapresti|vuoi|riesci\ a)\ (?:per\ favore\ |anche\ )*)?
        (?:dirmi|dire|dimmi|mi\ dici|mi\ dica|mi\ sai\ dire|mi\ sapresti\ dire|spiegarmi|spiegami|fammi\ sapere|
        farmi\ sapere|
        (?:controlla|verifica|guarda|vedi|controllare|verificare|guardare|vedere)(?:mi)?\ (?:se|che|quant|qual|cosa|
        com)|
        vorrei\ sapere|voglio\ sapere|mi\ chiedo|mi\ ricordi\ (?:se|che|quant)|ricordami\ (?:se|che|quant)|
        sai\ (?:se|che|chi|quant|qual|dove|dov|come|com|perch)|ti\ ricordi|raccontami)"""
    ),
    polite=_pattern(
        rf"""(?:(?:mi|ci)\ )?(?:puoi|potresti|può|potrebbe|potete|possiamo|potremmo|riesci\ ad?|riusciresti\ ad?|
        vuoi|vorresti|ti\ va\ di|
        ti\ dispiace(?:rebbe)?|ti\ spiace|le\ dispiace|ti\ andrebbe\ di|saresti\ così\ gentile\ da|è\ possibile|
        si\ può|si\ potrebbe|
        posso|potrei|che\ ne\ dici\ di|che\ ne\ diresti\ di|ti\ chiedo\ di|non\ puoi|
        non\ potresti)\ (?:\w+\ ){{0,3}}?{_IT_INFINITIVE}
        |(?:perch[eé]\ non|come\ mai\ non)\ (?:mi\ |ci\ )?{_IT_IMPERATIVE}(?!\ (?:più|mai)\b)
        |(?:mi|ci|me\ l[oaei]|ce\ l[oaei])\ {_IT_STEMS}\w*i\b|(?:mi|ci)\ (?:fai|dai|porti|prepari)\b|(?:mi\ |
        ci\ )?{_IT_STEMS}\w*?resti\b|(?:mi\ |ci\ )?faresti\b|(?:mi\ |ci\ )?daresti\b"""
    ),
    command=_pattern(
        rf"""(?:non\ )?{_IT_IMPERATIVE}|(?:se|quando|appena|dopo\ che)\ .*?\b{_IT_IMPERATIVE}\ (?:il|lo|la|i|gli|le|
        l'|tutt)
        |(?:voglio|vorrei|ho\ bisogno|mi\ serve)\b(?!\ sapere)|{_IT_INFINITIVE}"""
    ),
    asking=_pattern(
        rf"""^(?:cosa|cos'è|cos'|com'è|come\ (?:sta|stanno|va|mai|è|sono|si|fa)|quanto|quanta|quanti|quante|quant'è|
        quale|quali|qual\ è|qual|
        chi|dove|dov'è|perch[eé])\b
        |^(?:a|di|da|in|su|per|con|fino\ a)\ (?:che|cosa|quale|quali|quanto|quanti|quante|chi|quando)\b
        |^che\ (?:ora|ore|giorno|data|temperatura|tempo|cosa|stato|luci|finestre|porte|umidità|mese|anno|
        dispositivi|modalità)\b
        |^quando\ (?:è|sono|si|ha|hanno|sarà|hai|ho|arriva|finisce|parte|torna)\b
        |^(?:non\ )?(?:è|sono|era|erano)\ (?:già\ |ancora\ |stat[oaie]\ |rimast[oaie]\ |tutt[oaie]\ (?:le\ |i\ |
        gli\ )?(?:\w+\ )?)*{_IT_STATES}\b
        |^(?:c'è|ci\ sono)\ (?:qualcuno|qualche|movimento|ancora|delle|dei|degli|luci|finestre|porte)\b
        |^(?:ho|hai|abbiamo|ha|hanno)\ (?:già\ |lasciato\ |dimenticato\ )*(?:chiuso|aperto|spento|acceso|lasciato|
        bloccato|messo)\b.*\?$
        |^hai\ (?:già\ )?(?:chiuso|aperto|spento|acceso|lasciato|bloccato|messo)\b|\bvero\?*$|\bgiusto\?$"""
    ),
    then=_pattern(
        r"""\b(?:se\ (?:sì|si|no|è\ così|lo\ è|non\ lo\ è)|altrimenti|allora|in\ (?:tal|quel)\ caso|e\ poi|
        e)[,\s]+(?:per\ favore\ )?"""
        r"(?:accendi|spegni|apri|chiudi|abbassa|alza|blocca|sblocca|imposta|metti)(?:lo|la|li|le)?\b"
    ),
)

# ── Chinese ──────────────────────────────────────────────────────────────────────────────

_ZH_VERBS = r"""(?:打开|关闭|关掉|关上|开启|开|关|调|设|锁|解锁|拉|启动|停|暂停|放|换|加|减|升|降|
让|把|将|帮|给|播放|变|弄|清扫|打扫|扫(?!地机))"""

_CHINESE = Mood(
    fillers=_pattern(r"^(?:(?:喂|嗨|你好|那么|那|哎|嘿|好的|对了|不好意思)[，,\s]*)+"),
    telling=_pattern(
        r"""^(?:请|麻烦)?(?:你|您)?(?:能不能|可不可以|能|可以|可否)?(?:请)?
        (?:告诉|说说|讲讲|说一下|查一下|查查|看看|看一下|检查|解释|我想知道|想知道|知道|请问)"""
    ),
    polite=_pattern(
        rf"""^(?:请|麻烦|劳驾)?(?:你|您|我们)?
        (?:能不能|可不可以|可以不可以|能否|可否|是否可以|是不是可以|可以|能|会不会|愿不愿意|介意)
        (?:请|麻烦|帮我|帮忙|给我|先|再|现在|马上|稍微|也)*{_ZH_VERBS}(?!着|了[吗没])
        |^.*{_ZH_VERBS}.*(?:好吗|好不好|行吗|行不行|可以吗|好么|吧)[？?。]*$"""
    ),
    command=_pattern(
        rf"""^(?:请|麻烦|劳驾|快|再|先|不要|别)*(?:你|您)?{_ZH_VERBS}
        (?!着|了[吗没]|没|不[开关])(?!.*(?:为什么|什么时候|吗|没有)[？?]*$)"""
    ),
    asking=_pattern(
        r"""吗|呢[？?]?$|什么|为何|怎么|怎样|哪|谁|几点|几度|几个|几盏|几号|几月|星期几|多少|多大|多高|多亮|多久
        |是不是|有没有|是否|[开关锁亮在]没[开关锁亮在]|了没|没有[？?]?$"""
    ),
    then=_pattern(
        r"""(?:如果|要是|是的话|的话|那就|就|然后|否则)[，,]?(?:请|帮我)?(?:把.*)?
        (?:打开|关闭|关掉|关上|开灯|关灯|锁上)"""
    ),
)

_MOODS: Mapping[Language, Mood] = {"en": _ENGLISH, "it": _ITALIAN, "zh": _CHINESE}
