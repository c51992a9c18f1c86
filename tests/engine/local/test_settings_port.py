"""A site's settings follow its database's port, and nothing else of them changes."""

import stat
from pathlib import Path

from engine.local.accounts import get_account
from engine.local.layout import ensure_directories, make_layout
from engine.local.settings_port import renew_database_port

DRUPAL = "<?php\n$databases = ['port' => '23000',\n 'note' => '230001', 'x' => '23000'];\n"
CIVICRM = "<?php\ndefine('DSN', 'mysql://u:p@127.0.0.1:23000/civicrm?x');\n// 127.0.0.1:230001\n"


def test_the_port_is_renewed_where_it_is_one_and_modes_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    layout, account = make_layout(tmp_path, "saint-paul"), get_account("www-data")
    ensure_directories(layout, account)
    folder = layout.path("files") / "default"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("settings.php", DRUPAL), ("civicrm.settings.php", CIVICRM)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o440)
    if account.uid is not None:
        import os

        for path in (folder, *folder.iterdir()):
            os.chown(path, account.uid, account.gid or -1)
    renew_database_port(layout, account, before=23000, after=23007)
    assert (folder / "settings.php").read_text() == DRUPAL.replace("'port' => '23000'", "'port' => '23007'")
    assert (folder / "civicrm.settings.php").read_text() == CIVICRM.replace("1:23000/", "1:23007/")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o440 for path in folder.iterdir())


def test_where_there_is_no_site_yet_nothing_is_done(tmp_path: Path) -> None:
    renew_database_port(make_layout(tmp_path, "saint-paul"), get_account("www-data"), before=1, after=1)
