"""What the API shows and takes, a file per subject. Open instances.py first."""
