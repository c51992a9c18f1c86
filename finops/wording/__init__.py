"""Words and numbers for people, in the active language.

Open first: formats.py (money, sizes, shares), words.py (a word for each code).
"""
