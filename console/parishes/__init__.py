"""Parishes for people: list, page and form with its parameters. Open pages.py first, then forms.py."""
