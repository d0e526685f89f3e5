"""Readers of public datasets, in the layout of their authors.

Modules, in the order in which data pass through them:

- `formats`: Readers: from the rows of public datasets, as their authors laid them out, to our
  samples.
- `bbq`: Reading the layout of BBQ, which JBBQ has too: scenes, questions, and whom an answer
  names.
"""
