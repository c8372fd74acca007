"""Sections of pages that a script makes: what stands between two marks that name it."""

import re
from collections.abc import Mapping


def fill(page: str, script: str, sections: Mapping[str, str]) -> str:
    """Return a page with its sections made anew.

    Args:
        page: It has a mark before each section, such as `<!-- names: made by moving.py -->`, and one behind it.
        script: What makes them, as the marks name it.
        sections: Their texts, by name.
    """
    mark = re.compile(rf"(<!-- (\w+): made by {re.escape(script)} -->)\n.*?<!-- end -->", re.DOTALL)
    return mark.sub(lambda found: f"{found[1]}\n\n{sections[found[2]]}\n\n<!-- end -->", page)
