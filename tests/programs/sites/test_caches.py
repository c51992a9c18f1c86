"""programs.sites.caches: what can be made again goes, the data stays."""

from pathlib import Path

from programs.sites.caches import empty_site_caches
from tests.programs.trees import describe_tree


def test_only_what_is_made_from_other_files_is_deleted(tmp_path: Path) -> None:
    files = tmp_path / "default/files"
    stale = [
        "civicrm/templates_c/en_US/%%A/x.tpl.php",
        "civicrm/templates_c/CachedCiviContainer.abc.php",
        "civicrm/ConfigAndLog/Config.IDS.ini",
        "css/css_abc-1_X.css",
        "css/css_abc.css.gz",
        "js/js_abc.js",
    ]
    kept = [
        "civicrm/templates_c/.htaccess",
        "civicrm/ConfigAndLog/CiviCRM.log",
        "civicrm/upload/templates_c/x.php",
        "css/mine.css",
        "js/js_mine.txt",
        "photo.jpg",
    ]
    for name in stale + kept:
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(name)
    empty_site_caches(tmp_path)
    assert {path for path in stale if (files / path).exists()} == set()
    assert {path for path in kept if not (files / path).exists()} == set()
    assert not (files / "civicrm/templates_c/en_US").exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    staged, elsewhere = tmp_path / "staged", tmp_path / "elsewhere"
    (elsewhere / "css").mkdir(parents=True)
    (elsewhere / "css/css_abc.css").touch()
    (staged / "default").mkdir(parents=True)
    (staged / "default/files").symlink_to("../../elsewhere")
    (staged / "other").symlink_to("../elsewhere")
    before = describe_tree(tmp_path)
    empty_site_caches(staged)
    assert describe_tree(tmp_path) == before
