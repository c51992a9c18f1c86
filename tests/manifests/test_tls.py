"""Certificates verify, by OpenSSL's own rules too, and are renewed before they expire."""

import base64
import dataclasses
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from domain.cluster import ClusterSettings, TlsBundle
from manifests.instance import make_instance_objects
from manifests.tls import (
    find_expiry,
    list_db_names,
    list_expiries,
    make_tls_bundle,
    parse_tls_secret,
    renew_tls_bundle,
)
from tests.manifests.cases import make_case_spec, select_object

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOST = "www.saint-paul.example.org"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def bundle() -> TlsBundle:
    return make_tls_bundle("saint-paul", HOST, now=NOW)


def _verify(bundle: TlsBundle, part: str, name: str, *, now: datetime = NOW) -> None:
    ca = x509.load_pem_x509_certificate(bundle.ca_certificate.encode())
    leaf = x509.load_pem_x509_certificate(getattr(bundle, f"{part}_certificate").encode())
    builder = verification.PolicyBuilder().store(verification.Store([ca])).time(now)
    builder.build_server_verifier(x509.DNSName(name)).verify(leaf, [])


def _renew(bundle: TlsBundle, *, days: int, host: str = HOST) -> TlsBundle:
    return renew_tls_bundle(bundle, "saint-paul", host, now=NOW + days * DAY)


def test_each_server_has_its_names_and_no_other(bundle: TlsBundle) -> None:
    for name in list_db_names("saint-paul"):
        _verify(bundle, "db", name)
    _verify(bundle, "httpd", HOST)
    for part, name in (("db", HOST), ("httpd", "civicrmdb"), ("db", "civicrmdb.saint-jean"), ("httpd", "example.org")):
        with pytest.raises(verification.VerificationError):
            _verify(bundle, part, name)


def test_lifetimes_are_ten_years_and_one(bundle: TlsBundle) -> None:
    expected = {"ca": NOW + 3650 * DAY, "db": NOW + 365 * DAY, "httpd": NOW + 365 * DAY}
    assert list_expiries(bundle) == expected
    with pytest.raises(verification.VerificationError):
        _verify(bundle, "httpd", HOST, now=NOW + 366 * DAY)


def test_a_client_whose_clock_is_behind_accepts_a_new_certificate(bundle: TlsBundle) -> None:
    _verify(bundle, "httpd", HOST, now=NOW - timedelta(minutes=30))


def test_two_instances_trust_each_other_in_nothing(bundle: TlsBundle) -> None:
    other = make_tls_bundle("saint-jean", HOST, now=NOW)
    mixed = dataclasses.replace(bundle, httpd_certificate=other.httpd_certificate)
    with pytest.raises(verification.VerificationError):
        _verify(mixed, "httpd", HOST)


def test_a_real_tls_1_3_connection_verifies_the_page_s_certificate(tmp_path: Path) -> None:
    bundle = make_tls_bundle("saint-paul", HOST, now=datetime.now(UTC))
    for name in ("httpd_certificate", "httpd_key"):
        (tmp_path / name).write_text(getattr(bundle, name))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "httpd_certificate", tmp_path / "httpd_key")
    client = ssl.create_default_context(cadata=bundle.ca_certificate)
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    near, far = socket.socketpair()
    near.settimeout(10)
    far.settimeout(10)

    def serve() -> None:
        with server.wrap_socket(far, server_side=True) as wrapped:
            wrapped.sendall(b"hello")

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(near, server_hostname=HOST) as wrapped:
        assert (wrapped.version(), wrapped.recv(5)) == ("TLSv1.3", b"hello")
    thread.join(timeout=120)
    assert not thread.is_alive()


def test_nothing_is_renewed_while_there_is_time(bundle: TlsBundle) -> None:
    assert _renew(bundle, days=0) is not None
    assert _renew(bundle, days=334) == bundle


def test_server_certificates_are_renewed_by_the_same_authority(bundle: TlsBundle) -> None:
    renewed = _renew(bundle, days=336)
    assert (renewed.ca_certificate, renewed.ca_key) == (bundle.ca_certificate, bundle.ca_key)
    assert find_expiry(renewed.db_certificate) == find_expiry(renewed.httpd_certificate) == NOW + (336 + 365) * DAY
    assert renewed.db_key != bundle.db_key and renewed.httpd_key != bundle.httpd_key
    _verify(renewed, "db", "civicrmdb", now=NOW + 400 * DAY)


def test_another_host_renews_the_page_s_certificate_only(bundle: TlsBundle) -> None:
    renewed = _renew(bundle, days=1, host="www.elsewhere.example.org")
    assert renewed.db_certificate == bundle.db_certificate
    _verify(renewed, "httpd", "www.elsewhere.example.org", now=NOW + 2 * DAY)


def test_an_authority_that_would_expire_first_is_replaced_with_all(bundle: TlsBundle) -> None:
    renewed = _renew(bundle, days=3300)
    assert renewed.ca_certificate != bundle.ca_certificate
    _verify(renewed, "db", "civicrmdb", now=NOW + 3400 * DAY)
    _verify(renewed, "httpd", HOST, now=NOW + 3400 * DAY)


def test_what_another_authority_signed_is_replaced(bundle: TlsBundle) -> None:
    other = make_tls_bundle("saint-paul", HOST, now=NOW)
    foreign = dataclasses.replace(bundle, db_certificate=other.db_certificate, db_key=other.db_key)
    renewed = _renew(foreign, days=1)
    assert renewed.httpd_certificate == bundle.httpd_certificate
    _verify(renewed, "db", "civicrmdb", now=NOW + 2 * DAY)
    lost_key = dataclasses.replace(bundle, ca_key=other.ca_key)
    _verify(_renew(lost_key, days=1), "db", "civicrmdb", now=NOW + 2 * DAY)


def test_the_bundle_is_read_back_from_the_secret(bundle: TlsBundle) -> None:
    objects = make_instance_objects(make_case_spec(), ClusterSettings(), tls=bundle)
    data = select_object(objects, "Secret", "selfcert")["data"]
    assert parse_tls_secret(data) == bundle


@pytest.mark.parametrize("damage", [None, "", "%", base64.b64encode(b"no certificate").decode(), "/w=="])
@pytest.mark.parametrize("key", ["dbcacert", "dbcakey", "dbservercert", "externkey"])
def test_a_secret_that_is_not_whole_gives_no_bundle(bundle: TlsBundle, key: str, damage: str | None) -> None:
    objects = make_instance_objects(make_case_spec(), ClusterSettings(), tls=bundle)
    data = dict(select_object(objects, "Secret", "selfcert")["data"])
    if damage is None:
        del data[key]
    else:
        data[key] = damage
    assert parse_tls_secret(data) is None


def test_no_key_shows_in_a_representation(bundle: TlsBundle) -> None:
    assert "PRIVATE" not in repr(bundle) + str(bundle)


def test_a_long_name_still_makes_a_certificate() -> None:
    host = "www." + "a" * 63 + ".example.org"
    _verify(make_tls_bundle("a" * 63, host, now=NOW), "httpd", host)
