"""programs.archive.stored: what is read back is what was written, or it is said."""

import dataclasses
import gzip
import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from programs.archive.stored import StoredReader, StoredWriter, check_measures, make_compressor, make_decompressor
from programs.run.failures import ProgramError
from tests.programs.workspace import ROOT, wait_until

DATA = os.urandom(1_000_000) + bytes(5_000_000)


def write(path: Path, codec: str) -> object:
    with StoredWriter(path, codec=codec) as writer:
        for start in range(0, len(DATA), 77_777):
            writer.write(DATA[start : start + 77_777])
        return writer.finish()


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_the_measures_are_those_of_the_bytes(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "x"
    measures = write(path, codec)
    stored = path.read_bytes()
    assert dataclasses.astuple(measures) == (  # type: ignore[call-overload]
        len(stored),
        hashlib.sha256(stored).hexdigest(),
        len(DATA),
        hashlib.sha256(DATA).hexdigest(),
    )
    with StoredReader(path, codec=codec) as reader:
        assert reader.read(1000) == DATA[:1000]
        assert reader.finish() == measures
    done = subprocess.run(make_decompressor(codec), input=stored, capture_output=True, check=True, timeout=180)
    assert done.stdout == DATA


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_more_bytes_than_there_may_be_are_not_read_to_the_end(tmp_path: Path, codec: str) -> None:
    write(tmp_path / "x", codec)
    with StoredReader(tmp_path / "x", codec=codec, most_bytes=len(DATA)) as reader:
        reader.finish()
    with StoredReader(tmp_path / "x", codec=codec, most_bytes=2_000_000) as reader:
        with pytest.raises(ProgramError) as caught:
            reader.finish()
    assert caught.value.code == "artifact_damaged" and caught.value.params == {"artifact": "x"}


def test_the_default_is_the_gzip_format(tmp_path: Path) -> None:
    write(tmp_path / "x", "gzip")
    assert gzip.decompress((tmp_path / "x").read_bytes()) == DATA
    assert make_compressor("gzip")[0] in ("pigz", "gzip")


def test_a_killed_compressor_is_a_failure(tmp_path: Path) -> None:
    with StoredWriter(tmp_path / "x", codec="gzip") as writer:
        writer.write(DATA[:1000])
        writer.child.process.kill()
        with pytest.raises(ProgramError) as caught:
            for _ in range(1000):
                writer.write(DATA[:100_000])
            writer.finish()
    assert caught.value.code == "stage_failed" and caught.value.retryable


def test_a_compressor_killed_after_the_last_byte_is_a_failure(tmp_path: Path) -> None:
    with StoredWriter(tmp_path / "x", codec="gzip") as writer:
        writer.child.process.kill()
        writer.child.process.wait(20)
        with pytest.raises(ProgramError):
            writer.finish()


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_killed_decompressor_is_neither_an_end_nor_a_damage(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(subprocess.run(make_compressor(codec), input=bytes(50_000_000), capture_output=True).stdout)
    with StoredReader(path, codec=codec) as reader:
        assert reader.read(1000) == bytes(1000)
        reader.child.process.kill()
        for read in (reader.readall, reader.finish):
            with pytest.raises(ProgramError) as caught:
                read()
            assert (caught.value.code, caught.value.retryable) == ("stage_failed", True)


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("precious")
    with pytest.raises(FileExistsError):
        StoredWriter(tmp_path / "x", codec="gzip")


def test_a_full_device_is_named(tmp_path: Path) -> None:
    """In a process of its own, whose files cannot grow: as ENOSPC, for root and for anybody."""
    text = (
        "import os, sys; from pathlib import Path; from programs.archive.stored import StoredWriter\n"
        "from programs.run.failures import ProgramError\n"
        "try:\n"
        "  with StoredWriter(Path(sys.argv[1]), codec='gzip') as w:\n"
        "    for _ in range(100): w.write(os.urandom(100_000))\n"
        "    w.finish()\n"
        "except ProgramError as error: print(error.code)\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "-c", text, str(tmp_path / "x")]
    done = subprocess.run(command, cwd=ROOT, preexec_fn=limit, capture_output=True, timeout=180)
    assert done.stdout == b"no_space\n", done.stderr


def test_leaving_before_the_end_leaves_no_process(tmp_path: Path) -> None:
    write(tmp_path / "x", "gzip")
    with StoredReader(tmp_path / "x", codec="gzip") as reader:
        reader.read(10)
    assert reader.child.process.poll() is not None
    with StoredWriter(tmp_path / "y", codec="gzip") as writer:
        writer.write(DATA[:100])
    wait_until(lambda: writer.child.process.poll() is not None)


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_cut_file_cannot_be_read(tmp_path: Path, codec: str) -> None:
    write(tmp_path / "x", codec)
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[: len(whole) // 2])
    with StoredReader(tmp_path / "x", codec=codec) as reader, pytest.raises(ProgramError) as caught:
        reader.finish()
    assert caught.value.code == "artifact_damaged" and caught.value.params == {"artifact": "x"}


def test_the_measure_that_differs_is_named(tmp_path: Path) -> None:
    write(tmp_path / "x", "gzip")
    with StoredReader(tmp_path / "x", codec="gzip") as reader:
        found = reader.finish()
    for field in dataclasses.fields(found):
        other = dataclasses.replace(found, **{field.name: 7 if field.type == "int" or field.type is int else "f" * 64})
        with pytest.raises(ProgramError) as caught:
            check_measures("x.gz", found=found, expected=other)
        assert field.name in caught.value.message
    check_measures("x.gz", found=found, expected=found)


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("processors", [1, 2, 8, 32])
def test_three_writers_stay_within_the_memory_of_the_smallest_plan(
    codec: str, processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured on the compressors themselves, while they are fed faster than they work: 256 MiB hold three of them, the
    dump or tar, and this program (60 MiB)."""
    monkeypatch.setattr("programs.archive.stored.count_processors", lambda: processors)
    data = os.urandom(1_000_000) + b"INSERT INTO `t` VALUES (1,'some text'),(2,NULL);\n" * 60_000
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen(make_compressor(codec), stdin=subprocess.PIPE, stdout=nowhere)
        assert child.stdin is not None
        most = 0
        for _ in range(40):
            child.stdin.write(data)
            status = Path(f"/proc/{child.pid}/status").read_text()
            most = max(most, int(status.split("VmHWM:")[1].split()[0]))
        child.stdin.close()
        assert child.wait(60) == 0
    assert 3 * most < 110 * 1024, f"{most} KiB"


SHORT_BYTES = 64 << 20  # of addresses: the system itself refuses more


def compress_where_memory_is_short(command: list[str]) -> int:
    """Run a compressor that may have so much memory and no more; return its exit code."""
    data = os.urandom(8_000_000) + b"INSERT INTO `t` VALUES (1,'some text'),(2,NULL);\n" * 400_000
    limited = ["prlimit", f"--as={SHORT_BYTES}", "--core=0", *command]
    return subprocess.run(limited, input=data, capture_output=True, check=False, timeout=120).returncode


@pytest.mark.parametrize("processors", [1, 8, 32])
def test_zstd_works_where_the_system_gives_no_more_memory(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(processors)))
    assert compress_where_memory_is_short(make_compressor("zstd")) == 0


def test_with_a_thread_for_each_of_eight_processors_it_would_not() -> None:
    assert compress_where_memory_is_short(["zstd", "-q", "-3", "-T8", "-c"]) != 0


def test_a_file_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    """A frame may name a window of gigabytes, which the reader would set aside."""
    command = ["zstd", "-q", "--ultra", "-1", "--long=30", "--single-thread", "-c"]
    (tmp_path / "x").write_bytes(subprocess.run(command, input=DATA, capture_output=True, check=True).stdout)
    with StoredReader(tmp_path / "x", codec="zstd") as reader, pytest.raises(ProgramError) as caught:
        reader.finish()
    assert caught.value.code == "artifact_damaged"
