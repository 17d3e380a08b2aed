package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// boardAim is what a board in the browser may take on the largest desk.
const boardAim = 100 * time.Millisecond

// figureCities is in how many cities the firms are.
const figureCities = 40

// engineFor makes the bot on a store, so that what is measured is what a page takes. It
// runs nothing.
func engineFor(ctx context.Context, store storage.Store) (*bot.Engine, error) {
	return bot.New(ctx, bot.Config{Desk: figureDesk, Store: store, SecretKey: []byte("a key for the figures of the bench"), Zone: time.UTC})
}

// boardWish is a board as somebody opens it.
type boardWish struct {
	name string
	ask  func(n int) chat.BoardQuery
}

func boardWishes() []boardWish {
	of := func(q chat.BoardQuery) func(int) chat.BoardQuery { return func(int) chat.BoardQuery { return q } }
	firm := func(period string) func(int) chat.BoardQuery {
		return func(n int) chat.BoardQuery {
			return chat.BoardQuery{Period: period, Firm: fmt.Sprintf("firm%d", n%figureFirms)}
		}
	}
	city := func(period string) func(int) chat.BoardQuery {
		return func(n int) chat.BoardQuery {
			return chat.BoardQuery{Period: period, City: fmt.Sprintf("City %d", n%figureCities)}
		}
	}
	return []boardWish{
		{"board, a month", of(chat.BoardQuery{Period: "month"})},
		{"board, a year", of(chat.BoardQuery{Period: "year"})},
		{"board of a firm, a year", firm("year")},
		{"board of a firm in its city, a year", func(n int) chat.BoardQuery {
			// The firms' numbers, from 1 on, tell their cities.
			return chat.BoardQuery{Period: "year", Firm: fmt.Sprintf("Firm %d", n%figureFirms+1), City: fmt.Sprintf("City %d", (n%figureFirms+1)%figureCities)}
		}},
		{"board of a city, a month", city("month")},
		{"board of a city, a quarter", city("quarter")},
		{"board of a city, a year", city("year")},
	}
}

// measureBoards opens boards as a manager does, without the drawing, which does not
// depend on the desk's size.
func measureBoards(ctx context.Context, c growing, engine string, size int, counting time.Duration, store storage.Store) ([]asked, error) {
	e, err := engineFor(ctx, store)
	if err != nil {
		return nil, err
	}
	manager := chat.Viewer{Workspace: bot.APIWorkspace, From: chat.Person{ID: "bench", Name: "Bench"}}
	var all []asked
	for _, w := range boardWishes() {
		a := asked{engine: engine, question: w.name, size: size, counting: counting, aim: boardAim}
		for n := range c.times + 10 {
			began := time.Now()
			page, err := e.BoardPage(ctx, manager, w.ask(n))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			if n >= 10 {
				a.took = append(a.took, time.Since(began))
			}
			if len(page.Charts) < 8 || len(page.Tiles) < 4 {
				return nil, fmt.Errorf("%s has %d charts and %d tiles", w.name, len(page.Charts), len(page.Tiles))
			}
		}
		slices.Sort(a.took)
		all = append(all, a)
	}
	return all, nil
}
