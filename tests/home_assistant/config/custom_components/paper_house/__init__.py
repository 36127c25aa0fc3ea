"""A house that needs no hardware, in the real Home Assistant: its rooms, floors and labels."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry, device_registry, entity_registry, floor_registry, label_registry
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    floor = floor_registry.async_get(hass).async_create("Ground floor")
    labels = label_registry.async_get(hass)
    lounge, telly = labels.async_create("alias it: il salotto"), labels.async_create("alias: telly")
    room = area_registry.async_get(hass).async_create("Lounge", floor_id=floor.floor_id, labels={lounge.label_id})
    entities, devices = entity_registry.async_get(hass), device_registry.async_get(hass)

    async def furnish(_: HomeAssistant) -> None:
        for entity in ("light.floor_lamp", "media_player.television", "scene.movie_time"):
            entities.async_update_entity(entity, area_id=room.id)
        entities.async_update_entity("media_player.television", labels={telly.label_id})

    def rename(_: object) -> None:
        """The lamp that came over MQTT is given a name and a place by its owner."""
        desk = entities.async_get("light.desk_lamp")
        if desk is not None and devices.async_get(desk.device_id).area_id is None:
            devices.async_update_device(desk.device_id, area_id=room.id, name_by_user="Writing lamp")

    async_at_started(hass, furnish)
    hass.bus.async_listen("entity_registry_updated", lambda event: hass.loop.call_soon_threadsafe(rename, event))
    return True
