"""Campaigns for people: the list, the page of each, and the way to a new one."""
