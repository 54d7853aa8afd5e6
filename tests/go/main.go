// A client of the embedded ClickHouse server written by others: clickhouse-go v2, which Grafana's
// plugin uses. Prints one JSON object of what it met; the Python test judges it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

type findings struct {
	Ping           string    `json:"ping"`
	Version        string    `json:"version"`
	Numbers        []uint64  `json:"numbers"`
	EmptyColumns   []string  `json:"empty_columns"`
	EmptyTypes     []string  `json:"empty_types"`
	Inserted       uint64    `json:"inserted"`
	Sum            int64     `json:"sum"`
	Default        string    `json:"default"`
	Zone           string    `json:"zone"`
	At             time.Time `json:"at"`
	ExceptionCode  int32     `json:"exception_code"`
	AfterException uint8     `json:"after_exception"`
	CancelSeconds  float64   `json:"cancel_seconds"`
	WriteRefused   int32     `json:"write_refused"`
}

func open(address, user, password string, compress bool) (driver.Conn, error) {
	method := clickhouse.CompressionNone
	if compress {
		method = clickhouse.CompressionLZ4
	}
	return clickhouse.Open(&clickhouse.Options{
		Addr:        []string{address},
		Auth:        clickhouse.Auth{Database: "granary", Username: user, Password: password},
		Compression: &clickhouse.Compression{Method: method},
		Settings:    clickhouse.Settings{"max_execution_time": 64},
		DialTimeout: 5 * time.Second,
	})
}

func code(err error) int32 {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code
	}
	return -1
}

func meet(address string, compress bool) (found findings, err error) {
	ctx := context.Background()
	owner, err := open(address, "granary", os.Args[2], compress)
	if err != nil {
		return found, err
	}
	defer owner.Close()
	if err = owner.Ping(ctx); err != nil {
		return found, fmt.Errorf("ping: %w", err)
	}
	found.Ping = "pong"
	if err = owner.QueryRow(ctx, "SELECT version()").Scan(&found.Version); err != nil {
		return found, fmt.Errorf("version: %w", err)
	}
	rows, err := owner.Query(ctx, "SELECT number FROM numbers(5) FORMAT JSON")
	if err != nil {
		return found, fmt.Errorf("numbers: %w", err)
	}
	for rows.Next() {
		var number uint64
		if err = rows.Scan(&number); err != nil {
			return found, fmt.Errorf("scan: %w", err)
		}
		found.Numbers = append(found.Numbers, number)
	}
	rows.Close()
	rows, err = owner.Query(ctx, "SELECT 1 AS one, toDateTime(0, 'Asia/Shanghai') AS at WHERE 0")
	if err != nil {
		return found, fmt.Errorf("empty: %w", err)
	}
	found.EmptyColumns = rows.Columns()
	for _, column := range rows.ColumnTypes() {
		found.EmptyTypes = append(found.EmptyTypes, column.DatabaseTypeName())
	}
	for rows.Next() {
	}
	rows.Close()

	for _, sql := range []string{
		"DROP TABLE IF EXISTS gophers",
		"CREATE TABLE gophers (id UInt64, amount Int64, at DateTime('Asia/Shanghai'), name LowCardinality(String), " +
			"note String DEFAULT 'none') ENGINE = MergeTree ORDER BY id",
	} {
		if err = owner.Exec(ctx, sql); err != nil {
			return found, fmt.Errorf("create: %w", err)
		}
	}
	batch, err := owner.PrepareBatch(ctx, "INSERT INTO gophers (id, amount, at, name)")
	if err != nil {
		return found, fmt.Errorf("batch: %w", err)
	}
	instant := time.Date(2026, 4, 6, 16, 0, 0, 0, time.UTC)
	for i := 0; i < 10000; i++ {
		if err = batch.Append(uint64(i), int64(-i), instant, fmt.Sprintf("name %d", i%7)); err != nil {
			return found, fmt.Errorf("append: %w", err)
		}
	}
	if err = batch.Send(); err != nil {
		return found, fmt.Errorf("send: %w", err)
	}
	if err = owner.QueryRow(ctx, "SELECT count(), sum(amount), any(note), any(toTypeName(at)), max(at) FROM gophers").
		Scan(&found.Inserted, &found.Sum, &found.Default, &found.Zone, &found.At); err != nil {
		return found, fmt.Errorf("sums: %w", err)
	}
	found.ExceptionCode = code(owner.Exec(ctx, "SELECT * FROM missing_table"))
	if err = owner.QueryRow(ctx, "SELECT toUInt8(1)").Scan(&found.AfterException); err != nil {
		return found, fmt.Errorf("after exception: %w", err)
	}

	hurried, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err = owner.Exec(hurried, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"); err == nil {
		return found, errors.New("a query of hours was not cancelled")
	}
	found.CancelSeconds = time.Since(begun).Seconds()

	reader, err := open(address, "dashboard", os.Args[3], compress)
	if err != nil {
		return found, err
	}
	defer reader.Close()
	if err = reader.QueryRow(ctx, "SELECT count() FROM gophers").Scan(&found.Inserted); err != nil {
		return found, fmt.Errorf("reader: %w", err)
	}
	found.WriteRefused = code(reader.Exec(ctx, "DROP TABLE gophers"))
	return found, nil
}

func main() {
	var all []findings
	for _, compress := range []bool{false, true} {
		found, err := meet(os.Args[1], compress)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		all = append(all, found)
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		os.Exit(1)
	}
}
