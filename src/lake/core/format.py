"""The formats that objects may have, and which engine reads them."""

LIGHT = ("csv", "tsv", "fixed", "jsonl", "json", "parquet", "avro", "excel", "xml", "binary")
"""Read in Lambda, by DuckDB or Python."""
HEAVY = ("orc",)
"""Too large to bring along in a function's package: for Spark to read."""
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
