"""Wrong uses of `lake validate`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

USES = (
    outside("validate"),
    use("validate sea.ships", 2, "unexpected extra argument(s) (sea.ships)", "lake validate --help"),
    use("validate --env dev", 2, "No such option: --env", "lake validate --help"),
    use("validate --jsn", 2, "No such option: --jsn", "--json"),
    use("validate --json=yes", 2, "Option '--json' does not take a value"),
    use("validate", 1, "lake.yaml:4:9: environments.dev.acount", "Did you mean 'account'?", at=place.broken_lake_yaml),
    use("validate", 1, "lake.yaml:1:1:", "the file holds nothing, not a mapping.", at=place.empty_lake_yaml),
    use("validate", 1, "lake.yaml:4:1: not YAML: a tab stands here. Indent with spaces.", at=place.tabbed_lake_yaml),
    use("validate", 1, "lake.yaml:1:1: cannot be read: Is a directory.", at=place.folder_lake_yaml),
    use("validate", 1, "lake.yaml:3", "environments: must not be empty.", at=place.no_environment),
    use("validate", 1, "datasets/sea/ports/dataset.yaml:1:1: byte", "Save it as UTF-8.", at=place.latin_dataset),
    use("validate", 1, "foundations/events.yaml", "Save it as UTF-8.", at=place.latin_template),
    use("validate --json", 1, '"message": "\'timestmp\' is not a type."', "timestamp", at=place.broken_dataset),
    use("validate", 1, "light.sql:1:", "'prt' is not a column. Did you mean 'port'?", at=place.broken_sql),
)
