"""A backup set as a whole: its manifest, its signature, its way to another instance. Open manifest.py first."""
