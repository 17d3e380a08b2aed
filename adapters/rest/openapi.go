package rest

import (
	"github.com/danielgtaylor/huma/v2"
)

const (
	specPath       = Prefix + "/openapi.json"
	securityScheme = "bearer"
)

// describe is the frame of the OpenAPI document and how requests are read.
func describe() huma.Config {
	cfg := huma.DefaultConfig("taskbridge", "1")
	cfg.Info.Description = "Issues, their assignments to contractors, their comments and their history. " +
		"Every request carries the header `Authorization: Bearer TOKEN`. " +
		"Lists are `{items, next}`: pass `next` as the parameter `after` for the page that follows; an empty `next` is the end. " +
		"Errors are `application/problem+json`; the `type` of a refusal ends in its code."
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		securityScheme: {Type: "http", Scheme: "bearer", Description: "The token of TASKBRIDGE_API_TOKEN."},
	}
	// The document is served by this package: the library renders it lazily,
	// which two first requests at once would race for. Its documentation page
	// loads scripts from other hosts, and its schema links would add fields to
	// every answer.
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.RejectUnknownQueryParameters = true
	cfg.Transformers = []huma.Transformer{speakPlainly}
	return cfg
}
