"""Plans and releases for people: what an instance may use, and the images it runs. Open pages.py, then forms.py."""
