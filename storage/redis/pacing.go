package redisstore

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"taskbridge/storage"
)

//go:embed reserve.lua
var reserveText string

const (
	// The names of what is kept. They begin alike, so that taskbridge can share a
	// Redis with others.
	prefix      = "taskbridge:"
	bornKey     = prefix + "pace:born"
	countPrefix = prefix + "pace:count:"
	// blockText prolongs a block by Redis's clock; one that lasts longer stays.
	blockText = `local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local ends = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'until')) or 0)
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', ends))
redis.call('PEXPIRE', KEYS[1], 86400000)`
	// blockedText tells for how long a block still lasts, in microseconds.
	blockedText = `local clock = redis.call('TIME')
return (tonumber(redis.call('HGET', KEYS[1], 'until')) or 0) - clock[1] * 1000000 - clock[2]`
	forgetText = `local clock = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', clock[1] * 1000000 + clock[2]))`
)

func countKey(a storage.Allowance) string { return countPrefix + a.Workspace + ":" + a.Key }

// Reserve implements storage.Pacing.
func (c *Coordinator) Reserve(ctx context.Context, patience time.Duration, of ...storage.Allowance) (storage.Turn, error) {
	keys, args := []string{bornKey}, []any{patience.Microseconds()}
	for _, a := range of {
		keys = append(keys, countKey(a))
		args = append(args, a.Every.Microseconds(), a.Burst)
	}
	got, err := c.reserve.Run(ctx, c.client, keys, args...).Int64Slice()
	if err == nil && len(got) != 3 {
		err = fmt.Errorf("%d numbers came back", len(got))
	}
	if err != nil {
		return storage.Turn{}, fmt.Errorf("ask Redis for a turn: %w", err)
	}
	return storage.Turn{Taken: got[0] == 1, Wait: time.Duration(got[1]) * time.Microsecond, By: int(got[2])}, nil
}

// Block implements storage.Pacing.
func (c *Coordinator) Block(ctx context.Context, a storage.Allowance, wait time.Duration) error {
	err := c.block.Run(ctx, c.client, []string{countKey(a)}, wait.Microseconds()).Err()
	if err != nil && err != redis.Nil { //nolint:errorlint // The library returns it bare: the script answers nothing.
		return fmt.Errorf("block an allowance in Redis: %w", err)
	}
	return nil
}

// Blocked implements storage.Pacing.
func (c *Coordinator) Blocked(ctx context.Context, a storage.Allowance) (time.Duration, error) {
	left, err := c.blocked.Run(ctx, c.client, []string{countKey(a)}).Int64()
	if err != nil {
		return 0, fmt.Errorf("ask Redis for a block: %w", err)
	}
	return max(time.Duration(left)*time.Microsecond, 0), nil
}

// Forget implements storage.Pacing. Blocks stay, and so do turns that have been given.
func (c *Coordinator) Forget(ctx context.Context) error {
	err := c.forget.Run(ctx, c.client, []string{bornKey}).Err()
	if err != nil && err != redis.Nil { //nolint:errorlint // The library returns it bare: the script answers nothing.
		return fmt.Errorf("begin counting anew in Redis: %w", err)
	}
	return nil
}
