"""Carriers: each takes one request to a cloud, real or emulated, and brings back its response."""
