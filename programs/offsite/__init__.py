"""Copies that leave the house: a place away, as rclone reaches it, and sealing with age. Begin with carrier.py."""
