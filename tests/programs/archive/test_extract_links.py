"""programs.archive.extract: links that lead out of the tree are made only where they still are."""

import io
import os
from pathlib import Path

from programs.archive.extract import extract_tree
from tests.programs.archives import make_with_tar


def make_links_out(root: Path) -> bytes:
    """A tree with links that lead out of it, directly and by others; its archive."""
    (root / "d").mkdir(parents=True)
    (root / "photos").symlink_to("/srv/shared/photos")
    (root / "d/up").symlink_to("../../elsewhere")
    (root / "d/by").symlink_to("../photos/one")
    return make_with_tar(root, form="pax")


def test_a_link_that_leads_out_comes_back_where_the_present_tree_has_the_very_same(tmp_path: Path) -> None:
    live, target = tmp_path / "live", tmp_path / "target"
    archive, notes = make_links_out(live), list[str]()
    (live / "d/up").unlink()
    (live / "d/up").symlink_to("../../elsewhere/else")
    target.mkdir()
    extract_tree(io.BytesIO(archive), str(target), origin=str(live), root=str(live), notes=notes)
    assert os.readlink(target / "photos") == "/srv/shared/photos" and os.readlink(target / "d/by") == "../photos/one"
    assert not os.path.lexists(target / "d/up")
    (note,) = notes
    assert note.startswith("1 symbolic links that lead out") and "d/up" in note


def test_links_that_lead_out_are_made_in_no_other_tree(tmp_path: Path) -> None:
    archive, notes = make_links_out(tmp_path / "live"), list[str]()
    target, copy = tmp_path / "target", tmp_path / "copy"
    target.mkdir()
    (copy / "e").mkdir(parents=True)
    (copy / "d").symlink_to(tmp_path / "live/d")  # a link is not followed to look at what is there
    extract_tree(io.BytesIO(archive), str(target), origin=str(tmp_path / "live"), root=str(copy), notes=notes)
    assert [name for name in ("photos", "d/up", "d/by") if os.path.lexists(target / name)] == []
    assert len(notes) == 1
