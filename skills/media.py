"""Music, radio and television: playing, pausing, skipping, louder, softer, silent."""

from assistant.skill import Action, Entity, Percent, PercentStep, Reply, Skill, Targets, intent, level


class Media(Skill):
    domain = "media_player"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on media players."""
        return _all(targets, "turn_on")

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off media players."""
        return _all(targets, "turn_off")

    @intent("HassMediaUnpause")
    async def play(self, targets: Targets) -> Reply:
        """Play, or go on playing."""
        return _all(targets, "media_play")

    @intent("HassMediaPause")
    async def pause(self, targets: Targets) -> Reply:
        """Pause what plays."""
        return _all(targets, "media_pause")

    @intent("HassStopMoving")
    async def stop(self, targets: Targets) -> Reply:
        """Stop what plays."""
        return _all(targets, "media_stop")

    @intent("HassMediaNext")
    async def next(self, targets: Targets) -> Reply:
        """Go to the next track."""
        return _all(targets, "media_next_track")

    @intent("HassMediaPrevious")
    async def previous(self, targets: Targets) -> Reply:
        """Go back to the previous track."""
        return _all(targets, "media_previous_track")

    @intent("HassSetVolume")
    async def set_volume(self, targets: Targets, volume_level: Percent) -> Reply:
        """Set how loud it is."""
        return Reply(actions=tuple(_loud(player, volume_level) for player in targets))

    @intent("HassSetVolumeRelative")
    async def change_volume(self, targets: Targets, volume_step: PercentStep) -> Reply:
        """Make it louder or softer by a step."""
        return Reply(actions=tuple(self._louder(player, volume_step) for player in targets))

    @intent("HassMediaPlayerMute")
    async def mute(self, targets: Targets) -> Reply:
        """Mute."""
        return Reply(actions=tuple(Action(each.id, "volume_mute", {"is_volume_muted": True}) for each in targets))

    @intent("HassMediaPlayerUnmute")
    async def unmute(self, targets: Targets) -> Reply:
        """Unmute."""
        return Reply(actions=tuple(Action(each.id, "volume_mute", {"is_volume_muted": False}) for each in targets))

    def _louder(self, player: Entity, step: int) -> Action:
        now = level(self.house.state(player.id), "volume_level", player)
        return _loud(player, round(max(0, min(100, now + step))))


def _all(players: Targets, service: str) -> Reply:
    return Reply(actions=tuple(Action(player.id, service) for player in players))


def _loud(player: Entity, percent: int) -> Action:
    return Action(player.id, "volume_set", {"volume_level": percent})
