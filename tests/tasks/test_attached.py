"""Files of a sample: read from its folder alone, pinned by digest, sent as parts of a message."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessageUser, GenerateConfig
from inspect_ai.tool import ToolInfo

from tenken.errors import CardError
from tenken.evals.models.wire import request_body
from tenken.io.canonical import sha256_bytes
from tenken.results.records.members import images_in
from tenken.tasks.attached import MOST_BYTES
from tenken.tasks.build import build, samples_digest
from tenken.tasks.library import LoadedTask, task_at
from tenken.tasks.library import load_task as load

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "image"
PNG = (EXAMPLE / "pictures" / "chart-00.png").read_bytes()
NO_TOOLS: list[ToolInfo] = []


def task(folder: Path, *files: str, **content: bytes) -> LoadedTask:
    """Lay out a task of one sample with these files."""
    place = folder / f"t{sha256_bytes(str(folder).encode())[:8]}"  # known by name from now on
    (place / "in").mkdir(parents=True, exist_ok=True)
    card = (EXAMPLE / "card.yaml").read_text("utf-8")
    card = card.replace("name: image", f"name: {place.name}").replace("[en, ja]", "[en]")
    (place / "card.yaml").write_text(card, "utf-8")
    sample = {
        "id": "a-en", "language": "en", "pair_id": "a", "input": "What?", "files": list(files),
        "choices": ["Yes", "No"], "target": "A",
    }  # fmt: skip
    (place / "samples.jsonl").write_text(json.dumps(sample) + "\n", "utf-8")
    for name, data in content.items():
        (place / name.replace("__", "/").replace("_", ".")).write_bytes(data)
    return load(task_at(place).name)


def content_of(loaded: LoadedTask) -> list[Any]:
    (sample,) = build(loaded, loaded.samples).dataset
    assert not isinstance(sample.input, str)
    content = sample.input[-1].content
    assert isinstance(content, list)
    return content


def test_files_come_after_the_text(tmp_path: Path) -> None:
    loaded = task(
        tmp_path, "in/a.png", "b.wav", "c.csv", in__a_png=PNG, b_wav=b"RIFF....", c_csv=b"1;2"
    )
    content = content_of(loaded)
    assert [part.type for part in content] == ["text", "image", "audio", "document"]
    assert content[1].image == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    messages = [ChatMessageUser(content=content)]
    body = request_body(
        "m", messages, NO_TOOLS, "none", GenerateConfig(), limit="max_tokens", system=True
    )
    sent = body["messages"][0]["content"]
    assert [part["type"] for part in sent] == ["text", "image_url", "input_audio", "file"]
    assert sent[2]["input_audio"] == {
        "data": base64.b64encode(b"RIFF....").decode(),
        "format": "wav",
    }
    assert sent[3]["file"]["filename"] == "c.csv"
    assert sent[3]["file"]["file_data"].startswith("data:text/csv;base64,")


def test_another_picture_is_another_sample(tmp_path: Path) -> None:
    one = task(tmp_path / "1", "a.png", a_png=PNG)
    other = task(tmp_path / "2", "a.png", a_png=PNG + b"x")
    assert samples_digest(one, one.samples) != samples_digest(other, other.samples)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", {}, "cannot be read"),
        ("a.svg", {"a_svg": b"<svg/>"}, "no kind that can be sent; known: png"),
        ("a.png", {"a_png": b"<html>"}, "is no image/png"),
        ("a.txt", {"a_txt": b""}, "is no text/plain"),
        ("a.txt", {"a_txt": b"x" * (MOST_BYTES + 1)}, "more than 10 MiB"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    tmp_path: Path, name: str, content: dict[str, bytes], said: str
) -> None:
    loaded = task(tmp_path, name, **content)
    with pytest.raises(CardError, match=said):
        build(loaded, loaded.samples)


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "", "a/../b.png", "http://x/y.png"])
def test_a_path_out_of_the_folder_is_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(CardError, match="a file is a path in the task's folder"):
        task(tmp_path, name)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    loaded = task(tmp_path, "a.png")
    (loaded.folder / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(CardError, match="not in the task's folder"):
        build(loaded, loaded.samples)


def test_only_images_in_the_log_itself_are_shown() -> None:
    good = "data:image/png;base64,AAAA"
    shown = [
        good, "attachment://1", "attachment://2", "https://example.org/x.png",
        "data:image/svg+xml;base64,AAAA", 'data:image/png;base64,AAAA" onerror="x', 3,
    ]  # fmt: skip
    content = [{"type": "image", "image": each} for each in shown]
    log = {"input": [{"role": "user", "content": content}], "attachments": {"1": good, "2": "x"}}
    assert list(images_in(log)) == [good, good]
    assert list(images_in({"input": "text"})) == []
    odd: dict[str, Any] = {"input": [3, {"content": [None]}], "attachments": []}
    assert list(images_in(odd)) == []
