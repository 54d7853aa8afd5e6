"""A one-node Apache Kafka (KRaft) on loopback, and the topics Granary keeps in any cluster.

The broker relies on the page cache, as Kafka does: killing the JVM loses nothing that was
acknowledged; a power cut of the machine needs replicas.
"""

import os
import socket
import struct
import subprocess
import sys
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from granary.local.jars import kafka_jars, require_tool
from granary.topics import DEAD_TOPIC, FIGURES_TOPIC, LOG_TOPIC, MESSAGE_BYTES, PARTITIONS
from indicators.errors import GranaryError

_HEAP: Final = "512m"
_FOREVER: Final = "-1"
_WEEK_MS: Final = str(7 * 24 * 3600 * 1000)

#: Settings of each topic. The log and the dead letters are kept; figures can be computed again.
TOPICS: Final[dict[str, dict[str, str]]] = {
    name: {
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "delete",
        "retention.ms": retention,
        "retention.bytes": _FOREVER,
        "max.message.bytes": str(MESSAGE_BYTES),
    }
    for name, retention in (
        (LOG_TOPIC, _FOREVER),
        (DEAD_TOPIC, _FOREVER),
        (FIGURES_TOPIC, _WEEK_MS),
    )
}


class BrokerError(GranaryError):
    """The broker cannot be prepared or does not answer."""

    code = "kafka_broker"
    next_step = "See logs/kafka.log in the data folder."


class TopicUnfitError(BrokerError):
    """A topic that somebody else made is not as Granary's must be."""

    code = "topic_unfit"
    next_step = (
        "Alter it with kafka-configs and kafka-topics while nothing is written, or set"
        " GRANARY_KAFKA to a cluster where these names are free."
    )


@dataclass(frozen=True, slots=True)
class Broker:
    """Where one local broker keeps its files and listens."""

    folder: Path
    host: str
    port: int
    controller_port: int

    @property
    def bootstrap(self) -> str:
        return f"{self.host}:{self.port}"


def _properties(broker: Broker) -> str:
    host, controller = broker.host, broker.controller_port
    values = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{host}:{controller}",
        "listeners": f"PLAINTEXT://{host}:{broker.port},CONTROLLER://{host}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{host}:{broker.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": broker.folder / "data",
        "num.partitions": PARTITIONS,
        "auto.create.topics.enable": "false",
        "message.max.bytes": MESSAGE_BYTES,
        "log.retention.ms": _FOREVER,
        # After a kill the active segment is read through: 128 MB takes a fraction of a second.
        "log.segment.bytes": 128 * 1024 * 1024,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        # One worker starts at once instead of waiting for others to join.
        "group.initial.rebalance.delay.ms": 0,
        # A killed broker waits out its earlier session before the controller takes it back, so the
        # default of 9 s is too long; below 3 s a busy machine would fence a living broker.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _java(cache: Path, heap: str) -> list[str]:
    return [
        require_tool("java"),
        f"-Xmx{heap}",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
        "-cp",
        f"{kafka_jars(cache)}/*",
    ]


def prepare_broker(broker: Broker, cache: Path) -> list[str]:
    """Write the configuration, format the storage once, and tell the command that runs the broker.

    May take some seconds (a JVM) the first time, and minutes if the jars must be fetched. Safe to
    repeat.

    Raises:
        ToolMissingError, JarsError: Java, Maven or the jars are missing.
        BrokerError: the storage cannot be formatted.
    """
    broker.folder.mkdir(parents=True, exist_ok=True)
    configuration = broker.folder / "server.properties"
    configuration.write_text(_properties(broker), encoding="utf-8")
    if not (broker.folder / "data" / "meta.properties").exists():
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*_java(cache, "128m"), "kafka.tools.StorageTool", "format"]
        command += [f"--cluster-id={cluster}", "-c", str(configuration)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if result.returncode != 0:
            raise BrokerError(f"the storage cannot be formatted: {result.stderr.strip()[-500:]}")
    return [*_java(cache, _HEAP), "kafka.Kafka", str(configuration)]


def answers(bootstrap: str, timeout_s: float = 1.0) -> bool:
    """Whether a broker there answers an ApiVersions request; blocks for the timeout at most."""
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    request = struct.pack(">hhih", 18, 0, 1, -1)  # key, version, correlation id, no client id
    try:
        with socket.create_connection((host, int(port)), timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(struct.pack(">i", len(request)) + request)
            reply = connection.recv(10)
    except (OSError, ValueError):
        return False
    return len(reply) == 10 and reply[4:] == struct.pack(">ih", 1, 0)


def wait_until_answering(bootstrap: str, timeout_s: float) -> None:
    """Block until the broker answers.

    Raises:
        BrokerError: it did not within the timeout.
    """
    deadline = time.monotonic() + timeout_s
    while not answers(bootstrap):
        if time.monotonic() > deadline:
            raise BrokerError(f"no broker answers at {bootstrap} after {timeout_s:.0f} s")
        time.sleep(0.05)


def create_topics(
    bootstrap: str, topics: Mapping[str, Mapping[str, str]] = TOPICS, timeout_s: float = 30.0
) -> list[str]:
    """Create the topics that are missing, look at those that exist; returns the names created.

    A topic that exists is never changed: cities are assigned to its partitions.

    Raises:
        TopicUnfitError: an existing topic would lose or misdate records, or has no partition for
            some city.
        BrokerError: the cluster refuses or does not answer.
    """
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    created = []
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap, client_id="granary-topics") as admin:
            present = set(admin.list_topics())
            for name, configs in topics.items():
                if name in present:
                    continue
                topic = NewTopic(
                    name,
                    num_partitions=PARTITIONS,
                    replication_factor=-1,
                    topic_configs=dict(configs),
                )
                try:
                    admin.create_topics([topic], timeout_ms=int(timeout_s * 1000))
                    created.append(name)
                except TopicAlreadyExistsError:
                    pass
            _wait_for_topics(admin, topics, timeout_s)
            _require_fit(admin, topics)
    except KafkaError as error:
        raise BrokerError(f"topics at {bootstrap}: {error!r}") from error
    return created


def _require_fit(admin: Any, topics: Mapping[str, Mapping[str, str]]) -> None:
    """What a topic made by somebody else may have otherwise."""
    from kafka.admin import ConfigResource, ConfigResourceType

    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    settings = admin.describe_configs(asked, config_filter="all")["topic"]
    faults = []
    for topic in admin.describe_topics(list(topics)):
        name, partitions = topic["name"], len(topic["partitions"])
        found = {key: one["value"] for key, one in settings[name].items()}
        if partitions < PARTITIONS and name != DEAD_TOPIC:  # dead letters go anywhere
            faults.append(f"{name} has {partitions} partitions, {PARTITIONS} are needed")
        faults += [
            f"{name} has {key}={found.get(key)}, {wanted} is needed"
            for key, wanted in topics[name].items()
            if not _fits(key, wanted, found.get(key, ""))
        ]
    if faults:
        raise TopicUnfitError("; ".join(faults) + ".")


def _fits(key: str, wanted: str, found: str) -> bool:
    if key == "max.message.bytes":
        return int(found) >= int(wanted)
    # How long anything is kept that can be computed again is the operator's affair.
    return found == wanted or (key.startswith("retention.") and wanted != _FOREVER)


def _wait_for_topics(admin: Any, topics: Collection[str], timeout_s: float) -> None:
    """Metadata follows creation after a moment; a producer started before it would stumble."""
    deadline = time.monotonic() + timeout_s
    while True:
        ready = [
            topic["partitions"] and all(p["leader_id"] >= 0 for p in topic["partitions"])
            for topic in admin.describe_topics(list(topics))
            if not topic["error_code"]
        ]
        if len(ready) == len(topics) and all(ready):
            return
        if time.monotonic() > deadline:
            raise BrokerError("the topics have no leaders")
        time.sleep(0.05)


def main() -> None:
    """`python -m granary.local.kafka`: prepare the broker of this instance and become the JVM."""
    from granary.settings import read_settings

    settings = read_settings()
    controller = int(os.environ["KAFKA_CONTROLLER_PORT"])
    broker = Broker(settings.data / "kafka", settings.host, settings.kafka_port, controller)
    try:
        command = prepare_broker(broker, settings.cache)
    except GranaryError as error:
        sys.exit(str(error))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
