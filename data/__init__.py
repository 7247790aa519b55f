"""Data that ships with the package: codebook, places, sources, rulesets, the model, demo recordings.

Read it through :func:`importlib.resources.files`, so that it works from a wheel as from a checkout.
"""
