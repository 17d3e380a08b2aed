package main

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience bounds every wait for a fact; it is long for a machine that has much else to do.
const patience = 60 * time.Second

// window is a person's window.
type window struct {
	ctx   context.Context
	close context.CancelFunc
}

// open opens a window at an address: one of its own, because a tab that is not in front is
// drawn once a second.
func open(browser context.Context, address string) (*window, error) {
	var id target.ID
	err := chromedp.Run(browser, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = target.CreateTarget("about:blank").WithNewWindow(true).Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		return err
	}))
	if err != nil {
		return nil, fmt.Errorf("open a window: %w", err)
	}
	ctx, end := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	if err := chromedp.Run(ctx); err != nil {
		return nil, fmt.Errorf("open a window: %w", err)
	}
	w := &window{ctx, end}
	return w, w.run(emulation.SetFocusEmulationEnabled(true), emulation.SetDeviceMetricsOverride(1280, 860, 1, false), chromedp.Navigate(address))
}

func (w *window) run(actions ...chromedp.Action) error {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, actions...)
}

// sees waits for an expression of the page's to be true.
func (w *window) sees(expression string) error {
	var is bool
	err := w.run(chromedp.Poll("(() => { try { return !!("+expression+"); } catch { return false; } })()", &is,
		chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		var text string
		_ = w.run(chromedp.Evaluate(`document.body.innerText.slice(-1500)`, &text))
		return fmt.Errorf("never seen: %s: %w\n%s", expression, err, text)
	}
	return nil
}

// awaits has the page note when an expression becomes true and the frame with it has been
// drawn, by the clock that all windows of a browser share.
func (w *window) awaits(expression string) error {
	return w.run(chromedp.Evaluate(`window.noted = new Promise((done) => {
		const is = () => { try { return !!(`+expression+`); } catch { return false; } };
		const look = () => {
			if (!is()) return;
			watch.disconnect();
			requestAnimationFrame(() => { const drawn = new MessageChannel(); drawn.port1.onmessage = () => done(performance.timeOrigin + performance.now()); drawn.port2.postMessage(0); });
		};
		const watch = new MutationObserver(look);
		watch.observe(document.body, { childList: true, subtree: true, characterData: true });
		look();
	}); 0`, nil))
}

// does runs a script and tells when it began.
func (w *window) does(script string) (began float64, err error) {
	err = w.run(chromedp.Evaluate("(() => { const began = performance.timeOrigin + performance.now(); "+script+"; return began; })()", &began))
	return began, err
}

// noted is when what the page awaited was drawn.
func (w *window) noted() (at float64, err error) {
	err = w.run(chromedp.Evaluate("window.noted", &at, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return at, err
}

// between measures how long what one window does takes to be seen in the other.
func between(from, to *window, script, seen string) (time.Duration, error) {
	if err := to.awaits(seen); err != nil {
		return 0, err
	}
	began, err := from.does(script)
	if err != nil {
		return 0, err
	}
	at, err := to.noted()
	if err != nil {
		return 0, fmt.Errorf("never seen: %s: %w", seen, err)
	}
	return time.Duration((at - began) * float64(time.Millisecond)), nil
}
