"""Lists the packages of the four top-level folders, so that a new task folder needs no entry."""

from setuptools import find_packages, setup

FOLDERS = ("evals", "tasks", "scorers", "results")

packages = find_packages("src")
for folder in FOLDERS:
    packages += [f"tenken.{folder}"]
    packages += [f"tenken.{folder}.{name}" for name in find_packages(folder)]

setup(packages=packages)
