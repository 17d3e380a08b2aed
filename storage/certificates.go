package storage

import (
	"context"
	"time"

	"taskbridge/workflow"
)

// Certificate is a firm's certificate as somebody of the desk has checked it.
type Certificate struct {
	workflow.Certificate
	ID         string
	Contractor string
	// Reference is where it can be looked up: a number or an address.
	Reference string
	CheckedBy workflow.Person
	CheckedAt time.Time
	// TellAt is when the desk is next told of its end, zero when nothing is left to tell.
	TellAt time.Time
}

// Certificates keeps those of the firms. Whoever reads those of a firm in order to change
// them reads the firm first, with Contractor, so that others wait.
type Certificates interface {
	// PutCertificate records a certificate or brings the record up to date, by its id;
	// RemoveCertificate forgets one, and one that is gone is no error.
	PutCertificate(ctx context.Context, c Certificate) error
	RemoveCertificate(ctx context.Context, id string) error
	// ListCertificates lists those of one contractor, of all when it is empty, by name.
	ListCertificates(ctx context.Context, contractor string) ([]Certificate, error)
}
