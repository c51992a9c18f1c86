"""Compile locale/*/LC_MESSAGES/django.po where the compiled file is missing or older."""

import subprocess
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_texts(locale: Path) -> None:
    """Run msgfmt on every catalogue that changed. Raise CalledProcessError when a catalogue is wrong."""
    for source in locale.glob("*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            partial = target.with_suffix(".mo.partial")
            subprocess.run(["msgfmt", "--check-format", "-o", partial, source], check=True, timeout=60)
            partial.replace(target)


if __name__ == "__main__":
    compile_texts(LOCALE)
