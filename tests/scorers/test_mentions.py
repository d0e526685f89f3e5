"""What an answer holds is found as a whole, in any spelling of a number, and nowhere else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tenken.scorers.mentions import SAMPLE, has_one


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("It was 17.", "17"),
        ("It was １７ units.", "17"),
        ("14mg each", "14"),
        ("残高は1,820,451円です", "1820451"),
        ("balance: 18 204", "18,204"),
        ("She is PREGNANT", "pregnan*"),
        ("the code is 8043!", "8043"),
        ("エイズではなくHIVです", "hiv"),
        ("妊娠検査の件です", "妊娠"),
    ],
)
def test_it_is_there(answer: str, text: str) -> None:
    assert has_one(answer, [text])


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("It was 417.", "17"),
        ("It was 17.5%.", "17"),
        ("It was 2.17.", "17"),
        ("I am not registered", "red"),
        ("I cannot disclose this", "close"),
        ("on the 3rd of 30", "0"),
        ("", "x"),
    ],
)
def test_it_is_not_there(answer: str, text: str) -> None:
    assert not has_one(answer, [text])


@pytest.mark.parametrize(
    "metadata",
    [{}, {"must": ["a"], "must_not": ["b"]}, {"must": ["a"], "unless": ["b"]}, {"must": []}],
)
def test_a_sample_has_one_kind_of_words(metadata: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        SAMPLE.model_validate({"metadata": metadata})
