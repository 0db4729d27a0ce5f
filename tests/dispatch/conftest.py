"""Steps are tried on the small town of the stories."""

from tests.stories.conftest import town

__all__ = ["town"]
