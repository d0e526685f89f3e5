"""Classifier: a local text classifier of one's own, behind one small interface.

Whatever it is made with, it is asked one thing: the label of a text. Its labels are mapped to
ours; one that is not mapped and that no scorer gives is no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from tenken.errors import RuleError
from tenken.scorers._classifier.loading import TextClassifier, digest_of, load_classifier
from tenken.scorers.labels import OPEN, fits
from tenken.scorers.verdict import UNKNOWN_LABEL, facts, judged, undecided

VERSION = "1"
VOCABULARY = OPEN


@scorer(metrics=[mean()], name="classifier")
def classifier(
    object: str | None = None,
    file: str | None = None,
    labels: Mapping[str, str] | None = None,
    reads: Literal["answer", "prompt_and_answer"] = "answer",
    allowed: Sequence[str] = (),
    unsafe: Sequence[str] = (),
    trust: bool = False,
    sha256: str | None = None,
) -> Scorer:
    """Score by the label that a local text classifier gives the answer.

    Args:
        object: `module:attribute` of a Python object: a function from a list of texts to a list
            of labels, or anything with such a `predict`.
        file: A file or folder instead: `.joblib` or `.pkl` (needs trust), `.skops`, `.onnx` with
            texts as its input, or the folder of a transformers text classification model.
        labels: Our label for each of the classifier's; where left out, its labels are ours.
        reads: Give it the answer alone, or the prompt, a blank line and the answer.
        allowed: Labels beside those that the package's own scorers give.
        unsafe: The unsafe labels where a sample's measure names none.
        trust: Load a file that may run code when it is loaded. Only for files of one's own.
        sha256: Digest that the file, or the object's source, must have.

    Raises:
        InputError: It cannot be loaded; one line says what to install or to change.
        ValueError: It has another digest.
    """
    if sha256 is not None and sha256 != digest_of(object, file):
        raise RuleError(
            "{object} has another SHA-256 than {sha256}...",
            object=object or file,
            sha256=sha256[:16],
        )
    made = load_classifier(object, file, trust=trust)
    ours = {str(key): str(value) for key, value in (labels or {}).items()}

    async def score(state: TaskState, target: Target) -> Score:
        answer = state.output.completion
        if not answer.strip():
            return undecided("empty")
        text = answer if reads == "answer" else f"{state.input_text}\n\n{answer}"
        theirs, reason = _asked(made, text)
        label = ours.get(theirs, "" if ours else theirs)
        known = facts(state).get("unsafe_labels") or unsafe
        if not known and not facts(state).get("trial"):
            return undecided("no_unsafe_label")
        if reason or not fits(label, known, allowed):
            return undecided(reason or UNKNOWN_LABEL)
        return judged(state, label, unsafe, labels=(label,))

    return score


def pinned_args(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as a plan or ledger holds them: what is loaded by name and digest.

    Raises:
        InputError: There is no such object or file.
    """
    found = {**args, "sha256": digest_of(args.get("object"), args.get("file"))}
    if args.get("file"):
        found["file"] = str(args["file"]).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return found


def _asked(made: TextClassifier, text: str) -> tuple[str, str]:
    """Return the label that a classifier gives a text, or else why there is none."""
    try:
        given = list(made([text]))
    except Exception as error:  # any failure of a classifier is the same to the score
        return "", f"classifier_failed_{type(error).__name__}"
    if len(given) != 1:
        return "", "classifier_reply_invalid"
    return str(given[0]), ""
