package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/dustin/go-humanize"

	"taskbridge/adapters/email"
)

// maxLetter is the most that the size of a letter can be limited to: mail servers take
// less, and a letter is held in memory while it is read.
const maxLetter = 100 << 20

// inbox reads how replies to letters come in, nil when they do not.
func (l *loader) inbox() *email.InboxConfig {
	c := email.InboxConfig{Listen: l.text(keySMTPListen), Domain: l.text(keySMTPReplyDomain), Allow: l.networks(keySMTPAllow)}
	certificate, key := l.text(keySMTPTLSCertificate), l.text(keySMTPTLSKey)
	if c.Listen == "" {
		if c.Domain != "" || len(c.Allow) > 0 || certificate != "" || key != "" {
			l.faultf(keySMTPListen, "must be set when anything else of replies is; it is where letters come in, such as lmtp://127.0.0.1:2424.")
		}
		return nil
	}
	if email.ParseListen(c.Listen) != nil {
		l.faultf(keySMTPListen, "must be lmtp://HOST:PORT or lmtp:///PATH for a mail server on this machine, or smtp://HOST:PORT.")
	}
	size, err := humanize.ParseBytes(l.text(keySMTPMaxLetter))
	if err != nil || size == 0 || size > maxLetter {
		l.faultf(keySMTPMaxLetter, "must be a size of at least one byte and at most 100MiB, such as 25MiB.")
	}
	c.MaxBytes = int64(min(size, maxLetter))
	if c.Proof, err = email.ParseProof(l.text(keySMTPProof)); err != nil {
		l.faultf(keySMTPProof, "must be policy, always or never.")
	}
	switch {
	case certificate == "" && key == "":
	case certificate == "" || key == "":
		l.faultf(keySMTPTLSCertificate, "and %s must be set together; they name files in PEM.", variable(keySMTPTLSKey))
	default:
		c.Certificate = func() (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(certificate, key)
			if err != nil {
				return nil, fmt.Errorf("read the certificate for letters: %w", err)
			}
			return &pair, nil
		}
		if _, err := c.Certificate(); err != nil {
			l.faultf(keySMTPTLSCertificate, "and %s must be a certificate and its key in PEM, in files that can be read.", variable(keySMTPTLSKey))
		}
	}
	return &c
}

// networks reads a list of addresses and networks.
func (l *loader) networks(key string) (out []netip.Prefix) {
	for word := range strings.SplitSeq(l.text(key), ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		p, err := netip.ParsePrefix(word)
		if err != nil {
			ip, wrong := netip.ParseAddr(word)
			if wrong != nil {
				l.faultf(key, "must be addresses or networks, such as 127.0.0.1, 10.0.0.0/8.")
				return nil
			}
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out
}

// inboxFindings examine how replies come in, for doctor.
func inboxFindings(ctx context.Context, c emailConfig, a *email.Adapter) []finding {
	if c.inbox == nil {
		return []finding{{mind, "replies", "are not taken; firms write on the page that each letter links to", "Set " + variable(keySMTPListen) + " to take them: docs/operations.md says how."}}
	}
	domain := a.ReplyDomain()
	if strings.HasPrefix(c.inbox.Listen, "lmtp:") {
		return []finding{{good, "replies", "to " + domain + " are taken at " + c.inbox.Listen, ""}}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if list, err := net.DefaultResolver.LookupMX(ctx, domain); err != nil || len(list) == 0 {
		return []finding{{mind, "replies", "the domain " + domain + " has no MX record that can be seen from here", "Make one that names this machine, or have the domain's mail server pass " + domain + " on."}}
	}
	return []finding{{good, "replies", "to " + domain + " are taken at " + c.inbox.Listen, ""}}
}
