"""A back door."""

from homeassistant.components.lock import LockEntity


async def async_setup_platform(hass, config, add, discovery_info=None):
    add([Door()])


class Door(LockEntity):
    _attr_name = "Back door"
    _attr_unique_id = "back_door"
    _attr_should_poll = False
    _attr_is_locked = False

    async def async_lock(self, **given):
        self._attr_is_locked = True
        self.async_write_ha_state()

    async def async_unlock(self, **given):
        self._attr_is_locked = False
        self.async_write_ha_state()
