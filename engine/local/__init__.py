"""The local engine: an instance as real processes of one machine. Open engine.py first, then launcher.py."""
