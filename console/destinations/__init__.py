"""Destinations of copies for people: list, page with the last check and its copies (open pages.py first), form."""
