"""Flags of a cluster's commands: one per value, files for secrets, nothing abbreviated."""

import pytest
from django.core.management.base import CommandError

from clusters.cluster_options import merge_settings
from clusters.management.commands.cluster_create import Command
from clusters.parameters import PARAMETERS, SECRET_FIELDS
from domain.errors import InvalidValue


def test_every_parameter_has_its_flag_and_no_secret_has_one() -> None:
    text = Command().create_parser("manage.py", "cluster_create").format_help()
    for name in set(PARAMETERS) - {"name", "settings"}:
        flag = f"--{name.replace('_', '-')}"
        assert (f"{flag}-file PATH" if name in SECRET_FIELDS else f"{flag} TEXT") in text


def test_flags_win_and_what_is_not_given_is_absent() -> None:
    command = Command()
    options = vars(command.create_parser("manage.py", "x").parse_args(["metz", "--storage-class", "fast"]))
    assert command.read_parameters(options) == {"name": "metz", "storage_class": "fast"}


def test_no_flag_is_abbreviated() -> None:
    parser = Command().create_parser("manage.py", "x")
    with pytest.raises((CommandError, SystemExit)):
        parser.parse_args(["metz", "--kubeconfig", "secret"])


def test_a_rare_setting_is_set_by_its_name_and_the_others_stay() -> None:
    present = {"dns_namespace": "dns", "most_nodes": 3}
    given = ["most_nodes=5", "image_mirror=mirror.example", 'ingress_cidrs=["10.0.0.0/24"]', "dns_namespace="]
    assert merge_settings(present, given) == {
        "most_nodes": 5,
        "image_mirror": "mirror.example",
        "ingress_cidrs": ["10.0.0.0/24"],
    }
    assert present == {"dns_namespace": "dns", "most_nodes": 3}
    for wrong in ("most_nodes", "=5"):
        with pytest.raises(InvalidValue):
            merge_settings({}, [wrong])
