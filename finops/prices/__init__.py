"""Prices, and what was held multiplied by them, exactly.

Open first: pricing.py (the one formula). Then rates.py (price sheets as values), rounding.py (to the cent, once).
"""
