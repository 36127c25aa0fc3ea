"""A floor lamp that can be dimmed."""

from homeassistant.components.light import ATTR_BRIGHTNESS, ColorMode, LightEntity


async def async_setup_platform(hass, config, add, discovery_info=None):
    add([Lamp()])


class Lamp(LightEntity):
    _attr_name = "Floor lamp"
    _attr_unique_id = "floor_lamp"
    _attr_should_poll = False
    _attr_supported_color_modes = {ColorMode.BRIGHTNESS}  # noqa: RUF012 - as Home Assistant's own integrations do
    _attr_color_mode = ColorMode.BRIGHTNESS
    _attr_is_on = True
    _attr_brightness = 128

    async def async_turn_on(self, **given):
        self._attr_is_on = True
        self._attr_brightness = given.get(ATTR_BRIGHTNESS, self._attr_brightness)
        self.async_write_ha_state()

    async def async_turn_off(self, **given):
        self._attr_is_on = False
        self.async_write_ha_state()
