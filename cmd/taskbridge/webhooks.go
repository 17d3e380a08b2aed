package main

import (
	"context"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"taskbridge/adapters/webhook"
	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// webhookConfig is one endpoint that is told what happens.
type webhookConfig struct {
	name    string
	url     secret // Its path and query often are what keeps others out.
	secrets []secret
	// events are the types that it is told of, all when there are none.
	events []string
	// notes and customer are what it gets beside what contractors may see.
	notes, customer bool
	// private is true when its address may be private or loopback.
	private bool
}

// The settings of a webhook come with a name of the operator's own between:
// webhooks.crm.url is TASKBRIDGE_WEBHOOKS_CRM_URL.
const (
	webhookPrefix  = "webhooks."
	webhookURL     = "url"
	webhookSecret  = "secret"
	webhookEvents  = "events"
	webhookInclude = "include"
	webhookPrivate = "private"
	// webhooksMost bounds how many endpoints there are: each costs a row for each event.
	webhooksMost = 20
	// secretLeast and secretMost are what the specification asks of a secret, in bytes.
	secretLeast, secretMost = 24, 64
)

func webhookFields() []string {
	return []string{webhookURL, webhookSecret, webhookEvents, webhookInclude, webhookPrivate}
}

func isWebhookName(name string) bool {
	return regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`).MatchString(name)
}

// isWebhookKey tells whether a key in the file is a setting of a webhook.
func isWebhookKey(key string) bool {
	rest, ok := strings.CutPrefix(key, webhookPrefix)
	name, field, two := strings.Cut(rest, ".")
	return ok && two && isWebhookName(name) && slices.Contains(webhookFields(), field)
}

// webhookVariable gives the key of a variable that is a setting of a webhook.
func webhookVariable(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, variable(webhookPrefix))
	if !ok {
		return "", false
	}
	for _, field := range webhookFields() {
		if of, ok := strings.CutSuffix(strings.ToLower(rest), "_"+field); ok && isWebhookName(of) {
			return webhookPrefix + of + "." + field, true
		}
	}
	return "", false
}

// webhooks reads the endpoints, by name.
func (l *loader) webhooks() []webhookConfig {
	var names []string
	for _, key := range l.koanf.Keys() {
		if isWebhookKey(key) {
			name, _, _ := strings.Cut(strings.TrimPrefix(key, webhookPrefix), ".")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > webhooksMost {
		l.bad.addf("There are %d webhooks; %d are the most.", len(names), webhooksMost)
		return nil
	}
	list := make([]webhookConfig, 0, len(names))
	for _, name := range names {
		list = append(list, l.webhook(name))
	}
	return list
}

func (l *loader) webhook(name string) webhookConfig {
	key := func(field string) string { return webhookPrefix + name + "." + field }
	w := webhookConfig{name: name, url: l.secret(key(webhookURL))}
	if l.text(key(webhookPrivate)) != "" {
		w.private = l.yes(key(webhookPrivate))
	}
	l.checkWebhookURL(key(webhookURL), w)
	for _, s := range l.several(key(webhookSecret)) {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil || !strings.HasPrefix(s, "whsec_") || len(raw) < secretLeast || len(raw) > secretMost {
			l.faultf(key(webhookSecret), "must be whsec_ with %d to %d bytes as base64: `echo whsec_$(openssl rand -base64 32)` makes one.", secretLeast, secretMost)
			break
		}
		w.secrets = append(w.secrets, secret(s))
	}
	if l.text(key(webhookSecret)) == "" {
		l.faultf(key(webhookSecret), "is needed: documents are signed with it. `echo whsec_$(openssl rand -base64 32)` makes one.")
	}
	var known []string
	for _, t := range chat.WebhookTypes() {
		known = append(known, t.Name)
	}
	for _, t := range l.several(key(webhookEvents)) {
		if !slices.Contains(known, t) {
			l.faultf(key(webhookEvents), "has %q, which is no event%s", t, suggest(t, known))
		}
		w.events = append(w.events, t)
	}
	for _, what := range l.several(key(webhookInclude)) {
		switch what {
		case "notes":
			w.notes = true
		case "customer":
			w.customer = true
		default:
			l.faultf(key(webhookInclude), "has %q; it may have notes and customer.", what)
		}
	}
	return w
}

// checkWebhookURL never repeats the address: it may hold a secret.
func (l *loader) checkWebhookURL(key string, w webhookConfig) {
	u, err := url.Parse(w.url.reveal())
	switch {
	case w.url == "":
		l.faultf(key, "is needed: the address that documents are posted to.")
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		l.faultf(key, "must be an address of the web without a user and a fragment.")
	case u.Scheme == "http" && !w.private || u.Scheme != "http" && u.Scheme != "https":
		l.faultf(key, "must begin with https://; http:// is for an endpoint of your own network, with %s=true.", variable(webhookPrefix+w.name+"."+webhookPrivate))
	}
}

// several reads a setting of several values: a list in the file, or one text with
// commas between.
func (l *loader) several(key string) []string {
	list := l.koanf.Strings(key)
	if len(list) == 0 {
		list = strings.Split(l.text(key), ",")
	}
	var out []string
	for _, v := range list {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// endpoints are the webhooks as their caller knows them.
func (c config) endpoints() []webhook.Endpoint {
	var out []webhook.Endpoint
	for _, w := range c.webhooks {
		e := webhook.Endpoint{Name: w.name, URL: w.url.reveal(), Private: w.private}
		for _, s := range w.secrets {
			e.Secrets = append(e.Secrets, s.reveal())
		}
		out = append(out, e)
	}
	return out
}

// told are the webhooks as the engine knows them.
func (c config) told() []bot.Webhook {
	var out []bot.Webhook
	for _, w := range c.webhooks {
		out = append(out, bot.Webhook{Name: w.name, Types: w.events, Notes: w.notes, Customer: w.customer})
	}
	return out
}

// webhooks looks whether each endpoint can be connected to. It sends nothing.
func (d *doctor) webhooks(ctx context.Context) {
	caller, err := webhook.New(d.cfg.endpoints(), time.Now)
	if err != nil {
		d.add(broken, "webhooks", err.Error(), "")
		return
	}
	for _, f := range caller.Check(ctx) {
		if f.Problem != "" {
			d.add(broken, "webhook "+f.Name, f.Problem, "Check "+variable(webhookPrefix+f.Name+"."+webhookURL)+", and "+variable(webhookPrefix+f.Name+"."+webhookPrivate)+" if the endpoint is in your own network. What happens meanwhile waits.")
			continue
		}
		d.add(good, "webhook "+f.Name, "can be connected to", "")
	}
}
