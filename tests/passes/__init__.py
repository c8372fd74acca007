"""Passes: circuits to circuits."""
