"""What is used of what is reserved: samples of containers, visits and logins of people, room on the nodes.

Open first: measured.py. Then efficiency.py (used ÷ reserved, in money), idleness.py, capacity.py.
"""
