"""The parts of the scorer that asks a text classifier.

- `loading`: Loading a text classifier, from an object or a file, without running what nobody
  trusts.
"""
