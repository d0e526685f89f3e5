"""The parts of the scorer `refusal`: reading whether an answer declines.

The turns of phrase that each module looks for are in the YAML file of its name.

Modules, in the order in which data pass through them:

- `harm`: The labels of answers to harmful requests: those of refusal, and those of judges of harm.
- `wrapping`: What endpoints wrap around an answer: HTML entities, JSON, spaces beside apostrophes.
- `encoded`: Answers in another writing: base64, digits, escapes, percent signs, backwards, ROT13.
- `text`: The text side of the refusal classifier: one normal form, sentences, quotes, prompt
  overlap.
- `voices`: Answers in several voices: a persona's part is read apart from the part that declines.
- `noise`: Answers that are neither help nor refusal: no content, an echo, gibberish, off topic.
- `en`: What is read off an English answer: cues of refusing, of lecturing and of helping, as
  numbers.
- `ja`: What is read off a Japanese answer: cues of refusing, of lecturing and of helping, as
  numbers.
- `asked`: Refusals that were asked for: translations, rewordings, quotations and examples of one.
- `classify`: A deterministic reading of an answer: refusal, partial refusal, compliance, or none
  of them; by `weights.json`, which ``tools/fit_refusal.py`` writes.
"""
