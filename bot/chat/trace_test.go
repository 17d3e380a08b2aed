package chat_test

import (
	"testing"

	"taskbridge/bot/chat"
)

func TestTraceOfAnInbound(t *testing.T) {
	t.Parallel()
	one := chat.NewTrace("slack:T1", "Ev1")
	if len(one) != 32 || one != chat.NewTrace("slack:T1", "Ev1") {
		t.Errorf("trace %q is not 32 digits that a repeat gives again", one)
	}
	if one == chat.NewTrace("slack:T", "1Ev1") {
		t.Error("another workspace's inbound has the same trace")
	}
	ctx := chat.WithTrace(t.Context(), one)
	if got := chat.TraceOf(ctx); got != one {
		t.Errorf("the context has %q, want %q", got, one)
	}
	if got := chat.TraceOf(chat.WithTrace(ctx, "")); got != one {
		t.Errorf("an empty trace hides %q behind %q", one, got)
	}
}

func TestTraceparent(t *testing.T) {
	t.Parallel()
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	for header, want := range map[string]string{
		"00-" + id + "-00f067aa0ba902b7-01":       id,
		"00-" + id + "-00f067aa0ba902b7-01-extra": id,
		"": "",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01": "",
		"ff-" + id + "-00f067aa0ba902b7-01":                       "",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01": "",
		"00-" + id + "\n-00f067aa0ba902b7-01":                     "",
		"00-" + id:                                                "",
	} {
		if got := chat.ParseTraceparent(header); got != want {
			t.Errorf("%q gives %q, want %q", header, got, want)
		}
	}
}
