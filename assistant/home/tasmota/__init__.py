"""Devices with Tasmota's firmware, by their own discovery."""
