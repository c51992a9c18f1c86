"""Instances for people: list and page of each (open pages.py first), and what can be asked of one.

requests.py asks an operation in two looks (form, then what it will do), request_forms.py are the forms,
columns.py the badges of lists, options.py the same choices for commands.
"""
