"""Data that do not come with Tenken: public benchmarks.

The room `readers` holds what turns each layout into samples.

Modules, in the order in which data pass through them:

- `fetch`: Getting the files of a public dataset: from a path of the user's, the cache, or the
  network.
- `table`: Samples from a table of anybody's, through `datasets`: a file, a folder, a dataset of
  the Hub.
- `load`: Samples of a public benchmark: its files fetched, checked, read, and checked once more.
"""
