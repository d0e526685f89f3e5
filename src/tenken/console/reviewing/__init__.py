"""People who label answers: who is asked what, drafts, and handing in.

Modules, in the order in which data pass through them:

- `sheets`: What reviewers of a draw are asked, written to the database by a process of its own.
- `assignments`: Who is asked to label which draw.
- `drafts`: Labels as they are made, each kept at once.
- `agreeing`: How far the reviewers of a draw agree, from the labels that are kept so far.
- `handing_in`: From drafts to the sealed label files of the bundle, by `tenken review`.
- `readings`: Items of the library that people read, by `tenken review-items`.
"""
