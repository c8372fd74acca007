"""Nouns: frozen structs that the rooms hand to each other. No behaviour beyond showing themselves."""
