"""Capture: the only code that runs beside a submission. Nothing decides a verdict here."""
