"""The brokers that these tests run on."""

from tests.brokers import any_broker, embedded, guarded_mosquitto, mosquitto

__all__ = ["any_broker", "embedded", "guarded_mosquitto", "mosquitto"]
