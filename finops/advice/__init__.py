"""What could be saved: smaller sizes for what is used little, and what is paid for and no longer used.

Open first: recommendations.py (sizes) and findings.py (waste); their rules are in rightsizing.py and waste.py.
"""
