package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

type order struct {
	number int
	item   string
	price  int
}

func (o order) String() string { return fmt.Sprintf("order %d: %s", o.number, o.item) }

var items = []string{"tea", "coffee", "bread", "honey", "apples"}

// How much there is to do, and how long it stays undone.
const (
	customers  = 4
	clerks     = 3
	packTime   = 4 * time.Millisecond
	breakEvery = 8 * time.Second
	breakTime  = 3 * time.Second
)

// open starts the tasks of the shop, which end with ctx.
//
//	customers -> orders -> clerks -> priced -> packer -> journal -> bookkeeper
func open(ctx context.Context) {
	ordersTx, orders := async.Bounded[order](32, async.Named("orders"))
	pricedTx, priced := async.Bounded[order](8, async.Named("priced"))
	journalTx, journal := mpsc.Channel[string](mpsc.Named("journal"))
	defer ordersTx.Drop()
	defer pricedTx.Drop()
	defer orders.Drop()
	for i := range customers {
		start(ctx, fmt.Sprintf("customer %d", i+1), buy(ordersTx.Clone(), i))
	}
	for i := range clerks {
		start(ctx, fmt.Sprintf("clerk %d", i+1), sell(orders.Clone(), pricedTx.Clone()))
	}
	start(ctx, "packer", pack(priced, journalTx))
	start(ctx, "bookkeeper", keepBooks(journal))
}

// start runs a part of the shop. What it returns after ctx has ended is of no interest, and
// before that a part ends only when those around it have ended.
func start(ctx context.Context, name string, part func(context.Context) error) {
	task.Go(ctx, part, task.Named(name)).Drop()
}

func buy(tx *async.Sender[order], seed int) func(context.Context) error {
	return func(ctx context.Context) error {
		defer tx.Drop()
		for n := seed; ; n += customers {
			if err := tx.Send(order{number: n, item: items[n%len(items)]}).Await(ctx); err != nil {
				return err
			}
			if err := task.Sleep(ctx, time.Duration(20+n%7)*time.Millisecond); err != nil {
				return err
			}
		}
	}
}

func sell(rx *async.Receiver[order], tx *async.Sender[order]) func(context.Context) error {
	return func(ctx context.Context) error {
		defer rx.Drop()
		defer tx.Drop()
		for o := range rx.All(ctx) {
			sum := sha256.Sum256([]byte(o.item))
			o.price = int(sum[0])
			if err := tx.Send(o).Await(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// pack is what the others wait for: now and then it takes a break.
func pack(rx *async.Receiver[order], tx *mpsc.Sender[string]) func(context.Context) error {
	return func(ctx context.Context) error {
		defer rx.Drop()
		defer tx.Drop()
		lunch := time.Now().Add(breakEvery)
		for o := range rx.All(ctx) {
			wait := packTime
			if now := time.Now(); now.After(lunch) {
				wait = breakTime
				lunch = now.Add(breakTime + breakEvery)
			}
			if err := task.Sleep(ctx, wait); err != nil {
				return err
			}
			if err := tx.Send(fmt.Sprintf("%v for %d", o, o.price)); err != nil {
				return err
			}
		}
		return nil
	}
}

func keepBooks(rx *mpsc.Receiver[string]) func(context.Context) error {
	return func(ctx context.Context) error {
		defer rx.Drop()
		pages := 0
		for line := range rx.AllContext(ctx) {
			pages += len(line)
		}
		return nil
	}
}
