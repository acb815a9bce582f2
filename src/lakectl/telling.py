"""What the screen says while stacks change."""

from __future__ import annotations

from lakectl.screen import plain, screen
from lakectl.stack_status import Event


def quiet(event: Event) -> None:
    """Nothing."""


def every(event: Event) -> None:
    reason = f" [dim]{plain(event.reason)}[/dim]" if event.reason else ""
    screen.print(f"  {event.stack} {event.resource} [cyan]{event.status}[/cyan]{reason}")


def stacks_and_failures(event: Event) -> None:
    if event.status.endswith("_FAILED"):
        screen.print(f"  [red]✗[/red] {event.stack} {event.resource}: {plain(event.reason)}")
    elif event.resource == event.stack and event.status.endswith("_COMPLETE"):
        screen.print(f"  [green]✓[/green] {event.stack} [dim]{event.status.lower().replace('_', ' ')}[/dim]")
