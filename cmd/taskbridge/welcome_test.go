package main

import "testing"

// TestSetUpTellsOfRedis: it is of use to replicas, which PostgreSQL alone can have.
func TestSetUpTellsOfRedis(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		database, redis, state, next string
	}{
		"none":            {database: "postgres://db/taskbridge"},
		"for replicas":    {database: "postgres://db/taskbridge", redis: "redis://cache", state: "configured, shared by all replicas"},
		"for one process": {database: "sqlite:taskbridge.db", redis: "redis://cache", state: "not used: SQLite serves one process, which has nothing to share", next: "Unset TASKBRIDGE_REDIS_URL, or use PostgreSQL."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got item
			for _, i := range setUp(config{databaseURL: secret(tt.database), redisURL: secret(tt.redis)}, status{}) {
				if i.part == "Redis" {
					got = i
				}
			}
			if got.state != tt.state || got.next != tt.next {
				t.Errorf("%q, then %q", got.state, got.next)
			}
		})
	}
}
