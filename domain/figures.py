"""What people know of an instance and count: the figures that a backup writes down and a preview compares. Pure values.

What a blueprint declares of one (how it is counted) is in domain/data_sets.py, the counting in programs/figures.py.
"""

from enum import StrEnum


class FigureCode(StrEnum):
    """One figure. All but `files` are rows of a table; `files` are those of all trees."""

    CONTACTS = "contacts"
    HOUSEHOLDS = "households"
    CONTRIBUTIONS = "contributions"
    PARTICIPANTS = "participants"
    MEMBERSHIPS = "memberships"
    MAILINGS = "mailings"
    ACTIVITIES = "activities"
    USERS = "users"
    FILES = "files"


# The sum of the contributions, in cents: beside their number in what people see.
SUM = "contributions_sum"
