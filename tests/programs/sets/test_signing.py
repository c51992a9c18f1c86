"""programs.sets.signing: nobody without the key makes or alters a manifest."""

import json

import pytest

from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest
from programs.sets.signing import (
    check_signature,
    compute_key_id,
    compute_sha256,
    format_manifest,
    make_canonical,
    sign_manifest,
)
from tests.programs.sets.test_manifest import make_document

KEY = b"0123456789abcdef"


def make_signed() -> bytes:
    manifest = parse_manifest(json.dumps(make_document()).encode())
    return format_manifest(sign_manifest(manifest, key=KEY))


def test_a_signed_manifest_is_accepted_however_it_is_laid_out() -> None:
    data = make_signed()
    check_signature(data, key=KEY)
    document = json.loads(data)
    check_signature(json.dumps(dict(reversed(document.items())), indent=4).encode(), key=KEY)


def test_another_key_is_named_by_its_id_only() -> None:
    with pytest.raises(ProgramError) as caught:
        check_signature(make_signed(), key=b"another key of 16")
    assert caught.value.code == "signature_invalid" and caught.value.params == {"key_id": compute_key_id(KEY)}
    assert "0123456789" not in str(caught.value)


def test_each_value_is_covered() -> None:
    document = json.loads(make_signed())
    document["warnings"] = ["added"]
    with pytest.raises(ProgramError):
        check_signature(json.dumps(document).encode(), key=KEY)
    document = json.loads(make_signed())
    document["databases"]["civicrm"]["tables"]["t"]["rows"] = 4
    with pytest.raises(ProgramError):
        check_signature(json.dumps(document).encode(), key=KEY)


@pytest.mark.parametrize("change", [{"algorithm": "none"}, {"value": ""}, {"value": "é"}, {"value": "\ud800"}])
def test_a_signature_of_another_kind_is_refused(change: dict[str, str]) -> None:
    document = json.loads(make_signed())
    document["signature"] |= change
    with pytest.raises(ProgramError) as caught:
        check_signature(json.dumps(document).encode(), key=KEY)
    assert caught.value.code == "signature_invalid"


def test_the_canonical_form_is_one() -> None:
    assert make_canonical({"b": 1, "a": ["é\udcff"]}) == b'{"a":["\\u00e9\\udcff"],"b":1}'
    assert compute_sha256(b"abc").startswith("ba7816bf")
