"""The trees of a new site hold the settings with their modes, and files worth backing up."""

import stat
from pathlib import Path

import pytest

from standin.files import write_site_files
from standin.parameters import read_parameters
from tests.standin.site import make_environment


def test_settings_have_the_modes_of_the_real_images(tmp_path: Path) -> None:
    write_site_files(read_parameters(make_environment(tmp_path)))
    settings = tmp_path / "files" / "default"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.iterdir() if path.is_file()}
    assert modes["settings.php"] == 0o640
    assert modes["civicrm.settings.php"] == 0o440
    assert (tmp_path / "files" / "default" / "files" / "logo-actuel.gif").is_symlink()
    assert (tmp_path / "private" / "registre" / "baptêmes.csv").read_text().startswith("nom;date")


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    parameters = read_parameters(make_environment(tmp_path))
    (tmp_path / "files" / "default").mkdir()
    (tmp_path / "files" / "default" / "settings.php").write_text("another's")
    with pytest.raises(FileExistsError):
        write_site_files(parameters)
