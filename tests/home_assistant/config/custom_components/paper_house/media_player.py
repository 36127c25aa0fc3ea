"""A television that has no next track."""

from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaPlayerState


async def async_setup_platform(hass, config, add, discovery_info=None):
    add([Television()])


class Television(MediaPlayerEntity):
    _attr_name = "Television"
    _attr_unique_id = "television"
    _attr_should_poll = False
    _attr_state = MediaPlayerState.PLAYING
    _attr_volume_level = 0.4
    _attr_is_volume_muted = False
    _attr_media_title = "News"
    _attr_source_list = ["TV", "HDMI 1"]  # noqa: RUF012 - as Home Assistant's own integrations do
    _attr_supported_features = (
        MediaPlayerEntityFeature.PLAY
        | MediaPlayerEntityFeature.PAUSE
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.VOLUME_SET
        | MediaPlayerEntityFeature.VOLUME_MUTE
        | MediaPlayerEntityFeature.SELECT_SOURCE
        | MediaPlayerEntityFeature.TURN_ON
        | MediaPlayerEntityFeature.TURN_OFF
        | MediaPlayerEntityFeature.NEXT_TRACK
    )

    async def async_media_pause(self):
        self._attr_state = MediaPlayerState.PAUSED
        self.async_write_ha_state()

    async def async_media_play(self):
        self._attr_state = MediaPlayerState.PLAYING
        self.async_write_ha_state()

    async def async_set_volume_level(self, volume):
        self._attr_volume_level = volume
        self.async_write_ha_state()

    async def async_mute_volume(self, mute):
        self._attr_is_volume_muted = mute
        self.async_write_ha_state()

    async def async_media_next_track(self):
        raise RuntimeError("the television has no next track")
