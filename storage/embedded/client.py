"""One client's connection: its packets in order, each query answered or refused."""

import re
import socket
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from granary.failpoints import failpoint
from storage.embedded import faults, packets
from storage.embedded.bytesource import (
    ByteSource,
    ClientGone,
    FrameSource,
    SocketSource,
)
from storage.embedded.engine import Engine, EngineConnection, quoted
from storage.embedded.faults import ProtocolError, ServerError
from storage.embedded.nativeblocks import Block, empty_block, header_of, read_block, retyped
from storage.embedded.packets import FromClient, Hello, Query
from storage.embedded.sessions import Session, open_session
from storage.embedded.spool import Spool
from storage.embedded.statements import Kind, Statement, parse
from storage.embedded.users import User
from storage.embedded.watcher import Watcher

_HELLO_SECONDS: Final = 10
_IDLE_SECONDS: Final = 3600  # as ClickHouse's idle_connection_timeout
_TRANSFER_SECONDS: Final = 300  # for one packet to go on; a slower peer is given up

_ZONELESS = re.compile(r"\bDateTime\b(?!\()")


class ClientConnection:
    """Serves one accepted socket until the client leaves or breaks the protocol."""

    def __init__(
        self,
        peer: socket.socket,
        engine: Engine,
        watcher: Watcher,
        users: dict[str, User],
        tag: str,
        spool_folder: Path,
        log: FilteringBoundLogger,
    ) -> None:
        self._peer = peer
        self._engine = engine
        self._watcher = watcher
        self._users = users
        self._tag = tag
        self._spool_folder = spool_folder
        self._log = log
        self._source = SocketSource(peer)
        self._frames = FrameSource(self._source)
        self.busy = False  # read by the server when it ends

    def serve(self) -> None:
        """Answer packets until the connection ends; raises nothing, closes the socket."""
        session: Session | None = None
        try:
            self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._peer.settimeout(_HELLO_SECONDS)
            hello = packets.read_hello(self._source)
            session = self._greet(hello)
            if session is not None:
                self._serve_packets(session, hello)
        except (ClientGone, ConnectionError, TimeoutError):
            self._log.debug("clickhouse client left")
        except ProtocolError as fault:
            self._log.warning("clickhouse protocol broken", code=fault.number, why=fault.message)
            self._last_words(fault)
        except Exception as error:
            self._log.exception("clickhouse connection failed")
            self._last_words(
                ServerError(faults.UNKNOWN_EXCEPTION, f"DB::Exception: {type(error).__name__}")
            )
        finally:
            if session is not None:
                session.close()
            self._peer.close()

    def _last_words(self, fault: ServerError) -> None:
        try:
            self._peer.sendall(packets.exception(fault))
        except OSError:
            return

    def hang_up(self) -> None:
        """End the connection from another thread."""
        try:
            self._peer.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _greet(self, hello: Hello) -> Session | None:
        self._log = self._log.bind(user=hello.user, client=hello.client)
        try:
            session = open_session(
                self._engine, self._authenticated(hello), hello.database, self._tag
            )
        except ServerError as fault:
            # The client's own message may hide the reason (Grafana shows none).
            self._log.warning("clickhouse login refused", code=fault.number, why=fault.message)
            self._send(packets.exception(fault))
            return None
        self._send(
            packets.server_hello(
                hello.revision, self._engine.version, self._engine.timezone, "granary"
            )
        )
        return session

    def _authenticated(self, hello: Hello) -> User:
        user = self._users.get(hello.user)
        if user is None or not user.knows(hello.password):
            raise ServerError(
                faults.AUTHENTICATION_FAILED,
                f"DB::Exception: {hello.user}: Authentication failed: password is incorrect, "
                "or there is no user with such name. (AUTHENTICATION_FAILED)",
            )
        return user

    def _serve_packets(self, session: Session, hello: Hello) -> None:
        while True:
            self._peer.settimeout(_IDLE_SECONDS)
            kind = self._source.byte()
            self._peer.settimeout(_TRANSFER_SECONDS)
            match kind:
                case FromClient.PING:
                    self._send(packets.PONG)
                case FromClient.CANCEL:
                    pass  # of a query that has ended
                case FromClient.QUERY:
                    self.busy = True
                    query = packets.read_query(self._source, hello.revision)
                    self._answer(session, query)
                    self.busy = False
                case _:
                    raise ProtocolError(
                        faults.UNKNOWN_PACKET, f"DB::Exception: Unknown packet {kind} from client"
                    )

    def _answer(self, session: Session, query: Query) -> None:
        """Run one query; a fault is its answer and the connection goes on."""
        external = self._read_external(query)
        try:
            statement = parse(query.sql)
            with session.using(statement, query.settings) as connection:
                tables = _Temporary(connection, external, self._spool_folder)
                try:
                    if statement.kind is Kind.INSERT:
                        self._insert(connection, statement, query)
                    else:
                        self._run(session, connection, statement, query)
                finally:
                    tables.drop()
        except ProtocolError:
            raise
        except ServerError as fault:
            self._log.info("clickhouse query failed", code=fault.number, why=fault.message[:500])
            self._send(packets.exception(fault))
        else:
            self._send(packets.END_OF_STREAM)

    def _read_external(self, query: Query) -> list[tuple[str, Block]]:
        """External tables of the query, up to the nameless empty block that follows each query."""
        tables: list[tuple[str, Block]] = []
        while True:
            name, block = self._read_data(query)
            if not block.names:
                return tables
            tables.append((name, block))

    def _read_data(self, query: Query) -> tuple[str, Block]:
        while (kind := self._source.byte()) != FromClient.DATA:
            if kind == FromClient.CANCEL:
                raise ServerError(faults.QUERY_WAS_CANCELLED, "DB::Exception: Query was cancelled.")
            if kind != FromClient.PING:
                raise ProtocolError(
                    faults.UNEXPECTED_PACKET, f"DB::Exception: Packet {kind} in place of data"
                )
            self._send(packets.PONG)
        name = self._source.text()
        source: ByteSource = self._frames if query.compressed else self._source
        return name, read_block(source)

    def _insert(self, connection: EngineConnection, statement: Statement, query: Query) -> None:
        """Take the client's blocks, all of them first, and give them to the engine as one insert.

        1. The header goes out. 2. Blocks are spooled. 3. The engine gets them. 4. The caller
        acknowledges. A crash before 3 ends leaves nothing or the whole insert unacknowledged.
        """
        header = connection.insert_header(statement.target, statement.columns)
        self._send_block(empty_block(header), query)
        with Spool(self._spool_folder) as spool:
            while (block := self._read_data(query)[1]).names:
                if block.rows:
                    spool.add(block)
            failpoint("clickhouse.insert_received")
            if spool.rows:
                connection.insert(statement.sql, statement.settings, spool.path)
            failpoint("clickhouse.insert_done")

    def _run(
        self, session: Session, connection: EngineConnection, statement: Statement, query: Query
    ) -> None:
        """Send a statement's header, then its blocks as the engine makes them."""
        types: dict[str, str] | None = None
        sent = 0
        with self._watcher.watching(self._peer, session.tag, self._source.pending()) as watch:
            try:
                with closing(_blocks(connection, statement)) as blocks:
                    for native in blocks:
                        if watch.cancelled:
                            break
                        if sent == 0:
                            header, types = _header(session, statement, native)
                            if header:
                                self._send_block(empty_block(header), query)
                        self._send_block(retyped(native, types) if types else native, query)
                        sent += 1
            except ServerError:
                if not watch.cancelled:
                    raise
        if watch.gone:
            raise ClientGone
        if sent == 0 and not watch.cancelled and statement.kind in (Kind.STREAM, Kind.ROWS):
            self._send_block(empty_block(_empty_header(connection, statement)), query)

    def _send_block(self, native: bytes, query: Query) -> None:
        self._send(packets.data(native, compressed=query.compressed))

    def _send(self, packet: bytes) -> None:
        self._peer.sendall(packet)


def _blocks(connection: EngineConnection, statement: Statement) -> Generator[bytes, None, None]:
    """The statement's blocks; a generator, so that closing it stops the query."""
    if statement.kind is Kind.STREAM:
        yield from connection.stream(statement.sql)
    else:
        yield from connection.run(statement.sql)


def _header(
    session: Session, statement: Statement, first: bytes
) -> tuple[list[tuple[str, str]], dict[str, str] | None]:
    """Names and types of a result, and types by name if its blocks name them incompletely.

    The engine writes a result's `DateTime('zone')` as `DateTime` in format Native, and types whose
    width is unknown here cannot be passed to find the next name: then the query is described.
    """
    try:
        header = header_of(first)
    except ProtocolError:
        header = []
    whole = header and not any(_ZONELESS.search(type_name) for _, type_name in header)
    if whole or statement.kind is not Kind.STREAM:
        return header, None
    try:
        with session.aside() as connection:
            described = connection.header(statement.sql)
    except ServerError:
        return header, None  # temporary tables are not seen aside; instants are right without zones
    return described, dict(described) if header and described != header else None


def _empty_header(connection: EngineConnection, statement: Statement) -> list[tuple[str, str]]:
    """Names and types of a result of no rows."""
    if statement.kind is Kind.STREAM:
        return connection.header(statement.sql)
    if statement.verb == "KILL":
        return [(name, "String") for name in ("kill_status", "query_id", "user", "query")]
    return [("name", "String")]  # SHOW DATABASES, SHOW TABLES


class _Temporary:
    """External tables of one query, as temporary tables of its connection."""

    def __init__(
        self, connection: EngineConnection, tables: list[tuple[str, Block]], folder: Path
    ) -> None:
        self._connection = connection
        self._made: list[str] = []
        try:
            for name, block in tables:
                if name not in self._made:
                    columns = ", ".join(
                        f"{quoted(column)} {type_name}"
                        for column, type_name in zip(block.names, block.types, strict=True)
                    )
                    connection.run(f"CREATE TEMPORARY TABLE {quoted(name)} ({columns})")
                    self._made.append(name)
                if block.rows:
                    with Spool(folder) as spool:
                        spool.add(block)
                        connection.insert(f"INSERT INTO {quoted(name)}", "", spool.path)
        except ServerError:
            self.drop()
            raise

    def drop(self) -> None:
        for name in self._made:
            self._connection.run(f"DROP TEMPORARY TABLE IF EXISTS {quoted(name)}")
        self._made = []
