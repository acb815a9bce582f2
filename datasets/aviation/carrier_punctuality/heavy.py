"""Punctuality by airline: flights decide which airlines there are, the other tables add what they know."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

ON_TIME = 15  # minutes; who arrives later is late


def transform(spark: SparkSession, inputs: dict[str, DataFrame]) -> DataFrame:
    flights = inputs["aviation.flights"]
    return (
        punctuality_of(flights)
        .join(inputs["aviation.airlines"].select("carrier", "name"), "carrier", "left")
        .join(fleets_of(flights, inputs["aviation.planes"]), "carrier", "left")
        .select("carrier", "name", "flights", "mean_arr_delay", "on_time_share", "planes", "mean_seats")
    )


def punctuality_of(flights: DataFrame) -> DataFrame:
    on_time = (fn.col("arr_delay") <= ON_TIME).cast("int")  # null if it never arrived, so it counts for neither
    return flights.groupBy("carrier").agg(
        fn.count("*").alias("flights"),
        fn.round(fn.avg("arr_delay"), 6).alias("mean_arr_delay"),
        fn.round(fn.avg(on_time), 6).alias("on_time_share"),
    )


def fleets_of(flights: DataFrame, planes: DataFrame) -> DataFrame:
    flown = flights.where("tailnum is not null").select("carrier", "tailnum").distinct()
    return (
        flown.join(planes.select("tailnum", "seats"), "tailnum", "left")
        .groupBy("carrier")
        .agg(fn.count("*").alias("planes"), fn.round(fn.avg("seats"), 6).alias("mean_seats"))
    )
