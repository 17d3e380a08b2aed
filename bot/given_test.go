package bot_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// given keeps content as a page of the browser does.
func (d *desk) given(name string, content []byte) chat.KeptFile {
	d.t.Helper()
	blob, err := d.files.Put(d.t.Context(), bytes.NewReader(content), 1<<20)
	if err != nil {
		d.t.Fatal(err)
	}
	return chat.KeptFile{Name: name, Type: "image/png", Digest: blob.Digest, Size: blob.Size}
}

// TestFilesWithWords: who came into the browser from chat gives files with what they write,
// or alone; they are shown in the thread and read by who reads the words, and by nobody else.
func TestFilesWithWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	card := d.accepted()
	write := func(who, channel, text string, list ...chat.KeptFile) chat.Answer {
		t.Helper()
		return d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: channel, FromBrowser: true, Body: chat.Command{Text: text, Files: list}})
	}
	pump, plan, alone := d.given("pump.png", []byte("the pump")), d.given("plan.png", []byte("the margin")), d.given("meter.png", []byte("the meter"))
	if got := write("cora", firmChannel, "comment 1 The old pump", pump); got.Refused != "" {
		t.Fatalf("a firm writes: %s", got.Message.Text)
	}
	d.wantAttachments(card.ID, []string{"pump.png"})
	if got := write("olivia", "", "comment 1", alone); got.Refused != "" || got.Form != nil {
		t.Fatalf("an operator sends a file alone: %s", got.Message.Text)
	}
	if got := write("olivia", "", "note 1", plan, chat.KeptFile{Name: "x", Digest: "../../etc/passwd"}); got.Refused != "" {
		t.Fatalf("an operator notes: %s", got.Message.Text)
	}
	d.wantAttachments(card.ID, []string{"pump.png"}, []string{"meter.png"})
	files := func(who string) string {
		var names []string
		for _, f := range d.jobPage(who, 1).Files {
			names = append(names, f.Name)
		}
		return strings.Join(names, " ")
	}
	if got := files("olivia"); got != "pump.png meter.png plan.png" {
		t.Errorf("the desk has %s", got)
	}
	if got := files("cora"); got != "pump.png meter.png" {
		t.Errorf("the firm has %s", got)
	}
	for digest, readers := range map[string]map[string]error{
		pump.Digest: {"olivia": nil, "cora": nil, "bea": chat.ErrNoSuch, "sam": chat.ErrForbidden},
		plan.Digest: {"olivia": nil, "mona": nil, "cora": chat.ErrNoSuch, "bea": chat.ErrNoSuch, "sam": chat.ErrForbidden},
	} {
		for who, want := range readers {
			f, err := d.engine.JobFile(t.Context(), d.as(who), 1, digest)
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s opens a file: %v", who, err)
			}
			if err == nil {
				_ = f.Content.Close()
			}
		}
	}
	// Nothing is said, and no file listed, by who may not write there.
	for who, channel := range map[string]string{"bea": bolts, "sam": ""} {
		if got := write(who, channel, "comment 1 Mine", pump); got.Refused == "" {
			t.Errorf("%s writes: %s", who, got.Message.Text)
		}
	}
	if got := write("cora", firmChannel, "note 1 Ours", pump); got.Refused == "" {
		t.Error("a firm notes for the desk")
	}
	if got := write("cora", firmChannel, "comment 1"); got.Refused == "" {
		t.Error("nothing was said")
	}
	if got := files("olivia"); got != "pump.png meter.png plan.png" {
		t.Errorf("afterwards the desk has %s", got)
	}
}
