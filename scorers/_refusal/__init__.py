"""The parts of the scorer `refusal`: reading whether an answer declines.

Modules, in the order in which data pass through them:

- `text`: The text side of the refusal classifier: one normal form, sentences, quotes, prompt
  overlap.
- `noise`: Answers that are neither help nor refusal: empty, an echo of the prompt, gibberish, off
  topic.
- `en_cues`: Turns of phrase in English answers, and of prompts, that the refusal classifier reads.
- `en`: What is read off an English answer: cues of refusing, of lecturing and of helping, as
  numbers.
- `ja_cues`: Turns of phrase in Japanese answers, and of prompts, that the refusal classifier
  reads.
- `ja`: What is read off a Japanese answer: cues of refusing, of lecturing and of helping, as
  numbers.
- `weights`: Weights of the refusal classifier; written by ``tools/fit_refusal.py``.
- `classify`: A deterministic reading of an answer: refusal, partial refusal, compliance, or none
  of them.
"""
