package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestDescriptionOfWebhooks has every document that is sent, with a schema that is there.
func TestDescriptionOfWebhooks(t *testing.T) {
	t.Parallel()
	r := setup(t, "").send("GET", "/api/v1/openapi.json", "")
	var doc struct {
		Webhooks map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			} `json:"requestBody"`
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal([]byte(r.body), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Webhooks) != len(chat.WebhookTypes()) {
		t.Errorf("%d webhooks are described, %d are there", len(doc.Webhooks), len(chat.WebhookTypes()))
	}
	for _, want := range chat.WebhookTypes() {
		op, ok := doc.Webhooks[want.Name]["post"]
		if !ok || op.Summary != want.Says {
			t.Errorf("%s is described as %+v", want.Name, op)
			continue
		}
		name := strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
		if schema := string(doc.Components.Schemas[name]); !strings.Contains(schema, `"timestamp"`) {
			t.Errorf("%s has the schema %q: %s", want.Name, name, schema)
		}
	}
}
