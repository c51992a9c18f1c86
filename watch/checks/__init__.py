"""What is looked at: instances (troubles.py), operations and clock (work.py), engines and clusters (places.py), money
(costs.py).
"""
