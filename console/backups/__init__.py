"""Backups for people: the list and the page of each. Open pages.py first; a restore is asked in instances/."""
