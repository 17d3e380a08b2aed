package sqlstore

import (
	"fmt"
	"os"
)

// lockFile makes sure that one process uses a database file: SQLite itself would
// let two in, and each would hand out the other's deliveries.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's lock: %w", err)
	}
	ok, err := tryLock(f)
	if err == nil && ok {
		return f, nil
	}
	// The file was not written to.
	_ = f.Close()
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	return nil, fmt.Errorf("the database %s is in use by another taskbridge: stop that one first, or give this one a database of its own", path)
}
