"""What a month would cost if the fleet were another: every question priced by the formula of the real months.

Open first: whatif.py (the questions). Then wanted_fleet.py (the fleet of now), comparison.py (side by side).
"""
