"""The help of commands: arguments and options are named by their metavar, without types of Python."""

import re
from typing import Any

from typer.core import TyperCommand


class PlainCommand(TyperCommand):
    """A command whose help shows ``DATA`` where Typer shows ``DATA <path>``.

    Typer shows the type of an argument beside its metavar, such as ``<list[Path]>``, and has no setting against it.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options into the formatter, each with its help."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            params = [param for param in self.get_params(ctx) if param.param_type_name == kind]
            records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(title):
                    formatter.write_dl([(re.sub(r" <\S+>$", "", name), text) for name, text in records])
