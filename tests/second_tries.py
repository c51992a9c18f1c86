"""`make test` tries a test that failed a second time (pytest-rerunfailures): what needed it is told, and few may.

What fails rarely is a fault all the same, often of the product: its whole failure is printed, for somebody to mend it.
It does not stop what else has been shown to hold; more than `MOST` of them in one run do. Without `--reruns` each test
has one try.
"""

import pytest

MOST = 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how each of them failed at first."""
    failed = terminalreporter.stats.get("rerun", [])
    if not failed:
        return
    terminalreporter.section("passed or failed only at their second try: mend them", red=True)
    for report in failed:
        terminalreporter.write_sep("_", f"{report.nodeid} ({report.when})")
        terminalreporter.write_line(report.longreprtext)
    terminalreporter.write_line(f"SECOND TRIES: {len(failed)} (more than {MOST} fail the run)")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which more than a few needed it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and len(reporter.stats.get("rerun", [])) > MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
