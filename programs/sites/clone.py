"""Turn what was restored into a copy: its own credentials, host and paths, and no outgoing mail."""

from pathlib import Path

from programs.sites.copy_block import NewSite
from programs.sites.evaluation import check_evaluated
from programs.sites.settings import find_hosts, make_civicrm_settings, make_drupal_settings
from programs.sites.settings_files import read_settings, write_in_place

SETTINGS = {
    "default/settings.php": make_drupal_settings,
    "default/civicrm.settings.php": make_civicrm_settings,
}


def rewrite_staged_settings(staged: Path, site: NewSite, *, hosts: set[str]) -> list[str]:
    """Rewrite the settings files of a staged tree of sites, and have PHP say that they lead to the copy's own server.

    ``hosts`` takes those of the original's pages. Return what must be said. Raise ProgramError."""
    for name, make_settings in SETTINGS.items():
        path = staged / name
        source = read_settings(path)
        hosts |= find_hosts(source)
        write_in_place(path, make_settings(source, site).encode("utf-8", "surrogateescape"))
    return check_evaluated(staged, site)
