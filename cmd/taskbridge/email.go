package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/storage"
	"taskbridge/storage/files"
)

// email reads how mail is sent.
func (l *loader) email() emailConfig {
	c := emailConfig{smtpURL: l.secret(keySMTPURL), from: l.text(keySMTPFrom), bundle: l.atLeast(keySMTPBundle, time.Second), inbox: l.inbox()}
	switch {
	case c.smtpURL == "" && c.from == "" && c.inbox == nil:
		return c
	case c.smtpURL == "":
		l.faultf(keySMTPURL, "must be set when anything else of e-mail is; it names the mail server, such as smtp://USER:PASSWORD@mail.example.com:587.")
	default:
		if err := email.CheckSMTPURL(c.smtpURL.reveal()); err != nil {
			l.faultf(keySMTPURL, "must be smtp://USER:PASSWORD@HOST:587, or smtps://…:465 for TLS from the start; ?tls=none at the end, without a user, does without TLS.")
		}
	}
	if _, err := email.ParseFrom(c.from); err != nil {
		l.faultf(keySMTPFrom, `must be the address that letters are from, such as "Acme desk <tasks@example.com>".`)
	}
	return c
}

// emailLink makes the adapter of e-mail.
func emailLink(cfg config, around surroundings) (*link, error) {
	key, _, err := cfg.signingKey(false)
	if err != nil {
		return nil, err
	}
	blobs, err := files.Open(cfg.files.url)
	if err != nil {
		return nil, fmt.Errorf("%w; %s says where files are kept", err, variable(keyFilesURL))
	}
	a, err := email.New(email.Config{
		SMTPURL: cfg.email.smtpURL.reveal(), From: cfg.email.from, PublicURL: around.publicURL, SecretKey: key,
		Shelf: shelf{blobs}, MaxFile: cfg.files.max, BundleFor: cfg.email.bundle, Inbox: cfg.email.inbox, Linguist: around.engine, Logger: around.logger, Meter: around.meter, Now: around.now,
	}, around.engine, around.engine)
	if err != nil {
		return nil, err
	}
	l := newLink("email", a, around.engine, around.logger)
	l.findings = func(ctx context.Context) []finding {
		if err := a.Check(ctx); err != nil {
			return []finding{{broken, "mail server", err.Error(), "Check " + variable(keySMTPURL) + ": host, port, user and password, and that this machine may reach it."}}
		}
		return append([]finding{{good, "mail server", "takes our mail as " + cfg.email.from, ""}}, inboxFindings(ctx, cfg.email, a)...)
	}
	return l, nil
}

// shelf is where files are kept, as e-mail sees it.
type shelf struct{ blobs storage.Blobs }

// Put implements email.Shelf.
func (s shelf) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, error) {
	blob, err := s.blobs.Put(ctx, r, limit)
	if errors.Is(err, storage.ErrTooLarge) {
		err = email.ErrTooLarge
	}
	return blob.Digest, blob.Size, err
}

// Open implements email.Shelf.
func (s shelf) Open(ctx context.Context, digest string) (io.ReadSeekCloser, error) {
	content, err := s.blobs.Open(ctx, digest)
	if errors.Is(err, storage.ErrNotFound) {
		err = email.ErrNotKept
	}
	return content, err
}
