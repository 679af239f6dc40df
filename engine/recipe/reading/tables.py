"""Reading ``translate:``: tables written into the recipe, and those in files beside it."""

from collections.abc import Mapping

from engine.recipe.beside import TABLE_ENDINGS, Beside, is_inside
from engine.recipe.reading.keys import TABLE_FILE
from engine.recipe.reading.reader import Reader
from engine.recipe.tables import Columns, Table, TableMistake, fill_from_csv, fill_from_yaml
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import MapNode, Node, Scalar


class TableReader(Reader):
    """Reads tables besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    beside = Beside()

    def tables(self, node: Node) -> Mapping[str, Table]:
        if not isinstance(node, MapNode):
            self.wrong(
                node.position,
                "wrong-kind",
                "'translate' holds tables by name.",
                "Write `translate:`, below it the table's name, below that `from: to` lines.",
            )
            return {}
        tables: dict[str, Table] = {}
        for name, (text, table) in self.names(node).items():
            if isinstance(table, Scalar) and table.text.value.lower().endswith(TABLE_ENDINGS):
                tables[name] = self._from_file(text, table.text, Columns())
            elif not isinstance(table, MapNode):
                self.wrong(
                    text.position,
                    "wrong-kind",
                    f"The table '{name}' is made of `from: to` lines.",
                    "Write them without hyphens, or name a file beside the recipe: `stages: stages.csv`.",
                )
                tables[name] = Table(text)  # so that nobody hears it isn't there
            elif _names_a_file(table):
                parts = self.entries(table, TABLE_FILE)
                file = self.optional_text(parts, "file")
                source = self.optional_text(parts, "from")
                target = self.optional_text(parts, "to")
                if file is not None:
                    columns = Columns(
                        source.value if source else "", target.value if target else ""
                    )
                    tables[name] = self._from_file(text, file, columns)
            else:
                tables[name] = self._written(text, table)
        return tables

    def _written(self, name: Text, node: MapNode) -> Table:
        table = Table(name)
        for source, (_, to) in self.names(node).items():
            target = self.text(to, source)
            if target is not None:
                table[source] = target.value
        return table

    def _from_file(self, name: Text, file: Text, columns: Columns) -> Table:
        table = Table(name, file.value)
        problem, hint = self._cannot_be_read(file, columns)
        if not problem:
            text = self.beside.texts[file.value]
            try:
                if file.value.lower().endswith(".csv"):
                    fill_from_csv(table, text, columns)
                else:
                    fill_from_yaml(table, text)
            except TableMistake as mistake:
                problem = str(mistake)
        if problem:
            self.wrong(file.position, "bad-table", problem, hint)
        return table

    def _cannot_be_read(self, file: Text, columns: Columns) -> tuple[str, str]:
        name = file.value
        if not is_inside(name):
            return f"'{name}' is outside the recipe's folder.", "Put the file beside the recipe."
        if name in self.beside.problems:
            return self.beside.problems[name], ""
        if name not in self.beside.texts:
            return (
                f"There is no file '{name}' beside the recipe.",
                "Check the name, or put it there.",
            )
        if bool(columns.source) != bool(columns.target):
            return "A table needs both columns or none: `from: …` and `to: …`.", ""
        return "", ""


def _names_a_file(table: MapNode) -> bool:
    """Return whether a table is a file's name and columns, not `from: to` lines of its own."""
    words = {
        key.text.value: value.text.value
        for key, value in table.pairs
        if isinstance(key, Scalar) and isinstance(value, Scalar)
    }
    return words.get("file", "").lower().endswith(TABLE_ENDINGS)
