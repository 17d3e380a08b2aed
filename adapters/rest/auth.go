package rest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// gate lets requests with the right token through. It holds a digest, so that
// comparing takes the same time whatever the length of what was sent.
type gate struct {
	open   bool
	digest [sha256.Size]byte
}

func newGate(token string) gate {
	return gate{open: token != "", digest: sha256.Sum256([]byte(token))}
}

// check tells why a request may not pass, nil when it may.
func (g gate) check(r *http.Request) *huma.ErrorModel {
	if !g.open {
		return newProblem(http.StatusNotFound,
			"The REST API is off; set TASKBRIDGE_API_TOKEN to a long random value and start taskbridge again to switch it on.")
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sent := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sent[:], g.digest[:]) != 1 {
		return newProblem(http.StatusUnauthorized,
			"The header Authorization must be \"Bearer\" and the token that taskbridge was started with.")
	}
	return nil
}
