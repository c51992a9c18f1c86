"""programs.sites.present: where a restored site will run."""

from programs.run.environment import read_restore_environment
from programs.sets.manifest import parse_manifest
from programs.sites.present import make_new_site, make_present_site
from tests.programs.sets.test_manifest import make_document
from tests.programs.workspace import Workspace


def test_a_site_that_goes_back_is_no_copy(files_workspace: Workspace) -> None:
    import json

    manifest = parse_manifest(json.dumps(make_document()).encode())
    env = files_workspace.make_env(SET_DIR="/srv", EXPECTED_TENANT="saint-paul")
    asked = read_restore_environment(env)
    assert make_new_site(asked, env, manifest) is None
    assert make_present_site(asked, env, manifest) is None, "it was told of no server"
    env |= {"DB_HOST": "127.0.0.1", "DB_PORT": "3306", "DB_USER": "exploitant", "DATABASES": "civicrm drupal civilog"}
    site = make_present_site(asked, env, manifest)
    assert site is not None and (site.user, site.db_port, site.has_address) == ("exploitant", 3306, True)
    assert site.paths[0][1] == str(files_workspace.files)
