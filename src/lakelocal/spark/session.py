"""Spark sessions in one JVM: every script gets a new one and leaves nothing to the next."""

from __future__ import annotations

import contextlib
import subprocess
from typing import Any


class Sessions:
    """The JVM's base session, made when first needed, and a child of it for the script that runs."""

    def __init__(self) -> None:
        self._base: Any = None

    def base(self) -> Any:
        """The session that others are children of; a script that stopped its context gets a new context made."""
        from pyspark.sql import SparkSession

        if self._base is None or self._base.sparkContext._jsc is None:
            SparkSession._instantiatedSession = None
            self._base = SparkSession.builder.getOrCreate()
        return self._base

    def begin(self) -> Any:
        """A new session: same settings, no views, no functions, no cache; the one that a builder will find."""
        from pyspark.sql import SparkSession

        base = self.base()
        session = base.newSession()
        jvm = base._jvm.org.apache.spark.sql.SparkSession
        jvm.setActiveSession(session._jsparkSession)
        jvm.setDefaultSession(session._jsparkSession)
        SparkSession._instantiatedSession = session
        SparkSession._activeSession = session
        return session

    def end(self) -> bool:
        """Clean up after a script; whether the JVM can serve another."""
        if self._base is None:
            return False
        try:
            if self._base.sparkContext._jsc is not None:
                self._clean(self._base)
            self.base().sql("SELECT 1").collect()
        except Exception:  # noqa: BLE001 - whatever is wrong with the JVM, it is not fit for another job
            return False
        return True

    @staticmethod
    def jvm_ended() -> int | None:
        """The exit code of the JVM if it is no more."""
        from pyspark import SparkContext

        process = getattr(SparkContext._gateway, "proc", None)
        if process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return int(process.wait(0.3))
        return None

    def _clean(self, base: Any) -> None:
        for query in base.streams.active:
            query.stop()
        base.catalog.clearCache()
        for view in base.catalog.listTables("global_temp"):
            base.catalog.dropGlobalTempView(view.name)
        for cached in base.sparkContext._jsc.getPersistentRDDs().values():
            cached.unpersist()
        base.sparkContext.setLogLevel("WARN")
        gateway = base.sparkContext._gateway
        if getattr(gateway, "_callback_server", None) is not None:
            with contextlib.suppress(Exception):
                gateway.shutdown_callback_server()
            gateway._callback_server = None
        base._jvm.java.lang.System.gc()
