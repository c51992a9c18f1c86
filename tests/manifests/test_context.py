"""What a parish typed reaches the images' variables unchanged; what must not leave has nowhere to go."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cluster import ClusterSettings
from domain.errors import InvalidValue
from domain.parameters import PARAMETERS
from domain.specs import DATABASE_USER, DATABASES
from manifests.instance import make_instance_objects
from tests.builders import make_site
from tests.manifests.cases import DEFAULT, IMAP, SMTP, TLS, make_case_objects, make_case_spec, select_object

# ConfigMap key -> parameter of the parish (docs/domain.md#configuration).
TYPED = {
    "PAROISSE_NAME": ("parish_name", "name"),
    "PAROISSE_ADDR": ("street", "street"),
    "PAROISSE_CITY": ("city", "city"),
    "PAROISSE_STREETNUMBER": ("street_number", "street_number"),
    "CIVI_DOMAIN": ("civicrm_domain", "civicrm_domain"),
    "MAILADMIN_NAME": ("admin_name", "admin_name"),
    "MAILADMIN_DESCR": ("admin_description", "admin_description"),
    "SITENAME": ("parish_name", "name"),
}
LETTERS = st.text(st.sampled_from("abcXYZ0189 éèœÉß-–’.,:()/&+°«»\u00a0'"), min_size=1, max_size=40)
LOOKS_LIKE_YAML = st.sampled_from(
    ["yes", "no", "null", "1e3", "017", "0o17", "1.0", "12:30:00", "2026-11-21", "true", "NaN"]
)


def _read_config(objects: list[dict[str, Any]]) -> dict[str, str]:
    data: dict[str, str] = select_object(objects, "ConfigMap", "config-init")["data"]
    return data


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries({parameter: LETTERS | LOOKS_LIKE_YAML for _field, parameter in TYPED.values()}))
def test_every_validated_text_arrives_unchanged(typed: dict[str, str]) -> None:
    recorded = {}
    for name, text in typed.items():
        try:
            recorded[name] = PARAMETERS[name].parse(name, text)
        except InvalidValue:
            recorded[name] = "yes"
    site = make_site("saint-paul", **{field: recorded[parameter] for field, parameter in TYPED.values()})
    config = _read_config(make_instance_objects(make_case_spec(site=site), ClusterSettings(), tls=TLS))
    assert {key: config[key] for key in TYPED} == {key: recorded[parameter] for key, (_, parameter) in TYPED.items()}


def test_the_init_config_has_exactly_the_chart_s_keys() -> None:
    config = _read_config(make_case_objects(DEFAULT))
    chart = """
        SERVERNAME PAROISSE_NAME PAROISSE_ADDR PAROISSE_CITY PAROISSE_PHONE PAROISSE_ZIPCODE
        PAROISSE_STREETNUMBER CIVI_DOMAIN DBNAME_CIVICRM DBNAME_DRUPAL DBNAME_CIVILOG DBHOST DBUSER
        TRUSTED_HOST_PATTERNS MAILADMIN_ADDR MAILADMIN_NAME MAILADMIN_DESCR MAILDIR SITENAME MAILSITE_ADDR
        MAILDOMAIN_ADDR DRUPAL_ADMIN_USER_SECRET DRUPAL_ADMIN_PASSWORD_SECRET DBSECRET DBROOTSECRET
        IMAP_USERNAME_SECRET IMAP_PASSWORD_SECRET SMTP_USERNAME_SECRET SMTP_PASSWORD_SECRET MAILDOMAIN
        BOUNCE_LOCALPART BOUNCE_RETURNPATH IMAP_SERVER IMAP_PORT IMAP_IS_SSL IMAP_INBOX_FOLDER SMTP_HOST
        SMTP_PORT"""
    assert set(config) == set(chart.split())
    assert [config[f"DBNAME_{name.upper()}"] for name in DATABASES] == list(DATABASES)
    assert (config["DBUSER"], config["MAILDIR"], config["DBHOST"]) == (DATABASE_USER, "/maildir", "localhost")
    assert config["TRUSTED_HOST_PATTERNS"] == r"['^www\\.saint-paul\\.example\\.org$']"
    assert (config["SMTP_HOST"], config["SMTP_PORT"]) == (SMTP.host, "587")
    assert (config["IMAP_SERVER"], config["IMAP_IS_SSL"], config["IMAP_INBOX_FOLDER"]) == (IMAP.host, "1", IMAP.folder)


@pytest.mark.parametrize("name", ["mail-off", "no-mail-servers", "sandbox"])
def test_without_mail_neither_host_nor_account_is_given_away(name: str) -> None:
    objects = make_case_objects(name)
    shown = str([one for one in objects if one["metadata"]["name"] != "instance-state"])
    config = _read_config(objects)
    assert config["SMTP_HOST"] == config["IMAP_SERVER"] == "mail.invalid"
    assert SMTP.host not in shown and SMTP.password not in shown and IMAP.password not in shown
    assert set(select_object(objects, "Secret", "mailsecret")["data"].values()) == {"bm9uZQ=="}


def test_no_secret_is_outside_of_secrets() -> None:
    spec = make_case_spec()
    values = [getattr(spec.secrets, name) for name in ("db_password", "db_root_password", "manifest_key", "site_key")]
    for object_ in make_case_objects(DEFAULT):
        if object_["kind"] != "Secret":
            assert not [value for value in (*values, SMTP.password, IMAP.password) if value in str(object_)]
