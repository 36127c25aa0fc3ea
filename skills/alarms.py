"""Burglar alarms. Disarming takes the code in the same sentence; the policy asks for a yes to it and to setting off."""

from typing import Literal

from assistant.skill import Action, Code, Reply, Skill, Targets, given, intent


class Alarms(Skill):
    domain = "alarm_control_panel"

    @intent("AlarmArm")
    async def arm(
        self, targets: Targets, mode: Literal["home", "away", "night", "vacation"] = "away", code: Code | None = None
    ) -> Reply:
        """Arm the alarm."""
        return Reply(actions=tuple(Action(alarm.id, f"alarm_arm_{mode}", given(code=code)) for alarm in targets))

    @intent("AlarmTrigger", model=False)
    async def trigger(self, targets: Targets, code: Code | None = None) -> Reply:
        """Set the alarm off."""
        return Reply(actions=tuple(Action(alarm.id, "alarm_trigger", given(code=code)) for alarm in targets))

    @intent("AlarmDisarm")
    async def disarm(self, targets: Targets, code: Code | None = None) -> Reply:
        """Disarm the alarm with the code that was said."""
        return Reply(actions=tuple(Action(alarm.id, "alarm_disarm", given(code=code)) for alarm in targets))
