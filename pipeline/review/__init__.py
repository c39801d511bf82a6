"""The review page: a server on which people correct and approve translations together.

`Workspace` is what it serves, `create_app` the web application; `zimu review` runs it.
"""

from pipeline.review.app import create_app
from pipeline.review.security import Access
from pipeline.review.workspace import Workspace

__all__ = ["Access", "Workspace", "create_app"]
