"""The house over MQTT."""
