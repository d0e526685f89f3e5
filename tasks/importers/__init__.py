"""Question sets of other tools as tasks.

The room `aisev` reads those of J-AISI's aisev.
"""
