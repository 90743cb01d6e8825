"""Registers netgrade's options in this checkout, also when it is not installed."""

pytest_plugins = ["netgrade.plugin"]
