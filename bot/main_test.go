package bot_test

import (
	"fmt"
	"os"
	"testing"

	"taskbridge/storage/storagetest/migrated"
	"taskbridge/storage/storagetest/pgtest"
)

// cluster is the PostgreSQL of this test binary, started by the first test that
// asks for it. Only TestMain can stop what tests share.
var cluster = pgtest.Cluster{Prepare: migrated.Postgres}

// file is the SQLite database that those of the tests are copies of.
var file migrated.SQLite

func TestMain(m *testing.M) {
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
