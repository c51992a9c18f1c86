"""Operations for people: the history, and the page that follows one while it runs. Open pages.py first."""
