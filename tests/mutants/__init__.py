"""Do the tests bite? A bug is planted in a copy of the house, and the tests that run its line must fail.

    make mutants N=300 SEED=7

`sites` knows where which bug can be planted, `cover` which tests run a line, `__main__` plants and asks. What changes
no behaviour is in `equivalents.toml`, with the reason.
"""
