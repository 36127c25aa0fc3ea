"""What a command for later would do, judged when it is set by the policy that will judge it when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.errors import AssistantError
from assistant.intents.catalog import Catalog
from assistant.intents.policy import UNATTENDED, Policy
from assistant.intents.targets import resolve
from assistant.interfaces import House, Matcher
from assistant.models import Action, Denied, Intent, Language
from assistant.skill import Speaker

ACTING = ("schedule.commands", "schedule.watches")
"""What does something when its time comes; the words of a reminder are only ever said."""

SETTING = ("add_command", "add_watch", "change")

UNASKED_THEN = "it needs a spoken yes, and nobody is asked when it is due; say it then, or have me remind you"
NOT_UNDERSTOOD_THEN = "I would not understand it when it is due"


@dataclass(frozen=True, slots=True)
class Foresight:
    house: House
    matcher: Matcher
    catalog: Catalog
    policy: Policy

    async def refusal(self, action: Action) -> Denied | None:
        """Why what is to be planned would be refused when it is due; None where it is no command, or none is known.

        The house and the rules may change until then, so it is judged once more when it is due.
        """
        command, given = action.arguments.get("text"), action.arguments
        if action.entity_id not in ACTING or action.service not in SETTING or not command:
            return None
        room = str(given["room"]) if given.get("room") else None
        due = datetime.fromisoformat(str(given["due"])) if given.get("due") else None
        intents = self.matcher.match(str(command), language := str(given.get("language") or "en"), room).intents
        if not intents:
            return Denied(action, NOT_UNDERSTOOD_THEN)
        for meant in await self._actions(intents, language, room):
            verdict = self.policy.review(meant, room=room, unattended=True, at=due)
            refused = verdict if isinstance(verdict, Denied) else await self.refusal(meant)
            if refused is not None:
                return Denied(action, UNASKED_THEN if refused.reason == UNATTENDED else refused.reason)
        return None

    async def _actions(self, intents: Sequence[Intent], language: Language, room: str | None) -> Sequence[Action]:
        """What the skills make of it as things stand; nothing where that cannot be told yet."""
        try:
            found = [resolve(intent, self.house, room, language) for intent in intents]
            replies = [await self.catalog.handle(each, Speaker(language, room)) for each in found]
        except AssistantError:
            return ()
        return [action for reply in replies for action in reply.actions]
