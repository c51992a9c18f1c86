"""Evidence of several days is the worst of each, never a mean."""

from finops.usage.evidence import combine_evidence
from tests.builders import MEBIBYTE
from tests.finops.advice.test_rightsizing import make_evidence


def test_evidence_of_several_is_the_worst_of_each() -> None:
    both = combine_evidence([make_evidence(cpu=80, memory_mebibytes=300), make_evidence(cpu=70, memory_mebibytes=400)])
    assert both is not None
    assert (both.cpu_p95, both.memory_peak, both.points, both.days) == (80, 400 * MEBIBYTE, 8064, 28)
    assert combine_evidence([]) is None
