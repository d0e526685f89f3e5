"""New tasks, laid out so that only the items are missing, and what is made of a task's files.

Modules, in the order in which data pass through them:

- `layout`: Laying out a new task: a card, a few example items and notes that pass the check as
  they are.
- `templates`: The held-out half of a task whose samples are made of templates: the templates to be
  written.
- `held_out`: Laying out a half of a task that is kept from the public: a form for each item to be
  written.
- `write`: Writing the folders of tasks: beside one another with a suite, or as a package to
  install.
- `refresh`: What is made from a task's own files: the digest in its card, counts in its notes, its
  README.
"""
