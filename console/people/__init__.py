"""Who may come in: users and groups, in the dress of the other pages. Open pages.py first."""
