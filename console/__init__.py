"""The manager for people: the pages of the administration, and the commands about parishes and instances.

A folder per subject, each with its pages and forms; open overview/ (the first page) or instances/ (the main job) first.
`admin.py` registers them all. May import everything below the API (pyproject.toml); nothing imports it but the
addresses (civiparoisse/urls.py). What all pages share is civiparoisse/admin_base.py and presentation.py.
Tests: tests/console, in the same folders.
"""
