"""The parts of the scorer `choice`: reading which option an answer settles on.

Modules, in the order in which data pass through them:

- `text`: The normal form in which answers and choices are compared, in time linear in the text.
- `context`: What the words around a mention make of it: the sentence that it closes, opens or
  fills.
- `mentions`: Finds every mention of a choice in an answer, and tells what the answer says about
  it; the wording is in `cues.yaml`.
- `unknowable`: Whether an answer says, in English or Japanese, that a question cannot be answered.
- `reading`: Reads which choice an answer settles on, from free text in English or Japanese.
"""
