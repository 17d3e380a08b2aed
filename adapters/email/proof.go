package email

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// Proof is what is asked of a letter that says who it is from. That the reply address
// fits the sender's address is asked in any case.
type Proof string

// What can be asked.
const (
	// ProofByPolicy: a letter with a signature of the sender's domain must have a true
	// one; one without is taken unless the domain says that all its letters bear proof
	// (DMARC).
	ProofByPolicy Proof = "policy"
	// ProofAlways: a true signature of the sender's domain (DKIM), or a server that the
	// domain names as its own (SPF, where it hands us the letter itself).
	ProofAlways Proof = "always"
	// ProofNever leaves that to the server before us.
	ProofNever Proof = "never"
)

// ParseProof reads what is asked of letters.
func ParseProof(raw string) (Proof, error) {
	switch p := Proof(raw); p {
	case ProofByPolicy, ProofAlways, ProofNever:
		return p, nil
	}
	return "", errors.New("email: what is asked of replies is policy, always or never")
}

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// maxSignatures is how many signatures of a letter are looked at.
const maxSignatures = 8

// verdict is what became of looking whether a letter is from whom it says.
type verdict int

const (
	proven verdict = iota
	unproven
	// forged bears a signature of the sender's domain that does not hold.
	forged
	// unknown could not be found out now.
	unknown
)

// envelope is how a letter was handed over.
type envelope struct {
	// peer is the server that did, nil where it is not the sender's own.
	peer net.IP
	helo string
	from string
}

// prove looks whether a letter is from an address, which has to be the only one that it
// says it is from: signatures hold for the lowest From field, others read the topmost.
func (b *inbox) prove(ctx context.Context, raw []byte, from string, env envelope) verdict {
	if b.cfg.Proof == ProofNever {
		return proven
	}
	_, domain, _ := strings.Cut(from, "@")
	lookup := func(name string) ([]string, error) { return b.cfg.Resolver.LookupTXT(ctx, name) }
	out := unproven
	// More signatures than are looked at is an error that leaves those that were.
	checked, _ := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: lookup, MaxVerifications: maxSignatures})
	for _, v := range checked {
		switch {
		case !aligned(v.Domain, domain):
		case v.Err == nil:
			return proven
		case dkim.IsTempFail(v.Err):
			out = unknown
		case out == unproven:
			out = forged
		}
	}
	switch b.sentBy(ctx, domain, env) {
	case spf.Pass:
		return proven
	case spf.TempError:
		out = unknown
	}
	if out != unproven || b.cfg.Proof == ProofAlways {
		return out
	}
	return b.policy(ctx, domain)
}

// sentBy asks whether the server that hands a letter over is the sender's own.
func (b *inbox) sentBy(ctx context.Context, domain string, env envelope) spf.Result {
	_, sender, ok := strings.Cut(env.from, "@")
	if env.peer == nil || !ok || !aligned(sender, domain) {
		return spf.None
	}
	// A domain with a broken record has proven nothing.
	result, _ := spf.CheckHostWithSender(env.peer, env.helo, env.from, spf.WithContext(ctx), spf.WithResolver(b.cfg.Resolver))
	return result
}

// policy is what a letter without proof is worth: less where the domain says that all
// its letters bear one.
func (b *inbox) policy(ctx context.Context, domain string) verdict {
	names := []string{domain}
	if org := organisation(domain); org != domain {
		names = append(names, org)
	}
	for n, name := range names {
		record, err := dmarc.LookupWithOptions(name, &dmarc.LookupOptions{
			LookupTXT: func(q string) ([]string, error) { return b.cfg.Resolver.LookupTXT(ctx, q) },
		})
		switch {
		case errors.Is(err, dmarc.ErrNoPolicy):
			continue
		case dmarc.IsTempFail(err):
			return unknown
		case err != nil:
			return proven
		}
		p := record.Policy
		if n > 0 && record.SubdomainPolicy != "" {
			p = record.SubdomainPolicy
		}
		if p == dmarc.PolicyReject || p == dmarc.PolicyQuarantine {
			return forged
		}
		return proven
	}
	return proven
}

// aligned tells whether two domains are of one organisation, as DMARC means it.
func aligned(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a != "" && (a == b || organisation(a) == organisation(b))
}

// organisation is the part of a domain that somebody registered.
func organisation(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}
