"""Backup policies for people: the policies and their defaults (pages.py), and what one does to an instance's sets
(timeline.py)."""
