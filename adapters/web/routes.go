package web

import "net/http"

// act serves a request of somebody who is signed in.
type act func(w http.ResponseWriter, r *http.Request, v *visit) error

// route is one address: either for who is signed in, or open to anybody.
type route struct {
	method, path string
	act          act
	open         http.HandlerFunc
}

// table lists every address of the workspace; there are no others. What is open to
// nobody in particular stands first, everything after it asks who it is from.
func (a *Adapter) table() []route {
	const get, post = http.MethodGet, http.MethodPost
	return append([]route{
		{method: get, path: "/assets/{version}/{name}", open: a.serveAsset},
		{method: get, path: "/sign-in", open: a.serveAskDoor},
		{method: post, path: "/sign-in", open: a.serveAsk},
		{method: get, path: "/sign-in/{secret}", open: a.serveDoor},
		{method: post, path: "/sign-in/{secret}", open: a.serveSignIn},

		{method: get, path: "/", act: a.serveHome},
		{method: get, path: "/c/{channel}", act: a.serveChannel},
		{method: get, path: "/c/{channel}/t/{thread}", act: a.serveThread},
		{method: get, path: "/c/{channel}/pins", act: a.servePins},
		{method: get, path: "/c/{channel}/people", act: a.servePeople},
		{method: post, path: "/c/{channel}/say", act: a.serveSay},
		{method: post, path: "/c/{channel}/form", act: a.serveForm},
		{method: post, path: "/c/{channel}/seen", act: a.serveSeen},
		{method: post, path: "/m/{message}/press", act: a.servePress},
		{method: get, path: "/m/{message}/edit", act: a.serveEditForm},
		{method: post, path: "/m/{message}/edit", act: a.serveEdit},
		{method: post, path: "/m/{message}/delete", act: a.serveDelete},
		{method: post, path: "/m/{message}/pin", act: a.servePin},
		{method: get, path: "/f/{file}", act: a.serveFile},
		{method: get, path: "/f/{file}/preview", act: a.servePreview},
		{method: get, path: "/live", act: a.serveLive},
		{method: post, path: "/sign-out", act: a.serveSignOut},
	}, a.deskRoutes()...)
}

// Endpoint is an address of the workspace, with names in braces for what varies.
type Endpoint struct {
	Method, Path string
	// Open is true for what needs no sign-in.
	Open bool
}

// Endpoints lists every address that is served, beneath Prefix.
func (a *Adapter) Endpoints() []Endpoint {
	var out []Endpoint
	for _, rt := range a.table() {
		out = append(out, Endpoint{rt.method, Prefix + rt.path, rt.open != nil})
	}
	return out
}
