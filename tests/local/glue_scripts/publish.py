"""A job like the lake's own: Parquet in, checks by Deequ, MERGE on an Iceberg branch, published by fast-forward."""

import argparse
import json
import os
import sys

os.environ.setdefault("SPARK_VERSION", "3.5")

import boto3
from pydeequ.dqdl import EvaluateDataQuality
from pyspark.sql import SparkSession, functions
from shipped.words import shout

parser = argparse.ArgumentParser(allow_abbrev=False)
for name in ("JOB_NAME", "source", "table", "bucket", "result"):
    parser.add_argument(f"--{name}", required=True)
asked, _ = parser.parse_known_args()

spark = SparkSession.builder.appName(asked.JOB_NAME).getOrCreate()
left_behind = [view.name for view in spark.catalog.listTables() if view.isTemporary]
spark.sql(f"CREATE TABLE IF NOT EXISTS {asked.table} (id bigint, carrier string) USING iceberg")
rows = spark.read.parquet(asked.source)
marked = EvaluateDataQuality.processRows(spark, rows, 'Rules = [ IsComplete "carrier" ]')
good = marked[EvaluateDataQuality.ROW_LEVEL_OUTCOMES_KEY].where("size(DataQualityRulesFail) = 0")
good.select("id", "carrier").localCheckpoint().createOrReplaceTempView("good")
spark.sql(f"ALTER TABLE {asked.table} CREATE BRANCH run")
spark.sql(
    f"MERGE INTO {asked.table}.branch_run AS target USING good ON target.id = good.id"
    " WHEN MATCHED THEN UPDATE SET carrier = good.carrier"
    " WHEN NOT MATCHED THEN INSERT (id, carrier) VALUES (good.id, good.carrier)"
)
catalog, _, table = asked.table.partition(".")
spark.sql(f"CALL {catalog}.system.fast_forward('{table}', 'main', 'run')")
spark.sql(f"ALTER TABLE {asked.table} DROP BRANCH run")
shouted = spark.createDataFrame([(1, "a")], "id long, name string").select(functions.udf(shout, "string")("name"))
facts = {
    "published": spark.table(asked.table).count(),
    "shouted": shouted.first()[0],
    "left_behind": left_behind,
    "arguments": sys.argv[1:],
    "environment": sorted(os.environ),
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "path": sys.path,
    "process": os.getpid(),
}
boto3.client("s3").put_object(Bucket=asked.bucket, Key=asked.result, Body=json.dumps(facts).encode())
print("published", facts["published"])  # noqa: T201
