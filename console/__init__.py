"""The manager for people: the pages of the administration, a folder per subject, each with its pages and forms.

Open overview/ (the first page) or instances/ (the main job) first; admin.py registers them all. All pages share
civiparoisse/admin_base.py and civiparoisse/presentation.py.
May import: everything but api/; nothing imports it but the addresses. Tests: tests/console, in the same folders.
"""
