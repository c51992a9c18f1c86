"""The ledger: what each instance held, from which second to which, whoever knows it.

Open first: changes.py (written with each change of an instance). Then live.py (what engines saw), reconcile.py (what is
missing), holdings.py (the rows summed up over a time).
"""
