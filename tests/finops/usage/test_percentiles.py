"""A day's figures are exact, and the packed samples are what was packed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.usage.percentiles import Sample, compute_percentile, pack, summarise, unpack

samples = st.lists(
    st.builds(Sample, st.integers(0, 2**40), st.integers(0, 10**6), st.integers(0, 2**50)), min_size=1, max_size=300
)


def test_percentiles_are_values_that_were_seen() -> None:
    values = list(range(1, 101))
    assert [compute_percentile(values, percent) for percent in (0, 50, 95, 100)] == [1, 50, 95, 100]
    assert compute_percentile([7], 95) == 7
    assert compute_percentile([1, 2], 95) == 2


@settings(max_examples=50, deadline=None)
@given(samples)
def test_at_least_the_share_is_not_above_a_percentile(found: list[Sample]) -> None:
    summary = summarise(found)
    for percent, bound in ((50, summary.memory_p50), (95, summary.memory_p95)):
        assert sum(sample.memory_bytes <= bound for sample in found) * 100 >= percent * len(found)
        assert sum(sample.memory_bytes < bound for sample in found) * 100 < percent * len(found)
    assert summary.cpu_p50 <= summary.cpu_p95 <= summary.cpu_max == max(one.cpu_millicores for one in found)
    assert (summary.points, summary.memory_sum) == (len(found), sum(one.memory_bytes for one in found))


@settings(max_examples=50, deadline=None)
@given(samples)
def test_packing_loses_nothing_and_takes_24_bytes_a_sample(found: list[Sample]) -> None:
    assert unpack(pack(found)) == found
    assert len(pack(found)) == 24 * len(found)
    assert unpack(b"") == []
