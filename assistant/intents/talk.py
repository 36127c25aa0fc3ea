"""Is it only talk? A greeting, thanks, a joke, a sum: the model may answer it, and nothing in the house may move."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.intents.mood import is_question
from assistant.models import Language, May


def is_small_talk(text: str, language: Language) -> bool:
    """Whether every sentence of it is talk. "Thanks, and now the light off" is not."""
    folded = " ".join(text.casefold().replace("’", "'").split())
    parts = [part.strip(" ,，、") for part in re.split(r"[.!?;。！？；]+", folded)]
    pattern = _TALK.get(language, _TALK["en"])
    return any(parts) and all(pattern.fullmatch(part) for part in parts if part)


def _pattern(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{way})" for way in ways))


_EN_CALLED = r"(?:,? (?:nabu|jarvis|assistant|computer|everyone|everybody|you|there|dear|my friend|house|again))*"
_EN_OPENING = r"(?:(?:hey|ok|okay|so|well|oh|please|hi|hello|yes|no|haha|wow|and)[ ,]+)*"
_IT_CALLED = r"(?:,? (?:nabu|assistente|computer|a tutti|tutti|caro|cara|amico|casa|di nuovo))*"
_IT_OPENING = r"(?:(?:ehi|ok|okay|allora|beh|oh|senti|dai|ciao|sì|no|ah|e|per favore)[ ,]+)*"

_TALK: Mapping[Language, re.Pattern[str]] = {
    "en": _pattern(
        rf"{_EN_OPENING}(?:good (?:morning|afternoon|evening|day)|hi|hello|hey|greetings|howdy|welcome back|"
        rf"nice to (?:meet|see) you|how do you do|see you(?: later| soon| tomorrow)?|bye(?: bye)?|"
        rf"farewell){_EN_CALLED}"
        rf"(?:,? (?:how are you|how is it going|how's it going|how do you do).*)?",
        rf"{_EN_OPENING}(?:many |a thousand |ok |no,? )?(?:thanks?|thank you|cheers|much obliged|sorry|never mind|"
        rf"well done|"
        rf"good (?:job|work|girl|boy)|great job|nice one|bravo|excellent|congratulations|happy (?:birthday|new year|"
        rf"easter|christmas)|merry christmas|cool|awesome|wonderful|amazing)(?:[ ,].*)?",
        rf"{_EN_OPENING}(?:you(?:'re| are)|that (?:is|was)|that's|this is|it's|it is) (?:so |very |really |a |an |"
        rf"quite |"
        rf"such )*(?:great|good|nice|kind|funny|sweet|clever|smart|stupid|silly|lovely|wonderful|awesome|amazing|"
        rf"useless|"
        rf"helpful|boring|star|darling|genius|(?:big |great )?help)(?: .*)?",
        rf"{_EN_OPENING}(?:can you |could you |would you |will you |please )*(?:(?:tell|give|read|sing|recite|write|"
        rf"make up)"
        rf"(?: me| us)? (?:a|an|another|some|any|one more|the) (?:\w+ ){{0,2}}?(?:joke|jokes|story|stories|riddle|"
        rf"poem|"
        rf"song|fun fact|fact|fairy tale|lullaby|rhyme|haiku|limerick|something)|tell (?:me|us) (?:something|about)|"
        rf"sing(?: me| us)?(?: .*)?|make (?:me|us) laugh|talk to me|entertain me|say (?:something|hello|hi)|amuse me|"
        rf"do you know (?:a|any)(?: \w+)? (?:joke|story|riddle|song)s?)(?: .*)?",
        rf"{_EN_OPENING}(?:who|what) are you(?: .*)?|{_EN_OPENING}what(?:'s| is) your .*|"
        rf"{_EN_OPENING}how (?:are|were|is|was) (?:you|your|it going|life|things|we)(?: .*)?|"
        rf"{_EN_OPENING}how's (?:it going|life|your).*|"
        rf"{_EN_OPENING}how old are you(?: .*)?|{_EN_OPENING}do you (?:like|love|believe|think|dream|sleep|know|"
        rf"have|get|ever|"
        rf"want|feel|eat|speak|understand)(?: .*)?|{_EN_OPENING}are you (?:\w+ )?(?:real|human|robot|alive|happy|"
        rf"sad|tired|"
        rf"bored|listening|there|okay|ok|a \w+|an \w+|intelligent|stupid|single|married)(?: .*)?|"
        rf"{_EN_OPENING}what (?:do|did) you .*|"
        rf"{_EN_OPENING}what can you do(?: .*)?|{_EN_OPENING}where are you from|{_EN_OPENING}who made you",
        rf"{_EN_OPENING}(?:what(?:'s| is)|how much (?:is|are)|calculate|compute|work out) (?:the )?(?:square root|"
        rf"sum|product|"
        rf"cube|factorial)?\s?(?:of )?[-\w.,]+(?:[- ]\w+)? ?(?:\+|-|\*|x|/|plus|minus|times|multiplied by|"
        rf"divided by|over|"
        rf"percent of|% of|to the power of|squared|cubed) ?.*",
        rf"{_EN_OPENING}(?:i love you|i like you|i hate you|i miss you|i'm (?:bored|lonely|sad|happy)|i am (?:bored|"
        rf"lonely|sad|"
        rf"happy)|my name is .*|call me (?!a\b|an\b).*|it(?:'s| is) my birthday.*|what a (?:day|game|match|film|"
        rf"movie|week|night|goal|"
        rf"shame|pity|surprise|beautiful|lovely|terrible|nice|wonderful).*|(?:i|we) (?:just |only )?(?:had|"
        rf"have had) (?:a|an|such|"
        rf"the) .*(?:day|time|week|night|morning|trip|match|game|meeting).*|(?:i|we) (?:just |only )?(?:got|came|"
        rf"come) back"
        rf"(?: from .*)?|(?:i|we) (?:really )?(?:love|like|enjoy) (?!to\b|it (?:when|if)|the (?:light|room|heat)).*)",
    ),
    "it": _pattern(
        rf"{_IT_OPENING}(?:buongiorno|buon giorno|buonasera|buona sera|buon pomeriggio|buona giornata|buona serata|"
        rf"ciao|salve|"
        rf"ehi|benvenuto|bentornato|piacere(?: di conoscerti)?|arrivederci|a (?:dopo|domani|presto))"
        rf"{_IT_CALLED}(?:,? (?:come (?:stai|va|state|ti senti|ti va)|tutto bene).*)?",
        rf"{_IT_OPENING}(?:tante |mille |molte |no,? |ok )?(?:grazie|scusa|scusami|mi dispiace|brav[oa]|"
        rf"bravissim[oa]|ottimo|"
        rf"perfetto|complimenti|auguri|congratulazioni|buon (?:compleanno|natale|anno|appetito)|buona pasqua|"
        rf"fantastico|"
        rf"meraviglioso|ben fatto|bel lavoro|niente|lascia (?:stare|perdere))(?:[ ,].*)?",
        rf"{_IT_OPENING}(?:sei|è stato|sei stat[oa]|sei davvero|che) (?:proprio |davvero |molto |così |stat[oa] |"
        rf"un |una )*(?:brav\w*|"
        rf"gentil\w*|simpatic\w*|carin\w*|intelligent\w*|stupid\w*|scem\w*|fort[ei]|divertent\w*|grande|mito|tesoro|"
        rf"inutile|"
        rf"noios\w*|dolce|genio|amore|util\w*)(?:[ ,].*)?",
        rf"{_IT_OPENING}(?:(?:mi |ci )?(?:puoi |potresti |vuoi |sai )?(?:raccont(?:a|ami|aci|i|are|armi)|cant(?:a|"
        rf"ami|aci|i|are|armi)|recit\w*|"
        rf"dimmi|dicci|dire|dirmi|leggi|leggimi|inventa)(?:mi|ci)? (?:una?|un'|un altr[oa]|qualche|qualcosa|la|il|"
        rf"le|delle|dei|"
        rf"cosa pensi).*|fammi ridere|fai(?:mi)? ridere|parla(?:mi)? (?:di|un po').*|intrattienimi|"
        rf"conosci (?:una|qualche|delle) (?:barzellett|stori|canzon|poesi).*|sai (?:una|qualche|"
        rf"delle) (?:barzellett|stori|"
        rf"canzon|poesi|cantare|raccontare).*)",
        rf"{_IT_OPENING}(?:chi sei|cosa sei|come (?:ti chiami|stai|state|va|ti senti)|quanti anni hai|"
        rf"qual è il tuo .*|"
        rf"ti piac(?:e|ciono) .*|credi (?:in|a|ai|agli|alle|che) .*|cosa (?:pensi|fai|sai fare|ne pensi|ti piace|"
        rf"hai fatto).*|"
        rf"che (?:cosa )?(?:fai|pensi|sai fare|mi racconti).*|da dove vieni|chi ti ha (?:creato|fatto).*|"
        rf"(?:sei|ti senti) (?:\w+ )?(?:un robot|umano|vero|viv[oa]|felice|triste|stanc[oa]|reale|una persona|"
        rf"un'? \w+|lì|"
        rf"sveglio|sposat[oa])|mi (?:senti|vuoi bene|ami)|ti (?:amo|voglio bene|adoro|odio)|mi ami|(?:come|"
        rf"com')è andat[oa] .*)"
        rf"(?: .*)?",
        rf"{_IT_OPENING}(?:quanto (?:fa|fanno|è)|calcola|quant'è) (?:la radice|il quadrato|la somma|il prodotto|"
        rf"[-\w.,]+ ?(?:\+|-|\*|x|/|"
        rf"più|meno|per|diviso|al quadrato|alla)).*",
        rf"{_IT_OPENING}(?:mi annoio|sono (?:felice|triste|sol[oa]|annoiat[oa])|mi chiamo .*|"
        rf"(?:oggi )?è il mio compleanno.*|"
        rf"che (?:bell[ao]|brutt[ao]|gran|splendid[ao]) (?:partita|giornata|film|serata|notte|gol|settimana|"
        rf"vittoria|notizia|"
        rf"sorpresa|peccato|viaggio).*|che (?:peccato|sorpresa|giornata|gol).*|(?:ho|abbiamo) (?:avuto|"
        rf"passato) (?:una|un) .*"
        rf"(?:giornata|serata|settimana|notte|viaggio|riunione).*|(?:sono|siamo) (?:appena )?tornat[oaie] (?:da|dal|"
        rf"dalla|dall').*)",
    ),
    "zh": _pattern(
        r"(?:喂|嗨|嘿)?[，, ]*(?:你好|您好|早上好|早安|下午好|晚上好|再见|拜拜|欢迎回来)(?:啊|呀|吗)?",
        r"(?:非常|太)?(?:谢谢|感谢|多谢|辛苦了|对不起|不好意思|没关系|干得好|做得好|真棒|太好了|生日快乐|新年快乐).*",
        r"(?:请)?(?:给我|给我们|为我)?(?:讲|说|唱|来|念|背)(?:个|一个|一首|首|点|段|一段)(?:笑话|故事|歌|诗|谜语|有趣的).*",
        r"你(?:是谁|叫什么.*|几岁.*|多大.*|好吗|怎么样|真(?:聪明|可爱|棒|笨).*|喜欢.*|相信.*|会做什么.*|是(?:机器人|人|真人).*|在吗)",
        r"(?:计算|算一下)?[零一二两三四五六七八九十百千\d.]+(?:加|减|乘|除以|乘以|\+|-|\*|×|÷)[零一二两三四五六七八九十百千\d.]+.*",
        r"(?:我爱你|我喜欢你|我好无聊|我很(?:无聊|开心|难过)|今天是我的?生日.*)",
    ),
}


def may_do(text: str, language: Language) -> May:
    """What a plan for these words may do: a question and mere talk move nothing."""
    return "talk" if is_small_talk(text, language) else "read" if is_question(text, language) else "act"
