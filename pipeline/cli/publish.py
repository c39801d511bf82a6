"""Commands about video platforms: sign in, publish, see what is there, bring back what was corrected there."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from pipeline.cli import options
from pipeline.cli.options import AsJson, Assign, Debug, Episodes, Quiet, Verbose
from pipeline.cli.output import print_error, print_json
from pipeline.console import ConsoleReporter
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.stages.publish import Published, Wanted

app = typer.Typer()
_EPISODES = "EPISODE…"


class _OrEpisodes(TyperGroup):
    """`zimu publish EPISODE…` beside `zimu publish status`: what is no command is an episode, or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [_EPISODES, *args]
        return super().parse_args(ctx, args)


publish_app = typer.Typer(
    cls=_OrEpisodes,
    help="Bring subtitles to video platforms: zimu publish EPISODE…, or one of the commands below. Its options are "
    "shown by zimu publish EPISODE… --help. A folder that is named like a command is written ./status.",
    no_args_is_help=True,
    rich_markup_mode=None,
    subcommand_metavar="EPISODE… | COMMAND [ARGS]...",
)
app.add_typer(publish_app, name="publish")

Platforms = Annotated[
    str | None,
    typer.Option("--to", metavar="youtube,vimeo", help="Default: all that the episode names a video of."),
]
Languages = Annotated[
    str | None, typer.Option("--languages", metavar="zh-Hans,en,…", help="The most important first. Default: all.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what somebody changed on the platform.")]


@publish_app.command(_EPISODES)
def publish(
    episodes: Episodes,
    to: Platforms = None,
    languages: Languages = None,
    live: Annotated[
        bool | None, typer.Option("--live/--draft", help="Whether viewers see it. Default: publish.live.")
    ] = None,
    overwrite: Overwrite = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done, and its quota.")] = False,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="For the receipts; default: you.")] = None,
    assign: Assign = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Upload the episodes' subtitles, and titles; what is there and unchanged is left alone."""
    from pipeline.cli.publish_output import print_plans, print_result, result_json, tell
    from pipeline.stages.publish import publish_episodes

    reporter = ConsoleReporter(quiet=quiet or as_json, verbose=verbose)
    result = publish_episodes(
        episodes,
        _wanted(to, languages, live=live, overwrite=overwrite),
        reporter,
        flags=options.flags(assign, offline=False),
        dry_run=dry_run,
        who=who or "",
        on_done=lambda outcome: tell(outcome, reporter),
    )
    if as_json:
        print_json(result_json(result, dry_run=dry_run))
    elif dry_run:
        print_plans(result)
    else:
        print_result(result, quiet=quiet)
    _end(result, as_json=as_json, dry_run=dry_run)


@publish_app.command("status")
def status(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR…", help="Episodes, or a workspace. Default: here.")
    ] = None,
    to: Platforms = None,
    languages: Languages = None,
    receipts: Annotated[
        bool, typer.Option("--receipts", help="Only what was done before, without asking the platform.")
    ] = False,
    assign: Assign = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show for each episode, platform and language what is there, what differs, and what it would cost."""
    from pipeline.cli.publish_output import print_receipts, print_status, result_json
    from pipeline.stages.publish import publish_episodes, receipts_of
    from pipeline.stages.publish_tracks import NoVideoError

    episodes = _found(folders or [Path()])
    flags = options.flags(assign, offline=False)
    if receipts:
        rows = receipts_of(episodes, flags=flags)
        if as_json:
            print_json([{"path": path, **asdict(receipt)} for path, receipt in rows])
        else:
            print_receipts(rows)
        return
    reporter = ConsoleReporter(quiet=True)
    result = publish_episodes(
        episodes, _wanted(to, languages, live=None, overwrite=False), reporter, flags=flags, dry_run=True
    )
    if as_json:
        print_json(result_json(result, dry_run=True))
    else:
        print_status(result)
    errors = [(path, error) for path, error in result.errors if not isinstance(error, NoVideoError)]
    for path, error in errors if not as_json else ():
        print_error(error, prefix=f"{path}: ")
    if errors:
        raise typer.Exit(max(error.exit_code for _, error in errors))


@publish_app.command("fetch")
def fetch(
    episode: Annotated[Path, typer.Argument(metavar="EPISODE", help="The episode's folder.")],
    to: Platforms = None,
    languages: Languages = None,
    take_in: Annotated[
        bool, typer.Option("--import", help="Bring in what was corrected there; else it is only shown.")
    ] = False,
    take: Annotated[
        list[str] | None,
        typer.Option("--take", metavar="LINES", help="With --import: decide this conflict for the platform, as 12-14."),
    ] = None,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Whose work it is; default: yours.")] = None,
    assign: Assign = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Download what is on the platform, and show how it differs from what is here. Nothing here is overwritten."""
    from pipeline.cli.publish_output import print_fetched
    from pipeline.stages.publish_fetch import fetch_episode

    done, errors = fetch_episode(
        episode,
        _wanted(to, languages, live=None, overwrite=False),
        ConsoleReporter(quiet=quiet or as_json),
        flags=options.flags(assign, offline=False),
        who=(who or getpass.getuser()) if take_in else "",
        take=take or [],
    )
    code = print_fetched(done, as_json=as_json, quiet=quiet)
    for error in errors:
        print_error(error)
    code = max([code, *(error.exit_code for error in errors)])
    if code:
        raise typer.Exit(code)


@publish_app.command("titles")
def titles(
    episode: Annotated[Path, typer.Argument(metavar="EPISODE", help="The episode's folder.")],
    languages: Languages = None,
    translate: Annotated[
        bool, typer.Option("--translate", help="Have those that are missing or out of date translated.")
    ] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Approve those that are shown.")] = False,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Write the title in the one language that is given.")
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="Write the description in it.")
    ] = None,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Whose work it is; default: yours.")] = None,
    assign: Assign = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Titles and descriptions in other languages: show them, have them translated, correct and approve them."""
    from pipeline.cli.publish_output import print_titles
    from pipeline.stages.publish_titles import TitleWork, work_on_titles

    work = TitleWork(
        languages=_listed(languages),
        translate=translate,
        approve=approve,
        title=title,
        description=description,
        who=who or getpass.getuser(),
    )
    rows = work_on_titles(
        episode, work, ConsoleReporter(quiet=quiet or as_json), flags=options.flags(assign, offline=False)
    )
    print_titles(rows, as_json=as_json)


@app.command("auth")
def auth(
    platform: Annotated[str, typer.Argument(metavar="PLATFORM", help="youtube, vimeo, or another one's name.")],
    client: Annotated[
        Path | None,
        typer.Option("--client", metavar="FILE", help="YouTube: the OAuth client's JSON file, the first time."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser, or only print the address.")
    ] = True,
    forget: Annotated[bool, typer.Option("--forget", help="Sign out: remove what is kept.")] = False,
    place: Annotated[
        Path | None,
        typer.Option(
            "--in", metavar="DIR", help="The workspace whose settings hold; default: here.", show_default=False
        ),
    ] = None,
    assign: Assign = None,
    debug: Debug = False,
) -> None:
    """Sign in to a video platform. It is kept in the key ring, or a file that only you can read."""
    from pipeline.episode import find_workspace
    from pipeline.layers import load_settings
    from pipeline.publishing.base import find_adapter
    from pipeline.stages.publish import setup_for, sign_in

    here = (place or Path()).absolute()
    workspace = find_workspace(here)
    settings = load_settings(workspace=workspace, episode=here, flags=options.flags(assign, offline=False)).settings
    adapter = find_adapter(platform)
    reporter = ConsoleReporter()
    if forget:
        there = setup_for(settings.publish, workspace, platform, reporter).vault.forget(platform)
        typer.echo(f"Signed out of {adapter.title}." if there else f"Nobody was signed in to {adapter.title}.")
        return
    account = sign_in(settings.publish, workspace, platform, reporter, client, open_browser=browser)
    typer.echo(f"Signed in to {adapter.title} as {account}.")


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _wanted(to: str | None, languages: str | None, *, live: bool | None, overwrite: bool) -> Wanted:
    from pipeline.publishing.base import find_adapter
    from pipeline.stages.publish import Wanted

    platforms = _listed(to)
    for name in platforms:
        find_adapter(name)
    return Wanted(platforms, _listed(languages), live=live, overwrite=overwrite)


def _found(folders: Sequence[Path]) -> list[Path]:
    from pipeline.episode import find_episodes

    for folder in folders:
        if not folder.is_dir():
            raise UsageError("There is no such folder.", where=folder, remedy="Give a workspace or an episode.")
    found = [episode for folder in folders for episode in find_episodes(folder)]
    if not found:
        raise UsageError("There is no episode here.", where=folders[0], remedy="Give a workspace or an episode.")
    return found


def _end(result: Published, *, as_json: bool, dry_run: bool) -> None:
    for path, error in result.errors if not as_json else ():
        print_error(error, prefix=f"{path}: ")
    if result.exit_code and not (dry_run and not result.errors):
        raise typer.Exit(result.exit_code)
