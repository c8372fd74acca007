"""Decisions: records in, records out. No IO, clock, dice, environment or logging."""
