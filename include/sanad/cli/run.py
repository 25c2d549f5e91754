"""``sanad run``, ``sanad up`` and ``sanad down``: the whole way of the data on this machine, under Airflow."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Annotated

import typer

from sanad.cli.output import errors
from sanad.cli.progress import Phases, Say
from sanad.local import bundled, dashboards, secrets
from sanad.local.alone import alone, stop_other
from sanad.local.desks import issues
from sanad.local.handed_over import HandedOver, counts, figures, synthetic_registers
from sanad.local.interrupts import Interrupts, noted
from sanad.local.keeper import Keeper, kept
from sanad.local.postgres import warehouse
from sanad.local.publisher import Publisher
from sanad.local.stack import PORT_FOR_PEOPLE, Stack, stack
from sanad.registry import datasets
from sanad.warehouse.dbt import standing
from sanad.words.errors import Disagrees, SanadError
from sanad.words.vocabulary import Event, ExitCode, Verdict

BUILD, VERIFY = "build__marts", "verify__lineage"
#: The editions after the first; SBP's stop at the second.
_LATER = ("Second", "Third", "Fourth", "Fifth", "Sixth")
#: How long the marts may lag behind with no build under way before one is asked for.
_PATIENCE_SECONDS = 5.0
#: How long it may take until a build that is owed is under way.
_GIVE_UP_SECONDS = 60.0


class RunFailed(SanadError):
    """A DAG run of ours failed."""


class Quarantined(SanadError):
    """A release was put into quarantine; everything else went on."""

    exit_code = ExitCode.QUARANTINED


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("up")(up)
    app.command("down")(down)


def run(
    everything: Annotated[
        bool, typer.Option("--all", help="All that is bundled: every dataset, every edition, every synthetic register.")
    ] = False,
) -> None:
    """Collect the bundled releases from a loopback publisher, build the marts, print figures with their chains."""
    from sanad.cli import report

    phases = Phases()
    quarantined: list[str] = []
    served = _served(everything)
    with _alone_with_database("run", phases) as (interrupts, keeper):
        with phases.phase("Bundled documents taken in") as say:
            quarantined += _take_in(counts(), interrupts, say)
            if everything:
                quarantined += _take_in(figures(), interrupts, say)
                quarantined += _take_in(synthetic_registers(), interrupts, say)
        with Publisher() as publisher, _airflow(phases, interrupts, keeper, publisher.url) as up:
            with phases.phase("First editions collected") as say:
                quarantined += _collect_all(up, say, served)
            for turn in _LATER if everything else _LATER[:1]:
                publisher.advance()
                with phases.phase(f"{turn} editions collected") as say:
                    quarantined += _collect_all(up, say, served)
            with phases.phase("Marts built") as say:
                _wait_for_marts(up, say)
        interrupts.check()
        if standing().built_seq:
            report.closing(phases.seconds)
    if quarantined:
        raise Quarantined("; ".join(dict.fromkeys(quarantined)))


def _take_in(documents: Iterable[HandedOver], interrupts: Interrupts, say: Say) -> list[str]:
    """Take documents in, one by one; gives what was quarantined."""
    quarantined: list[str] = []
    new = known = 0
    for document in documents:
        interrupts.check()
        done = document.take()
        new, known = new + done.new, known + (not done.new)
        say(f"{new} new, {known} known: {document.dataset} {document.name}")
        if done.event is Event.QUARANTINED:
            quarantined.append(f"{done.summary}: {done.findings[0] if done.findings else 'held before'}")
    say(f"{new} new, {known} known")
    return quarantined


def up(
    live: Annotated[bool, typer.Option("--live", help="Collect from the publishers' real addresses.")] = False,
) -> None:
    """Keep Airflow and the dashboards running, with their pages on 127.0.0.1, until Ctrl-C or `sanad down`."""
    phases = Phases()
    with _alone_with_database("up", phases) as (interrupts, keeper), ExitStack() as serving:
        publisher = None if live else serving.enter_context(Publisher())
        url = publisher.url if publisher else None
        with _airflow(phases, interrupts, keeper, url, PORT_FOR_PEOPLE) as running:
            # what is there now; after that the schedule has it
            for dag_id in _collectors(served=None if live else issues()):
                running.airflow.unpause(dag_id)
                running.airflow.trigger(dag_id)
            running.airflow.unpause(VERIFY)
            shown = _dashboards(phases, interrupts, keeper, serving, f"{running.login.url}/sanad/lineage")
            login, reader = running.login, running.reader
            typer.echo(f"\nAirflow    {login.url}   user {login.user}   password {login.password}")
            typer.echo(
                f"Lineage    {login.url}/sanad/lineage   to read only: user {reader.user}   password {reader.password}"
            )
            if shown:
                for name, secret in dashboards.PASSWORDS.items():
                    typer.echo(f"Dashboards {shown.url}   user {name}   password {secrets.ensure()[secret]}")
            else:
                typer.echo("Dashboards not installed: `make up` installs them")
            if publisher:
                typer.echo(f"Publisher  {publisher.url}   next edition: curl -X POST {publisher.url}/_control/advance")
            typer.echo("Stop with Ctrl-C here, or with `make down` from anywhere.\n")
            with suppress(KeyboardInterrupt):  # to be asked to stop is how this ends well
                while True:
                    running.tick(1)
                    if shown:
                        shown.tick(0)


def _dashboards(
    phases: Phases, interrupts: Interrupts, keeper: Keeper, serving: ExitStack, lineage_url: str
) -> dashboards.Dashboards | None:
    """The dashboards up until everything is stopped; None where their environment was never made."""
    if not dashboards.installed():
        return None
    with phases.phase("Dashboards up") as say:
        made = serving.enter_context(dashboards.dashboards(interrupts, keeper, lineage_url, dashboards.PORT_FOR_PEOPLE))
        made.start()
        say(made.url)
    return made


def down() -> None:
    """Stop what `sanad up` or `sanad run` keeps running here, and wait until nothing of it is left."""
    stopped = stop_other()
    typer.echo(f"stopped {stopped}" if stopped else "nothing runs here")


def _collectors(served: Collection[str] | None = None) -> list[str]:
    """The collect DAGs; only those of the datasets that the loopback publisher serves, where it serves."""
    wanted = (known for name, known in datasets().items() if served is None or name in served)
    return [f"collect__{known.dag_suffix}" for known in wanted if known.collect is not None]


@contextmanager
def _alone_with_database(what: str, phases: Phases) -> Iterator[tuple[Interrupts, Keeper]]:
    """The state folder to ourselves and PostgreSQL up; asked to stop, we say that everything is stopped."""
    try:
        with noted() as interrupts, alone(what) as lock, kept(lock) as keeper, ExitStack() as serving:
            with phases.phase("PostgreSQL up"):
                serving.enter_context(warehouse())
            interrupts.check()
            yield interrupts, keeper
    except KeyboardInterrupt:
        errors.print("sanad: interrupted: everything is stopped, and the next run goes on from here")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def _airflow(
    phases: Phases, interrupts: Interrupts, keeper: Keeper, publisher: str | None, port: int = 0
) -> Iterator[Stack]:
    """Airflow up and ready for as long as the block lasts, with nothing of it left afterwards."""
    with ExitStack() as stopping:
        made = stopping.enter_context(stack(interrupts, publisher, keeper, port))
        with phases.phase("Airflow's metadata") as say:
            say("migrated" if made.migrate() else "as it should be")
        with phases.phase("Airflow up") as say:
            made.start({BUILD, VERIFY, *_collectors()})
            made.airflow.unpause(BUILD)  # before anything is collected: an event wakes none that is paused
            say(made.login.url)
        yield made
        with phases.phase("Airflow stopped"):
            stopping.close()


def _served(everything: bool) -> Collection[str]:
    """The datasets that a run collects from the loopback publisher."""
    return issues().keys() if everything else issues().keys() - bundled.only_with_all()


def _collect_all(up: Stack, say: Say, served: Collection[str]) -> list[str]:
    """Run the collect DAG of every dataset that is served once, side by side.

    Gives what was quarantined, RunFailed for any other failure.
    """
    summaries, quarantined, failed = [], [], []
    runs = []
    for dag_id in _collectors(served):
        up.airflow.unpause(dag_id)
        runs.append(up.airflow.trigger(dag_id))
    for waiting in runs:
        say(f"{waiting.dag_id}: {waiting.state}")
        ended = up.airflow.wait(waiting, lambda run, tasks: say(f"{run.dag_id}: {tasks[0].state or 'waiting'}"))
        told = up.airflow.xcom(ended, "collect", "collected") or {}
        if ended.state == "success":
            summaries.append(str(told.get("summary", ended.dag_id)))
        elif told.get("outcome") == "quarantined":
            quarantined.append(str(told["summary"]))
        else:
            failed.append(up.airflow.why_failed(ended))
    say("; ".join([*summaries, *quarantined]))
    if failed:
        raise RunFailed("; ".join(failed))
    return quarantined


def _failure(since: datetime) -> Disagrees | None:
    """What verification had to say when it was that which failed."""
    from sanad.verify import newest

    last = newest()
    if last and last.verified_at >= since and last.result == Verdict.DISAGREES:
        return Disagrees("\n".join([last.summary, *last.told()]))
    return None


def _wait_for_marts(up: Stack, say: Say) -> None:
    """Wait until no build is under way and the marts stand at the ledger's head.

    Airflow starts builds by itself on the assets' events. One that an interrupted run never got to is asked for here.
    """
    since = up.began
    quiet_since = time.monotonic()
    asked = False
    while True:
        owed = up.airflow.awaits(BUILD)  # asked first: an event turns into a run, never back
        runs = up.airflow.runs(BUILD)
        for ended in runs:
            if ended.state == "failed" and ended.ended_at is not None and ended.ended_at >= since:
                raise _failure(since) or RunFailed(up.airflow.why_failed(ended))
        active = [found for found in runs if not found.ended]
        marts = standing()
        if not active and not owed and marts.up_to_date:
            ours = sum(1 for found in runs if found.ended_at is not None and found.ended_at >= since)
            say(f"{ours or 'no'} build{'' if ours == 1 else 's'}, up to ledger event {marts.built_seq}")
            return
        if active:
            quiet_since = time.monotonic()
            say(f"{BUILD}: {active[0].state}")
        elif time.monotonic() - quiet_since > _GIVE_UP_SECONDS:
            raise RunFailed(
                f"no {BUILD} run starts, and the marts stand at ledger event {marts.built_seq} of {marts.due_seq}"
            )
        elif not owed and not asked and time.monotonic() - quiet_since > _PATIENCE_SECONDS:
            up.airflow.trigger(BUILD)
            asked = True  # once: a build that ended and left the marts behind will do so again
        up.tick(0.25)
