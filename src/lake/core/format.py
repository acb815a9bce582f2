"""The formats that objects may have, and which engine reads them."""

LIGHT = ("csv", "tsv", "fixed", "jsonl", "json", "parquet", "avro", "excel", "xml", "binary")
"""Read in Lambda, by DuckDB or Python."""
HEAVY = ("orc",)
"""Their readers do not fit into a function's package: batches of them go to the larger machine."""
FORMATS = LIGHT + HEAVY

FACTS_OF_BINARY = {
    "key": "string",
    "size": "bigint",
    "content_type": "string",
    "sha256": "string",
    "image_width": "int",
    "image_height": "int",
    "pdf_version": "string",
    "pdf_pages": "int",
}
"""The columns that a dataset of binary objects may have, by name, with their types."""
