package bot_test

import (
	"fmt"
	"os"
	"testing"

	"taskbridge/storage/storagetest/pgtest"
)

// cluster is the PostgreSQL of this test binary, started by the first test that
// asks for it. Only TestMain can stop what tests share.
var cluster pgtest.Cluster

func TestMain(m *testing.M) {
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
