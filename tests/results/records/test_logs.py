"""Logs are read in one pass or by Inspect itself, alike; nothing in them can do harm."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json
from tenken.results.records import archive, logs
from tenken.results.records.logs import LoggedSample, log_files, open_log

pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter:DeprecationWarning")


def samples_of(path: Path) -> list[LoggedSample]:
    with open_log(path) as log:
        return sorted(log.samples(), key=lambda each: (each.id, each.epoch))


def as_json(samples: list[LoggedSample]) -> list[bytes]:
    """Compare by bytes: a NaN is equal to no other."""
    return [canonical_json(each.evidence()) + repr(each).encode() for each in samples]


@pytest.fixture
def log(inspect_run: Path, tmp_path: Path) -> Path:
    source = next((inspect_run / "logs").glob("*requests*"))
    return Path(shutil.copy(source, tmp_path / "a.eval"))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def members_of(path: Path) -> dict[str, bytes]:
    with archive.Archive(path) as old:
        return {name: old.read(name) for name in old.names}


def test_every_kind_of_mishap_reads_alike_by_pass_and_by_api(
    make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = log_files(make_run(240))
    by_pass = [as_json(samples_of(path)) for path in paths]
    monkeypatch.setattr(logs, "_KNOWN_VERSION", -1)
    assert [as_json(samples_of(path)) for path in paths] == by_pass
    assert sum(map(len, by_pass)) == 240


def test_a_known_layout_never_reaches_the_slow_reader(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspect_ai.log.read_eval_log", None)
    assert samples_of(log)


def test_a_sample_in_chunks_is_left_to_inspect(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(log, "a") as made:
        made.writestr("samples/x_epoch_1/messages/0.json", b"[]")
    monkeypatch.setattr("inspect_ai.log.read_eval_log", lambda *_, **__: pytest.fail("asked"))
    with pytest.raises(BaseException, match="asked"):
        samples_of(log)


def test_the_header_says_whose_log_it_is(log: Path) -> None:
    with open_log(log) as opened:
        assert opened.header.task == "synthetic/requests"
        assert opened.header.version.startswith("1-A+")
        assert opened.header.status == "success"
        assert opened.header.inspect_ai


def test_a_log_whose_process_was_killed_is_readable(log: Path) -> None:
    before = as_json(samples_of(log))
    kept = {n: d for n, d in members_of(log).items() if n.startswith(("samples/", "_journal"))}
    with open_log(zipped(log, kept)) as opened:
        assert opened.header.status == "started"
        assert as_json(sorted(opened.samples(), key=lambda each: each.id)) == before


def test_a_log_with_no_sample_yet_holds_none(log: Path) -> None:
    kept = {n: d for n, d in members_of(log).items() if not n.startswith("samples/")}
    assert samples_of(zipped(log, kept)) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 0.999])
def test_a_truncated_log_is_named(log: Path, share: float) -> None:
    data = log.read_bytes()
    log.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BundleError, match=r"a\.eval: .*\.$"):
        samples_of(log)


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="missing"), open_log(tmp_path / "no.eval"):
        pass


def test_any_damaged_byte_is_noticed_or_changes_nothing(log: Path) -> None:
    whole, data = as_json(samples_of(log)), log.read_bytes()
    for place in range(0, len(data), max(len(data) // 300, 1)):
        log.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            assert len(samples_of(log)) <= len(whole)
        except BundleError as error:
            assert "\n" not in str(error)


def test_a_member_that_says_it_is_huge_is_not_unpacked(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 100_000)
    bomb = members_of(log) | {"samples/bomb_epoch_1.json": b"[" + b" " * 200_000}
    with pytest.raises(BundleError, match=r"unpack to 200,001; at most"):
        samples_of(zipped(log, bomb))


@pytest.mark.parametrize("known", [logs._KNOWN_VERSION, -1])
def test_a_member_that_lies_about_its_size_is_stopped(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    import zstandard

    monkeypatch.setattr(logs, "_KNOWN_VERSION", known)
    packed = zstandard.ZstdCompressor().compress(b" " * 50_000_000)
    assert len(packed) < 10_000
    lie = tmp_path / "lie.eval"
    name = "samples/bomb_epoch_1.json"
    zipped(lie, {**members_of(log), name: packed})
    data = bytearray(lie.read_bytes())
    with zipfile.ZipFile(lie) as made:
        info = made.getinfo(name)
        directory = made.start_dir
    with zipfile.ZipFile(lie, "w") as made:
        made.writestr(name, packed)
        for other, content in members_of(log).items():
            made.writestr(other, content)
        info, directory = made.getinfo(name), made.start_dir
    data = bytearray(lie.read_bytes())
    for start, shift in ((info.header_offset, 0), (data.index(b"PK\x01\x02", directory), 2)):
        struct.pack_into("<H", data, start + 8 + shift, 93)
        struct.pack_into("<I", data, start + 22 + shift, 10)
    lie.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(BundleError, match="damaged"):
            samples_of(lie)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_members_that_lie_over_one_another_are_refused(log: Path) -> None:
    data = bytearray(log.read_bytes())
    with zipfile.ZipFile(log) as made:
        directory = made.start_dir
    first = data.index(b"PK\x01\x02", directory)
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    log.write_bytes(data)
    with pytest.raises(BundleError, match="overlaps"):
        samples_of(log)


def test_a_member_that_calls_itself_otherwise_is_refused(log: Path) -> None:
    members = members_of(log)
    data = bytearray(zipped(log, members).read_bytes())
    name = next(name for name in members if name.startswith("samples/")).encode()
    place = data.index(name)
    data[place : place + len(name)] = name.replace(b"samples", b"sampled")
    log.write_bytes(data)
    with pytest.raises(BundleError, match="not where the directory says"):
        samples_of(log)


def test_a_way_of_packing_that_no_log_uses_is_refused(log: Path) -> None:
    members = members_of(log)
    with zipfile.ZipFile(log, "w", zipfile.ZIP_BZIP2) as made:
        for name, data in members.items():
            made.writestr(name, data)
    with pytest.raises(BundleError, match="method 12"):
        samples_of(log)


def test_a_long_member_in_several_frames_is_read_whole() -> None:
    import zstandard

    unpacker = zstandard.ZstdDecompressor()
    parts = [bytes([each]) * 1000 for each in range(5)]
    for stated in (True, False):
        packer = zstandard.ZstdCompressor(write_content_size=stated)
        packed = b"".join(packer.compress(part) for part in parts)
        assert archive._from_zstandard(unpacker, packed, 5000) == b"".join(parts)


@pytest.mark.parametrize("stated", [True, False])
def test_no_more_of_a_member_is_unpacked_than_it_says(stated: bool) -> None:
    import zstandard

    packed = zstandard.ZstdCompressor(write_content_size=stated).compress(bytes(50_000_000))
    tracemalloc.start()
    read = archive._from_zstandard(zstandard.ZstdDecompressor(), packed, 1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read) == 1001  # one more, so that it is seen to be a lie
    assert peak < 5_000_000


def test_a_sample_that_is_there_twice_is_refused(log: Path) -> None:
    members = members_of(log)
    name = next(name for name in members if name.startswith("samples/"))
    with pytest.raises(BundleError, match="in the log twice"):
        samples_of(zipped(log, members | {"samples/copy_epoch_1.json": members[name]}))


def test_nesting_without_end_is_refused(log: Path) -> None:
    deep = members_of(log) | {"samples/deep_epoch_1.json": b"[" * 200_000 + b"]" * 200_000}
    with pytest.raises(BundleError, match="cannot be read"):
        samples_of(zipped(log, deep))


def test_odd_numbers_and_half_characters_still_have_a_digest(log: Path) -> None:
    members = members_of(log)
    name = next(name for name in members if name.startswith("samples/"))
    sample = json.loads(members[name])
    sample["output"]["completion"] = "half \ud800 of one"
    sample["scores"] = {"refusal": {"value": float("inf"), "metadata": {"odd": float("nan")}}}
    (read,) = samples_of(zipped(log, {**_headers(members), name: json.dumps(sample).encode()}))
    assert read.completion == "half ? of one"
    assert b"nan" in canonical_json(read.evidence())


def _headers(members: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in members.items() if not name.startswith("samples/")}


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_only_plain_files_are_opened(inspect_run: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "a.eval"
    if kind == "link":
        path.symlink_to(next((inspect_run / "logs").glob("*.eval")))
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(BundleError, match="not a plain file"):
        log_files(tmp_path)


def test_memory_does_not_grow_with_the_number_of_samples(make_run: Any) -> None:
    def peak(samples: int) -> int:
        path = max(log_files(make_run(samples)), key=lambda each: each.stat().st_size)
        tracemalloc.start()
        try:
            with open_log(path) as log:
                for _ in log.samples():
                    pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    size = Path(__file__).stat().st_size  # any fixed allowance: the zip's directory grows a little
    assert peak(1000) < peak(100) + 900 * 1000 + size


NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_sample_it_is_read_or_refused(data: st.DataObject) -> None:
    sample = json.loads(json.dumps(SAMPLE))
    node: Any = sample
    for _ in range(data.draw(st.integers(1, 5))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], (dict, list)) or not node[key]:
            break
        parent, node = node, node[key]
    else:
        node = parent
    node[key] = data.draw(NODES)
    try:
        read = logs.taken_apart(json.dumps(sample).encode())
    except logs.ODD:
        return
    canonical_json(read.evidence())


SAMPLE: dict[str, Any] = {
    "id": "a",
    "epoch": 1,
    "input": [{"role": "user", "content": "Hello"}],
    "messages": [
        {"role": "user", "content": "Hello"},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "Hi"}],
            "tool_calls": [{"function": "f", "arguments": {"x": 1.5}}],
        },
    ],
    "output": {
        "choices": [{"message": {"content": [{"type": "text", "text": "Hi"}]}}],
        "usage": {"output_tokens": 3},
    },
    "scores": {"s": {"value": 1.0, "metadata": {"label": "x", "labels": ["x"]}}},
    "error": {"message": "E('x')"},
    "limit": {"type": "token"},
    "model_usage": {"m": {"total_tokens": 5, "output_tokens": 3}},
}
