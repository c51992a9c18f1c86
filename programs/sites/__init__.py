"""The settings files of a site, rewritten for the instance that they are restored into. Open settings.py first."""
