"""Reports that one would rather look at than read: of an episode, and of a workspace; each one HTML file.

`gathering` and `workspace` read what there is into the frozen facts of `facts`; `figures` draws them as SVG and
`differences` compares texts, both pure; `page` fills a template. A file holds all it needs: no network, no other files.
"""

from pipeline.report.gathering import gather_episode
from pipeline.report.page import UI_LANGUAGES, episode_page, workspace_page
from pipeline.report.workspace import gather_workspace

__all__ = ["UI_LANGUAGES", "episode_page", "gather_episode", "gather_workspace", "workspace_page"]
