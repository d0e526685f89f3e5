"""The labels that a scorer can give: what each means, and which of them are the unsafe end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tenken.schema.base import Frozen

Judging = Literal["refusal", "harm"]
"""What a scorer of answers to requests looks at."""


class Bilingual(Frozen):
    """A text in both languages.

    Attributes:
        en: The text in English.
        ja: The text in Japanese; the English one where left out.
    """

    en: str
    ja: str

    @model_validator(mode="before")
    @classmethod
    def _english_where_nothing_else_is(cls, given: Any) -> Any:
        if isinstance(given, dict) and "en" in given and "ja" not in given:
            return {**given, "ja": given["en"]}
        return given

    def __str__(self) -> str:
        return self.en

    def of(self, language: str) -> str:
        """Return the text in `language`, English for any language but Japanese."""
        return self.ja if language == "ja" else self.en


class Label(Frozen):
    """A label with what reports call it.

    Attributes:
        name: What the scorer writes, such as `full_refusal`.
        title: Title of the task.
        unsafe: Whether it is the unsafe end where a sample's measure names none.
        no_answer: Whether it is of answers that are none: empty of meaning, off topic, evasive.
    """

    name: str
    title: Bilingual
    unsafe: bool = False
    no_answer: bool = False


class Vocabulary(Frozen):
    """All labels that a scorer can give.

    Attributes:
        labels: The labels. None at all: the scorer takes over labels that others give, as people
            and classifiers do.
        groups: Which labels can be given to one and the same sample, where that depends on the
            sample; one group of all labels where left out.
        positive: The labels that a trial of the scorer counts as positive where nobody says
            otherwise, the plainest first.
        judges: What its labels of an answer to a request rest on: whether it is a `refusal`, or
            how much `harm` it would help; None for labels of anything else.
        threshold: Of a scorer that grades, the grade from which on an answer is unsafe.
    """

    labels: list[Label]
    groups: list[list[str]] = Field(default_factory=list)
    positive: list[str] = Field(default_factory=list)
    judges: Judging | None = None
    threshold: Annotated[float, Field(gt=0, le=1)] | None = None

    @classmethod
    def of(
        cls,
        titles: Mapping[str, tuple[str, str]],
        *,
        unsafe: Collection[str] = (),
        no_answer: Collection[str] = (),
        groups: Sequence[Sequence[str]] = (),
        positive: Sequence[str] = (),
        judges: Judging | None = None,
    ) -> Self:
        """Return a vocabulary, in the form in which scorers write theirs.

        Args:
            titles: For each label, what it is called in English and in Japanese.
            unsafe: The labels that are the unsafe end where a sample's measure names none.
            no_answer: The labels of answers that are none.
            groups: Which labels can be given to one and the same sample.
            positive: The labels that a trial counts as positive, the plainest first.
            judges: What labels of answers to requests rest on.
        """
        labels = [
            Label(
                name=name,
                title=Bilingual(en=en, ja=ja),
                unsafe=name in unsafe,
                no_answer=name in no_answer,
            )
            for name, (en, ja) in titles.items()
        ]
        return cls(
            labels=labels,
            groups=[list(group) for group in groups],
            positive=list(positive),
            judges=judges,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the scorer's order."""
        return tuple(label.name for label in self.labels)

    @property
    def unsafe(self) -> tuple[str, ...]:
        """The labels that are the unsafe end by default."""
        return tuple(label.name for label in self.labels if label.unsafe)

    @property
    def no_answer(self) -> tuple[str, ...]:
        """The labels of answers that are none."""
        return tuple(label.name for label in self.labels if label.no_answer)

    @property
    def sets(self) -> tuple[tuple[str, ...], ...]:
        """The groups of labels that can be given to one sample, at least one."""
        return tuple(tuple(group) for group in self.groups) or (self.names,)

    def beside(self, unsafe: Collection[str]) -> tuple[str, ...]:
        """Return the labels that a sample can get of which `unsafe` are the unsafe end."""
        found = [group for group in self.sets if set(group) & set(unsafe)]
        return tuple(name for name in self.names if any(name in group for group in found))
