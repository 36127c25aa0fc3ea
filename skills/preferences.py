"""What people say of themselves: what to call them and their things, and what they prefer. Kept, told and forgotten."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from assistant.skill import (
    PREFERENCES,
    Action,
    Entity,
    Floor,
    Item,
    NotFound,
    NotPossible,
    Reply,
    Room,
    Say,
    Skill,
    Speaker,
    Targets,
    intent,
)

MOST = 100
"""More is no set of preferences, and a model is told only a few."""

JUST_NOW = timedelta(minutes=2)
"""For so long "forget that" means what was kept; later it is a mere "never mind"."""

_NO_NAME = re.compile(
    r"\d|^(?:a|an|the|at|if|when|later|back|again|tomorrow|by|un|uno|una|il|la|alle|quando|se|dopo|domani)\b",
    re.IGNORECASE,
)
_AS_SAID = {
    ("en", "prefer"): "I prefer {fact}",
    ("en", "always"): "always {fact} {moment}",
    ("it", "prefer"): "preferisco {fact}",
    ("it", "always"): "{moment} sempre {fact}",
    ("zh", "prefer"): "我喜欢{fact}",
}
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,2}")


class Preferences(Skill):
    @intent("MimoCallMe", model=False)
    async def call(self, nickname: Item, speaker: Speaker) -> Reply:
        """Keep what the speaker wants to be called."""
        name = " ".join(nickname.split()).strip(" .,!?")
        if _NO_NAME.search(name) or not _NAME.fullmatch(name):
            return Reply(speech=Say("preferences.no_name", {"said": name}))
        return self._remember("name", "", name[:1].upper() + name[1:], speaker)

    @intent("MimoCallMeHow", model=False)
    async def ask_for_the_name(self) -> Reply:
        """Ask for the name that was announced but not said."""
        return Reply(speech=Say("preferences.which_name"))

    @intent("MimoMean", model=False)
    async def mean(self, targets: Targets, alias: Item, speaker: Speaker) -> Reply:
        """Keep another name of one thing."""
        if len(targets) > 1:
            raise NotPossible("another name is for one thing", name=targets[0], what="alias")
        name = _bare(alias)
        if taken := self._taken(name, targets[0]):
            return Reply(speech=Say("preferences.taken", {"said": name, "things": [taken]}))
        return self._remember("alias", name, targets[0].id, speaker)

    @intent("MimoMeanUnknown", model=False)
    async def mean_what_is_not_there(self, alias: Item, meant: Item) -> Reply:
        """Refuse another name of something that the house lacks."""
        raise NotFound(f"no device called {meant}", kind="device", name=_bare(meant))

    @intent("MimoPrefer", model=False)
    async def prefer(
        self, fact: Item, speaker: Speaker, how: Literal["prefer", "always", "so"] = "so", moment: Item = ""
    ) -> Reply:
        """Keep a preference in the speaker's own words."""
        said = _AS_SAID.get((speaker.language, how), "{moment} {fact}").format(fact=fact, moment=moment)
        return self._remember("fact", " ".join(said.split()).strip(" .!"), "", speaker)

    @intent("MimoPreferences", question=True, model=False)
    async def tell(self) -> Reply:
        """Tell what is kept of the speaker."""
        name, aliases, facts = self._kept()
        things = [(said, self.house.entity(meant) or meant) for said, meant in aliases]
        if not (name or aliases or facts):
            return Reply(speech=Say("preferences.none"))
        return Reply(speech=Say("preferences.all", {"called": name, "names": things, "facts": facts}))

    @intent("MimoWhoAmI", question=True, model=False)
    async def who(self) -> Reply:
        """Tell what the speaker wants to be called."""
        name, _, _ = self._kept()
        return Reply(speech=Say("preferences.called" if name else "preferences.not_called", {"called": name}))

    @intent("MimoGreet", question=True, model=False)
    async def greet(self) -> Reply:
        """Greet back, by name where one is known."""
        return Reply(speech=Say("preferences.hello", {"called": self._kept()[0]}))

    @intent("MimoForgetMyName", model=False)
    async def forget_the_name(self) -> Reply:
        """Forget what the speaker wants to be called."""
        return self._forget("name", "", self._kept()[0])

    @intent("MimoForgetThat", model=False)
    async def forget_the_last(self) -> Reply:
        """Forget what was kept just now."""
        kept = self.house.state(PREFERENCES)
        if kept.at is None or datetime.now(UTC) - kept.at > JUST_NOW:
            return Reply(speech=Say("nevermind"))
        return self._forget("last", str(kept.attributes.get("last")), True)

    @intent("MimoForgetEverything", model=False)
    async def forget_everything(self) -> Reply:
        """Forget all that the speaker said of themselves."""
        return self._forget("all", "", True) if any(self._kept()) else Reply(speech=Say("nevermind"))

    @intent("MimoForget", model=False)
    async def forget(self, fact: Item) -> Reply:
        """Forget one thing, by its words."""
        wanted, (_, aliases, facts) = _words(_bare(fact)), self._kept()
        for said, _ in aliases:
            if _words(said) == wanted:
                return self._forget("alias", said, True)
        found = [said for said in facts if wanted <= _words(said)]
        if len(found) > 1:
            return Reply(speech=Say("preferences.several", {"facts": found}))
        return self._forget("fact", found[0] if found else fact, bool(found))

    def _remember(self, kind: str, said: str, meant: str, speaker: Speaker) -> Reply:
        if int(self.house.state(PREFERENCES).value or 0) >= MOST:
            return Reply(speech=Say("preferences.full"))
        told = {"kind": kind, "said": said, "meant": meant, "language": speaker.language}
        return Reply(actions=(Action(PREFERENCES, "remember", told),))

    def _forget(self, kind: str, said: str, known: object) -> Reply:
        if not known:
            return Reply(speech=Say("preferences.unknown" if said else "preferences.none", {"said": said}))
        return Reply(actions=(Action(PREFERENCES, "forget", {"kind": kind, "said": said}),))

    def _kept(self) -> tuple[str, list[tuple[str, str]], list[str]]:
        """The speaker's name, the other names of things with their ids, and the facts."""
        kept = {key: str(value or "") for key, value in self.house.state(PREFERENCES).attributes.items()}
        aliases = [line.partition("\t") for line in kept.get("aliases", "").split("\n") if line]
        facts = [line for line in kept.get("facts", "").split("\n") if line]
        return kept.get("name", ""), [(said, meant) for said, _, meant in aliases], facts

    def _taken(self, name: str, but: Entity) -> object | None:
        """What is called so already: a second thing of the name would make every command ask back."""
        wanted = _words(name)
        own = {said for said, _ in self._kept()[1]}
        things: list[Entity | Room | Floor] = [*self.house.entities(), *self.house.rooms, *self.house.floors]
        for thing in things:
            if isinstance(thing, Entity) and thing.id == but.id:
                continue
            called = [thing.name, *(each for names in thing.aliases.values() for each in names if each not in own)]
            if any(_words(_bare(each)) == wanted for each in called):
                return thing
        return None


_ARTICLE = re.compile(r"^(?:the|my|our|il|lo|la|i|gli|le|mio|mia)\s+|^l['’]\s*", re.IGNORECASE)


def _bare(name: str) -> str:
    return _ARTICLE.sub("", " ".join(name.split()).strip(' .,!?"“”'))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
