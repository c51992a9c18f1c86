"""Filters of the templates: people.py (advice that leads to pages, one word for each state). Open that."""
