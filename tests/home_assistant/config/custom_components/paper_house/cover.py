"""A garage door."""

from homeassistant.components.cover import CoverDeviceClass, CoverEntity, CoverEntityFeature


async def async_setup_platform(hass, config, add, discovery_info=None):
    add([Door()])


class Door(CoverEntity):
    _attr_name = "Garage door"
    _attr_unique_id = "garage_door"
    _attr_should_poll = False
    _attr_device_class = CoverDeviceClass.GARAGE
    _attr_is_closed = True
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    async def async_open_cover(self, **given):
        self._attr_is_closed = False
        self.async_write_ha_state()

    async def async_close_cover(self, **given):
        self._attr_is_closed = True
        self.async_write_ha_state()
