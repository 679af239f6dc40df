"""What a recipe gives its trigger: written out in the recipe, so known before anything is read."""

from datetime import UTC, datetime

from engine.errors import SetupError
from engine.fields import Record
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.live import connected
from engine.recipe.model import Recipe
from engine.recipe.run_names import names_of_run
from engine.recipe.templates.environment import RecipeEnvironment, build_environment
from engine.run.rows import Refused, row_builder


def trigger_parameters(host: Host, recipe: Recipe, *, now: datetime | None = None) -> Record:
    """Return the parameters a recipe gives its trigger, typed and checked, without any connection.

    :param now: what the names of the run stand for; default: now.
    :raises SetupError: they can't be used.
    """
    environment = environment_of(recipe, now or datetime.now(UTC))
    trigger = host.operation(recipe.trigger.use.value)
    assert isinstance(trigger, Trigger)
    return built_parameters(environment, host, recipe, trigger)


def built_parameters(
    environment: RecipeEnvironment, host: Host, recipe: Recipe, trigger: Trigger
) -> Record:
    """Return the same, for a plan that has its environment and its trigger already."""
    use = recipe.trigger
    builder = row_builder(
        environment,
        connected(host, trigger, use.connection_name, use.fields),
        recipe.trigger.fields,
        app=host.connector(trigger.connector).title,
        noun=trigger.noun.one,
    )
    try:
        return builder.build({})
    except Refused as refused:
        raise SetupError(
            f"The trigger can't be used: {refused.reason}", hint=refused.how_to_fix
        ) from None


def environment_of(recipe: Recipe, now: datetime) -> RecipeEnvironment:
    """Return what a recipe's templates are compiled in: its filters and tables, and the run's time."""
    constants = names_of_run(now, recipe.trigger.timezone.value)
    return build_environment(filters_for(recipe.tables), TESTS, constants)
