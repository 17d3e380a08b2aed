package rest

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

// describeWebhooks adds what endpoints of other systems are sent to the API's
// description. One schema stands for all documents.
func describeWebhooks(api *huma.OpenAPI) {
	document := api.Components.Schemas.Schema(reflect.TypeFor[chat.WebhookDocument](), true, "")
	header := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	// A library that made the code of a receiver out of the description would take any
	// other answer for a mistake of its own.
	answers := map[string]*huma.Response{
		"2XX": {Description: "Taken. Anything else is tried again, in order."},
		"410": {Description: "Nothing is wanted any more: no further document is sent until an operator of the service says so."},
		"429": {Description: "Too much: the header Retry-After says for how long nothing is sent."},
	}
	api.Webhooks = make(map[string]*huma.PathItem, len(chat.WebhookTypes()))
	for _, t := range chat.WebhookTypes() {
		api.Webhooks[t.Name] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "webhook-" + t.Name, Summary: t.Says,
			// Its caller shows no token of the API's.
			Security: []map[string][]string{},
			Parameters: []*huma.Param{
				header("webhook-id", "The document's id, the same each time that it is sent: who has it already answers 2xx and does nothing."),
				header("webhook-timestamp", "When it was sent, in seconds since 1970."),
				header("webhook-signature", "Signatures as the Standard Webhooks specification says, with spaces between: v1 and a comma, then an HMAC-SHA256 as base64."),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: document}}},
			Responses:   answers,
		}}
	}
}
