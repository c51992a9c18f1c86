"""Requests of parishes in the administration: the list, the page of one, what is decided there, and its rules."""
